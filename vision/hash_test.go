package vision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestHashCoversTheWholePicture changes single pixels at the far ends of each plane, the size and
// the coding.
func TestHashCoversTheWholePicture(t *testing.T) {
	t.Parallel()
	seen := map[vision.Hash]string{}
	note := func(name string, f *media.I420) {
		hash, err := vision.HashFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[hash]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[hash] = name
	}
	frame := media.FromRGBA(busy(64, 48, 1))
	note("base", frame)
	for name, plane := range map[string][]byte{"Y": frame.Y, "U": frame.U, "V": frame.V} {
		for _, at := range []int{0, len(plane) / 2, len(plane) - 1} {
			plane[at] ^= 1
			note(fmt.Sprintf("%s[%d]", name, at), frame)
			plane[at] ^= 1
		}
	}
	frame.Matrix = media.BT709
	note("BT.709", frame)
	frame.FullRange = true
	note("full range", frame)
	frame.Matrix, frame.FullRange = media.BT601, false
	frame.MediaTime = time.Second
	base, err := vision.HashFrame(frame)
	if err != nil || seen[base] != "base" {
		t.Errorf("the same picture at another time has another hash (%q, %v)", seen[base], err)
	}
	note("other shape", &media.I420{Width: 48, Height: 64, Y: frame.Y, U: frame.U, V: frame.V, StrideY: 48, StrideUV: 24})
}
