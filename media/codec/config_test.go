package codec_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// TestConfigurationsAtTheirEdges takes the last value that is allowed and refuses the next.
func TestConfigurationsAtTheirEdges(t *testing.T) {
	video := func(change func(*codec.VideoEncoderConfig)) func() error {
		return func() error {
			cfg := codec.VideoEncoderConfig{Codec: codec.VP8, Width: 64, Height: 48}
			change(&cfg)
			enc, err := codec.NewVideoEncoder(cfg)
			if err != nil {
				return err
			}
			return enc.Close()
		}
	}
	voice := func(cfg codec.OpusEncoderConfig) func() error {
		return func() error {
			enc, err := codec.NewOpusEncoder(cfg)
			if err != nil {
				return err
			}
			return enc.Close()
		}
	}
	decoder := func(cfg codec.DecoderConfig) func() error {
		return func() error {
			dec, err := codec.NewVideoDecoder(codec.VP8, cfg)
			if err != nil {
				return err
			}
			return dec.Close()
		}
	}
	for name, c := range map[string]struct {
		open func() error
		good bool
	}{
		"1 picture a second":     {video(func(c *codec.VideoEncoderConfig) { c.FPS = 1 }), true},
		"240 pictures a second":  {video(func(c *codec.VideoEncoderConfig) { c.FPS = 240 }), true},
		"241 pictures a second":  {video(func(c *codec.VideoEncoderConfig) { c.FPS = 241 }), false},
		"-1 pictures a second":   {video(func(c *codec.VideoEncoderConfig) { c.FPS = -1 }), false},
		"10 kbit/s":              {video(func(c *codec.VideoEncoderConfig) { c.Bitrate = 10_000 }), true},
		"below 10 kbit/s":        {video(func(c *codec.VideoEncoderConfig) { c.Bitrate = 9_999 }), false},
		"200 Mbit/s":             {video(func(c *codec.VideoEncoderConfig) { c.Bitrate = 200_000_000 }), true},
		"above 200 Mbit/s":       {video(func(c *codec.VideoEncoderConfig) { c.Bitrate = 200_000_001 }), false},
		"odd h264 width":         {video(func(c *codec.VideoEncoderConfig) { c.Codec, c.Width = codec.H264, 63 }), false},
		"odd h264 height":        {video(func(c *codec.VideoEncoderConfig) { c.Codec, c.Height = codec.H264, 47 }), false},
		"odd vp8":                {video(func(c *codec.VideoEncoderConfig) { c.Width, c.Height = 63, 47 }), true},
		"no height":              {video(func(c *codec.VideoEncoderConfig) { c.Height = 0 }), false},
		"too wide":               {video(func(c *codec.VideoEncoderConfig) { c.Width = media.MaxDimension + 1 }), false},
		"opus at 6 kbit/s":       {voice(codec.OpusEncoderConfig{Bitrate: 6000}), true},
		"opus below 6 kbit/s":    {voice(codec.OpusEncoderConfig{Bitrate: 5999}), false},
		"opus at 510 kbit/s":     {voice(codec.OpusEncoderConfig{Bitrate: 510_000}), true},
		"opus above 510 kbit/s":  {voice(codec.OpusEncoderConfig{Bitrate: 510_001}), false},
		"opus with 100 % loss":   {voice(codec.OpusEncoderConfig{ExpectedLossPercent: 100}), true},
		"opus with 101 % loss":   {voice(codec.OpusEncoderConfig{ExpectedLossPercent: 101}), false},
		"opus with -1 % loss":    {voice(codec.OpusEncoderConfig{ExpectedLossPercent: -1}), false},
		"64 threads":             {decoder(codec.DecoderConfig{Threads: 64}), true},
		"65 threads":             {decoder(codec.DecoderConfig{Threads: 65}), false},
		"the one limit":          {decoder(codec.DecoderConfig{MaxPixels: media.MaxPixels}), true},
		"a pixel more":           {decoder(codec.DecoderConfig{MaxPixels: media.MaxPixels + 1}), false},
		"one pixel":              {decoder(codec.DecoderConfig{MaxPixels: 1}), true},
		"a negative pixel count": {decoder(codec.DecoderConfig{MaxPixels: -1}), false},
	} {
		if err := c.open(); c.good && err != nil || !c.good && !errors.Is(err, codec.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOpusDefaults encodes 48 kHz at 32 kbit/s unless told otherwise.
func TestOpusDefaults(t *testing.T) {
	size := func(cfg codec.OpusEncoderConfig) int {
		n := 0
		for _, p := range codectest.Opus(t, codectest.Tone(48000*2, 48000, 440, 0.5), cfg) {
			n += len(p)
		}
		return n
	}
	if got, want := size(codec.OpusEncoderConfig{}), size(codec.OpusEncoderConfig{Rate: 48000, Bitrate: 32000}); got != want {
		t.Errorf("%d bytes by default, %d at 32 kbit/s", got, want)
	}
	if got, more := size(codec.OpusEncoderConfig{Bitrate: 16000}), size(codec.OpusEncoderConfig{Bitrate: 64000}); got >= more/2 {
		t.Errorf("%d bytes at 16 kbit/s, %d at 64", got, more)
	}
}

func TestOpusGapsAtTheirEdges(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		dec := newOpus(t, rate)
		if dec.Rate() != rate {
			t.Errorf("rate %d", dec.Rate())
		}
		buf := make([]float32, rate)
		for n, good := range map[int]bool{0: false, rate / 400: true, rate/400 + 1: false, rate * 120 / 1000: true, rate*120/1000 + rate/400: false} {
			if _, err := dec.Conceal(buf[:n]); good && err != nil || !good && !errors.Is(err, codec.ErrFrameSize) {
				t.Errorf("a gap of %d samples at %d Hz: %v", n, rate, err)
			}
		}
		packet := codectest.Opus(t, codectest.Tone(960, 48000, 440, 0.5), codec.OpusEncoderConfig{})[0]
		if _, err := dec.Decode(packet, buf[:rate/50]); err != nil {
			t.Errorf("room for just one packet: %v", err)
		}
		if _, err := dec.DecodeFEC([]byte{0x0a, 250, 0x40}, buf[:rate/50]); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("a copy in a packet that cannot be read: %v", err)
		}
		closeNow(t, dec.Close)
		if _, err := dec.DecodeFEC(packet, buf[:rate/50]); !errors.Is(err, codec.ErrClosed) {
			t.Errorf("a copy after close: %v", err)
		}
	}
}

// TestVideoDecoderAfterAnEmptyAccessUnit waits for a keyframe, as after any other fault.
func TestVideoDecoderAfterAnEmptyAccessUnit(t *testing.T) {
	enc, dec := newPair(t, codec.VP8, 64, 48)
	if !dec.NeedKeyframe() {
		t.Error("a new decoder wants no keyframe")
	}
	if got, err := dec.Decode(encode(t, enc, codectest.Picture(64, 48, 0), true), 0); !got || err != nil || dec.NeedKeyframe() {
		t.Fatalf("%v, %v", got, err)
	}
	if _, err := dec.Decode(nil, 0); !errors.Is(err, codec.ErrCorrupt) || !dec.NeedKeyframe() {
		t.Errorf("an empty access unit: %v", err)
	}
	if _, err := dec.Decode(encode(t, enc, codectest.Picture(64, 48, 2), false), 0); !errors.Is(err, codec.ErrNeedKeyframe) {
		t.Errorf("the picture after it: %v", err)
	}
	if w, h := dec.Size(); w != 64 || h != 48 {
		t.Errorf("holds %d×%d", w, h)
	}
	var none *codec.Handles
	if none.Open() != 0 {
		t.Error("no handles are open")
	}
}
