package engine_test

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const ms = time.Millisecond

// TestTheQuickestWarmRunCounts: the first run of a size is not measured, whatever it took; of the
// others the quickest of each half counts; and what is read is what an answer about a picture takes
// more than one about nothing.
func TestTheQuickestWarmRunCounts(t *testing.T) {
	for name, c := range map[string]struct {
		told map[int][][2]time.Duration
		wait time.Duration
		want []model.SightCost
		runs map[int]int
	}{
		"cold starts cost nothing": {
			map[int][][2]time.Duration{0: {{0, 3000 * ms}, {0, 50 * ms}}, 1: {{6000 * ms, 900 * ms}, {200 * ms, 80 * ms}}, 4: {{6000 * ms, 900 * ms}, {500 * ms, 90 * ms}}},
			time.Second,
			[]model.SightCost{{Pieces: 1, EncodeMS: 200, ReadMS: 30}, {Pieces: 4, EncodeMS: 500, ReadMS: 40}},
			map[int]int{0: 4, 1: 4, 4: 3}, // the second of the last two ends the time of one size
		},
		"one slow run is measured again": {
			map[int][][2]time.Duration{0: {{0, 50 * ms}}, 1: {{300 * ms, 60 * ms}, {1900 * ms, 400 * ms}, {300 * ms, 60 * ms}}},
			time.Second,
			[]model.SightCost{{Pieces: 1, EncodeMS: 300, ReadMS: 10}},
			map[int]int{0: 4, 1: 3},
		},
		"two that are too slow are enough": {
			map[int][][2]time.Duration{0: {{0, 10 * ms}}, 1: {{90 * ms, 20 * ms}, {80 * ms, 40 * ms}, {70 * ms, 50 * ms}, {60 * ms, 10 * ms}}, 2: {{1 * ms, 1 * ms}}},
			50 * ms,
			[]model.SightCost{{Pieces: 1, EncodeMS: 70, ReadMS: 30}},
			map[int]int{0: 4, 1: 3},
		},
		"what does not fit the window ends it": {
			map[int][][2]time.Duration{0: {{0, 10 * ms}}, 1: {{20 * ms, 20 * ms}}},
			time.Second,
			[]model.SightCost{{Pieces: 1, EncodeMS: 20, ReadMS: 10}},
			map[int]int{0: 4, 1: 4},
		},
	} {
		allowed := slices.Sorted(maps.Keys(c.told))[1:]
		if name == "what does not fit the window ends it" {
			allowed = append(allowed, 9)
		}
		var said bytes.Buffer
		got, runs, err := engine.Costs(c.told, allowed, c.wait, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil || !slices.Equal(got, c.want) || !maps.Equal(runs, c.runs) || said.Len() > 0 {
			t.Errorf("%s: %+v after %v runs, %v, want %+v after %v; said %q", name, got, runs, err, c.want, c.runs, &said)
		}
	}
	if _, _, err := engine.Costs(map[int][][2]time.Duration{0: {{0, ms}}}, []int{1}, time.Second, slog.New(slog.DiscardHandler)); !errors.Is(err, prompt.ErrTooLong) {
		t.Errorf("nothing fits: %v", err)
	}
}

// TestAPictureThatIsReadForLessThanNothing is told of, and counts as free.
func TestAPictureThatIsReadForLessThanNothing(t *testing.T) {
	var said bytes.Buffer
	got, _, err := engine.Costs(map[int][][2]time.Duration{0: {{0, 90 * ms}}, 1: {{10 * ms, 40 * ms}}}, []int{1}, time.Second, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil || len(got) != 1 || got[0] != (model.SightCost{Pieces: 1, EncodeMS: 10}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, want := range []string{"level=WARN", "pieces=1", "picture=40ms", "nothing=90ms"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %q", want, &said)
		}
	}
}

// TestSlowEyesAreMeasuredWarm: a first picture that is quick is enough; after one that is not a
// second one says whether they rest.
func TestSlowEyesAreMeasuredWarm(t *testing.T) {
	for _, c := range []struct {
		runs []time.Duration
		want time.Duration
	}{{[]time.Duration{100 * ms}, 100 * ms}, {[]time.Duration{3000 * ms, 40 * ms}, 40 * ms}, {[]time.Duration{3000 * ms, 2000 * ms}, 2000 * ms}} {
		made := 0
		got, err := engine.Pace(func(run int) (time.Duration, error) { made++; return c.runs[run], nil })
		if err != nil || got != c.want || made != len(c.runs) {
			t.Errorf("%v: %v after %d, %v", c.runs, got, made, err)
		}
	}
	broken := errors.New("torn")
	if _, err := engine.Pace(func(int) (time.Duration, error) { return time.Hour, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
