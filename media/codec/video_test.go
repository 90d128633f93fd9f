package codec_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

func newPair(tb testing.TB, c codec.VideoCodec, w, h int) (*codec.VideoEncoder, *codec.VideoDecoder) {
	tb.Helper()
	var handles codec.Handles
	enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{
		Codec: c, Width: w, Height: h, FPS: 15, Bitrate: 2_000_000, Handles: &handles,
	})
	if err != nil {
		tb.Fatal(err)
	}
	dec, err := codec.NewVideoDecoder(c, codec.DecoderConfig{Handles: &handles})
	if err != nil {
		tb.Fatal(err)
	}
	if handles.Open() != 3 {
		tb.Fatalf("%d native contexts open, want 3", handles.Open())
	}
	tb.Cleanup(func() {
		for range 2 {
			if err := errors.Join(enc.Close(), dec.Close()); err != nil {
				tb.Error(err)
			}
		}
		if handles.Open() != 0 {
			tb.Errorf("%d native contexts left open", handles.Open())
		}
	})
	return enc, dec
}

func encode(tb testing.TB, enc *codec.VideoEncoder, f *media.I420, key bool) []byte {
	tb.Helper()
	au, isKey, err := enc.Encode(f, key)
	if err != nil {
		tb.Fatal(err)
	}
	if len(au) == 0 {
		tb.Fatal("the encoder gave no access unit for this picture")
	}
	if key && !isKey {
		tb.Fatal("a keyframe was asked for and another picture came")
	}
	return au
}

func TestVideoRoundTrip(t *testing.T) {
	sizes := [][2]int{{16, 16}, {320, 240}, {322, 182}, {1280, 720}}
	for _, c := range codec.VideoCodecs() {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", c, size[0], size[1]), func(t *testing.T) {
				roundTrip(t, c, size[0], size[1])
			})
		}
	}
}

func roundTrip(t *testing.T, c codec.VideoCodec, w, h int) {
	enc, dec := newPair(t, c, w, h)
	pool := media.NewI420Pool(1)
	for i := range 8 {
		src := picture(w, h, 2*i)
		au := encode(t, enc, src, i == 5)
		if key := codec.IsKeyframe(c, au); key != (i == 0 || i == 5) {
			t.Fatalf("picture %d: IsKeyframe is %v", i, key)
		}
		at := time.Duration(i) * frameTime
		got, err := dec.Decode(au, at)
		if err != nil || !got {
			t.Fatalf("picture %d: got %v, %v", i, got, err)
		}
		f, err := dec.CopyTo(pool)
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != w || f.Height != h || f.MediaTime != at {
			t.Fatalf("picture %d: %d×%d at %v, want %d×%d at %v", i, f.Width, f.Height, f.MediaTime, w, h, at)
		}
		for name, q := range map[string]float64{
			"Y": psnr(src.Y, f.Y), "U": psnr(src.U, f.U), "V": psnr(src.V, f.V),
		} {
			if q < 28 {
				t.Errorf("picture %d: plane %s comes back with %.1f dB", i, name, q)
			}
		}
		f.Release()
	}
	if n := pool.Outstanding(); n != 0 {
		t.Errorf("%d pictures not released", n)
	}
}
