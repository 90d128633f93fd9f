package overlaps_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/overlaps"
)

// rate scores a set of testdata.
func rate(t *testing.T, file string, p turn.Policy) overlaps.Score {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cases, err := overlaps.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := overlaps.Rate(cases, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range s.Kinds {
		t.Logf("%s: %-12s %3d, silent %3d, stopped %3d; silence p50 %v, p95 %v; away p50 %v, p95 %v", file, k.Kind, k.Cases, k.Silenced, k.Stopped,
			k.Silence(0.5), k.Silence(0.95), k.Away(0.5), k.Away(0.95))
	}
	for _, w := range s.Wrong {
		t.Logf("%s:%d: %s %s: %+v", file, w.Case.Line, w.Case.Kind, w.Case.Name, w.Outcome)
	}
	return s
}

// TestWhatOverlapsComeTo holds the figures of all sets, with the policy that holds by default: of
// interruptions 2 % are missed at most, and so many of the rest stop an answer. What is said to
// others is known by their names, of which ears that were told none miss every third.
func TestWhatOverlapsComeTo(t *testing.T) {
	interruptions, missed, backchannels, stopped := 0, 0, 0, 0
	for _, c := range []struct {
		file  string
		most  map[string]int // of each kind that stop it
		cases int
	}{
		{"tuned.txt", map[string]int{"backchannel": 0, "talk": 9, "laughter": 3, "cough": 0, "noise": 0}, 280},
		{"tuned1.txt", map[string]int{"backchannel": 2, "talk": 8, "laughter": 3, "cough": 0, "noise": 0}, 280},
		{"heldout.txt", map[string]int{"backchannel": 2, "talk": 2, "laughter": 1, "cough": 0, "noise": 0}, 100},
	} {
		s, all := rate(t, c.file, turn.Default()), 0
		for _, k := range s.Kinds {
			all += k.Cases
			if most, is := c.most[k.Kind]; is && (k.Cases == 0 || k.Stopped > most) {
				t.Errorf("%s: %d of %d %s stop it, %d did", c.file, k.Stopped, k.Cases, k.Kind, most)
			}
			if k.Kind == overlaps.Interruption || k.Kind == "backchannel" {
				if p95 := k.Silence(0.95); p95 == 0 || p95 > 200*time.Millisecond {
					t.Errorf("%s: silent %v after the first sound of each %s, p95", c.file, p95, k.Kind)
				}
			}
			if k.Kind == "backchannel" {
				backchannels, stopped = backchannels+k.Cases, stopped+k.Stopped
			}
		}
		if all < c.cases {
			t.Errorf("%s: %d cases", c.file, all)
		}
		m, of := s.Missed()
		missed, interruptions = missed+m, interruptions+of
		if m*50 > of {
			t.Errorf("%s: %d of %d interruptions are missed", c.file, m, of)
		}
		if n, of := s.Stops(); n > of/5 || len(s.Wrong) != n+m {
			t.Errorf("%s: %d of %d stop it, %d went wrong", c.file, n, of, len(s.Wrong))
		}
	}
	if stopped*50 > backchannels || interruptions < 200 || backchannels < 200 {
		t.Errorf("%d of %d backchannels stop it; %d interruptions, %d missed", stopped, backchannels, interruptions, missed)
	}
}

// TestPausingBeatsDucking: an answer that cannot be taken up again is stopped by more of what is
// not meant for it.
func TestPausingBeatsDucking(t *testing.T) {
	p := turn.Default()
	p.Duck = 0.3
	ducks, pauses := rate(t, "tuned1.txt", p), rate(t, "tuned1.txt", turn.Default())
	a, _ := ducks.Stops()
	b, _ := pauses.Stops()
	if m, _ := ducks.Missed(); a < 2*b || m > 0 {
		t.Errorf("%d stops and %d missed where it goes on quietly, %d where it pauses", a, m, b)
	}
	p.Duck = 2
	if _, err := overlaps.Play(overlaps.Case{}, p); !errors.Is(err, turn.ErrPolicy) {
		t.Errorf("%v", err)
	}
}

const two = `# for readers

overlap cough begins=0.96 one
1.00 voiced ada 0s
1.10 voiced ada 96ms
1.40 ended ada n=1
1.50 unclear ada n=1 why=voice
overlap interruption begins=0.90 another one
1.00 voiced ada 0s
1.10 voiced ada 96ms
1.40 ended ada n=1
1.60 heard ada "What is this?" n=1 from=1.00 to=1.30 voiced=300ms sure=-0.2
`

func TestPlay(t *testing.T) {
	cases, err := overlaps.Read(strings.NewReader(two))
	if err != nil || len(cases) != 2 || cases[1].Name != "another one" || cases[1].Begins != 900*time.Millisecond || cases[1].Line != 8 {
		t.Fatalf("%+v, %v", cases, err)
	}
	for i, want := range []overlaps.Outcome{
		{Silent: 1100 * time.Millisecond, Away: 400 * time.Millisecond},
		{Silent: 1100 * time.Millisecond, Stopped: true, Asked: true},
	} {
		if got, err := overlaps.Play(cases[i], turn.Default()); err != nil || got != want || !got.Silenced() {
			t.Errorf("%s: %+v, %v", cases[i].Name, got, err)
		}
	}
}

func TestOverlapsThatCannotBeRead(t *testing.T) {
	for text, says := range map[string]string{
		"1.00 voiced ada 0s":                                              "line 1: an event before the first overlap",
		"overlap cough":                                                   "line 1: write it as",
		"overlap sneeze begins=0.96 a name":                               "line 1: write it as",
		"overlap cough begins=soon a name":                                `begins="soon"`,
		"overlap cough begins=0.96 a name\n1.00 coughed":                  "line 2",
		"overlap cough begins=0.96 a\n2.00 voiced ada 0s\n1.00 ended ada": "line 3: an event before the one above it",
	} {
		if _, err := overlaps.Read(strings.NewReader(text)); !errors.Is(err, overlaps.ErrOverlaps) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzRead reads whatever it is given, and plays what it can.
func FuzzRead(f *testing.F) {
	f.Add(two)
	f.Add("overlap talk begins=-1 x\n0.00 heard \"\" \"\"\n99.00 tick")
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := overlaps.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if _, err := overlaps.Rate(cases, turn.Default()); err != nil {
			t.Error(err)
		}
	})
}
