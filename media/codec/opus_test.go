package codec_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

func newOpus(tb testing.TB, rate int) *codec.OpusDecoder {
	tb.Helper()
	dec, err := codec.NewOpusDecoder(rate)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeNow(tb, dec.Close) })
	return dec
}

func TestOpusToneAtEveryRate(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	for _, rate := range []int{8000, 12000, 16000, 24000, 48000} {
		dec := newOpus(t, rate)
		var pcm []float32
		buf := make([]float32, rate*codec.MaxOpusFrame/1000)
		for _, p := range packets {
			n, err := dec.Decode(p, buf)
			if err != nil || n != rate/50 || codec.OpusDuration(p, rate) != n {
				t.Fatalf("%d Hz: %d samples, %v", rate, n, err)
			}
			pcm = append(pcm, buf[:n]...)
		}
		pcm = pcm[rate/10:]
		if on, off := codectest.ToneLevel(pcm, rate, 440), codectest.ToneLevel(pcm, rate, 1000); on < 0.45 || on > 0.55 || off > 0.01 {
			t.Errorf("%d Hz: 440 Hz at %.3f, 1000 Hz at %.4f", rate, on, off)
		}
	}
}

func TestOpusFECRestoresWhatConcealmentInvents(t *testing.T) {
	// A tone that jumps cannot be guessed from what went before, only restored.
	var pcm []float32
	for i := range 50 {
		pcm = append(pcm, codectest.Tone(960, 48000, 300+float64(i%5)*200, 0.5)...)
	}
	packets := codectest.Opus(t, pcm, codec.OpusEncoderConfig{Bitrate: 24000, FEC: true, ExpectedLossPercent: 30})
	distance := func(restore bool) float64 {
		full, lossy := newOpus(t, 16000), newOpus(t, 16000)
		want, got := make([]float32, 1920), make([]float32, 1920)
		var sum float64
		for i := range packets {
			if _, err := full.Decode(packets[i], want); err != nil {
				t.Fatal(err)
			}
			if i%5 != 3 || !codec.OpusHasFEC(packets[i+1]) {
				if _, err := lossy.Decode(packets[i], got); err != nil {
					t.Fatal(err)
				}
				continue
			}
			var n int
			var err error
			if restore {
				n, err = lossy.DecodeFEC(packets[i+1], got[:320])
			} else {
				n, err = lossy.Conceal(got[:320])
			}
			if err != nil || n != 320 {
				t.Fatalf("%d samples, %v", n, err)
			}
			for k := range 320 {
				d := float64(got[k] - want[k])
				sum += d * d
			}
		}
		return sum
	}
	concealed, restored := distance(false), distance(true)
	if concealed == 0 || restored > concealed/2 {
		t.Errorf("error of concealment %.2f, of restoring %.2f", concealed, restored)
	}
}

func TestOpusPacketsWithAndWithoutCopies(t *testing.T) {
	pcm := codectest.Tone(48000, 48000, 250, 0.5)
	count := func(cfg codec.OpusEncoderConfig) int {
		n := 0
		for _, p := range codectest.Opus(t, pcm, cfg) {
			if codec.OpusHasFEC(p) {
				n++
			}
		}
		return n
	}
	if n := count(codec.OpusEncoderConfig{Bitrate: 24000, FEC: true, ExpectedLossPercent: 30}); n < 25 {
		t.Errorf("%d of 50 packets carry a copy", n)
	}
	if n := count(codec.OpusEncoderConfig{Bitrate: 24000}); n != 0 {
		t.Errorf("%d packets carry a copy that was not asked for", n)
	}
}

func TestOpusDTX(t *testing.T) {
	packets := codectest.Opus(t, make([]float32, 48000*2), codec.OpusEncoderConfig{DTX: true})
	dec := newOpus(t, 16000)
	buf := make([]float32, 1920)
	quiet := 0
	for _, p := range packets {
		if codec.OpusIsDTX(p) {
			quiet++
		}
		n, err := dec.Decode(p, buf)
		if err != nil || n != 320 {
			t.Fatalf("packet of %d bytes: %d samples, %v", len(p), n, err)
		}
		if level := media.RMS(buf[:n]); level > 0.001 {
			t.Fatalf("silence comes out with %.4f", level)
		}
	}
	if quiet < 60 {
		t.Errorf("%d of 100 packets say that nothing is to be heard", quiet)
	}
}

