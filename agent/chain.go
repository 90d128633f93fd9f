package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// A sampled frame lives as long as its lease, the texture made of it as long as its own, the features as long as they are the newest
// sight of their track:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.texture (RENDER) ─► vision.features (EMBEDDING) ─► cognition.reply (LOCAL_GENERATION)
//
// Each step needs the lease before it. A frame that waits too long for its texture is revoked, and its picture goes back to the pool at once.

const (
	frameStale   = 2 * time.Second // a sampled frame that was not looked at by then shows the past
	featuresKept = 10 * time.Minute
)

// sampled is a frame on its way to features. The lease owns the frame: it is read inside lease.Do only.
type sampled struct {
	frame  *media.I420
	lease  *compute.Lease
	reason vision.Reason
	name   string // track/number, the tail of the chain's artifacts
}

// holder is who the leases of the track name: two personas in one room look at the same track.
func (y *eye) holder() string { return y.session.holder.String() + "/" + y.sid }

// admit takes a lease for a sampled frame; without one the frame goes back at once.
func (y *eye) admit(frame *media.I420, reason vision.Reason) (sampled, error) {
	y.frames++
	name := fmt.Sprintf("%s/%d", y.sid, y.frames)
	broker := y.session.engine.broker
	lease, err := broker.TryAcquire(compute.Demand{
		Artifact: "webrtc.frame_decoded/" + name, Class: compute.Media, Silicon: compute.SiliconCPU, Holder: y.holder(),
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
	return sampled{frame: frame, lease: lease, reason: reason, name: name}, nil
}

// look makes features of a frame and puts them in the place of the older ones.
func (y *eye) look(ctx context.Context, next sampled) error {
	if y.session.engine.pictures != nil {
		return y.photograph(ctx, next)
	}
	saw := Saw{Who: y.who, Source: y.source, Reason: next.reason.String()}
	begin := time.Now()
	texture, held, err := y.texture(ctx, next, &saw)
	if err == nil {
		err = y.publish(&y.fences.texture, next.lease, held)
	}
	defer held.Release()
	if err != nil {
		if errors.Is(err, compute.ErrStale) {
			y.session.log.Debug("frame grew stale before it was looked at", "participant", y.who)
			return nil
		}
		return err
	}
	next.lease.Release() // the picture is not needed any more
	converted := time.Now()
	features, lease, err := y.features(ctx, next, texture, held)
	if err == nil {
		err = y.publish(&y.fences.features, held, lease)
	}
	if err != nil {
		lease.Release()
		return err
	}
	saw.At, saw.Texture, saw.Features = time.Now(), converted.Sub(begin), time.Since(converted)
	return y.show(&sight{features: features, lease: lease, captured: texture.Captured}, saw)
}

// fences let nothing pass that was made of what has been taken back, or of something older than what has passed: one for each step.
type fences struct{ texture, features, sight compute.Fence }

// publish hands on what was made under lease of what from covers. from must still be live: a result that was made of something that
// was taken back meanwhile is refused, however good it is.
func (y *eye) publish(fence *compute.Fence, from, lease *compute.Lease) error {
	if y.computed != nil {
		y.computed(from, lease)
	}
	if err := fence.Accept(from); err != nil {
		return err
	}
	return lease.Publish()
}

// texture converts a frame under a lease of its own, which gives the texture's memory back when it ends. Nothing is published yet.
func (y *eye) texture(ctx context.Context, next sampled, saw *Saw) (*vision.Texture, *compute.Lease, error) {
	var made *vision.Texture
	lease, err := y.session.engine.broker.Acquire(ctx, compute.Demand{
		Artifact: "vision.texture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU, Holder: y.holder(),
		Cost: compute.Cost{Units: unitsTexture}, From: []*compute.Lease{next.lease}, Revocation: compute.Hard,
		OnEnd: func() { made.Release() },
	})
	if err != nil {
		return nil, nil, err
	}
	err = next.lease.Do(func() error {
		saw.Width, saw.Height = next.frame.Width, next.frame.Height
		if y.session.cfg.KeepFrames {
			saw.Frame = next.frame.Image()
		}
		return lease.Do(func() (err error) {
			made, err = y.session.engine.eyes.textures.Texture(next.frame)
			return err
		})
	})
	return made, lease, err
}

// features runs the vision encoder under a lease, which is held on until other features take their place. Nothing is published yet.
func (y *eye) features(ctx context.Context, next sampled, texture *vision.Texture, from *compute.Lease) (*vision.Features, *compute.Lease, error) {
	engine := y.session.engine
	lease, err := engine.broker.Acquire(ctx, compute.Demand{
		Artifact: "vision.features/" + next.name, Class: compute.Embedding, Silicon: engine.silicon, Holder: y.holder(),
		Cost: compute.Cost{Units: engine.units(unitsFeatures)}, From: []*compute.Lease{from}, TTL: featuresKept, Revocation: compute.Graceful,
	})
	if err != nil {
		return nil, nil, err
	}
	var features *vision.Features
	err = from.Do(func() (err error) {
		run, cancel := lease.Context(ctx)
		defer cancel()
		features, err = engine.eyes.encoder.Encode(run, texture)
		return err
	})
	return features, lease, err
}
