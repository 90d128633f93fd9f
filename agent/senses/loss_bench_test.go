package senses_test

import (
	"context"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
	"github.com/sensory-agent/sensory-agent/testmedia/wire"
)

// networks are what words are counted over, by what goals are stated for: 10 % loss and 50 ms
// jitter.
var networks = []struct {
	name string
	impair.Conditions
}{
	{"clean", impair.Conditions{}},
	{"loss 5", impair.Conditions{Loss: 0.05}},
	{"loss 10 jitter 50", impair.Conditions{Loss: 0.10, Delay: 60 * time.Millisecond, Jitter: 50 * time.Millisecond}},
	{"loss 20 jitter 50", impair.Conditions{Loss: 0.20, Delay: 60 * time.Millisecond, Jitter: 50 * time.Millisecond}},
}

// across counts the word errors of the accurate ear behind a microphone, a network and the receiver
// of a session.
func across(ctx context.Context, models *engine.Models, net wire.Network, texts []string) (wer.Errors, []wer.Miss, error) {
	return wer.Trial{
		Speak: func(ctx context.Context, text string) ([]float32, error) {
			return speech.Say(ctx, speech.Default, text)
		},
		Link: func(_ context.Context, pcm []float32) ([]float32, error) {
			net.Seed++ // each sentence loses others
			heard, _, err := wire.Across(pcm, 400*time.Millisecond, 200*time.Millisecond, net)
			return heard, err
		},
		Hear: func(ctx context.Context, pcm []float32) (string, error) {
			got, err := models.Final(senses.Lab).Transcribe(ctx, pcm)
			return got.Text, err
		},
	}.Run(ctx, texts)
}

// BenchmarkWordErrorsOverABadNetwork measures the accurate ear over networks, without and with
// copies in the packets.
func BenchmarkWordErrorsOverABadNetwork(b *testing.B) {
	_, models := shared.Open(b)
	for _, n := range networks {
		for name, redundant := range map[string]bool{"": false, " red": true} {
			b.Run(n.name+name, func(b *testing.B) {
				var sum wer.Errors
				for b.Loop() {
					var misses []wer.Miss
					var err error
					sum, misses, err = across(b.Context(), models, wire.Network{Conditions: n.Conditions, Redundant: redundant, Seed: 5}, wer.Sentences())
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
}

// TestWordsSurviveABadNetwork: with 10 % loss and 50 ms of jitter, at most 15 of a hundred words
// are misheard, whether or not the sender makes copies. The same packets are lost every time.
func TestWordsSurviveABadNetwork(t *testing.T) {
	_, models := shared.Open(t)
	for _, redundant := range []bool{false, true} {
		sum, misses, err := across(t.Context(), models, wire.Network{Conditions: networks[2].Conditions, Redundant: redundant, Seed: 5}, wer.Sentences()[:8])
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("redundant %v: %v", redundant, sum)
		if sum.Percent() > 15 {
			t.Errorf("redundant %v: %v; %+v", redundant, sum, misses)
		}
	}
}
