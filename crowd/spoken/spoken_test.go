package spoken_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
	"github.com/sensory-agent/sensory-agent/crowd/spoken"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// loudness is a detector that takes loud windows for speech.
type loudness struct{}

func (loudness) Probability(window []float32) (float32, error) {
	for _, v := range window {
		if v > 0.05 || v < -0.05 {
			return 0.99, nil
		}
	}
	return 0, nil
}
func (loudness) Reset()       {}
func (loudness) Close() error { return nil }

// ears understand what they are scripted to, as slowly.
type ears struct {
	hears func(pcm []float32) string
	takes time.Duration
	mu    sync.Mutex
	names [][]string // that they were told
}

func (e *ears) Detector() (engine.Detector, error)        { return loudness{}, nil }
func (e *ears) Interim(engine.Holder) hearing.Transcriber { return e }
func (e *ears) Final(engine.Holder) hearing.Transcriber   { return e }
func (e *ears) Close() error                              { return nil }

func (e *ears) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return e.TranscribeHinted(ctx, pcm, nil)
}

func (e *ears) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (hearing.Transcript, error) {
	e.mu.Lock()
	e.names = append(e.names, names)
	e.mu.Unlock()
	select {
	case <-time.After(e.takes):
	case <-ctx.Done():
		return hearing.Transcript{}, context.Cause(ctx)
	}
	text := e.hears(pcm)
	return hearing.Transcript{Text: text, Tokens: len(strings.Fields(text)), AvgLogProb: -0.1}, nil
}

// tone is a second of sound with a pause of some length in its middle.
func tone(pause time.Duration) []float32 {
	half := make([]float32, 24000)
	for i := range half {
		half[i] = 0.5 * float32(math.Sin(2*math.Pi*300*float64(i)/48000))
	}
	return slices.Concat(half, make([]float32, int(pause*48000/time.Second)), half)
}

// kept is a file of what was heard.
type kept struct{ bytes.Buffer }

func lines(t *testing.T, text string) []addressing.Line {
	t.Helper()
	out, err := addressing.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const few = "iris | Iris, what is this?\nnobody | Max is right.\nmax | Max, go on.\nperson | Bob, look.\n"

// TestLinesAreSpokenAndHeard: what is scored is what the ears understood, by voice and together,
// and what was heard once is not heard again.
func TestLinesAreSpokenAndHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := ""
		var by []string
		e := &ears{hears: func([]float32) string {
			if said == "Max, go on." && by[len(by)-1] == "low" {
				return "Mix, go on."
			}
			return said
		}}
		var file kept
		var progress []int
		cfg := spoken.Config{
			Ears: e, Voices: []string{"high", "low"}, Sets: []spoken.Set{{Name: "few", Lines: lines(t, few)}}, Kept: &file,
			Say: func(_ context.Context, voice, text string) ([]float32, error) {
				said, by = text, append(by, voice)
				return tone(0), nil
			},
			Progress: func(done, of int, _ spoken.Heard) { progress = append(progress, done, of) },
		}
		got, err := spoken.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if len(by) != 8 || progress[0] != 1 || progress[14] != 8 || progress[15] != 8 {
			t.Errorf("%d were said, progress %v", len(by), progress)
		}
		high, low, all := got.Sets[0], got.Sets[1], got.All("few")
		if high.Recall != 1 || high.False != 0 || low.Recall != 0.5 || low.Typed != 1 || all.Right != 3 || all.Addressed != 4 || all.Others != 4 || all.Recall != 0.75 {
			t.Errorf("%+v\n%+v\n%+v", high, low, all)
		}
		want := []spoken.Miss{{Line: 3, Said: "Max, go on.", Heard: []string{"Mix, go on."}, Meant: []string{"max"}, Got: []string{"nobody"}}}
		if diff := cmp.Diff(want, low.Wrong); diff != "" {
			t.Error(diff)
		}
		if err := got.Failure(); !errors.Is(err, spoken.ErrMissed) || !strings.Contains(err.Error(), "few: recall 0.750") {
			t.Errorf("%v", err)
		}
		if !slices.ContainsFunc(e.names, func(n []string) bool { return slices.Equal(n, []string{"iris", "max", "otto"}) }) {
			t.Errorf("the ears were told %q", e.names)
		}
		for _, want := range []string{"few   high   1.000   2 of 2", "few   all    0.750   3 of 4", "few, low: 1 wrong\n  line 3  meant max  got nobody  Max, go on.  heard Mix, go on."} {
			if table := got.Table(true, strings.Clone); !strings.Contains(table, want) {
				t.Errorf("no %q in\n%s", want, table)
			}
		}
		if strings.Contains(got.Table(false, strings.Clone), "Mix") {
			t.Error("lines are printed that were not asked for")
		}
		file.WriteString(`{"voice":"high","sa`) // as a run that was killed leaves it
		again, err := spoken.Run(t.Context(), cfg)
		if diff := cmp.Diff(got, again); err != nil || diff != "" || len(by) != 8 {
			t.Errorf("%v, %d were said; %s", err, len(by), diff)
		}
	})
}

