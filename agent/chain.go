package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
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

// What the work of the chain takes of a processor, in thousandths of a core.
const (
	unitsFrame    = 20
	unitsTexture  = 100
	unitsPicture  = 200
	unitsFeatures = 400
)

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
	lease, err := y.session.models.Machine().Broker().TryAcquire(compute.Demand{
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

// look makes a sight of a frame and puts it in the place of the older one. The frame's lease ends with it.
func (y *eye) look(ctx context.Context, next sampled) error {
	saw := Saw{Who: y.who, Source: y.source, Reason: next.reason.String()}
	see := y.recognise
	if y.session.models.Eyes().Remote() {
		see = y.photograph
	}
	seen, err := see(ctx, next, &saw)
	if errors.Is(err, compute.ErrStale) {
		y.session.log.Debug("frame grew stale before it was looked at", "participant", y.who)
		return nil
	}
	if err != nil {
		return err
	}
	saw.At = time.Now()
	return y.show(seen, saw)
}

// fences let nothing pass that was made of what has been taken back, or of something older than what has passed: one for each step.
type fences struct{ texture, features, sight compute.Fence }

// step is a link of the track's chain; see [compute.Broker.Step].
func (y *eye) step(
	ctx context.Context, from *compute.Lease, fence *compute.Fence, d compute.Demand, work func(context.Context, *compute.Lease) error,
) (*compute.Lease, error) {
	d.Holder = y.holder()
	return y.session.models.Machine().Broker().Step(ctx, from, fence, d, func(ctx context.Context, lease *compute.Lease) error {
		if err := work(ctx, lease); err != nil {
			return err
		}
		if y.computed != nil {
			y.computed(from, lease)
		}
		return nil
	})
}

// note says what a frame is like.
func (y *eye) note(frame *media.I420, saw *Saw) {
	saw.Width, saw.Height = frame.Width, frame.Height
	if y.session.cfg.KeepFrames {
		saw.Frame = frame.Image()
	}
}

// recognise makes a texture of a frame and features of the texture.
func (y *eye) recognise(ctx context.Context, next sampled, saw *Saw) (*engine.Sight, error) {
	eyes, seen, begin := y.session.models.Eyes(), &engine.Sight{}, time.Now()
	var texture *vision.Texture
	held, err := y.step(ctx, next.lease, &y.fences.texture, compute.Demand{
		Artifact: "vision.texture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsTexture}, Revocation: compute.Hard,
	}, func(_ context.Context, lease *compute.Lease) (err error) {
		y.note(next.frame, saw)
		seen.Captured = next.frame.Captured
		if texture, err = eyes.Texture(next.frame); err == nil {
			lease.Covers(texture.Release)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	converted := time.Now()
	seen.Lease, err = y.step(ctx, held, &y.fences.features, compute.Demand{
		Artifact: "vision.features/" + next.name, Class: compute.Embedding, Silicon: eyes.Silicon(),
		Cost: compute.Cost{Units: eyes.Price(unitsFeatures)}, TTL: featuresKept, Revocation: compute.Graceful,
	}, func(ctx context.Context, _ *compute.Lease) (err error) {
		seen.Features, err = eyes.Features(ctx, texture)
		return err
	})
	saw.Texture, saw.Features = converted.Sub(begin), time.Since(converted)
	return seen, err
}

// photograph encodes a frame as the picture that a server is shown:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.picture (RENDER) ─► cognition.reply (CLOUD_PROVIDER)
func (y *eye) photograph(ctx context.Context, next sampled, saw *Saw) (*engine.Sight, error) {
	seen, begin := &engine.Sight{}, time.Now()
	var err error
	seen.Lease, err = y.step(ctx, next.lease, &y.fences.features, compute.Demand{
		Artifact: "vision.picture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsPicture}, TTL: featuresKept, Revocation: compute.Graceful,
	}, func(context.Context, *compute.Lease) error {
		y.note(next.frame, saw)
		seen.Captured = next.frame.Captured
		picture, err := y.session.models.Eyes().Picture(next.frame)
		seen.Picture = &picture
		return err
	})
	saw.Texture = time.Since(begin)
	return seen, err
}
