package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/vision"
)

const (
	framePool = 4                      // pictures of one track: held by the sampler, waiting, being converted
	lookEvery = 200 * time.Millisecond // between two looks for a scene change
)

// eye sees one video track. One goroutine reads packets, decodes and samples; another turns the newest sampled frame into features.
type eye struct {
	session          *Session
	who, sid, source string
	screen           bool
	since            time.Time // when it was opened
	rx               *rtpin.VideoReceiver
	pool             *media.I420Pool
	slot             *media.Latest[sampled]
	frames           uint64 // sampled so far, owned by the reading goroutine
	stop             context.CancelFunc
	requested        atomic.Bool
	prefer           func(width, height int) // asks the server for another layer of the track

	// Owned by the reading goroutine.
	sampler *vision.Sampler
	change  *vision.SceneChange
	looked  time.Time

	fences   fences
	computed func(from, lease *compute.Lease) // called, if set, when a result is there and not handed over yet

	mu     sync.Mutex
	sight  *engine.Sight
	update chan struct{} // closed and replaced when sight changes
	closed bool
}

func openEye(s *Session, e lk.TrackSubscribed) (*eye, error) {
	name, err := codec.ParseVideoCodec(e.Track.Codec().MimeType)
	if err != nil {
		return nil, err
	}
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: name})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(s.life)
	eye := &eye{
		session: s, who: e.Participant.Identity, sid: e.Publication.SID(), source: sourceName(e.Publication.Source()),
		screen: e.Publication.Source() == lk.ScreenShare, since: time.Now(), rx: rx, pool: media.NewI420Pool(framePool),
		slot: media.NewLatest[sampled](), stop: stop, sampler: vision.NewSampler(vision.SamplerConfig{}),
		change: vision.NewSceneChange(vision.SceneChangeConfig{}), update: make(chan struct{}),
	}
	eye.prefer = e.Publication.PreferSize
	encoding := make(chan struct{})
	s.work.Go(func() {
		defer close(encoding)
		eye.encode(ctx)
	})
	s.work.Go(func() { eye.read(ctx, e, encoding) })
	return eye, nil
}

// request asks for a picture of the next frame.
func (y *eye) request() { y.requested.Store(true) }

// read decodes every packet and samples, until the track ends; then it frees everything.
func (y *eye) read(ctx context.Context, e lk.TrackSubscribed, encoding <-chan struct{}) {
	err := fence.Do(func() error {
		return e.Packets(ctx,
			func(p *rtp.Packet, now time.Time) { y.decoded(y.rx.Push(p, now)) },
			func(now time.Time) {
				y.decoded(y.rx.Poll(now))
				if y.rx.NeedKeyframe(now) {
					e.Publication.RequestKeyframe(e.Track.SSRC())
				}
			})
	})
	y.stop()
	<-encoding
	if waiting, ok := y.slot.Take(); ok {
		waiting.lease.Release()
	}
	y.mu.Lock()
	y.closed = true
	if y.sight != nil {
		y.sight.Lease.Release()
	}
	close(y.update)
	y.mu.Unlock()
	if err = errors.Join(err, y.rx.Close()); err != nil {
		y.session.post(trouble{&StageError{Stage: StageSight, Who: y.who, Err: err}})
	}
	y.session.post(eyeClosed{y})
}

func (y *eye) decoded(fresh bool, err error) {
	var large *codec.TooLargeError
	switch {
	case errors.As(err, &large):
		y.tooLarge(large)
	case err != nil:
		y.session.log.Debug("video packet dropped", "participant", y.who, "error", err)
	}
	if !fresh {
		return
	}
	if err := y.sample(); err != nil {
		y.session.log.Debug("frame not sampled", "participant", y.who, "error", err)
	}
}

// tooLarge says once for each size that the pictures cannot be seen, and prefers the largest layer that can be: each is half as wide and half
// as high as the one above it. A track without layers stays as it is.
func (y *eye) tooLarge(e *codec.TooLargeError) {
	w, h := e.Width, e.Height
	for media.CheckSizeLimit(w, h, e.MaxPixels) != nil && w > 1 && h > 1 {
		w, h = w/2, h/2
	}
	y.prefer(w, h)
	y.session.post(trouble{&StageError{Stage: StageSight, Who: y.who, Err: e}})
}

// sample decides about the newest picture. Copying one costs about as much as looking at it, so scene changes are looked for a few times a
// second only; a request is met by the next frame.
func (y *eye) sample() error {
	asked, now := y.requested.Load(), time.Now()
	if !asked && now.Sub(y.looked) < lookEvery {
		return nil
	}
	y.looked = now
	frame, err := y.rx.Picture(y.pool)
	if err != nil {
		return err
	}
	change, err := y.change.Observe(frame)
	if err != nil {
		frame.Release()
		return err
	}
	reason := y.sampler.Step(vision.Moment{
		At: frame.MediaTime, Speaking: y.session.speaking.Load() > 0, Changed: change.Changed, Requested: asked,
	})
	if reason == vision.ReasonNone {
		frame.Release()
		return nil
	}
	y.change.Accept()
	y.requested.Store(false)
	next, err := y.admit(frame, reason)
	if err != nil {
		return err
	}
	if old, replaced := y.slot.Put(next); replaced {
		old.lease.Release()
	}
	return nil
}

// encode turns the newest sampled frame into features, until the track ends.
func (y *eye) encode(ctx context.Context) {
	for {
		select {
		case <-y.slot.Ready():
		case <-ctx.Done():
			return
		}
		next, ok := y.slot.Take()
		if !ok {
			continue
		}
		err := fence.Do(func() error { return y.look(ctx, next) })
		next.lease.Release()
		if err != nil && ctx.Err() == nil {
			y.session.post(trouble{&StageError{Stage: StageSight, Who: y.who, Err: err}})
		}
	}
}

// newest returns the newest picture that was captured after since, waiting for one until ctx ends; then the newest there is, or nil.
func (y *eye) newest(ctx context.Context, since time.Time) *engine.Sight {
	for {
		y.mu.Lock()
		have, update, closed := y.current(), y.update, y.closed
		y.mu.Unlock()
		if closed || have != nil && !have.Captured.Before(since) {
			return have
		}
		select {
		case <-update:
		case <-ctx.Done():
			return have
		}
	}
}

// summary is called after the goroutines have ended.
func (y *eye) summary() string {
	v := y.rx.Stats()
	return fmt.Sprintf("%d packets, %d lost, %d pictures of %d×%d, %d corrupt, %d skipped, %d blank, %d keyframe requests, %d frames dropped before encoding",
		v.Packets, v.Lost, v.Decoded, v.Width, v.Height, v.Corrupt, v.Skipped, v.Blank, v.Requests, y.slot.Drops())
}
