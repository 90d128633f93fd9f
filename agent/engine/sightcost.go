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

// agree says how many pictures an answer is made from, and, where an answer waits for them,
// measures what they cost, takes the most squares or patches that it may wait for, and has the eyes
// make no more. Where it does not wait, how long one takes is measured all the same: slow eyes
// rest. It is done once for all who share the model, before the probe. Errors: *model.SightError,
// which has what was measured.
func (b *base) agree(ctx context.Context, cfg *Config) error {
	if b.eyes == nil || b.eyes.Assisted() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	local, here := b.mind.(*localMind)
	if want := cfg.Resolution.Sight; want != nil && b.sight == nil {
		if err := b.settle(ctx, local, cfg, *want); err != nil {
			return err
		}
	}
	if !here || b.eyes.takes > 0 {
		return nil
	}
	var err error
	if b.eyes.takes, err = pace(func(run int) (time.Duration, error) { return b.encodes(ctx, run) }); err != nil {
		return fmt.Errorf("measure how long a picture takes: %w", err)
	}
	return nil
}

// settle agrees what a resolution wants; local is nil for a model that is not here.
func (b *base) settle(ctx context.Context, local *localMind, cfg *Config, agreed model.Sight) error {
	agreed.Pictures = max(agreed.Pictures, 1)
	if local != nil {
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

// afford is what a model in this process can be shown: what its window holds, and what an answer
// may wait for.
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

// measure has the model see pictures of every size that its own processor allows, the smallest
// first, up to the first that takes longer than an answer may wait, or of which so many do not fit
// into its window.
func (b *base) measure(ctx context.Context, m *localMind, cfg *Config, pictures int) (*model.SightCosts, error) {
	out := &model.SightCosts{
		Provider: cfg.Resolution.ExecutionProvider, Device: cfg.Resolution.Device, Unit: model.Squares, At: time.Now().UTC().Truncate(time.Second),
	}
	if b.eyes.whole.Patches.Side > 0 {
		out.Unit = model.Patches
	}
	out.Allowed = b.eyes.whole.Choices()
	measuring := measurer{wait: cfg.Resolution.Sight.Wait(), log: b.machine.cfg.Logger.With("model", cfg.Resolution.Base.ID)}
	measuring.try = func(pieces, run int) (trial, error) { return b.try(ctx, m, pieces, pictures, run) }
	var err error
	out.Costs, err = measuring.costs(out.Allowed)
	return out, err
}

// try sees one picture of so many pieces and begins an answer about it, of which so many have to
// fit; with no pieces it begins one about nothing.
func (b *base) try(ctx context.Context, m *localMind, pieces, pictures, run int) (out trial, err error) {
	if pieces == 0 {
		out.begin, err = m.begins(ctx, nil)
		return out, err
	}
	if run == 0 { // all runs of one size come one after the other
		if err := b.eyes.bound(pieces); err != nil {
			return out, err
		}
	}
	seen, took, err := b.timed(ctx, run)
	if err != nil {
		return out, err
	}
	if run == 0 {
		if err := m.fits(repeated(seen, pictures)); err != nil {
			return out, err
		}
	}
	out.encode = took
	out.begin, err = m.begins(ctx, Seen{{Sight: seen}})
	return out, err
}

// encodes is how long a picture takes to encode.
func (b *base) encodes(ctx context.Context, run int) (time.Duration, error) {
	_, took, err := b.timed(ctx, run)
	return took, err
}

// timed sees a picture that is like that of no other run: what was seen before is not encoded
// again.
func (b *base) timed(ctx context.Context, run int) (*Sight, time.Duration, error) {
	picture := b.example()
	shade := color.RGBA{uint8(40 * run), 60, 100, 255}
	draw.Draw(picture, picture.Bounds(), image.NewUniform(shade), image.Point{}, draw.Src)
	begin := time.Now()
	seen, err := b.see(ctx, picture)
	return seen, time.Since(begin), err
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

// Sight is what was agreed about pictures; nil where nothing was: the profile says nothing of it,
// or the model is shown none here.
func (m *Models) Sight() *model.Sight { return m.base.sight }
