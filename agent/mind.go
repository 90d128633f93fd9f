package agent

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/vision"
)

// mind is what answers: a model in this process, which takes features, or one behind a server, which takes the picture itself.
type mind interface {
	// fits refuses a prompt that exceeds the model's window. It is asked before anything is admitted.
	fits(messages []prompt.Message) error
	// acquire takes the lease of an answer; the demand names artifact, holder, priority and what it is made from.
	acquire(ctx context.Context, b *compute.Broker, d compute.Demand) (*compute.Lease, error)
	// think answers. emit receives the answer piece by piece, on this goroutine. The result is valid with any error. kept is what remember
	// made, or nil.
	think(ctx context.Context, req prompt.Request, kept *promptCache, emit func(piece string) error) (prompt.Result, error)
	// glimpse turns a picture into what think takes, outside every chain: for the probe.
	glimpse(ctx context.Context, picture image.Image) (*sight, error)
	// remember makes what one persona keeps from answer to answer; nil where there is nothing to keep.
	remember() *promptCache
	close() error
}

// asked is a question as a mind takes it: what is seen and heard, each of which may be missing, and its words.
func asked(text string, look *sight, heard *usm.Clip) []prompt.Message {
	return []prompt.Message{{Role: prompt.User, Text: text, Parts: append(look.parts(), clips(heard)...)}}
}

// promptCache is the prompt of a persona's last answer as the model holds it: the next one, which begins alike, is computed from where it
// differs. It belongs to one session.
type promptCache struct {
	cache *generate.PromptCache
	use   chan struct{} // holds a value while an answer uses the cache
}

// close gives its memory back; no answer may be under way.
func (m *promptCache) close() error {
	if m == nil {
		return nil
	}
	return m.cache.Close()
}

// ownMind is a model in this process.
type ownMind struct {
	engine *Engine
	model  *generate.Model
	sees   bool
}

func (m *ownMind) fits(messages []prompt.Message) error {
	tokens, err := m.model.PromptTokens(messages)
	if err != nil {
		return err
	}
	if window := m.model.Window(); tokens >= window {
		return &prompt.TooLongError{Tokens: tokens, Limit: window - 1}
	}
	return nil
}

func (m *ownMind) acquire(ctx context.Context, b *compute.Broker, d compute.Demand) (*compute.Lease, error) {
	d.Class, d.Silicon, d.Cost, d.TTL = compute.LocalGeneration, m.engine.silicon, compute.Cost{Units: m.engine.units(unitsReply)}, modelTTL
	return b.Acquire(ctx, d)
}

func (m *ownMind) think(ctx context.Context, req prompt.Request, kept *promptCache, emit func(string) error) (prompt.Result, error) {
	if kept == nil {
		return m.model.Generate(ctx, req, emit)
	}
	select {
	case kept.use <- struct{}{}:
		defer func() { <-kept.use }()
	case <-ctx.Done():
		return prompt.Result{}, context.Cause(ctx)
	}
	return kept.cache.Generate(ctx, req, emit)
}

func (m *ownMind) glimpse(ctx context.Context, picture image.Image) (*sight, error) {
	texture, err := m.engine.eyes.textures.TextureImage(picture)
	if err != nil {
		return nil, err
	}
	defer texture.Release()
	f, err := m.engine.eyes.encoder.Encode(ctx, texture)
	if err != nil {
		return nil, err
	}
	return &sight{features: f}, nil
}

// remember keeps the prompt of a persona without eyes. With a picture in front of every question there is next to nothing to keep.
func (m *ownMind) remember() *promptCache {
	if m.sees {
		return nil
	}
	return &promptCache{cache: m.model.NewPromptCache(), use: make(chan struct{}, 1)}
}

func (m *ownMind) close() error { return m.model.Close() }

// mind loads or reaches what the configuration names.
func (l *loader) mind(e *Engine) (mind, error) {
	if l.cfg.Remote != nil {
		m, err := newFarMind(*l.cfg.Remote)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	m, err := generate.Open(l.ctx, l.rt, l.cfg.Base, generate.Options{Options: l.options(1), Variant: l.cfg.Variant})
	if err != nil {
		return nil, err
	}
	if e.sees && !m.Vision() {
		return nil, errors.Join(fmt.Errorf("the persona is to see: %w", generate.ErrNoVision), m.Close())
	}
	if l.cfg.Sound && !m.Hearing() {
		return nil, errors.Join(fmt.Errorf("the model is to be given sound: %w", generate.ErrNoHearing), m.Close())
	}
	return &ownMind{engine: e, model: m, sees: e.sees}, nil
}

// vision loads the eyes of a model in this process.
func (l *loader) vision() (eyes, error) {
	textures, err := vision.OpenPreprocessor(l.cfg.Base)
	if err != nil {
		return eyes{}, err
	}
	graph, err := generate.GraphSource(l.cfg.Base, "vision_encoder", "")
	if err != nil {
		return eyes{}, errors.Join(err, textures.Close())
	}
	session, err := l.rt.Load(l.ctx, graph, l.options(1))
	if err != nil {
		return eyes{}, errors.Join(err, textures.Close())
	}
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		return eyes{}, errors.Join(err, session.Close(), textures.Close())
	}
	return eyes{textures: textures, session: session, encoder: encoder}, nil
}
