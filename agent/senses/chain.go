package senses

import (
	"context"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// What the work of the chain takes of a processor, in thousandths of a core.
const (
	unitsFrame    = 20
	unitsTexture  = 100
	unitsPicture  = 200
	unitsFeatures = 400 // for each network that runs
)

const (
	frameStale = 2 * time.Second // a sampled frame that was not looked at by then shows the past
	sightKept  = 10 * time.Minute
)

// sampled is a frame on its way to sights. The lease owns the frame: it is read inside lease.Do
// only. Everybody who looks has a share; the lease is released with the last of them, or taken back
// before, when the frame has become stale.
type sampled struct {
	frame  *media.I420
	lease  *compute.Lease
	reason vision.Reason
	number uint64 // of the track
	scene  uint64 // of the track: frames between two changes have the same
	name   string // track/number, in the middle of the chain's artifacts
	shares atomic.Int32
}

// admit takes a lease for a sampled frame; without one the frame goes back at once. The caller has
// the first share.
func (s *Senses) admit(frame *media.I420, reason vision.Reason, track string, number uint64) (*share, error) {
	name := fmt.Sprintf("%s/%d", track, number)
	lease, err := s.Broker.TryAcquire(compute.Demand{
		Artifact: "webrtc.frame_decoded/" + name, Class: compute.Media, Silicon: compute.SiliconCPU, Holder: s.Room,
		Cost:       compute.Cost{Units: unitsFrame, Bytes: int64(media.I420Size(frame.Width, frame.Height))},
		StaleAfter: s.stale, Perishable: true, Revocation: compute.Hard, OnEnd: frame.Release,
	})
	if err != nil {
		frame.Release()
		return nil, err
	}
	if err := lease.Publish(); err != nil {
		return nil, err // it ended already, and OnEnd gave the frame back
	}
	first := &share{sampled: &sampled{frame: frame, lease: lease, reason: reason, number: number, name: name}}
	first.shares.Store(1)
	return first, nil
}

// share is one gaze's part of a sampled frame.
type share struct {
	*sampled
	once sync.Once
}

// more is another share, while the caller has one.
func (s *share) more() *share {
	s.shares.Add(1)
	return &share{sampled: s.sampled}
}

// done gives the share back; more than the first call changes nothing.
func (s *share) done() {
	s.once.Do(func() {
		if s.shares.Add(-1) == 0 {
			s.lease.Release()
		}
	})
}

// chain makes sights of the sampled frames of one track for one encoder. A sampled frame lives as
// long as its lease, which all encoders share, the texture made of it as long as its own, the
// features as long as they are the newest sight of their track:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.texture (RENDER) ─► vision.features (EMBEDDING) ─► cognition.reply
//	webrtc.frame_decoded (MEDIA) ─► vision.picture (RENDER) ─► cognition.reply, of a model behind a server
//	webrtc.frame_decoded (MEDIA) ─► vision.raster (RENDER) ─► vision.percepts (EMBEDDING) ─► cognition.reply, of one without eyes
//
// The artifacts are named track/number, those of an encoder track/number/encoder. Percepts are one
// artifact of all adapters, since they look at one picture, side by side, and an answer is told of
// them together; of the first picture of a track, where some adapters are slow, those of the others
// are a second one, named …/early, until all are there. Each step needs the lease before it. A
// frame that waits too long is revoked, and its picture goes back to the pool as soon as nobody
// reads it. Fences let nothing pass that was made of what has been taken back, or of something
// older than what has passed: one for each step, and one for what is shown.
type chain struct {
	broker  *compute.Broker
	eyes    *engine.Eyes
	encoder string
	holder  string
	shown   bool // sights hold what people are shown of them
	// failed takes the adapters that did not see a picture, none of one that all saw; it is called
	// for each, on the goroutine of see. Nil for nobody.
	failed func([]*engine.AdapterError)
	// blank tells whether nothing is shown yet. Then early gets a sight of what some adapters have
	// seen while others are slow; its lease is early's, which waits for nobody. Both are called on
	// the goroutine of see; nil for nobody.
	blank func() bool
	early func(seen *engine.Sight, scene uint64)

	first, second, newest compute.Fence
	made                  func(from, lease *compute.Lease) // called, if set, when a result is there and not handed over yet
}

// see makes a sight of a frame and says in saw what it took. The share is given back as soon as the
// frame has been read.
func (c *chain) see(ctx context.Context, next *share, keep bool, saw *Saw) (*engine.Sight, error) {
	defer next.done()
	seen := &engine.Sight{Key: next.name}
	note := func() {
		saw.Width, saw.Height, seen.Captured = next.frame.Width, next.frame.Height, next.frame.Captured
		if keep {
			saw.Frame = next.frame.Image()
		}
		if c.shown && !c.eyes.Remote() {
			seen.Shown = c.eyes.Keep(next.frame)
		}
	}
	look := c.recognise
	switch {
	case c.eyes.Remote():
		look = c.photograph
	case c.eyes.Assisted():
		look = c.perceive
	}
	err := look(ctx, next, seen, note, saw)
	seen.Took = saw.Texture + saw.Features
	return seen, err
}

type work = func(context.Context, *compute.Lease) error

// read is the link of the chain that reads a frame; see [compute.Broker.Derive].
func (c *chain) read(ctx context.Context, next *share, fence *compute.Fence, d compute.Demand, do work) (*compute.Lease, error) {
	defer next.done()
	d.Artifact += next.name + "/" + c.encoder
	d.Holder = c.holder
	return c.broker.Derive(ctx, next.lease, fence, d, c.noting(next.lease, do))
}

// step is a link behind that one; see [compute.Broker.Step].
func (c *chain) step(ctx context.Context, from *compute.Lease, fence *compute.Fence, d compute.Demand, do work) (*compute.Lease, error) {
	d.Holder = c.holder
	return c.broker.Step(ctx, from, fence, d, c.noting(from, do))
}

func (c *chain) noting(from *compute.Lease, do work) work {
	return func(ctx context.Context, lease *compute.Lease) error {
		if err := do(ctx, lease); err != nil {
			return err
		}
		c.computed(from, lease)
		return nil
	}
}

func (c *chain) computed(from, lease *compute.Lease) {
	if c.made != nil {
		c.made(from, lease)
	}
}

// recognise makes a texture of a frame and features of the texture.
func (c *chain) recognise(ctx context.Context, next *share, seen *engine.Sight, note func(), saw *Saw) error {
	var texture *vision.Texture
	return c.twice(ctx, next, seen, saw, "texture", func(_ context.Context, lease *compute.Lease) (err error) {
		note()
		if texture, err = c.eyes.Texture(next.frame); err == nil {
			lease.Covers(texture.Release)
		}
		return err
	}, "features", func(ctx context.Context, _ *compute.Lease) (err error) {
		seen.Features, err = c.eyes.Features(ctx, texture)
		return err
	})
}

// twice makes a sight in two links: the first reads the frame, the second, which may be slow, what
// the first has made of it.
func (c *chain) twice(
	ctx context.Context, next *share, seen *engine.Sight, saw *Saw, texture string, reading work, features string, looking work,
) error {
	begin := time.Now()
	held, err := c.read(ctx, next, &c.first, compute.Demand{
		Artifact: "vision." + texture + "/", Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsTexture}, Revocation: compute.Hard,
	}, reading)
	if err != nil {
		return err
	}
	converted := time.Now()
	seen.Lease, err = c.step(ctx, held, &c.second, compute.Demand{
		Artifact: "vision." + features + "/" + next.name + "/" + c.encoder, Class: compute.Embedding, Silicon: c.eyes.Silicon(),
		At: c.eyes.Stations(), Cost: compute.Cost{Units: c.eyes.Price(unitsFeatures * c.eyes.Networks())}, TTL: sightKept, Revocation: compute.Graceful,
	}, looking)
	saw.Texture, saw.Features = converted.Sub(begin), time.Since(converted)
	return err
}

