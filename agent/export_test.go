package agent

import (
	"context"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Chain is the video path of a session without a room: tests feed it frames.
type Chain struct{ eye *eye }

// NewChain makes the path of one track on models.
func NewChain(models *engine.Models, track string) *Chain {
	s := &Session{models: models, log: slog.New(slog.DiscardHandler), inbox: make(chan message, inboxSize)}
	s.life, s.cancel = context.WithCancelCause(context.Background())
	return &Chain{&eye{session: s, sid: track, who: track, pool: media.NewI420Pool(framePool), update: make(chan struct{})}}
}

// Pool is where the path's frames come from.
func (c *Chain) Pool() *media.I420Pool { return c.eye.pool }

// Textures is how many textures are out.
func (c *Chain) Textures() int { return c.eye.session.models.Eyes().Outstanding() }

// Governed runs a frame through the whole chain; revoke is called while the frame waits for its texture. The frame is given away.
func (c *Chain) Governed(ctx context.Context, frame *media.I420, revoke func(*compute.Broker, *compute.Lease)) error {
	next, err := c.eye.admit(frame, vision.ReasonInterval)
	if err != nil {
		return err
	}
	revoke(c.eye.session.models.Machine().Broker(), next.lease)
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
	c.eye.computed = func(from, lease *compute.Lease) { call(c.eye.session.models.Machine().Broker(), from, lease) }
}

// Shown reports whether a reply made now would look at a picture, and the artifact that it would be made of.
func (c *Chain) Shown() (string, bool) {
	c.eye.mu.Lock()
	defer c.eye.mu.Unlock()
	if s := c.eye.current(); s != nil {
		return s.Lease.Artifact(), true
	}
	return "", false
}

// Reply takes the lease of an answer that looks at what is shown.
func (c *Chain) Reply(ctx context.Context) (*compute.Lease, error) {
	c.eye.mu.Lock()
	look := c.eye.sight
	c.eye.mu.Unlock()
	return c.eye.session.models.Lease(ctx, 1, engine.Holder{Room: "lab", Persona: "iris"}, look)
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
	c.eye.session.models.Machine().Broker().Revoke(c.eye.sight.Lease, "test")
}

// Bare does the same work without leases. The frame is given away.
func (c *Chain) Bare(ctx context.Context, frame *media.I420) error {
	defer frame.Release()
	texture, err := c.eye.session.models.Eyes().Texture(frame)
	if err != nil {
		return err
	}
	defer texture.Release()
	_, err = c.eye.session.models.Eyes().Features(ctx, texture)
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
		c.eye.sight.Lease.Release()
	}
}
