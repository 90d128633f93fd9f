package codec

import (
	"bytes"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestAnnouncedSize compares what encoders were told with what is read from their keyframes.
func TestAnnouncedSize(t *testing.T) {
	for _, c := range VideoCodecs() {
		for _, size := range [][2]int{{16, 16}, {64, 34}, {320, 240}, {322, 182}, {360, 640}} {
			enc, err := NewVideoEncoder(VideoEncoderConfig{Codec: c, Width: size[0], Height: size[1]})
			if err != nil {
				t.Fatal(err)
			}
			key, _, err := enc.Encode(media.NewI420(size[0], size[1]), true)
			if err != nil {
				t.Fatal(err)
			}
			if w, h, ok := announcedSize(c, key); !ok || w != size[0] || h != size[1] {
				t.Errorf("%s: %d×%d, %v; want %v", c, w, h, ok, size)
			}
			if w, h, ok := announcedSize(c, withExtension(c, key)); !ok || w != size[0] || h != size[1] {
				t.Errorf("%s with an extension header: %d×%d, %v; want %v", c, w, h, ok, size)
			}
			delta, _, err := enc.Encode(media.NewI420(size[0], size[1]), false)
			if err != nil {
				t.Fatal(err)
			}
			if w, h, ok := announcedSize(c, delta); ok {
				t.Errorf("%s: a picture that is no keyframe announces %d×%d", c, w, h)
			}
			for n := range min(len(key), 12) {
				if w, h, ok := announcedSize(c, key[:n]); ok && (w != size[0] || h != size[1]) {
					t.Errorf("%s: %d bytes announce %d×%d", c, n, w, h)
				}
			}
			if err := enc.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, ok := announcedSize("theora", []byte{0x82, 0x49, 0x83, 0x42}); ok {
		t.Error("theora announces a size")
	}
}

// withExtension puts a second header byte into the first OBU of AV1, as layered streams have it.
func withExtension(c VideoCodec, key []byte) []byte {
	if c != AV1 {
		return key
	}
	return append([]byte{key[0] | obuExtension, 0}, key[1:]...)
}

func FuzzAnnouncedSize(f *testing.F) {
	for _, c := range VideoCodecs() {
		enc, err := NewVideoEncoder(VideoEncoderConfig{Codec: c, Width: 64, Height: 48})
		if err != nil {
			f.Fatal(err)
		}
		key, _, err := enc.Encode(media.NewI420(64, 48), true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(key)
		if err := enc.Close(); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		for _, c := range VideoCodecs() {
			announcedSize(c, b)
		}
		if !bytes.Equal(before, b) {
			t.Fatal("the access unit was changed")
		}
	})
}
