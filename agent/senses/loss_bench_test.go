package senses_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// lossyLink sends speech as a microphone does and loses a share of the packets: Opus with FEC at
// one end, the receiver of a session at the other. It returns what arrives, at 16 kHz.
func lossyLink(pcm []float32, loss float64, random *rand.Rand) ([]float32, error) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: 32000, FEC: true, ExpectedLossPercent: 5})
	if err != nil {
		return nil, err
	}
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{})
	if err != nil {
		return nil, err
	}
	var out []float32
	hear := func(f rtpin.Frame) { out = append(out, f.PCM...) }
	now, packet := time.Unix(0, 0), make([]byte, codec.MaxOpusPacket)
	for seq := uint16(1); len(pcm) >= 960; seq++ {
		n, err := enc.Encode(pcm[:960], packet)
		if err != nil {
			return nil, err
		}
		pcm, now = pcm[960:], now.Add(20*time.Millisecond)
		if random.Float64() >= loss {
			p := &rtp.Packet{Header: rtp.Header{SequenceNumber: seq, Timestamp: uint32(seq) * 960}, Payload: packet[:n]}
			if err := rx.Push(p, now); err != nil {
				return nil, err
			}
		}
		rx.Pop(now, hear)
	}
	rx.Pop(now.Add(200*time.Millisecond), hear)
	return out, rx.Close()
}

// BenchmarkWordErrorsOverALossyLink measures the accurate ear behind Opus and the receiver, without
// loss and with 5 %.
func BenchmarkWordErrorsOverALossyLink(b *testing.B) {
	_, models := shared.Open(b)
	pad := make([]float32, speech.SampleRate*2/5)
	for _, c := range []struct {
		name string
		loss float64
	}{{"clean", 0}, {"loss5", 0.05}} {
		b.Run(c.name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(5, 5))
			var sum wer.Errors
			for b.Loop() {
				var misses []wer.Miss
				var err error
				sum, misses, err = wer.Trial{
					Speak: func(ctx context.Context, text string) ([]float32, error) {
						pcm, err := speech.Say(ctx, speech.Default, text)
						return append(append(append([]float32(nil), pad...), pcm...), pad[:len(pad)/2]...), err
					},
					Link: func(_ context.Context, pcm []float32) ([]float32, error) { return lossyLink(pcm, c.loss, random) },
					Hear: func(ctx context.Context, pcm []float32) (string, error) {
						got, err := models.Final(senses.Lab).Transcribe(ctx, pcm)
						return got.Text, err
					},
				}.Run(b.Context(), wer.Sentences())
				if err != nil {
					b.Fatal(err)
				}
				for _, m := range misses {
					b.Logf("%q heard as %q", m.Said, m.Heard)
				}
			}
			b.Logf("%v", sum)
			b.ReportMetric(sum.Percent(), "wer-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// The receiver at the other end of the link must hand out what was sent, or the figures above mean
// nothing.
func TestLinkWithoutLossKeepsTheLoudness(t *testing.T) {
	pcm := make([]float32, 48000)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range pcm {
		pcm[i] = 0.2 * float32(random.NormFloat64())
	}
	out, err := lossyLink(pcm, 0, random)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(out); n < 15000 || n > 18000 {
		t.Errorf("%d samples of 1 s came out", n)
	}
	if in, got := media.DBFS(pcm), media.DBFS(out); got < in-12 {
		t.Errorf("%.1f dBFS in, %.1f out", in, got)
	}
}
