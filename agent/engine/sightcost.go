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

// agree measures what pictures cost, takes the most squares or patches that an answer may wait for, and
// has the eyes make no more. It is done once for all who share the model, before the probe. Errors:
// *model.SightError, which has what was measured.
func (b *base) agree(ctx context.Context, cfg *Config) error {
	local, here := b.mind.(*localMind)
	if !here || b.eyes == nil || cfg.Resolution.Sight == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sight != nil {
		return nil
	}
	measured, err := b.measure(ctx, local, cfg)
	if err != nil {
		return fmt.Errorf("measure what a picture costs: %w", err)
	}
	agreed, err := model.AgreeSight(cfg.Resolution.Sight.Wait(), measured)
	if err != nil {
		var slow *model.SightError
		if errors.As(err, &slow) {
			slow.Model = cfg.Resolution.Base.ID
		}
		return err
	}
	if err := b.eyes.bound(agreed.Pieces); err != nil {
		return err
	}
	for _, c := range measured.Costs {
		if c.Pieces == agreed.Pieces {
			b.eyes.takes = c.Encode()
		}
	}
	b.sight = &agreed
	b.machine.cfg.Logger.Info("sight", "model", cfg.Resolution.Base.ID, "agreed", agreed.String())
	return nil
}

// measure has the model see pictures of every size that its own processor allows, the smallest first, up
// to the first that takes longer than an answer may wait, or that does not fit into its window.
func (b *base) measure(ctx context.Context, m *localMind, cfg *Config) (*model.SightCosts, error) {
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
		cost, err := b.cost(ctx, m, pieces, blind)
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
func (b *base) cost(ctx context.Context, m *localMind, pieces int, blind time.Duration) (model.SightCost, error) {
	if err := b.eyes.bound(pieces); err != nil {
		return model.SightCost{}, err
	}
	cfg := b.eyes.textures.Config()
	size := cfg.Example()
	picture := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
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
		first, err := m.begins(ctx, seen)
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

// begins is how long an answer takes to begin about a sight, or about none.
func (m *localMind) begins(ctx context.Context, seen *Sight) (time.Duration, error) {
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
