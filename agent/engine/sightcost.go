package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	// measureRuns and measureTime end the measuring of one size of pictures: so often, or for so long. The
	// quickest run counts, since what else the machine does at the time is no cost of the model's.
	measureRuns = 3
	measureTime = time.Second
)

// agree says how many pictures an answer is made from, and, where an answer waits for them, measures what
// they cost, takes the most squares or patches that it may wait for, and has the eyes make no more. It is
// done once for all who share the model, before the probe. Errors: *model.SightError, which has what was
// measured.
func (b *base) agree(ctx context.Context, cfg *Config) error {
	want := cfg.Resolution.Sight
	if b.eyes == nil || b.eyes.Assisted() || want == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sight != nil {
		return nil
	}
	agreed := *want
	agreed.Pictures = max(agreed.Pictures, 1)
	if local, here := b.mind.(*localMind); here {
		var err error
		if agreed, err = b.afford(ctx, local, cfg, agreed); err != nil {
			return err
		}
	}
	b.eyes.series = Series{Pictures: agreed.Pictures, Spacing: agreed.Spacing(), Within: agreed.Within()}
	b.sight = &agreed
	b.machine.cfg.Logger.Info("sight", "model", cfg.Resolution.Base.ID, "agreed", agreed.String())
	return nil
}

// afford is what a model in this process can be shown: what its window holds, and what an answer may wait
// for.
func (b *base) afford(ctx context.Context, m *localMind, cfg *Config, want model.Sight) (model.Sight, error) {
	if want.Pictures > 1 {
		size := 0 // as large as they may come
		if want.WaitMS > 0 {
			size = b.eyes.whole.Choices()[0]
		}
		most, err := b.holds(ctx, m, size, want.Pictures)
		if err != nil {
			return want, fmt.Errorf("measure how many pictures fit: %w", err)
		}
		want = want.Fewer(most)
	}
	if want.WaitMS == 0 {
		return want, nil
	}
	measured, err := b.measure(ctx, m, cfg, want.Pictures)
	if err != nil {
		return want, fmt.Errorf("measure what a picture costs: %w", err)
	}
	agreed, err := model.AgreeSight(want, measured)
	if err != nil {
		var slow *model.SightError
		if errors.As(err, &slow) {
			slow.Model = cfg.Resolution.Base.ID
		}
		return want, err
	}
	if err := b.eyes.bound(agreed.Pieces); err != nil {
		return want, err
	}
	for _, c := range measured.Costs {
		if c.Pieces == agreed.Pieces {
			b.eyes.takes = c.Encode()
		}
	}
	return agreed, nil
}

// holds is how many pictures of a size in pieces the model's window holds, of so many at most.
func (b *base) holds(ctx context.Context, m *localMind, size, most int) (int, error) {
	if err := b.eyes.bound(size); err != nil {
		return 0, err
	}
	seen, err := b.see(ctx, b.example())
	if err != nil {
		return 0, err
	}
	var long *prompt.TooLongError
	for err = m.fits(repeated(seen, most)); most > 1 && errors.As(err, &long); err = m.fits(repeated(seen, most)) {
		most--
	}
	return most, errors.Join(err, b.eyes.bound(0))
}

// repeated asks about one picture as if it were so many.
func repeated(seen *Sight, pictures int) []prompt.Message {
	return Asked(probeQuestion, times(seen, pictures), nil)
}

// example is a picture of the size that the model's processor takes whole.
func (b *base) example() *image.RGBA {
	cfg := b.eyes.textures.Config()
	size := cfg.Example()
	return image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
}

// measure has the model see pictures of every size that its own processor allows, the smallest first, up
// to the first that takes longer than an answer may wait, or of which so many do not fit into its window.
func (b *base) measure(ctx context.Context, m *localMind, cfg *Config, pictures int) (*model.SightCosts, error) {
	out := &model.SightCosts{
		Provider: cfg.Resolution.ExecutionProvider, Device: cfg.Resolution.Device, Unit: model.Squares, At: time.Now().UTC().Truncate(time.Second),
	}
	if b.eyes.whole.Patches.Side > 0 {
		out.Unit = model.Patches
	}
	blind, err := m.begins(ctx, nil)
	if err != nil {
		return nil, err
	}
	out.Allowed = b.eyes.whole.Choices()
	for _, pieces := range out.Allowed {
		cost, err := b.cost(ctx, m, pieces, pictures, blind)
		var long *prompt.TooLongError
		if errors.As(err, &long) && len(out.Costs) > 0 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out.Costs = append(out.Costs, cost)
		if cost.Took() > cfg.Resolution.Sight.Wait() {
			return out, nil
		}
	}
	return out, nil
}

// cost is what a picture of so many pieces costs: the quickest of some runs, each of another picture.
func (b *base) cost(ctx context.Context, m *localMind, pieces, pictures int, blind time.Duration) (model.SightCost, error) {
	if err := b.eyes.bound(pieces); err != nil {
		return model.SightCost{}, err
	}
	picture := b.example()
	var encode, read time.Duration
	begin := time.Now()
	for run := range measureRuns {
		shade := color.RGBA{uint8(40 * run), uint8(pieces), 100, 255} // no two are alike: what was seen before is not encoded again
		draw.Draw(picture, picture.Bounds(), image.NewUniform(shade), image.Point{}, draw.Src)
		at := time.Now()
		seen, err := b.see(ctx, picture)
		if err != nil {
			return model.SightCost{}, err
		}
		encoded := time.Since(at)
		if run == 0 { // all of these runs are of one size
			if err := m.fits(repeated(seen, pictures)); err != nil {
				return model.SightCost{}, err
			}
		}
		first, err := m.begins(ctx, Seen{{Sight: seen}})
		if err != nil {
			return model.SightCost{}, err
		}
		if run == 0 || encoded < encode {
			encode = encoded
		}
		if more := max(first-blind, 0); run == 0 || more < read {
			read = more
		}
		if time.Since(begin) > measureTime {
			break
		}
	}
	return model.SightCost{Pieces: pieces, EncodeMS: upward(encode), ReadMS: upward(read)}, nil
}

// begins is how long an answer takes to begin about what is seen.
func (m *localMind) begins(ctx context.Context, seen Seen) (time.Duration, error) {
	messages := Asked(probeQuestion, seen, nil)
	if err := m.fits(messages); err != nil {
		return 0, err
	}
	out, err := m.model.Generate(ctx, prompt.Request{Messages: messages, MaxTokens: 1}, func(string) error { return nil })
	return out.FirstToken, err
}

// upward is a time in milliseconds, rounded up.
func upward(d time.Duration) int64 { return int64((d + time.Millisecond - 1) / time.Millisecond) }

// Sight is what was agreed about pictures; nil where nothing was: the profile says nothing of it, or the
// model is shown none here.
func (m *Models) Sight() *model.Sight { return m.base.sight }
