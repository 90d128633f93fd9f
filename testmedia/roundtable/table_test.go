package roundtable_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/roundtable"
)

var errBroken = errors.New("no voice")

// play runs one line at a table of iris and max, where what happens is given.
func play(t *testing.T, line roundtable.Line, happens ...roundtable.Event) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var table *roundtable.Table
		table = roundtable.New([]string{"iris", "max"}, func(_ context.Context, who, text string) error {
			if who != line.Who || text != line.Says {
				t.Errorf("%s says %q", who, text)
			}
			for _, e := range happens {
				e.At = begin.Add(time.Duration(e.At.Nanosecond()))
				table.Observe(e)
			}
			return nil
		})
		err = table.Run(t.Context(), []roundtable.Line{line})
	})
	return err
}

// ms is a time so many milliseconds after the beginning.
func ms(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * time.Millisecond) }

func TestWhatIsWrongIsSaid(t *testing.T) {
	right := func(_, answer string) string {
		if answer != "Yes." {
			return "no yes"
		}
		return ""
	}
	iris := roundtable.Line{Who: "ada", Says: "Iris?", Answers: []string{"iris"}, Wrong: right}
	yes := roundtable.Event{Persona: "iris", Kind: roundtable.Answered, Text: "Yes."}
	silent := roundtable.Event{Persona: "max", Kind: roundtable.Silent}
	for name, c := range map[string]struct {
		line    roundtable.Line
		happens []roundtable.Event
		want    string // empty for nothing wrong
	}{
		"right":       {iris, []roundtable.Event{yes, silent}, ""},
		"wrong":       {iris, []roundtable.Event{{Persona: "iris", Kind: roundtable.Answered, Text: "No."}, silent}, "iris says no yes"},
		"failed":      {iris, []roundtable.Event{{Persona: "iris", Kind: roundtable.Answered, Err: errBroken}, silent}, "iris: no voice"},
		"silent":      {iris, []roundtable.Event{{Persona: "iris", Kind: roundtable.Silent}, silent}, "iris says nothing"},
		"nothing":     {iris, nil, "iris says nothing"}, // after the limit
		"both":        {iris, []roundtable.Event{yes, {Persona: "max", Kind: roundtable.Answered, Text: "Me too."}}, `max answers too: "Me too."`},
		"nobody":      {roundtable.Line{Who: "ada", Says: "Bob?"}, []roundtable.Event{{Persona: "iris", Kind: roundtable.Silent}, silent}, ""},
		"not nobody":  {roundtable.Line{Who: "ada", Says: "Bob?"}, []roundtable.Event{yes, silent}, "iris answers too"},
		"one by one":  {iris, []roundtable.Event{yes, silent, {Persona: "iris", Kind: roundtable.Speaks, At: ms(0)}, {Persona: "iris", Kind: roundtable.Quiet, At: ms(10)}, {Persona: "max", Kind: roundtable.Speaks, At: ms(10)}, {Persona: "max", Kind: roundtable.Quiet, At: ms(20)}}, ""},
		"at once":     {iris, []roundtable.Event{yes, silent, {Persona: "iris", Kind: roundtable.Speaks, At: ms(0)}, {Persona: "max", Kind: roundtable.Speaks, At: ms(6)}, {Persona: "iris", Kind: roundtable.Quiet, At: ms(10)}, {Persona: "max", Kind: roundtable.Quiet, At: ms(20)}}, "at once for 4ms"},
		"never spoke": {iris, []roundtable.Event{yes, silent, {Persona: "max", Kind: roundtable.Quiet, At: ms(10)}}, ""},
	} {
		err := play(t, c.line, c.happens...)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.Is(err, roundtable.ErrWrong) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if name == "failed" && !errors.Is(err, errBroken) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}

// TestWhoCannotSpeakEndsIt: an error of say is not the personas' fault.
func TestWhoCannotSpeakEndsIt(t *testing.T) {
	table := roundtable.New([]string{"iris"}, func(context.Context, string, string) error { return errBroken })
	if err := table.Run(t.Context(), []roundtable.Line{{Who: "ada", Says: "Hello."}}); !errors.Is(err, errBroken) || errors.Is(err, roundtable.ErrWrong) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBroken)
	table = roundtable.New([]string{"iris"}, func(context.Context, string, string) error { return nil })
	if err := table.Run(ctx, []roundtable.Line{{Who: "ada", Says: "Hello."}}); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}
