package installed

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
)

// Ears are engines to hear with.
type Ears struct {
	Voice      *silero.Model
	Fast, Slow hearing.Transcriber
	Judged     func(probability float32) // called for every window that Hear gives to Voice; may be nil
	Names      []string                  // that the engines are told
}

// OpenEars opens those of a persona, Whisper with 8-bit weights as it uses them. They are closed
// with the test.
func OpenEars(tb testing.TB, rt *ort.Runtime) Ears {
	tb.Helper()
	return Ears{Voice: Silero(tb, rt), Fast: Moonshine(tb, rt, ort.Options{}), Slow: Whisper(tb, rt, Weights8, whisper.Options{})}
}

// Costs of transcripts in Hear, in media time: what the engines take for a second or two of sound
// on two cores, see BENCHMARKS.md.
const (
	fastCost = 30 * time.Millisecond
	slowCost = 280 * time.Millisecond
)

// Hear plays pcm to a listener at the pace of speech, in a bubble where time is not real: it takes
// as long as the engines do, and every transcript comes as late as it would on an idle machine.
// each is called for every event with the media time at which it was read, by the goroutine that
// called Hear; it may use the listener. Returned is what the listener counted.
func (e Ears) Hear(t *testing.T, pcm []float32, each func(l *hearing.Listener, event hearing.Event, at time.Duration)) (stats hearing.Stats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		detector, err := e.Voice.NewDetector()
		if err != nil {
			t.Fatal(err)
		}
		events := make(chan hearing.Event, 64)
		l, err := hearing.NewListener(hearing.Config{
			Names: func() []string { return e.Names },
			VAD:   watched{detector, e.Judged}, Interim: costly{e.Fast, fastCost}, Final: costly{e.Slow, slowCost},
			Sink: func(ctx context.Context, event hearing.Event) bool {
				select {
				case events <- event:
					return true
				case <-ctx.Done():
					return false
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		go func() {
			const frame = hearing.SampleRate / 50
			for at := 0; at < len(pcm); at += frame {
				time.Sleep(20 * time.Millisecond) // a frame can be written when its last sample has been spoken
				l.Write(pcm[at:min(at+frame, len(pcm))], time.Duration(at)*time.Second/hearing.SampleRate, time.Now())
			}
			l.EndTrack()
		}()
		go func() {
			<-l.Done()
			close(events)
		}()
		for event := range events {
			each(l, event, time.Since(begin))
		}
		if err := errors.Join(l.Close(), detector.Close()); err != nil {
			t.Error(err)
		}
		stats = l.Stats()
	})
	return stats
}

// costly is an engine that takes a time of its own in a bubble, where running it takes none.
type costly struct {
	hearing.Transcriber
	cost time.Duration
}

// Transcribe implements hearing.Transcriber.
func (c costly) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return c.TranscribeHinted(ctx, pcm, nil)
}

// TranscribeHinted implements hearing.Hinted.
func (c costly) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (hearing.Transcript, error) {
	text, err := hearing.Transcribe(ctx, c.Transcriber, pcm, names)
	if err == nil {
		select {
		case <-time.After(c.cost):
		case <-ctx.Done():
			return hearing.Transcript{}, ctx.Err()
		}
	}
	return text, err
}

// watched is a detector that tells what it finds.
type watched struct {
	hearing.VoiceDetector
	judged func(probability float32)
}

// Probability implements hearing.VoiceDetector.
func (w watched) Probability(window []float32) (float32, error) {
	p, err := w.VoiceDetector.Probability(window)
	if w.judged != nil {
		w.judged(p)
	}
	return p, err
}