// TestABusyMachineHearsTheSame: how long an engine takes does not change where a turn ends. What is
// heard before a pause is whole, so that the pause ends the turn: there are two.
func TestABusyMachineHearsTheSame(t *testing.T) {
	for _, c := range []struct {
		pause  time.Duration
		pieces int
	}{{150 * time.Millisecond, 1}, {900 * time.Millisecond, 2}} {
		for _, takes := range []time.Duration{0, 20 * time.Millisecond, 30 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				e := &ears{takes: takes, hears: func([]float32) string { return "Iris, what is this?" }}
				got, err := spoken.Run(t.Context(), spoken.Config{
					Ears: e, Voices: []string{"v"}, Sets: []spoken.Set{{Name: "one", Lines: lines(t, "iris | Iris, what is this?")}},
					Say: func(context.Context, string, string) ([]float32, error) { return tone(c.pause), nil },
				})
				if err != nil {
					t.Fatal(err)
				}
				if s := got.Sets[0]; s.Recall != 1 || s.Pieces != c.pieces-1 || s.Silent != 0 {
					t.Errorf("a pause of %v, an engine that takes %v: %+v", c.pause, takes, s)
				}
			})
		}
	}
}

func TestNothingHeardIsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := spoken.Run(t.Context(), spoken.Config{
			Ears: &ears{hears: func([]float32) string { return "" }}, Voices: []string{"v"}, Sets: []spoken.Set{{Name: "few", Lines: lines(t, few)}},
			Say: func(context.Context, string, string) ([]float32, error) { return tone(0), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := got.Sets[0]; s.Silent != 4 || s.Right != 0 || s.False != 0 || s.Lines != 4 {
			t.Errorf("%+v", s)
		}
	})
}

