package hearing_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
)

// BenchmarkFirstInterim speaks all sentences at the speed of sound and reports how long after the
// first sound of a sentence its first words were read from the listener. It needs a second and a
// half a sentence, and an idle machine.
func BenchmarkFirstInterim(b *testing.B) {
	models := loadEngines(b)
	var waits []time.Duration
	for b.Loop() {
		for _, said := range wer.Sentences() {
			waits = append(waits, firstInterim(b, models, scripted.Flite(b, "slt", said, 1)))
		}
	}
	slices.Sort(waits)
	at := func(share float64) float64 {
		return float64(waits[int(share*float64(len(waits)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.95), "p95-ms")
	b.ReportMetric(at(1), "longest-ms")
	b.ReportMetric(0, "ns/op")
}

// firstInterim plays silence and speech until words come, and returns how long after the first
// sound that was.
func firstInterim(b *testing.B, models engines, speech []float32) time.Duration {
	b.Helper()
	const frame, silent = hearing.SampleRate / 50, 25 // samples; frames before the speech
	words := make(chan struct{}, 1)
	l := models.listener(b, func(c *hearing.Config) {
		c.Sink = func(_ context.Context, e hearing.Event) bool {
			if e, ok := e.(hearing.Interim); ok && e.Text != "" {
				select {
				case words <- struct{}{}:
				default:
				}
			}
			return true
		}
	})
	pcm := scripted.Join(scripted.Noise(silent*20*time.Millisecond, 0.0005, 1), speech)
	stop, began := make(chan struct{}), make(chan time.Time, 1)
	go func() {
		defer l.EndTrack()
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; (i+1)*frame <= len(pcm); i++ {
			select {
			case <-ticker.C: // a frame can be written when its last sample has been spoken
			case <-stop:
				return
			}
			now := time.Now()
			if i == silent {
				began <- now.Add(-20 * time.Millisecond)
			}
			l.Write(pcm[i*frame:(i+1)*frame], time.Duration(i)*20*time.Millisecond, now)
		}
	}()
	select {
	case <-words:
	case <-l.Done():
		b.Fatal("no words came")
	}
	wait := time.Since(<-began)
	close(stop)
	<-l.Done()
	return wait
}
