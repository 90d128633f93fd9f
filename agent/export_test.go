package agent

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Chain is the video path of a session without a room: tests feed it frames.
type Chain struct{ eye *eye }

// NewChain makes the path of one track on an engine.
func NewChain(engine *Engine, track string) *Chain {
	s := &Session{engine: engine, log: slog.New(slog.DiscardHandler), inbox: make(chan message, inboxSize)}
	s.life, s.cancel = context.WithCancelCause(context.Background())
	return &Chain{&eye{session: s, sid: track, who: track, pool: media.NewI420Pool(framePool), update: make(chan struct{})}}
}

// Pool is where the path's frames come from.
func (c *Chain) Pool() *media.I420Pool { return c.eye.pool }

// Textures is how many textures are out.
func (c *Chain) Textures() int { return c.eye.session.engine.eyes.textures.Outstanding() }

// Governed runs a frame through the whole chain; revoke is called while the frame waits for its texture. The frame is given away.
func (c *Chain) Governed(ctx context.Context, frame *media.I420, revoke func(*compute.Broker, *compute.Lease)) error {
	next, err := c.eye.admit(frame, vision.ReasonInterval)
	if err != nil {
		return err
	}
	revoke(c.eye.session.engine.broker, next.lease)
	err = c.eye.look(ctx, next)
	next.lease.Release()
	select {
	case <-c.eye.session.inbox:
	default:
	}
	return err
}

// Computed sets what is called when a result is there and not handed over yet: a texture with its frame's lease as from, features with
// their texture's, a sight with its own.
func (c *Chain) Computed(call func(b *compute.Broker, from, lease *compute.Lease)) {
	c.eye.computed = func(from, lease *compute.Lease) { call(c.eye.session.engine.broker, from, lease) }
}

// Shown reports whether a reply made now would look at a picture, and the artifact that it would be made of.
func (c *Chain) Shown() (string, bool) {
	c.eye.mu.Lock()
	defer c.eye.mu.Unlock()
	if s := c.eye.current(); s != nil {
		return s.lease.Artifact(), true
	}
	return "", false
}

// Reply takes the lease of an answer that looks at what is shown.
func (c *Chain) Reply(ctx context.Context) (*compute.Lease, error) {
	c.eye.mu.Lock()
	look := c.eye.sight
	c.eye.mu.Unlock()
	return c.eye.session.engine.replyLease(ctx, 1, holder{"lab", "iris"}, look)
}

// Think lets the model answer under a lease and returns the clauses that were handed on to be spoken.
func (c *Chain) Think(ctx context.Context, lease *compute.Lease, text string) ([]string, error) {
	clauses := make(chan string, 64)
	run := turnRun{session: c.eye.session, question: question{text: text}}
	err := run.think(ctx, nil, lease, clauses)
	close(clauses)
	var out []string
	for clause := range clauses {
		out = append(out, clause)
	}
	return out, err
}

// TakeBack revokes the lease of what is shown.
func (c *Chain) TakeBack() {
	c.eye.session.engine.broker.Revoke(c.eye.sight.lease, "test")
}

// Bare does the same work without leases. The frame is given away.
func (c *Chain) Bare(ctx context.Context, frame *media.I420) error {
	defer frame.Release()
	texture, err := c.eye.session.engine.eyes.textures.Texture(frame)
	if err != nil {
		return err
	}
	defer texture.Release()
	_, err = c.eye.session.engine.eyes.encoder.Encode(ctx, texture)
	return err
}

// Leases goes through the leases of a frame without its work; the picture stays the caller's.
func (c *Chain) Leases(ctx context.Context, frame *media.I420) error {
	var lease *compute.Lease
	for _, d := range []compute.Demand{
		{Artifact: "webrtc.frame_decoded/b/1", Class: compute.Media, Cost: compute.Cost{Units: unitsFrame, Bytes: int64(len(frame.Y))}, Revocation: compute.Hard},
		{Artifact: "vision.texture/b/1", Class: compute.Render, Cost: compute.Cost{Units: unitsTexture}, Revocation: compute.Hard},
		{Artifact: "vision.features/b/1", Class: compute.Embedding, Cost: compute.Cost{Units: unitsFeatures}, TTL: featuresKept},
	} {
		d.Silicon = compute.SiliconCPU
		var err error
		if lease, err = c.eye.step(ctx, lease, nil, d, func(ctx context.Context, _ *compute.Lease) error { return ctx.Err() }); err != nil {
			return err
		}
	}
	defer lease.Release()
	return c.eye.fences.sight.Accept(lease)
}

// Close lets the newest sight go.
func (c *Chain) Close() {
	c.eye.session.cancel(ErrClosed)
	if c.eye.sight != nil {
		c.eye.sight.lease.Release()
	}
}

// LoadEngine loads models without probing them: random weights name no colour.
func LoadEngine(ctx context.Context, cfg EngineConfig) (*Engine, error) { return loadEngine(ctx, cfg) }

// Model is the language model in this process.
func (e *Engine) Model() *generate.Model {
	m, ok := e.mind.(*ownMind)
	if !ok {
		return nil
	}
	return m.model
}

// Answer answers a question about a picture and a sound, each of which may be missing, and says how long the prompt was.
func (e *Engine) Answer(ctx context.Context, text string, picture image.Image, pcm []float32, limit int) (answer string, length int, err error) {
	var look *sight
	var heard *usm.Clip
	if picture != nil {
		if look, err = e.mind.glimpse(ctx, picture); err != nil {
			return "", 0, err
		}
	}
	if pcm != nil {
		if heard, err = e.hear(ctx, 1, holder{"lab", "iris"}, pcm); err != nil {
			return "", 0, err
		}
	}
	said, err := e.mind.think(ctx, prompt.Request{Messages: asked(text, look, heard), MaxTokens: limit}, nil, nil)
	return said.Text, said.PromptTokens, err
}

// Seer is what a model in this process sees and thinks with, without ears, voice and room.
type Seer struct{ engine *Engine }

// OpenSeer loads the eyes and the mind of a model's folder.
func OpenSeer(ctx context.Context, rt *ort.Runtime, base fs.FS) (*Seer, error) {
	e := &Engine{sees: true}
	l := loader{ctx: ctx, cfg: EngineConfig{Base: base}, rt: rt}
	var err error
	if e.eyes, err = l.vision(); err != nil {
		return nil, err
	}
	if e.mind, err = l.mind(e); err != nil {
		return nil, errors.Join(err, e.eyes.session.Close(), e.eyes.textures.Close())
	}
	return &Seer{e}, nil
}

// Describe answers a question about a picture. It is all that the model writes but for special tokens, which random weights write anywhere.
func (s *Seer) Describe(ctx context.Context, picture image.Image, question string) (string, error) {
	look, err := s.engine.mind.glimpse(ctx, picture)
	if err != nil {
		return "", err
	}
	answer, err := s.engine.mind.think(ctx, prompt.Request{Messages: asked(question, look, nil), MaxTokens: probeTokens}, nil, nil)
	for _, special := range s.engine.Model().Specials() {
		answer.Text = strings.ReplaceAll(answer.Text, special, "")
	}
	return strings.TrimSpace(answer.Text), err
}

// Close frees both.
func (s *Seer) Close() error {
	return errors.Join(s.engine.mind.close(), s.engine.eyes.session.Close(), s.engine.eyes.textures.Close())
}

// Ear transcribes a clip with the accurate engine, under a lease as in a session.
func (e *Engine) Ear() hearing.Transcriber { return e.finalEar(holder{"lab", "iris"}) }
