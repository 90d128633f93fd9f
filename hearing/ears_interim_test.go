package hearing_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// TestTextOfParts is joined with one space, and as sure as its tokens are together.
func TestTextOfParts(t *testing.T) {
	final := &answers{calls: []answer{
		{0, hearing.Transcript{Text: " one ", Tokens: 1, AvgLogProb: -1, NoSpeech: 0.9}},
		{0, hearing.Transcript{Text: "", Tokens: 0, AvgLogProb: -5, NoSpeech: 0.4}},
		{0, hearing.Transcript{Text: "two three", Tokens: 3, AvgLogProb: -0.2, NoSpeech: 0.6}},
	}}
	events, _ := scenario(t, hearing.Config{Final: final, SoftPart: 600 * time.Millisecond, HardPart: time.Second, Prefix: time.Millisecond}, func(s *scene) {
		s.say(2560 * time.Millisecond)
		s.hush(time.Second)
	})
	f, ok := events[len(events)-1].(hearing.Final)
	if !ok || final.took != 4 {
		t.Fatalf("%d parts: %s", final.took, lines(events))
	}
	if v := f.Evidence; f.Text != "one two three two three" || v.Tokens != 7 || math.Abs(float64(v.AvgLogProb)+2.2/7) > 1e-6 || v.NoSpeech != 0.4 {
		t.Errorf("%q: %+v", f.Text, v)
	}
}

// TestInterimsCarryTheirTimes and how sure the engine is.
func TestInterimsCarryTheirTimes(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Interim: &engine{delay: 40 * time.Millisecond, text: "fast"}, Final: &engine{text: "slow"}}, func(s *scene) {
		s.hush(960 * time.Millisecond)
		s.say(960 * time.Millisecond)
		s.hush(time.Second)
	})
	n := 0
	for _, e := range events {
		i, ok := e.(hearing.Interim)
		if !ok {
			continue
		}
		n++
		if got := i.Timing.STTEnd.Sub(i.Timing.STTBegin); got != 40*time.Millisecond || i.AvgLogProb != -0.5 || !strings.HasPrefix(i.Text, "fast ") || i.Utterance != 1 {
			t.Errorf("%+v", i)
		}
		if d := i.Timing.Audio - (i.At - 460*time.Millisecond); d < -WindowTolerance || d > WindowTolerance { // the prefix begins at 460 ms
			t.Errorf("up to %v it took %v", i.At, i.Timing.Audio)
		}
	}
	if n < 3 {
		t.Error(lines(events))
	}
}

// TestFailedInterimsAreToldOnce an utterance, and counted each.
func TestFailedInterimsAreToldOnce(t *testing.T) {
	broken := errors.New("engine broke")
	events, stats := scenario(t, hearing.Config{Interim: &engine{err: broken}, Final: &answers{calls: []answer{text(0, "ok then")}}}, func(s *scene) {
		for range 2 {
			s.say(1600 * time.Millisecond)
			s.hush(time.Second)
		}
	})
	told := map[uint64]int{}
	for _, e := range events {
		if f, ok := e.(hearing.Failed); ok {
			told[f.Utterance]++
		}
	}
	if len(told) != 2 || told[1] != 1 || told[2] != 1 || stats.Failures < 6 {
		t.Errorf("told %v, %+v", told, stats)
	}
}

// TestAPauseLateInAStream is one like any other: how long a part is does not depend on where it
// begins.
func TestAPauseLateInAStream(t *testing.T) {
	final := &engine{delay: 400 * time.Millisecond, text: "slow"}
	events, stats := scenario(t, hearing.Config{Final: final}, func(s *scene) {
		s.hush(20 * time.Second)
		s.say(640 * time.Millisecond)
		s.hush(320 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	last, ok := events[len(events)-1].(hearing.Final)
	if !ok || last.Text != "slow 1280 ms" || stats.Discarded != 1 || final.calls != 2 {
		t.Errorf("%d calls, %+v, %s", final.calls, stats, lines(events))
	}
}

// stubborn is an engine that takes a second to notice that it is not wanted any more.
type stubborn struct{ returned bool }

func (s *stubborn) Transcribe(ctx context.Context, _ []float32) (hearing.Transcript, error) {
	<-ctx.Done()
	time.Sleep(time.Second)
	s.returned = true
	return hearing.Transcript{}, ctx.Err()
}

// TestCloseWaitsForEngines, also for those that are slow to return.
func TestCloseWaitsForEngines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := &stubborn{}
		l, err := hearing.NewListener(hearing.Config{VAD: loudness{}, Final: engine, Sink: ignore})
		if err != nil {
			t.Fatal(err)
		}
		s := &scene{Listener: l}
		s.say(640 * time.Millisecond)
		s.hush(640 * time.Millisecond)
		begin := time.Now()
		if err := l.Close(); err != nil || !engine.returned || time.Since(begin) != time.Second {
			t.Errorf("%v; returned %v after %v", err, engine.returned, time.Since(begin))
		}
	})
}

// TestSilenceWithinSpeech is how long it has lasted; there is none while somebody speaks, and none
// outside of speech.
func TestSilenceWithinSpeech(t *testing.T) {
	turn, err := hearing.NewEndpointer(hearing.EndpointConfig{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Duration(0)
	for i, c := range []struct {
		p       float32
		windows int // of silence
	}{
		{0.1, 0},
		{0.9, 0},
		{0.9, 0},
		{0.9, 0},
		{0.1, 1},
		{0.1, 2},
		{0.4, 3}, // between the thresholds nothing changes
		{0.9, 0},
		{0.1, 1},
		{0.1, 2},
		{0.1, 3},
		{0.1, 4},
		{0.1, 5},
		{0.1, 6},
		{0.1, 0}, // the pause is over
		{0.1, 0},
	} {
		turn.Window(now, c.p, nil)
		now += hearing.WindowLength
		if got := turn.Silence(); got != time.Duration(c.windows)*hearing.WindowLength {
			t.Errorf("window %d: %v, want %d windows", i, got, c.windows)
		}
	}
}
