package hearing_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// answers is a transcriber with an answer and a time of its own for each call; the last one stays.
type answers struct {
	mu    sync.Mutex
	calls []answer
	took  int
}

type answer struct {
	after time.Duration
	hearing.Transcript
}

func (a *answers) Transcribe(ctx context.Context, _ []float32) (hearing.Transcript, error) {
	a.mu.Lock()
	now := a.calls[min(a.took, len(a.calls)-1)]
	a.took++
	a.mu.Unlock()
	select {
	case <-time.After(now.after):
		return now.Transcript, nil
	case <-ctx.Done():
		return hearing.Transcript{}, ctx.Err()
	}
}

func text(after time.Duration, s string) answer {
	return answer{after, hearing.Transcript{Text: s, Tokens: 2, AvgLogProb: -0.4}}
}

// TestListenerDismissesWhatNobodySaid: a transcript that cannot be true, or that is empty, is an
// event of its own and a count, not a question.
func TestListenerDismissesWhatNobodySaid(t *testing.T) {
	final := &answers{calls: []answer{text(50*time.Millisecond, "Thank you."), text(50*time.Millisecond, " "), text(50*time.Millisecond, "Yes.")}}
	events, stats := scenario(t, hearing.Config{Final: final}, func(s *scene) {
		for _, d := range []time.Duration{96, 640, 640} {
			s.say(d * time.Millisecond)
			s.hush(992 * time.Millisecond)
		}
	})
	var got []hearing.Event
	for _, e := range events {
		switch e.(type) {
		case hearing.Dismissed, hearing.Final:
			got = append(got, e)
		}
	}
	if len(got) != 3 {
		t.Fatalf("%v", got)
	}
	phantom, ok := got[0].(hearing.Dismissed)
	if !ok || phantom.Utterance != 1 || phantom.Why != hearing.DoubtTooFast || phantom.Evidence.Text != "Thank you." || phantom.SpeechEnd-phantom.SpeechStart > 130*time.Millisecond {
		t.Errorf("%+v", got[0])
	}
	if nothing, ok := got[1].(hearing.Dismissed); !ok || nothing.Utterance != 2 || nothing.Why != hearing.DoubtNothing {
		t.Errorf("%+v", got[1])
	}
	yes, ok := got[2].(hearing.Final)
	if !ok || yes.Utterance != 3 || yes.Text != "Yes." {
		t.Errorf("%+v", got[2])
	}
	if v := yes.Evidence; v.Voiced != 640*time.Millisecond || math.Abs(float64(v.Voice)-0.99) > 1e-3 || v.Treble < -1 || v.AvgLogProb != -0.4 || v.Tokens != 2 {
		t.Errorf("%+v", v)
	}
	if stats.Dismissed != 2 || stats.Failures != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestEvidenceAddsUp: windows between the thresholds count, silence does not, a run that comes to
// nothing does not, and of several parts the one counts in which somebody most likely speaks.
func TestEvidenceAddsUp(t *testing.T) {
	final := &answers{calls: []answer{
		{0, hearing.Transcript{Text: "one", Tokens: 1, AvgLogProb: -1, NoSpeech: 0.2}},
		{0, hearing.Transcript{Text: "two", Tokens: 3, AvgLogProb: -0.2, NoSpeech: 0.5}},
	}}
	cfg := hearing.Config{Final: final, SoftPart: 300 * time.Millisecond, HardPart: 600 * time.Millisecond, VAD: levels{}}
	events, _ := scenario(t, cfg, func(s *scene) {
		s.write(32*time.Millisecond, 0.9) // too short for an utterance
		s.hush(320 * time.Millisecond)
		s.write(320*time.Millisecond, 0.9)
		s.write(320*time.Millisecond, 0.4)
		s.hush(96 * time.Millisecond)
		s.write(160*time.Millisecond, 0.8)
		s.hush(time.Second)
	})
	for _, e := range events {
		f, ok := e.(hearing.Final)
		if !ok {
			continue
		}
		v := f.Evidence
		if v.Voiced < 768*time.Millisecond || v.Voiced > 864*time.Millisecond || v.Voice < 0.66 || v.Voice > 0.7 {
			t.Errorf("voiced %v, %v sure", v.Voiced, v.Voice)
		}
		if v.NoSpeech != 0.2 || v.Tokens < 4 || v.Text != f.Text {
			t.Errorf("%+v", v)
		}
		return
	}
	t.Fatalf("no final transcript: %v", lines(events))
}

// levels is a detector that takes the level of a window for its probability.
type levels struct{}

func (levels) Probability(window []float32) (float32, error) {
	return float32(math.Abs(float64(window[len(window)/2]))), nil
}

func (levels) Reset() {}

// tone writes a sine.
func (s *scene) tone(d time.Duration, hertz, gain float64, noise float32) {
	pcm := make([]float32, hearing.SampleRate/50)
	seed := uint64(1)
	for ; d > 0; d -= 20 * time.Millisecond {
		for i := range pcm {
			at := float64(i)/hearing.SampleRate + s.media.Seconds()
			seed = seed*6364136223846793005 + 1442695040888963407
			pcm[i] = float32(gain*math.Sin(2*math.Pi*hertz*at+0.3)) + noise*(float32(seed>>40)/(1<<23)-1)
		}
		s.Write(pcm, s.media, time.Now())
		s.media += 20 * time.Millisecond
		time.Sleep(20 * time.Millisecond)
	}
}

// loudEnough is a detector of windows above −40 dBFS.
type loudEnough struct{}

func (loudEnough) Probability(window []float32) (float32, error) {
	var sum float64
	for _, x := range window {
		sum += float64(x) * float64(x)
	}
	if sum > 512*1e-4 {
		return 0.9, nil
	}
	return 0.1, nil
}

func (loudEnough) Reset() {}

// TestTrebleOfASound: what lies above 2 kHz, less what the room has there; unknown where the room
// hides it; of this utterance, not the one before.
func TestTrebleOfASound(t *testing.T) {
	final := &answers{calls: []answer{text(0, "Something was said here.")}}
	var got []float32
	events, _ := scenario(t, hearing.Config{Final: final, VAD: loudEnough{}}, func(s *scene) {
		for _, hertz := range []float64{4000, 200, 2000} {
			s.hush(time.Second)
			s.tone(800*time.Millisecond, hertz, 0.3, 0)
		}
		s.tone(8*time.Second, 0, 0, 0.002)
		s.tone(800*time.Millisecond, 200, 0.3, 0.002)
		s.tone(8*time.Second, 0, 0, 0.015)
		s.tone(800*time.Millisecond, 200, 0.3, 0.015)
		s.tone(time.Second, 0, 0, 0.015)
	})
	for _, e := range events {
		switch e := e.(type) {
		case hearing.Final:
			got = append(got, e.Evidence.Treble)
		case hearing.Dismissed:
			got = append(got, e.Evidence.Treble)
		}
	}
	if len(got) != 5 {
		t.Fatalf("%d turns: %s", len(got), lines(events))
	}
	for i, c := range []struct {
		name      string
		low, high float32
	}{
		{"4 kHz", -1, 0.5},
		{"200 Hz", -45, -33},
		{"2 kHz, where the filter is 3 dB down", -4, -2},
		{"200 Hz in a quiet room", -50, -33},
		{"200 Hz in a loud room", 0, 0},
	} {
		if got[i] < c.low || got[i] > c.high {
			t.Errorf("%s: %.1f dB, want %v to %v", c.name, got[i], c.low, c.high)
		}
	}
}

// TestTrebleForgetsWhatWasNoSpeech: a thump that was too short for an utterance does not make the
// next voice dull.
func TestTrebleForgetsWhatWasNoSpeech(t *testing.T) {
	final := &answers{calls: []answer{text(0, "Something was said here.")}}
	events, _ := scenario(t, hearing.Config{Final: final, VAD: loudEnough{}}, func(s *scene) {
		s.hush(960 * time.Millisecond) // whole windows
		s.tone(20*time.Millisecond, 200, 1, 0)
		s.hush(620 * time.Millisecond)
		s.tone(800*time.Millisecond, 4000, 0.05, 0)
		s.hush(time.Second)
	})
	for _, e := range events {
		if f, ok := e.(hearing.Final); ok {
			if f.Utterance != 1 || f.Evidence.Treble < -1 {
				t.Errorf("turn %d: %.1f dB", f.Utterance, f.Evidence.Treble)
			}
			return
		}
	}
	t.Fatal(lines(events))
}
