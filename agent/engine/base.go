package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
)

// base is a language model with what it sees and hears by itself.
type base struct {
	place
	machine *Machine
	name    string
	mind    mind
	eyes    *Eyes  // nil where it is shown nothing
	sound   *sound // nil where it is given none
	sees    bool
	markup  *answer.Markup // of what it writes and people are not to see
	habit   *answer.Habit

	mu     sync.Mutex
	probed bool         // it has passed the probe
	sight  *model.Sight // what was agreed about pictures; nil where nothing was
}

// mind is what answers: a model in this process, which takes features, or one behind a server,
// which takes the picture itself.
type mind interface {
	// fits refuses a prompt that exceeds the model's window.
	fits(messages []prompt.Message) error
	// acquire takes the lease of an answer; the demand names artifact, holder, priority and what it
	// is made from.
	acquire(ctx context.Context, d compute.Demand) (*compute.Lease, error)
	// generate answers. emit receives the answer piece by piece, on this goroutine. The result is
	// valid with any error. kept is what newPromptCache made, or nil.
	generate(ctx context.Context, req prompt.Request, kept *PromptCache, emit func(piece string) error) (prompt.Result, error)
	// newPromptCache makes what one persona keeps from answer to answer; nil where there is nothing
	// to keep.
	newPromptCache(h Holder) (*PromptCache, error)
	// traits are what prompts have to fit.
	traits() prompt.Traits
	// partTokens is how many tokens a picture or a sound has at most; 0 where only a server counts.
	partTokens(part prompt.Part) int
	close() error
}

// base loads the language model with its senses, or opens the way to the one behind a server.
func (l *loader) base(ctx context.Context) (*base, error) {
	b := &base{place: l.cfg.place(), machine: l.machine, name: l.cfg.Resolution.Base.ID, sees: l.cfg.sees()}
	if l.cfg.Remote != nil {
		b.name = l.cfg.Remote.Model
	}
	var work group
	assisted := !l.cfg.Resolution.Reader.IsZero()
	switch {
	case b.sees && assisted:
		work.part(&l.cfg, "reader", func() (err error) { b.eyes, err = l.readers(ctx); return })
	case b.sees && l.cfg.Remote == nil:
		work.part(&l.cfg, "vision", func() (err error) { b.eyes, err = l.eyes(ctx); return })
	}
	if l.cfg.Sound {
		work.part(&l.cfg, "sound", func() (err error) { b.sound, err = l.sound(ctx); return })
	}
	work.part(&l.cfg, "replies", func() (err error) { b.mind, err = l.mind(ctx); return })
	if err := work.wait(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if b.sees && l.cfg.Remote != nil && !assisted {
		b.eyes = picturing(b.place, l.cfg.Remote.Picture) // complete, since the way to the server was opened
	}
	b.mark(&l.cfg)
	return b, nil
}

// mind loads or reaches what the configuration names.
func (l *loader) mind(ctx context.Context) (mind, error) {
	if l.cfg.Remote != nil {
		m, err := l.remote()
		if err != nil {
			return nil, err // not a nil pointer in an interface
		}
		return m, nil
	}
	m, err := generate.Open(ctx, l.machine.rt, l.cfg.Files, generate.Options{Options: l.options(1), Variant: l.cfg.Variant})
	if err != nil {
		return nil, err
	}
	if l.cfg.sees() && l.cfg.Resolution.Reader.IsZero() && !m.Vision() {
		return nil, errors.Join(fmt.Errorf("the persona is to see: %w", generate.ErrNoVision), m.Close())
	}
	if l.cfg.Sound && !m.Hearing() {
		return nil, errors.Join(fmt.Errorf("the model is to be given sound: %w", generate.ErrNoHearing), m.Close())
	}
	return &localMind{place: l.cfg.place(), machine: l.machine, model: m, sees: l.cfg.sees()}, nil
}

// mark learns what the mind writes that is not for people, and how its answers begin: from the
// configuration, and from a model's own files.
func (b *base) mark(cfg *Config) {
	begins, special := cfg.Begins, cfg.Special
	if local, ok := b.mind.(*localMind); ok {
		special = slices.Concat(special, local.model.Specials())
		if begins == answer.Unsure {
			begins = local.model.Begins()
		}
	}
	b.markup, b.habit = answer.NewMarkup(special...), answer.NewHabit(begins)
}

// see turns a picture into what the mind takes, outside every chain: for the probe.
func (b *base) see(ctx context.Context, picture image.Image) (*Sight, error) {
	return b.eyes.see(ctx, picture)
}

// Close frees the model and its senses.
func (b *base) Close() error {
	var errs []error
	if b.mind != nil {
		errs = append(errs, b.mind.close())
	}
	if b.eyes != nil {
		errs = append(errs, b.eyes.close())
	}
	if b.sound != nil {
		errs = append(errs, b.sound.session.Close())
	}
	return errors.Join(errs...)
}
