package hearing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// loudness is a detector that takes loud windows for speech. It fails where a window holds the
// value of failAt.
type loudness struct{}

const failAt = 7

var errDetector = errors.New("detector broke")

func (loudness) Probability(window []float32) (float32, error) {
	switch window[len(window)/2] {
	case failAt:
		return 0, errDetector
	case 0:
		return 0.01, nil
	}
	return 0.99, nil
}

func (loudness) Reset() {}

// engine is a transcriber that takes a fixed time and writes the length of the loud part of the
// clip.
type engine struct {
	delay time.Duration
	text  string // in front of the length; with "." at the end it stands alone
	err   error

	mu    sync.Mutex
	calls int
	ended int // by their context
}

func (e *engine) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	e.mu.Lock()
	e.calls++
	e.mu.Unlock()
	select {
	case <-time.After(e.delay):
	case <-ctx.Done():
		e.mu.Lock()
		e.ended++
		e.mu.Unlock()
		return hearing.Transcript{}, ctx.Err()
	}
	if e.err != nil || strings.HasSuffix(e.text, ".") {
		return hearing.Transcript{Text: e.text, Tokens: 1, AvgLogProb: -1}, e.err
	}
	loud := 0
	for _, x := range pcm {
		if x != 0 {
			loud++
		}
	}
	return hearing.Transcript{Text: fmt.Sprintf("%s %d ms", e.text, loud*1000/hearing.SampleRate), Tokens: 2, AvgLogProb: -0.5}, nil
}

// scene feeds a listener inside a bubble, where time is not real.
type scene struct {
	*hearing.Listener
	media time.Duration
}

// say writes d of loud samples at the speed of sound; hush writes silence.
func (s *scene) say(d time.Duration)  { s.write(d, 0.5) }
func (s *scene) hush(d time.Duration) { s.write(d, 0) }

func (s *scene) write(d time.Duration, value float32) {
	const frame = 20 * time.Millisecond
	pcm := make([]float32, hearing.SampleRate/50)
	for i := range pcm {
		pcm[i] = value * float32(1-2*(i%2)) // as bright as a sound can be
	}
	for ; d > 0; d -= frame {
		s.Write(pcm, s.media, time.Now())
		s.media += frame
		time.Sleep(frame)
	}
}

// play runs a scene in a bubble and returns all events of it, after the end of the track.
func scenario(t *testing.T, cfg hearing.Config, act func(s *scene)) (events []hearing.Event, stats hearing.Stats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.VAD == nil {
			cfg.VAD = loudness{}
		}
		if cfg.Endpoint.PatientSilence == 0 {
			cfg.Endpoint.PatientSilence = -1 // utterances follow each other at once here
		}
		cfg.Sink = func(_ context.Context, e hearing.Event) bool { events = append(events, e); return true }
		l, err := hearing.NewListener(cfg)
		if err != nil {
			t.Fatal(err)
		}
		act(&scene{Listener: l})
		l.EndTrack()
		<-l.Done()
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		stats = l.Stats()
	})
	return events, stats
}

// lines writes events as one line each, without wall times.
func lines(events []hearing.Event) string {
	var b strings.Builder
	for _, event := range events {
		switch e := event.(type) {
		case hearing.SpeechStarted:
			fmt.Fprintf(&b, "%d started %v\n", e.Utterance, e.At)
		case hearing.SpeechSustained:
			fmt.Fprintf(&b, "%d sustained %v\n", e.Utterance, e.Voiced)
		case hearing.Interim:
			fmt.Fprintf(&b, "%d interim %v %q\n", e.Utterance, e.At, e.Text)
		case hearing.SpeechStopped:
			fmt.Fprintf(&b, "%d stopped %v\n", e.Utterance, e.At)
		case hearing.SpeechResumed:
			fmt.Fprintf(&b, "%d resumed %v\n", e.Utterance, e.At)
		case hearing.EndOfTurn:
			fmt.Fprintf(&b, "%d end %v %v\n", e.Utterance, e.At, e.Reason)
		case hearing.Dismissed:
			fmt.Fprintf(&b, "%d dismissed %v-%v %v\n", e.Utterance, e.SpeechStart, e.SpeechEnd, e.Why)
		case hearing.Final:
			fmt.Fprintf(&b, "%d final %v-%v %q\n", e.Utterance, e.SpeechStart, e.SpeechEnd, e.Text)
		case hearing.Failed:
			fmt.Fprintf(&b, "%d failed %v %v\n", e.Utterance, e.Stage, e.Err)
		}
	}
	return b.String()
}

func compare(t *testing.T, events []hearing.Event, want string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", "")
	if got := lines(events); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