// TestLinesAreDrawn: the same ones for a seed, in their order, others for another; all where there
// are no more.
func TestLinesAreDrawn(t *testing.T) {
	all, err := addressing.Lines()
	if err != nil {
		t.Fatal(err)
	}
	said := func(limit int, seed uint64) (out []string) {
		synctest.Test(t, func(t *testing.T) {
			_, err := spoken.Run(t.Context(), spoken.Config{
				Ears: &ears{hears: func([]float32) string { return "Hello." }}, Voices: []string{"v"}, Sets: []spoken.Set{{Name: "all", Lines: all[:12]}}, Limit: limit, Seed: seed,
				Say: func(_ context.Context, _, text string) ([]float32, error) {
					out = append(out, text)
					return tone(0), nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		return out
	}
	first, other := said(4, 1), said(4, 2)
	if len(first) != 4 || !slices.Equal(first, said(4, 1)) || slices.Equal(first, other) || len(said(0, 1)) != 12 || len(said(99, 1)) != 12 {
		t.Errorf("%q and %q", first, other)
	}
	at := -1
	for _, text := range first {
		next := slices.IndexFunc(all, func(l addressing.Line) bool { return l.Text == text })
		if next <= at {
			t.Errorf("out of order: %q", first)
		}
		at = next
	}
}

func TestRunRefuses(t *testing.T) {
	sets := []spoken.Set{{Name: "few", Lines: lines(t, few)}}
	deaf := &ears{hears: func([]float32) string { return "" }}
	mute := errors.New("no voice")
	say := func(context.Context, string, string) ([]float32, error) { return nil, mute }
	other := kept{*bytes.NewBufferString("name,age\n")}
	for name, c := range map[string]struct {
		cfg  spoken.Config
		want error
	}{
		"no ears":    {spoken.Config{Voices: []string{"v"}, Sets: sets}, spoken.ErrConfig},
		"no voice":   {spoken.Config{Ears: deaf, Sets: sets}, spoken.ErrConfig},
		"no lines":   {spoken.Config{Ears: deaf, Voices: []string{"v"}}, spoken.ErrConfig},
		"limit":      {spoken.Config{Ears: deaf, Voices: []string{"v"}, Sets: sets, Limit: -1}, spoken.ErrConfig},
		"mute":       {spoken.Config{Ears: deaf, Voices: []string{"v"}, Sets: sets, Say: say}, mute},
		"other file": {spoken.Config{Ears: deaf, Voices: []string{"v"}, Sets: sets, Say: say, Kept: &other}, spoken.ErrKept},
	} {
		if got, err := spoken.Run(t.Context(), c.cfg); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if other.String() != "" {
		t.Errorf("a file of somebody else's was written to: %q", other.String())
	}
}

// TestDecide: what was heard in pieces is what was done about all of them.
func TestDecide(t *testing.T) {
	for _, c := range []struct {
		heard []string
		want  string
	}{
		{nil, "nobody"},
		{[]string{"Iris, what is this?"}, "iris"},
		{[]string{"What is this, Iris and Max?"}, "iris max"},
		{[]string{"Everybody, hello!"}, "everybody"},
		{[]string{"Bob, look."}, "person"},
		{[]string{"Iris.", "What is this?"}, "iris"},
		{[]string{"Well.", "Max, what is this?"}, "max"},
		{[]string{"Bob, look.", "Nice."}, "person"},
		{[]string{"Nice.", "Bob, look."}, "person"},
		{[]string{"Iris, look.", "Bob, look."}, "iris"},
		{[]string{"Iris, look.", "Iris, go on."}, "iris"},
		{[]string{"Iris, look.", "Max, look."}, "iris max"},
	} {
		if got := strings.Join(spoken.Decide(addressing.Line{}, c.heard), " "); got != c.want {
			t.Errorf("%q: %s, want %s", c.heard, got, c.want)
		}
	}
	elsewhere := lines(t, "room | nova felix | eve | eve\nnova | Nova?\n")[0]
	if got := spoken.Decide(elsewhere, []string{"Nova, what is this?"}); !slices.Equal(got, []string{"nova"}) {
		t.Errorf("in another room: %v", got)
	}
}

// FuzzKept reads anything as a file of what was heard: it is refused, or the run goes on.
func FuzzKept(f *testing.F) {
	for _, s := range []string{"", "\n", `{"voice":"v","said":"Max.","texts":["Max."]}`, `{"voice":"v","said":"Max.","texts":["Max."]}` + "\n{", "[]", "null"} {
		f.Add(s)
	}
	mute := errors.New("no voice")
	set := []spoken.Set{{Name: "one", Lines: []addressing.Line{{Number: 1, Meant: []string{"max"}, Text: "Max."}}}}
	f.Fuzz(func(t *testing.T, text string) {
		file := kept{*bytes.NewBufferString(text)}
		got, err := spoken.Run(t.Context(), spoken.Config{
			Ears: &ears{}, Voices: []string{"v"}, Sets: set, Kept: &file, Say: func(context.Context, string, string) ([]float32, error) { return nil, mute },
		})
		if (err == nil) == (got == nil) || err != nil && !errors.Is(err, spoken.ErrKept) && !errors.Is(err, mute) {
			t.Errorf("%v, %v", got, err)
		}
	})
}
