package floor_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/crowd/floor"
)

// at is a time of a measurement, in milliseconds from its start.
func at(ms int) time.Time { return time.Unix(1_000_000, 0).Add(time.Duration(ms) * time.Millisecond) }

// tone is a sound of somebody from a time to another, in milliseconds.
func tone(who string, from, to int, dbfs float64) (out []floor.Frame) {
	for ; from < to; from += 20 {
		out = append(out, floor.Frame{Who: who, At: at(from), DBFS: dbfs})
	}
	return out
}

func join(all ...[]floor.Frame) (out []floor.Frame) {
	for _, f := range all {
		out = append(out, f...)
	}
	return out
}

func TestSpans(t *testing.T) {
	got := floor.Spans(join(
		tone("max", 2000, 2200, -9), tone("iris", 1000, 1500, -9), tone("iris", 1540, 1600, -9), // a lost packet
		tone("iris", 1680, 1700, -9), // a pause
		tone("otto", 0, 3000, -50), []floor.Frame{{Who: "otto", At: at(5000), DBFS: math.NaN()}},
	))
	want := []floor.Span{{"iris", at(1000), at(1600)}, {"iris", at(1680), at(1700)}, {"max", at(2000), at(2200)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		spans []floor.Span
		want  time.Duration
	}{
		"nothing":   {nil, 0},
		"after":     {[]floor.Span{{"a", at(0), at(100)}, {"b", at(100), at(200)}}, 0},
		"over":      {[]floor.Span{{"a", at(0), at(100)}, {"b", at(60), at(200)}}, 40 * time.Millisecond},
		"inside":    {[]floor.Span{{"a", at(0), at(100)}, {"b", at(20), at(40)}, {"b", at(60), at(90)}}, 50 * time.Millisecond},
		"three":     {[]floor.Span{{"a", at(0), at(100)}, {"b", at(50), at(150)}, {"c", at(80), at(120)}}, 70 * time.Millisecond},
		"unordered": {[]floor.Span{{"b", at(60), at(200)}, {"a", at(0), at(100)}}, 40 * time.Millisecond},
	} {
		if got := floor.Overlap(c.spans); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestJain(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   float64
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{3, 3, 3}, 1}, {[]int{4, 0, 0, 0}, 0.25}, {[]int{1, 3}, 0.8}} {
		if got := floor.Jain(c.counts); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
}

// clip is how long a clause sounds in these tests, long how many an answer has that is asked for at
// length.
const (
	clip = 500 * time.Millisecond
	long = 4
)

// turnOf is a turn of a kind from a time to another.
func turnOf(kind floor.Kind, from, to int, names ...string) floor.Turn {
	return floor.Turn{Step: floor.Step{Number: 7, Kind: kind, Names: names}, Began: at(from), Over: at(to)}
}

// cut has a persona of a turn stopped.
func cut(t floor.Turn, who string, began, told int) floor.Turn {
	t.Cut = &floor.Cut{Who: who, Began: at(began)}
	if told > 0 {
		t.Cut.Told = at(told)
	}
	return t
}

func TestScore(t *testing.T) {
	turns := []floor.Turn{
		turnOf(floor.Open, 0, 2000), turnOf(floor.Open, 2000, 4000),
		turnOf(floor.Named, 4000, 7000, "iris", "max"),
		turnOf(floor.Everybody, 7000, 10_000),
		cut(turnOf(floor.Interrupted, 10_000, 15_000), "iris", 12_000, 12_140),
		cut(turnOf(floor.Aside, 15_000, 19_000), "max", 16_500, 0),
	}
	frames := join(
		tone("iris", 1000, 1500, -9), tone("max", 3000, 3500, -9),
		tone("iris", 5000, 5500, -9), tone("max", 5760, 6260, -9),
		tone("max", 8000, 8500, -9), tone("iris", 8800, 9300, -9),
		tone("iris", 11_700, 12_160, -9), tone("iris", 12_160, 12_180, -19.5), tone("max", 13_500, 14_000, -9),
		tone("max", 16_000, 18_000, -9),
	)
	r := floor.Score(2, turns, frames, clip, long)
	if len(r.Wrong) != 0 || r.OverlapMS != 0 || r.Failure() != nil {
		t.Errorf("wrong %q, overlap %v, %v", r.Wrong, r.OverlapMS, r.Failure())
	}
	if r.Gaps != 2 || r.Gap.P50 != 300 || r.Interruptions != 1 || r.Quieter.P95 != 160 || r.Silence.P95 != 180 || r.Told.P95 != 40 {
		t.Errorf("gaps %d %+v, interruptions %d: quieter %+v, silence %+v, told %+v", r.Gaps, r.Gap, r.Interruptions, r.Quieter, r.Silence, r.Told)
	}
	if r.Jain != 1 || r.Shares["iris"] != 1 || r.Shares["max"] != 1 || r.Kinds[floor.Open] != 2 || r.Spans != 9 {
		t.Errorf("Jain %v of %v, %v, %d spans", r.Jain, r.Shares, r.Kinds, r.Spans)
	}
	table := r.Table()
	for _, want := range []string{"2 personas, 6 turns", "a person speaks → silence  1  180", "p95 ≤ 200", "heard at once: 0 ms", "from 6 open turns on", "iris 1  max 1", "0 turns went wrong"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

// TestScoreMissesNothing: every way for a turn to go wrong is named.
func TestScoreMissesNothing(t *testing.T) {
	open, aside := turnOf(floor.Open, 0, 3000), cut(turnOf(floor.Aside, 0, 3000), "max", 1300, 0)
	interrupted := cut(turnOf(floor.Interrupted, 0, 3000), "max", 1300, 1500)
	lost := open
	lost.Lost = true
	stopped := join(tone("max", 1000, 1520, -9), tone("iris", 2000, 2500, -9))
	for name, c := range map[string]struct {
		turn   floor.Turn
		frames []floor.Frame
		says   string
	}{
		"silence":             {open, nil, "0 were heard, not 1"},
		"two":                 {open, join(tone("iris", 1000, 1500, -9), tone("max", 1700, 2200, -9)), "2 were heard, not 1: iris max"},
		"short":               {open, tone("iris", 1000, 1300, -9), "iris was heard for 300ms"},
		"lost":                {lost, tone("iris", 1000, 1500, -9), "did not come to an end"},
		"never":               {floor.Turn{Step: floor.Step{Number: 7, Kind: floor.Open}}, nil, "was not held"},
		"order":               {turnOf(floor.Named, 0, 3000, "iris", "max"), join(tone("max", 1000, 1500, -9), tone("iris", 1700, 2200, -9)), "max iris were heard, not iris max"},
		"other":               {turnOf(floor.Named, 0, 3000, "iris", "max"), tone("max", 1000, 1500, -9), "1 were heard, not 2"},
		"outside":             {open, tone("iris", 3100, 3600, -9), "0 were heard"},
		"nobody to interrupt": {turnOf(floor.Interrupted, 0, 3000), stopped, "nobody spoke to be"},
		"unheard":             {interrupted, tone("iris", 2000, 2500, -9), "max was not heard"},
		"not stopped":         {cut(turnOf(floor.Interrupted, 0, 3000), "max", 1300, 0), stopped, "was not stopped"},
		"ended before":        {interrupted, join(tone("max", 1000, 1200, -9), tone("iris", 2000, 2500, -9)), "had ended before"},
		"nobody answers":      {interrupted, tone("max", 1000, 1520, -9), "0 answered the interruption"},
		"two answer":          {interrupted, join(stopped, tone("max", 2700, 2900, -9)), "2 answered the interruption: iris max"},
		"nobody to agree to":  {turnOf(floor.Aside, 0, 3000), tone("max", 1000, 3000, -9), "nobody spoke for"},
		"stopped by an aside": {aside, tone("max", 1000, 1500, -9), "max was heard for 500ms, not 2s"},
		"answered an aside":   {aside, join(tone("max", 500, 2500, -9), tone("iris", 2700, 2900, -9)), "2 were heard, not 1: max iris"},
	} {
		r := floor.Score(2, []floor.Turn{c.turn}, c.frames, clip, long)
		if got := strings.Join(r.Wrong, "\n"); !strings.Contains(got, c.says) || !strings.HasPrefix(got, "turn 7, ") {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
		if err := r.Failure(); !errors.Is(err, floor.ErrMissed) || !strings.Contains(err.Error(), "1 turns went wrong") || !strings.Contains(r.Table(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r := floor.Score(2, []floor.Turn{interrupted}, stopped, clip, long); len(r.Wrong) != 0 || r.Quieter.P50 != 220 {
		t.Errorf("one that is silent at once was quieter after %v: %q", r.Quieter.P50, r.Wrong)
	}
}

func TestGoals(t *testing.T) {
	var turns []floor.Turn
	var frames []floor.Frame
	add := func(turn func(from int) floor.Turn, sounds func(from int) []floor.Frame) {
		from := len(turns) * 4000
		turns, frames = append(turns, turn(from)), append(frames, sounds(from)...)
	}
	for range 6 {
		add(func(from int) floor.Turn { return turnOf(floor.Open, from, from+3000) }, func(from int) []floor.Frame { return tone("iris", from+1000, from+1500, -9) })
	}
	add(func(from int) floor.Turn { return turnOf(floor.Named, from, from+3000, "iris", "max") }, func(from int) []floor.Frame {
		return join(tone("iris", from+1000, from+1500, -9), tone("max", from+1900, from+2400, -9))
	})
	add(func(from int) floor.Turn { return turnOf(floor.Named, from, from+3000, "iris", "max") }, func(from int) []floor.Frame {
		return join(tone("iris", from+1000, from+1500, -9), tone("max", from+1900, from+2400, -9))
	})
	add(func(from int) floor.Turn {
		return cut(turnOf(floor.Interrupted, from, from+3900), "iris", from+1200, from+1300)
	}, func(from int) []floor.Frame {
		return join(tone("iris", from+1000, from+1600, -9), tone("max", from+2500, from+3000, -9), tone("max", from+3200, from+3300, -9), tone("iris", from+3900, from+3960, -9), tone("max", from+3920, from+3960, -9))
	})
	err := floor.Score(2, turns, frames, clip, long).Failure()
	for _, want := range []string{"heard at once for 40 ms", "silence 400 ms after the first sound", "silence after 300 ms", "a gap of 400 ms", "Jain's index 0.500"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}
