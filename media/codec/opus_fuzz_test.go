package codec_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

func FuzzOpus(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, p := range codectest.Opus(f, codectest.Tone(9600, 48000, 440, 0.5), codec.OpusEncoderConfig{Bitrate: 24000, FEC: true, ExpectedLossPercent: 20}) {
		f.Add(p)
		p[random.IntN(len(p))] ^= 0xff
		f.Add(p)
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, p []byte) {
		dec := newOpus(t, 16000)
		buf := make([]float32, 1920)
		want := codec.OpusDuration(p, 16000)
		codec.OpusHasFEC(p)
		if n, err := dec.DecodeFEC(p, buf[:320]); err == nil && n != 320 {
			t.Fatalf("%d samples restored", n)
		}
		n, err := dec.Decode(p, buf)
		if err == nil && n != want {
			t.Fatalf("%d samples decoded, %d announced", n, want)
		}
		if err != nil && !errors.Is(err, codec.ErrCorrupt) {
			t.Fatalf("undocumented error: %v", err)
		}
		if peak := media.Peak(buf); !(peak <= 1) {
			t.Fatalf("a sample of %v", peak)
		}
	})
}

func BenchmarkOpusEncode(b *testing.B) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{})
	if err != nil {
		b.Fatal(err)
	}
	defer closeNow(b, enc.Close)
	pcm, buf := codectest.Tone(960, 48000, 440, 0.5), make([]byte, codec.MaxOpusPacket)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := enc.Encode(pcm, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpusDecode(b *testing.B) {
	packets := codectest.Opus(b, codectest.Tone(48000, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	dec := newOpus(b, 16000)
	buf := make([]float32, 1920)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := dec.Decode(packets[i%len(packets)], buf); err != nil {
			b.Fatal(err)
		}
	}
}
