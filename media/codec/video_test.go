package codec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
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
		src := codectest.Picture(w, h, 2*i)
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
			"Y": codectest.PSNR(src.Y, f.Y), "U": codectest.PSNR(src.U, f.U), "V": codectest.PSNR(src.V, f.V),
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

func TestVideoDecoderWaitsForAKeyframe(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			enc, dec := newPair(t, c, 320, 240)
			pool := media.NewI420Pool(1)
			encode(t, enc, codectest.Picture(320, 240, 0), false)
			delta := encode(t, enc, codectest.Picture(320, 240, 2), false)
			if got, err := dec.Decode(delta, 0); got || !errors.Is(err, codec.ErrNeedKeyframe) {
				t.Fatalf("before any keyframe: %v, %v", got, err)
			}
			if _, err := dec.CopyTo(pool); !errors.Is(err, codec.ErrNoPicture) {
				t.Fatalf("picture before any keyframe: %v", err)
			}
			if w, h := dec.Size(); w != 0 || h != 0 || !dec.NeedKeyframe() {
				t.Fatalf("size %d×%d before any keyframe", w, h)
			}
			key := encode(t, enc, codectest.Picture(320, 240, 4), true)
			if got, err := dec.Decode(key, 0); !got || err != nil {
				t.Fatalf("keyframe: %v, %v", got, err)
			}
			dec.RequireKeyframe()
			delta = encode(t, enc, codectest.Picture(320, 240, 6), false)
			if _, err := dec.Decode(delta, 0); !errors.Is(err, codec.ErrNeedKeyframe) {
				t.Fatalf("after RequireKeyframe: %v", err)
			}
			if w, h := dec.Size(); w != 320 || h != 240 {
				t.Fatalf("the picture before is gone: %d×%d", w, h)
			}
			if err := dec.Flush(); err != nil {
				t.Fatal(err)
			}
			if _, err := dec.CopyTo(pool); !errors.Is(err, codec.ErrNoPicture) {
				t.Fatalf("picture after Flush: %v", err)
			}
			if got, err := dec.Decode(key, 0); !got || err != nil {
				t.Fatalf("keyframe after Flush: %v, %v", got, err)
			}
		})
	}
}

func TestVideoDecoderSurvivesDamage(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			enc, dec := newPair(t, c, 320, 240)
			random := rand.New(rand.NewPCG(1, 2))
			refused := 0
			for i := range 60 {
				au := encode(t, enc, codectest.Picture(320, 240, 2*i), i%3 == 0)
				if i%2 == 0 {
					au = au[:random.IntN(len(au))]
				} else {
					for range 8 {
						au[random.IntN(len(au))] ^= byte(1 + random.IntN(255))
					}
				}
				_, err := dec.Decode(au, 0)
				switch {
				case err == nil:
				case errors.Is(err, codec.ErrCorrupt), errors.Is(err, codec.ErrNeedKeyframe):
					refused++
				default:
					t.Fatalf("undocumented error: %v", err)
				}
			}
			if refused == 0 {
				t.Error("nothing of the damage was noticed")
			}
			src := codectest.Picture(320, 240, 7)
			if got, err := dec.Decode(encode(t, enc, src, true), 0); !got || err != nil {
				t.Fatalf("keyframe after the damage: %v, %v", got, err)
			}
			f, err := dec.CopyTo(media.NewI420Pool(1))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			if q := codectest.PSNR(src.Y, f.Y); q < 28 {
				t.Errorf("picture after the damage: %.1f dB", q)
			}
		})
	}
}

