package engine

import (
	"errors"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	// measureRuns and measureTime end the measuring of one size of pictures: so often, or for so
	// long, but twice at least. The quickest run counts, since what else the machine does at the
	// time is no cost of the model's. A run before them is not measured: the first of a size finds
	// memory, and on a card kernels.
	measureRuns  = 3
	measureTime  = time.Second
	measureLeast = 2
)

// trial is one run: how long a picture took to encode, and then an answer about it to begin.
type trial struct{ encode, begin time.Duration }

func (t trial) both() time.Duration { return t.encode + t.begin }

// measurer measures what pictures cost. It decides only; try does the work.
type measurer struct {
	// try makes one run, numbered from 0 for each number of pieces; with none there is no picture.
	try  func(pieces, run int) (trial, error)
	wait time.Duration // for a picture: what takes longer is not measured a third time, and nothing behind it is
	log  *slog.Logger
}

// costs are those of pictures of every size, the smallest first, up to the first that takes longer
// than the wait, or of which not as many as are wanted fit into the window. Errors: those of try.
func (m *measurer) costs(allowed []int) ([]model.SightCost, error) {
	blind, err := m.quickest(0, m.wait)
	if err != nil {
		return nil, err
	}
	var out []model.SightCost
	for _, pieces := range allowed {
		got, err := m.quickest(pieces, m.wait+blind.begin)
		var long *prompt.TooLongError
		if errors.As(err, &long) && len(out) > 0 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		read := got.begin - blind.begin
		if read < 0 {
			m.log.Warn("an answer about a picture begins before one about nothing: reading it counts as free",
				"pieces", pieces, "picture", got.begin, "nothing", blind.begin)
			read = 0
		}
		cost := model.SightCost{Pieces: pieces, EncodeMS: upward(got.encode), ReadMS: upward(read)}
		out = append(out, cost)
		if cost.Took() > m.wait {
			break
		}
	}
	return out, nil
}

// quickest warms up, and then takes the least of both times of the runs that are measured. Those of
// which two took longer than a limit are no more than two.
func (m *measurer) quickest(pieces int, limit time.Duration) (least trial, err error) {
	var all time.Duration
	for run := range measureRuns + 1 {
		got, err := m.try(pieces, run)
		switch {
		case err != nil:
			return trial{}, err
		case run == 0:
			continue
		case run == 1:
			least = got
		}
		least = trial{min(least.encode, got.encode), min(least.begin, got.begin)}
		if all += got.both(); run >= measureLeast && (all > measureTime || least.both() > limit) {
			break
		}
	}
	return least, nil
}

// pace is how long a picture takes to encode, where nobody waits for a bound on that: of the first
// one, or, where that is long enough for eyes to rest, of the next, which need not warm up.
func pace(encode func(run int) (time.Duration, error)) (time.Duration, error) {
	took, err := encode(0)
	if err == nil && took >= restBeyond {
		return encode(1)
	}
	return took, err
}

// upward is a time in milliseconds, rounded up.
func upward(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }
