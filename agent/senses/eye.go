package senses

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/vision"
)

const (
	framePool  = 4                      // pictures of one track: held by the sampler, waiting, being converted
	checkEvery = 200 * time.Millisecond // between two looks for a scene change
)

// Eye sees one video track. One goroutine reads packets, decodes and samples; another makes a sight
// of the newest sampled frame.
type Eye struct {
	track     Track
	log       *slog.Logger
	tell      func(Percept)
	speaking  func() bool
	keep      bool      // the frame goes into what is told
	since     time.Time // when it was opened
	rx        *rtpin.VideoReceiver
	slot      *media.Latest[sampled]
	stop      context.CancelFunc
	requested atomic.Bool
	prefer    func(width, height int) // asks the server for another layer of the track

	// Owned by the reading goroutine.
	pool    *media.I420Pool
	frames  uint64 // sampled so far
	sampler *vision.Sampler
	change  *vision.SceneChange
	checked time.Time

	chain chain

	mu     sync.Mutex
	sight  *engine.Sight
	update chan struct{} // closed and replaced when sight changes
	closed bool
}

// See opens an eye. It ends when its track does, or with Stop.
func (s *Senses) See(track Track, from Video) (*Eye, error) {
	name, err := codec.ParseVideoCodec(track.Codec)
	if err != nil {
		return nil, err
	}
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: name})
	if err != nil {
		return nil, err
	}
	y := s.newEye(track)
	y.rx, y.prefer = rx, from.PreferSize
	var ctx context.Context
	ctx, y.stop = context.WithCancel(s.life)
	encoding := make(chan struct{})
	s.work.Go(func() {
		defer close(encoding)
		y.encode(ctx)
	})
	s.work.Go(func() { y.read(ctx, from, encoding) })
	return y, nil
}

// newEye is an eye without packets.
func (s *Senses) newEye(track Track) *Eye {
	return &Eye{
		track: track, log: s.Log, tell: s.tell, speaking: s.Speaking, keep: s.KeepFrames, since: time.Now(),
		slot: media.NewLatest[sampled](), pool: media.NewI420Pool(framePool),
		sampler: vision.NewSampler(vision.SamplerConfig{}), change: vision.NewSceneChange(vision.SceneChangeConfig{}),
		chain:  chain{broker: s.Models.Machine().Broker(), eyes: s.Models.Eyes(), holder: s.Holder.String() + "/" + track.SID},
		update: make(chan struct{}),
	}
}

// Track is what the eye sees.
func (y *Eye) Track() Track { return y.track }

// Since is when the eye was opened.
func (y *Eye) Since() time.Time { return y.since }

// Request asks for a sight of the next frame.
func (y *Eye) Request() { y.requested.Store(true) }

// Stop ends the track.
func (y *Eye) Stop() { y.stop() }

// read decodes every packet and samples, until the track ends; then it frees everything.
func (y *Eye) read(ctx context.Context, from Video, encoding <-chan struct{}) {
	err := fence.Do(func() error {
		return from.Packets(ctx,
			func(p *rtp.Packet, now time.Time) { y.decoded(y.rx.Push(p, now)) },
			func(now time.Time) {
				y.decoded(y.rx.Poll(now))
				if y.rx.NeedKeyframe(now) {
					from.RequestKeyframe()
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
		y.tell(Failed{y.track, Sight, err})
	}
	y.tell(Ended{y.track, Sight, nil, y.summary()})
}

func (y *Eye) decoded(fresh bool, err error) {
	var large *codec.TooLargeError
	switch {
	case errors.As(err, &large):
		y.tooLarge(large)
	case err != nil:
		y.log.Debug("video packet dropped", "participant", y.track.Who, "error", err)
	}
	if !fresh {
		return
	}
	if err := y.sample(); err != nil {
		y.log.Debug("frame not sampled", "participant", y.track.Who, "error", err)
	}
}

// tooLarge says once for each size that the pictures cannot be seen, and prefers the largest layer
// that can be: each is half as wide and half as high as the one above it. A track without layers
// stays as it is.
func (y *Eye) tooLarge(e *codec.TooLargeError) {
	w, h := e.Width, e.Height
	for media.CheckSizeLimit(w, h, e.MaxPixels) != nil && w > 1 && h > 1 {
		w, h = w/2, h/2
	}
	y.prefer(w, h)
	y.tell(Failed{y.track, Sight, e})
}

// sample decides about the newest picture. Copying one costs about as much as looking at it, so
// scene changes are looked for a few times a second only; a request is met by the next frame.
func (y *Eye) sample() error {
	asked, now := y.requested.Load(), time.Now()
	if !asked && now.Sub(y.checked) < checkEvery {
		return nil
	}
	y.checked = now
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
		At: frame.MediaTime, Speaking: y.speaking(), Changed: change.Changed, Requested: asked,
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

// admit takes a lease for a sampled frame; without one the frame goes back at once.
func (y *Eye) admit(frame *media.I420, reason vision.Reason) (sampled, error) {
	y.frames++
	return y.chain.admit(frame, reason, y.track.SID, y.frames)
}

// encode makes a sight of the newest sampled frame, until the track ends.
func (y *Eye) encode(ctx context.Context) {
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
			y.tell(Failed{y.track, Sight, err})
		}
	}
}

// look makes a sight of a frame and puts it in the place of the older one. The frame's lease ends
// with it.
func (y *Eye) look(ctx context.Context, next sampled) error {
	saw := Saw{Who: y.track.Who, SID: y.track.SID, Source: y.track.Source, Number: next.number, Reason: next.reason.String()}
	seen, err := y.chain.see(ctx, next, y.keep, &saw)
	if errors.Is(err, compute.ErrStale) {
		y.log.Debug("frame grew stale before it was looked at", "participant", y.track.Who)
		return nil
	}
	if err != nil {
		return err
	}
	saw.At = time.Now()
	return y.show(seen, saw)
}

// summary is called after the goroutines have ended.
func (y *Eye) summary() string {
	v := y.rx.Stats()
	return fmt.Sprintf("%d packets, %d lost, %d pictures of %d×%d, %d corrupt, %d skipped, %d blank, %d keyframe requests, %d frames dropped before encoding",
		v.Packets, v.Lost, v.Decoded, v.Width, v.Height, v.Corrupt, v.Skipped, v.Blank, v.Requests, y.slot.Drops())
}