func TestVideoDecoderLimits(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			enc, _ := newPair(t, c, 320, 240)
			au := encode(t, enc, codectest.Picture(320, 240, 0), true)
			small, err := codec.NewVideoDecoder(c, codec.DecoderConfig{MaxPixels: 320*240 - 1})
			if err != nil {
				t.Fatal(err)
			}
			defer closeNow(t, small.Close)
			var large *codec.TooLargeError
			if got, err := small.Decode(au, 0); got || !errors.As(err, &large) || !errors.Is(err, codec.ErrTooLarge) ||
				*large != (codec.TooLargeError{Width: 320, Height: 240, MaxPixels: 320*240 - 1}) {
				t.Errorf("a picture above MaxPixels: %v, %v", got, err)
			}
			if w, _ := small.Size(); w != 0 || !small.NeedKeyframe() {
				t.Error("a picture that was too large is held")
			}
			picky, err := codec.NewVideoDecoder(c, codec.DecoderConfig{
				Reject: func(w, h int) bool { return w == 320 && h == 240 },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer closeNow(t, picky.Close)
			if got, err := picky.Decode(au, 0); got || !errors.Is(err, codec.ErrRejected) {
				t.Errorf("a rejected picture: %v, %v", got, err)
			}
			if w, _ := picky.Size(); w != 0 {
				t.Error("a rejected picture is held")
			}
			if _, err := picky.Decode(nil, 0); !errors.Is(err, codec.ErrCorrupt) {
				t.Errorf("an empty access unit: %v", err)
			}
		})
	}
}

func TestVideoConfigurations(t *testing.T) {
	good := codec.VideoEncoderConfig{Codec: codec.VP8, Width: 64, Height: 64}
	for name, change := range map[string]func(*codec.VideoEncoderConfig){
		"no width":       func(c *codec.VideoEncoderConfig) { c.Width = 0 },
		"odd h264":       func(c *codec.VideoEncoderConfig) { c.Codec, c.Width = codec.H264, 63 },
		"no bits":        func(c *codec.VideoEncoderConfig) { c.Bitrate = 1 },
		"too many a sec": func(c *codec.VideoEncoderConfig) { c.FPS = 1000 },
	} {
		cfg := good
		change(&cfg)
		if _, err := codec.NewVideoEncoder(cfg); !errors.Is(err, codec.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := codec.NewVideoDecoder("theora", codec.DecoderConfig{}); !errors.Is(err, codec.ErrUnknownCodec) {
		t.Errorf("theora: %v", err)
	}
	if _, err := codec.NewVideoDecoder(codec.VP8, codec.DecoderConfig{Threads: -1}); !errors.Is(err, codec.ErrConfig) {
		t.Errorf("negative threads: %v", err)
	}
	for name, want := range map[string]codec.VideoCodec{
		"video/VP8": codec.VP8, "h264": codec.H264, "Video/vp9": codec.VP9, "AV1": codec.AV1,
	} {
		if got, err := codec.ParseVideoCodec(name); got != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := codec.ParseVideoCodec("video/H265"); !errors.Is(err, codec.ErrUnknownCodec) {
		t.Errorf("H265: %v", err)
	}
	if codec.VP9.MimeType() != "video/VP9" {
		t.Errorf("MIME type %s", codec.VP9.MimeType())
	}
}

func TestVideoAfterClose(t *testing.T) {
	enc, dec := newPair(t, codec.VP8, 64, 64)
	au := encode(t, enc, codectest.Picture(64, 64, 0), true)
	for _, size := range [][2]int{{32, 32}, {64, 32}, {32, 64}} {
		if _, _, err := enc.Encode(codectest.Picture(size[0], size[1], 0), false); !errors.Is(err, codec.ErrFrameSize) {
			t.Errorf("a picture of another size, %v: %v", size, err)
		}
	}
	closeNow(t, enc.Close)
	closeNow(t, dec.Close)
	if _, _, err := enc.Encode(codectest.Picture(64, 64, 0), false); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("encode: %v", err)
	}
	if _, err := dec.Decode(au, 0); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("decode: %v", err)
	}
	if _, err := dec.CopyTo(media.NewI420Pool(1)); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("copy: %v", err)
	}
	if err := dec.Flush(); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("flush: %v", err)
	}
}

func closeNow(tb testing.TB, f func() error) {
	tb.Helper()
	if err := f(); err != nil {
		tb.Error(err)
	}
}