// photograph encodes a frame as the picture that a server is shown.
func (c *chain) photograph(ctx context.Context, next *share, seen *engine.Sight, note func(), saw *Saw) error {
	begin := time.Now()
	var err error
	seen.Lease, err = c.read(ctx, next, &c.second, compute.Demand{
		Artifact: "vision.picture/", Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsPicture}, TTL: sightKept, Revocation: compute.Graceful,
	}, func(context.Context, *compute.Lease) error {
		note()
		picture, err := c.eyes.Picture(next.frame)
		seen.Picture = &picture
		if c.shown && err == nil {
			seen.Shown = engine.Sent(&picture)
		}
		return err
	})
	saw.Texture = time.Since(begin)
	return err
}

// perceive copies a frame and has adapters look at the copy, for a model without eyes.
func (c *chain) perceive(ctx context.Context, next *share, seen *engine.Sight, note func(), saw *Saw) error {
	var raster *image.RGBA
	var failures []*engine.AdapterError
	begin, held := time.Now(), c.hold(next)
	var soon func(*prompt.Perceived)
	if held != nil {
		defer func() { held.Release() }()
		soon = func(some *prompt.Perceived) {
			part := *seen
			part.Perceived, part.Lease, part.Took = some, held, time.Since(begin)
			held = nil
			c.early(&part, next.scene)
		}
	}
	err := c.twice(ctx, next, seen, saw, "raster", func(context.Context, *compute.Lease) error {
		note()
		raster = next.frame.Image()
		return nil
	}, "percepts", func(ctx context.Context, _ *compute.Lease) (err error) {
		seen.Perceived, failures, err = c.eyes.Perceive(ctx, raster, soon)
		return err
	})
	if seen.Perceived != nil && c.failed != nil {
		c.failed(failures)
	}
	return err
}

// hold takes the lease of a sight of what some adapters have seen, in case others are slow. It is
// taken before theirs, since no work under a lease asks for another, and costs nothing. Nil where
// something is shown already, and where there is no place.
func (c *chain) hold(next *share) *compute.Lease {
	if c.blank == nil || !c.blank() {
		return nil
	}
	lease, err := c.broker.TryAcquire(compute.Demand{
		Artifact: "vision.percepts/" + next.name + "/" + c.encoder + "/early", Class: compute.Embedding, Silicon: c.eyes.Silicon(),
		Holder: c.holder, From: []*compute.Lease{next.lease}, TTL: sightKept, Revocation: compute.Graceful,
	})
	if err != nil {
		return nil
	}
	if lease.Publish() != nil {
		return nil // it has ended
	}
	return lease
}
