package codec_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// TestVideoDecoderTakesScreensAndPhotographs decodes the largest pictures that people send, lying
// and upright.
func TestVideoDecoderTakesScreensAndPhotographs(t *testing.T) {
	for _, c := range []struct {
		codec codec.VideoCodec
		w, h  int
	}{
		{codec.VP8, 5120, 2880},
		{codec.H264, 4000, 3000}, // coded as 4000×3008
	} {
		t.Run(fmt.Sprintf("%s/%dx%d", c.codec, c.w, c.h), func(t *testing.T) {
			enc, dec := newPair(t, c.codec, c.w, c.h)
			src := codectest.Picture(c.w, c.h, 0)
			if got, err := dec.Decode(encode(t, enc, src, true), 0); !got || err != nil {
				t.Fatalf("%v, %v", got, err)
			}
			f, err := dec.CopyTo(media.NewI420Pool(1))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			if q := codectest.PSNR(src.Y, f.Y); f.Width != c.w || f.Height != c.h || q < 28 {
				t.Errorf("%d×%d with %.1f dB", f.Width, f.Height, q)
			}
		})
	}
}

// TestVideoDecoderGoesOnAfterAPictureTooLarge changes between sizes on both sides of a limit.
func TestVideoDecoderGoesOnAfterAPictureTooLarge(t *testing.T) {
	const limit = 322 * 182
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			dec, err := codec.NewVideoDecoder(c, codec.DecoderConfig{MaxPixels: limit})
			if err != nil {
				t.Fatal(err)
			}
			defer closeNow(t, dec.Close)
			for i, size := range [][2]int{{640, 480}, {322, 182}, {324, 182}, {182, 322}, {1920, 1080}, {64, 64}} {
				enc, _ := newPair(t, c, size[0], size[1])
				src := codectest.Picture(size[0], size[1], i)
				got, err := dec.Decode(encode(t, enc, src, true), 0)
				if size[0]*size[1] > limit {
					var large *codec.TooLargeError
					want := codec.TooLargeError{Width: size[0], Height: size[1], MaxPixels: limit}
					if got || !errors.As(err, &large) || *large != want {
						t.Fatalf("%v: %v, %v", size, got, err)
					}
					delta := encode(t, enc, codectest.Picture(size[0], size[1], i+2), false)
					if _, err := dec.Decode(delta, 0); !errors.Is(err, codec.ErrNeedKeyframe) {
						t.Fatalf("%v: the picture after it: %v", size, err)
					}
					continue
				}
				if w, h := dec.Size(); !got || err != nil || w != size[0] || h != size[1] {
					t.Fatalf("%v: %v, %v, holds %d×%d", size, got, err, w, h)
				}
			}
		})
	}
}

func TestVideoDecoderRefusesLimitsBeyondTheOneOfPictures(t *testing.T) {
	for _, limit := range []int{-1, media.MaxPixels + 1} {
		if _, err := codec.NewVideoDecoder(codec.VP8, codec.DecoderConfig{MaxPixels: limit}); !errors.Is(err, codec.ErrConfig) {
			t.Errorf("%d pixels: %v", limit, err)
		}
	}
	dec, err := codec.NewVideoDecoder(codec.VP8, codec.DecoderConfig{MaxPixels: media.MaxPixels})
	if err != nil {
		t.Fatal(err)
	}
	closeNow(t, dec.Close)
}
