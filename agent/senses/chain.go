package senses

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// What the work of the chain takes of a processor, in thousandths of a core.
const (
	unitsFrame    = 20
	unitsTexture  = 100
	unitsPicture  = 200
	unitsFeatures = 400
)

const (
	frameStale = 2 * time.Second // a sampled frame that was not looked at by then shows the past
	sightKept  = 10 * time.Minute
)

// chain makes sights of the sampled frames of one track. A sampled frame lives as long as its
// lease, the texture made of it as long as its own, the features as long as they are the newest
// sight of their track:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.texture (RENDER) ─► vision.features (EMBEDDING) ─► cognition.reply
//	webrtc.frame_decoded (MEDIA) ─► vision.picture (RENDER) ─► cognition.reply, of a model behind a server
//
// Each step needs the lease before it. A frame that waits too long is revoked, and its picture goes
// back to the pool at once. Fences let nothing pass that was made of what has been taken back, or
// of something older than what has passed: one for each step, and one for what is shown.
type chain struct {
	broker *compute.Broker
	eyes   *engine.Eyes
	holder string // two personas in one room look at the same track

	first, second, shown compute.Fence
	made                 func(from, lease *compute.Lease) // called, if set, when a result is there and not handed over yet
}

// sampled is a frame on its way to a sight. The lease owns the frame: it is read inside lease.Do
// only.
type sampled struct {
	frame  *media.I420
	lease  *compute.Lease
	reason vision.Reason
	number uint64 // of the track
	name   string // track/number, the tail of the chain's artifacts
}

// admit takes a lease for a sampled frame; without one the frame goes back at once.
func (c *chain) admit(frame *media.I420, reason vision.Reason, track string, number uint64) (sampled, error) {
	name := fmt.Sprintf("%s/%d", track, number)
	lease, err := c.broker.TryAcquire(compute.Demand{
		Artifact: "webrtc.frame_decoded/" + name, Class: compute.Media, Silicon: compute.SiliconCPU, Holder: c.holder,
		Cost:       compute.Cost{Units: unitsFrame, Bytes: int64(media.I420Size(frame.Width, frame.Height))},
		StaleAfter: frameStale, Perishable: true, Revocation: compute.Hard, OnEnd: frame.Release,
	})
	if err != nil {
		frame.Release()
		return sampled{}, err
	}
	if err := lease.Publish(); err != nil {
		return sampled{}, err // it ended already, and OnEnd gave the frame back
	}
	return sampled{frame: frame, lease: lease, reason: reason, number: number, name: name}, nil
}

// see makes a sight of a frame and says in saw what it took.
func (c *chain) see(ctx context.Context, next sampled, keep bool, saw *Saw) (*engine.Sight, error) {
	seen := &engine.Sight{}
	note := func() {
		saw.Width, saw.Height, seen.Captured = next.frame.Width, next.frame.Height, next.frame.Captured
		if keep {
			saw.Frame = next.frame.Image()
		}
	}
	if c.eyes.Remote() {
		return seen, c.photograph(ctx, next, seen, note, saw)
	}
	return seen, c.recognise(ctx, next, seen, note, saw)
}

// step is a link of the chain; see [compute.Broker.Step].
func (c *chain) step(
	ctx context.Context, from *compute.Lease, fence *compute.Fence, d compute.Demand, work func(context.Context, *compute.Lease) error,
) (*compute.Lease, error) {
	d.Holder = c.holder
	return c.broker.Step(ctx, from, fence, d, func(ctx context.Context, lease *compute.Lease) error {
		if err := work(ctx, lease); err != nil {
			return err
		}
		c.computed(from, lease)
		return nil
	})
}

func (c *chain) computed(from, lease *compute.Lease) {
	if c.made != nil {
		c.made(from, lease)
	}
}

// recognise makes a texture of a frame and features of the texture.
func (c *chain) recognise(ctx context.Context, next sampled, seen *engine.Sight, note func(), saw *Saw) error {
	begin := time.Now()
	var texture *vision.Texture
	held, err := c.step(ctx, next.lease, &c.first, compute.Demand{
		Artifact: "vision.texture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsTexture}, Revocation: compute.Hard,
	}, func(_ context.Context, lease *compute.Lease) (err error) {
		note()
		if texture, err = c.eyes.Texture(next.frame); err == nil {
			lease.Covers(texture.Release)
		}
		return err
	})
	if err != nil {
		return err
	}
	converted := time.Now()
	seen.Lease, err = c.step(ctx, held, &c.second, compute.Demand{
		Artifact: "vision.features/" + next.name, Class: compute.Embedding, Silicon: c.eyes.Silicon(),
		At: c.eyes.Stations(), Cost: compute.Cost{Units: c.eyes.Price(unitsFeatures)}, TTL: sightKept, Revocation: compute.Graceful,
	}, func(ctx context.Context, _ *compute.Lease) (err error) {
		seen.Features, err = c.eyes.Features(ctx, texture)
		return err
	})
	saw.Texture, saw.Features = converted.Sub(begin), time.Since(converted)
	return err
}

// photograph encodes a frame as the picture that a server is shown.
func (c *chain) photograph(ctx context.Context, next sampled, seen *engine.Sight, note func(), saw *Saw) error {
	begin := time.Now()
	var err error
	seen.Lease, err = c.step(ctx, next.lease, &c.second, compute.Demand{
		Artifact: "vision.picture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsPicture}, TTL: sightKept, Revocation: compute.Graceful,
	}, func(context.Context, *compute.Lease) error {
		note()
		picture, err := c.eyes.Picture(next.frame)
		seen.Picture = &picture
		return err
	})
	saw.Texture = time.Since(begin)
	return err
}
