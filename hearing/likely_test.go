package hearing_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// TestWhatIsLikelyIsToldBeforeItIsCertain: as soon as the final transcript is there; of one that is
// thrown away, too, and of one that comes when the utterance is over, not.
func TestWhatIsLikelyIsToldBeforeItIsCertain(t *testing.T) {
	likely := func(events []hearing.Event) (told []string, before int) {
		for _, e := range events {
			switch e := e.(type) {
			case hearing.Likely:
				told = append(told, e.Text)
				if e.Utterance != 1 {
					t.Errorf("%+v", e)
				}
			case hearing.EndOfTurn:
				before = len(told)
			}
		}
		return told, before
	}
	yes := func() bool { return true }
	const asked = "what do you see in there?"
	reads := func(s string, after time.Duration) *answers { return &answers{calls: []answer{text(after, s)}} }
	for name, c := range map[string]struct {
		cfg   hearing.Config
		pause time.Duration
		want  int
	}{
		"in time":           {hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "slow"}, Likely: yes}, 0, 1},
		"thrown away":       {hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "slow"}, Likely: yes}, 320 * time.Millisecond, 2},
		"too late":          {hearing.Config{Final: &engine{delay: 900 * time.Millisecond, text: "slow"}, Likely: yes}, 0, 0},
		"nobody asks":       {hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "slow"}}, 0, 0},
		"not any more":      {hearing.Config{Final: &engine{delay: 50 * time.Millisecond, text: "slow"}, Likely: func() bool { return false }}, 0, 0},
		"by the fast ear":   {hearing.Config{Interim: reads(asked, 20*time.Millisecond), Final: reads(asked, 900*time.Millisecond), Likely: yes}, 0, 1},
		"by both, unlike":   {hearing.Config{Interim: reads("what do you see in here?", 20*time.Millisecond), Final: reads(asked, 50*time.Millisecond), Likely: yes}, 0, 2},
		"no whole sentence": {hearing.Config{Interim: reads("what do", 20*time.Millisecond), Final: reads(asked, 900*time.Millisecond), Likely: yes}, 0, 0},
		"nothing heard":     {hearing.Config{Final: &engine{delay: 50 * time.Millisecond}, Likely: yes}, 0, 1},
	} {
		events, _ := scenario(t, c.cfg, func(s *scene) {
			s.say(640 * time.Millisecond)
			if c.pause > 0 {
				s.hush(c.pause)
				s.say(640 * time.Millisecond)
			}
			s.hush(2 * time.Second)
		})
		told, before := likely(events)
		if len(told) != c.want || before != c.want {
			t.Errorf("%s: %q, %d before the end", name, told, before)
		}
		final := ""
		for _, e := range events {
			if f, is := e.(hearing.Final); is {
				final = f.Text
			}
		}
		if c.want > 0 && told[len(told)-1] != final {
			t.Errorf("%s: %q, and then it was %q", name, told, final)
		}
	}
}
