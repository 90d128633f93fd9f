package senses_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// TestEyeNamesAPictureTooLarge sends keyframes of VP8 that announce 7680×4320 pixels.
func TestEyeNamesAPictureTooLarge(t *testing.T) {
	var preferred [][2]int
	eye := senses.NewPacketEye(t, codec.VP8, func(w, h int) { preferred = append(preferred, [2]int{w, h}) })
	var told []senses.Percept
	now := time.Now()
	for i := range 10 {
		p := &rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 3000), Marker: true},
			Payload: []byte{0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x00, 0x1e, 0xe0, 0x10, 1, 2, 3},
		}
		told = append(told, eye.Packet(p, now)...)
		if now = now.Add(time.Second); eye.NeedKeyframe(now) {
			t.Error("a keyframe is asked for, which will be too large again")
		}
	}
	if len(told) != 1 || len(preferred) != 1 || preferred[0] != [2]int{3840, 2160} {
		t.Fatalf("told %d times: %v, preferred %v", len(told), told, preferred)
	}
	failed, ok := told[0].(senses.Failed)
	if !ok || !errors.Is(failed.Err, codec.ErrTooLarge) || failed.Sense != senses.Sight || failed.Track.Who != "ada" {
		t.Fatalf("%+v", told[0])
	}
	for _, part := range []string{"7680×4320", "21233664", "8192"} {
		if !strings.Contains(failed.Err.Error(), part) {
			t.Errorf("%q does not name %s", failed.Err, part)
		}
	}
}
