package senses_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// TestEyeNamesAScreenTooWide: a row of screens side by side, as wide as VP8 can say, has few enough
// pixels and is refused for its width; half of it is asked for.
func TestEyeNamesAScreenTooWide(t *testing.T) {
	t.Parallel()
	var preferred [][2]int
	eye := senses.NewPacketEye(t, codec.VP8, func(w, h int) { preferred = append(preferred, [2]int{w, h}) })
	told := eye.Packet(&rtp.Packet{ // a keyframe of 16383×1080
		Header:  rtp.Header{Version: 2, SequenceNumber: 1, Timestamp: 3000, Marker: true},
		Payload: []byte{0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0x38, 0x04, 1, 2, 3},
	}, time.Now())
	if len(told) != 1 || len(preferred) != 1 || preferred[0] != [2]int{8191, 540} {
		t.Fatalf("told %v, preferred %v", told, preferred)
	}
	failed, ok := told[0].(senses.Failed)
	var large *codec.TooLargeError
	if !ok || !errors.As(failed.Err, &large) || large.Width != 16383 || large.Height != 1080 {
		t.Fatalf("%+v", told[0])
	}
}
