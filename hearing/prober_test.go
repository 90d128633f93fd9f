package hearing_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// judge is a TurnDetector that takes a fixed time and answers the same every time.
type judge struct {
	delay time.Duration
	over  float32
	err   error
	clips []int // their lengths in samples
}

func (j *judge) EndOfTurn(ctx context.Context, pcm []float32) (float32, error) {
	j.clips = append(j.clips, len(pcm))
	select {
	case <-time.After(j.delay):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return j.over, j.err
}

// TestAJudgeShortensAndProlongsTheWait plays a sentence that nothing reads as complete.
func TestAJudgeShortensAndProlongsTheWait(t *testing.T) {
	for _, c := range []struct {
		judge judge
		want  string
	}{
		{judge{delay: 40 * time.Millisecond, over: 0.98}, "1 end 640ms sure\n"},
		{judge{delay: 40 * time.Millisecond, over: 0.5}, "1 end 640ms silence\n"},
		{judge{delay: 40 * time.Millisecond, over: 0.02}, "1 end 640ms silence\n"},
	} {
		events, stats := scenario(t, hearing.Config{Turn: &c.judge, Final: &engine{delay: 100 * time.Millisecond, text: "slow"}}, func(s *scene) {
			s.say(640 * time.Millisecond)
			s.hush(1500 * time.Millisecond)
		})
		var ends []hearing.Event
		for _, e := range events {
			if end, ok := e.(hearing.EndOfTurn); ok {
				ends = append(ends, end)
				want := map[bool]time.Duration{true: 192 * time.Millisecond, false: 512 * time.Millisecond}[c.judge.over > 0.9]
				if c.judge.over < 0.1 {
					want = 1024 * time.Millisecond
				}
				if end.Silence != want {
					t.Errorf("%v: ended after %v, want %v", c.judge.over, end.Silence, want)
				}
			}
		}
		if got := lines(ends); got != c.want {
			t.Errorf("%v: %s", c.judge.over, got)
		}
		if last, ok := events[len(events)-1].(hearing.Final); !ok || last.Text != "slow 640 ms" {
			t.Errorf("%v: last %+v", c.judge.over, last)
		}
		wantProbes := map[bool]uint64{true: 1, false: 2}[c.judge.over > 0.9]
		if stats.Probes != wantProbes || stats.SkippedProbes != 0 || stats.Failures != 0 {
			t.Errorf("%v: %+v", c.judge.over, stats)
		}
	}
}

// TestASlowJudgeIsAskedOnce: what it says of an earlier silence counts for nothing.
func TestASlowJudgeIsAskedOnce(t *testing.T) {
	slow := &judge{delay: time.Second, over: 0.99}
	events, stats := scenario(t, hearing.Config{Turn: slow, Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(300 * time.Millisecond)
		s.say(800 * time.Millisecond)
		s.hush(2 * time.Second)
	})
	if len(slow.clips) != 2 || stats.Probes != 2 || stats.SkippedProbes != 2 {
		t.Errorf("asked for %v; %+v", slow.clips, stats)
	}
	for _, e := range events {
		if end, ok := e.(hearing.EndOfTurn); ok && (end.Reason != hearing.EndSilence || end.Silence != 512*time.Millisecond) {
			t.Errorf("%+v", end)
		}
	}
}

// TestAJudgeHearsEightSeconds of a longer utterance.
func TestAJudgeHearsEightSeconds(t *testing.T) {
	j := &judge{over: 0.5}
	scenario(t, hearing.Config{Turn: j, Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(9 * time.Second)
		s.hush(time.Second)
	})
	if len(j.clips) != 2 || j.clips[0] != 8*hearing.SampleRate {
		t.Errorf("clips of %v samples", j.clips)
	}
}

// TestAJudgeThatFailsChangesNothing, and says so once a second.
func TestAJudgeThatFailsChangesNothing(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		judge judge
		want  error
	}{
		{judge{err: broken}, broken},
		{judge{over: 1.5}, hearing.ErrModel},
		{judge{over: float32(math.NaN())}, hearing.ErrModel},
		{judge{delay: time.Minute}, hearing.ErrTooSlow},
	} {
		events, stats := scenario(t, hearing.Config{Turn: &c.judge, Final: &engine{text: "slow"}, FinalTimeout: 700 * time.Millisecond}, func(s *scene) {
			s.say(640 * time.Millisecond)
			s.hush(2 * time.Second)
		})
		failed := 0
		for _, e := range events {
			switch e := e.(type) {
			case hearing.Failed:
				if failed++; e.Stage != hearing.StageTurn || !errors.Is(e.Err, c.want) {
					t.Errorf("%+v", e)
				}
			case hearing.EndOfTurn:
				if e.Silence != 512*time.Millisecond {
					t.Errorf("%v: ended after %v", c.want, e.Silence)
				}
			}
		}
		if failed != 1 || stats.Failures == 0 || stats.Probes != 0 {
			t.Errorf("%v: %d failures told, %+v", c.want, failed, stats)
		}
	}
}

// TestCloseEndsAJudge that is still asked.
func TestCloseEndsAJudge(t *testing.T) {
	events, _ := scenario(t, hearing.Config{Turn: &judge{delay: 10 * time.Second}, Final: &engine{text: "slow"}}, func(s *scene) {
		s.say(640 * time.Millisecond)
		s.hush(320 * time.Millisecond)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, e := range events {
		if f, ok := e.(hearing.Failed); ok {
			t.Errorf("%+v", f)
		}
	}
}