func TestOpusDurations(t *testing.T) {
	for toc, want := range map[byte]int{
		0 << 3: 480, 1 << 3: 960, 2 << 3: 1920, 3 << 3: 2880, 11 << 3: 2880, // SILK
		12 << 3: 480, 13 << 3: 960, 15 << 3: 960, // hybrid
		16 << 3: 120, 17 << 3: 240, 18 << 3: 480, 31 << 3: 960, // CELT
	} {
		for code, frames := range []int{1, 2, 2} {
			want := want * frames
			if got := codec.OpusDuration([]byte{toc | byte(code), 0, 0}, 48000); got != want {
				t.Errorf("configuration %d, code %d: %d samples, want %d", toc>>3, code, got, want)
			}
		}
	}
	for name, p := range map[string][]byte{
		"nothing": nil, "code 3 alone": {0x0b}, "no frames": {0x0b, 0}, "180 ms": {0x1b, 3},
	} {
		if got := codec.OpusDuration(p, 48000); got != 0 {
			t.Errorf("%s: %d samples", name, got)
		}
	}
}

func TestOpusRefuses(t *testing.T) {
	dec := newOpus(t, 16000)
	buf := make([]float32, 1920)
	packet := codectest.Opus(t, codectest.Tone(960, 48000, 440, 0.5), codec.OpusEncoderConfig{})[0]
	type call func() (int, error)
	for name, c := range map[string]struct {
		call call
		want error
	}{
		"nothing":         {func() (int, error) { return dec.Decode(nil, buf) }, codec.ErrCorrupt},
		"no frames":       {func() (int, error) { return dec.Decode([]byte{0x0b, 0}, buf) }, codec.ErrCorrupt},
		"lengths beyond":  {func() (int, error) { return dec.Decode([]byte{0x0a, 250, 1}, buf) }, codec.ErrCorrupt},
		"small buffer":    {func() (int, error) { return dec.Decode(packet, buf[:319]) }, codec.ErrFrameSize},
		"odd gap":         {func() (int, error) { return dec.Conceal(buf[:321]) }, codec.ErrFrameSize},
		"no gap":          {func() (int, error) { return dec.Conceal(nil) }, codec.ErrFrameSize},
		"fec of nothing":  {func() (int, error) { return dec.DecodeFEC(nil, buf[:320]) }, codec.ErrCorrupt},
		"fec of odd gap":  {func() (int, error) { return dec.DecodeFEC(packet, buf[:1]) }, codec.ErrFrameSize},
		"decoder at 44.1": {func() (int, error) { _, err := codec.NewOpusDecoder(44100); return 0, err }, codec.ErrConfig},
		"encoder at 44.1": {func() (int, error) {
			_, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Rate: 44100})
			return 0, err
		}, codec.ErrConfig},
		"encoder at 1 bit": {func() (int, error) {
			_, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: 1})
			return 0, err
		}, codec.ErrConfig},
	} {
		if _, err := c.call(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	closeNow(t, dec.Close)
	if _, err := dec.Decode(packet, buf); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("decode after close: %v", err)
	}
	if _, err := dec.Conceal(buf[:320]); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("conceal after close: %v", err)
	}
}

func TestOpusEncoderFrames(t *testing.T) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4000)
	for _, n := range []int{120, 240, 480, 960, 1920, 2880} {
		size, err := enc.Encode(codectest.Tone(n, 48000, 440, 0.5), buf)
		if err != nil || codec.OpusDuration(buf[:size], 48000) != n {
			t.Errorf("frame of %d samples: %d bytes, %v", n, size, err)
		}
	}
	if _, err := enc.Encode(make([]float32, 961), buf); !errors.Is(err, codec.ErrFrameSize) {
		t.Errorf("frame of 961 samples: %v", err)
	}
	if _, err := enc.Encode(make([]float32, 960), nil); !errors.Is(err, codec.ErrFrameSize) {
		t.Errorf("no room: %v", err)
	}
	if err := enc.Reset(); err != nil {
		t.Error(err)
	}
	closeNow(t, enc.Close)
	if _, err := enc.Encode(make([]float32, 960), buf); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("encode after close: %v", err)
	}
	if err := enc.Reset(); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("reset after close: %v", err)
	}
}

func TestOpusDoesNotAllocate(t *testing.T) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{FEC: true, ExpectedLossPercent: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer closeNow(t, enc.Close)
	dec := newOpus(t, 16000)
	pcm, buf, out := codectest.Tone(960, 48000, 440, 0.5), make([]byte, codec.MaxOpusPacket), make([]float32, 1920)
	if n := testing.AllocsPerRun(200, func() {
		size, err := enc.Encode(pcm, buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dec.DecodeFEC(buf[:size], out[:320]); err != nil {
			t.Fatal(err)
		}
		if _, err := dec.Decode(buf[:size], out); err != nil {
			t.Fatal(err)
		}
		if _, err := dec.Conceal(out[:320]); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
