package senses

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/vision"
)

// framesBeside are the pictures of one track beside those that are being looked at: held by the
// sampler, waiting, and one for the moment between.
const framesBeside = 3

const checkEvery = 200 * time.Millisecond // between two looks for a scene change

// Eye sees one video track. One goroutine reads packets, decodes and samples; each of its gazes,
// one an encoder, has another, and they share the sampled frames. Without a gaze nothing is sampled
// or copied; packets are decoded all the same, since a decoder that has left pictures out needs a
// keyframe, and whoever begins to look would wait for one.
type Eye struct {
	senses    *Senses
	track     Track
	log       *slog.Logger
	tell      func(Percept)
	keep      bool      // the frame goes into what is told
	since     time.Time // when it was opened
	rx        *rtpin.VideoReceiver
	life      context.Context //nolint:containedctx // of its gazes
	stop      context.CancelFunc
	requested atomic.Bool
	prefer    func(width, height int) // asks the server for another layer of the track

	// Owned by the reading goroutine.
	frames  uint64 // sampled so far
	scene   uint64 // changes among them
	sampler *vision.Sampler
	change  *vision.SceneChange
	checked time.Time
	layer   layer

	counted counted
	pool    *media.I420Pool
	looking sync.WaitGroup // the gazes; begun under Senses.mu, while the eye is among Senses.eyes
	mu      sync.Mutex
	gazes   []*Gaze // that take frames
	ending  []*Gaze // that take none any more, and still hold sights
	// What gazes that have ended did not look at, and what they did not keep.
	dropped, forgotten uint64
}

// See opens an eye. It ends when its track does, or with Stop.
func (s *Senses) See(track Track, from Video) (*Eye, error) {
	name, err := codec.ParseVideoCodec(track.Codec)
	if err != nil {
		return nil, err
	}
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: name, Orientation: from.Orientation()})
	if err != nil {
		return nil, err
	}
	y := s.newEye(track)
	y.rx, y.prefer = rx, from.PreferSize
	s.mu.Lock()
	s.eyes[y] = struct{}{}
	for _, e := range s.encoders {
		y.open(e)
	}
	s.mu.Unlock()
	s.work.Go(func() { y.read(from) })
	return y, nil
}

// newEye is an eye without packets and gazes.
func (s *Senses) newEye(track Track) *Eye {
	y := &Eye{
		senses: s, track: track, log: s.Log, tell: s.tell, keep: s.KeepFrames, since: time.Now(),
		pool:    media.NewI420Pool(framesBeside),
		sampler: vision.NewSampler(vision.SamplerConfig{}), change: vision.NewSceneChange(vision.SceneChangeConfig{}),
	}
	y.life, y.stop = context.WithCancel(s.life)
	return y
}

// Track is what the eye sees.
func (y *Eye) Track() Track { return y.track }

// Since is when the eye was opened.
func (y *Eye) Since() time.Time { return y.since }

// Gaze is what an encoder sees of the track; nil for one that was not introduced with
// [Senses.Look], for nil, and after the end of the track.
func (y *Eye) Gaze(eyes *engine.Eyes) *Gaze {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, g := range y.gazes {
		if g.encoder.eyes.Same(eyes) {
			return g
		}
	}
	return nil
}

// Request asks for one new frame, of which all gazes make a sight.
func (y *Eye) Request() { y.requested.Store(true) }

// Stop ends the track.
func (y *Eye) Stop() { y.stop() }

// open begins a gaze. Senses.mu is held.
func (y *Eye) open(e *encoder) {
	g := newGaze(y, e)
	var ctx context.Context
	ctx, g.stop = context.WithCancel(y.life)
	e.gazes++
	y.add(g)
	y.looking.Go(func() { g.run(ctx) })
}

// add has a gaze take frames from now on.
func (y *Eye) add(g *Gaze) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.gazes = append(y.gazes, g)
	y.pool.SetLimit(framesBeside + len(y.gazes))
}

// forget ends the gaze of an encoder, if there is one.
func (y *Eye) forget(e *encoder) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if i := slices.IndexFunc(y.gazes, func(g *Gaze) bool { return g.encoder == e }); i >= 0 {
		y.gazes[i].stop()
		y.ending = append(y.ending, y.gazes[i])
		y.gazes = slices.Delete(y.gazes, i, i+1)
	}
}

// drop has a gaze take no more frames, when it holds none but one that waits.
func (y *Eye) drop(g *Gaze) {
	y.mu.Lock()
	defer y.mu.Unlock()
	this := func(other *Gaze) bool { return other == g }
	y.gazes, y.ending = slices.DeleteFunc(y.gazes, this), slices.DeleteFunc(y.ending, this)
	y.pool.SetLimit(framesBeside + len(y.gazes))
	y.dropped += g.slot.Drops()
	y.forgotten += g.forgotten()
}

// watched tells whether anybody looks.
func (y *Eye) watched() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return len(y.gazes) > 0
}

// hand gives a sampled frame to every gaze that wants it, in the place of one that still waits
// there. The caller's share ends.
func (y *Eye) hand(next *share) {
	var replaced []*share
	y.mu.Lock()
	speaking := y.senses.Speaking()
	for _, g := range y.gazes {
		if !g.wants(next.reason, speaking) {
			y.counted.rested.Add(1)
			y.senses.Frames.rested.Add(1)
			continue
		}
		if old, dropped := g.slot.Put(next.more()); dropped {
			replaced = append(replaced, old)
			y.senses.Frames.dropped.Add(1)
		}
	}
	y.mu.Unlock()
	for _, old := range replaced {
		old.done()
	}
	next.done()
}

// read decodes every packet and samples, until the track ends; then it frees everything.
func (y *Eye) read(from Video) {
	err := fence.Do(func() error {
		return from.Packets(y.life,
			func(p *rtp.Packet, now time.Time) { y.decoded(y.rx.Push(p, now)) },
			func(now time.Time) {
				y.decoded(y.rx.Poll(now))
				y.choose()
				if y.rx.NeedKeyframe(now) {
					from.RequestKeyframe()
				}
			})
	})
	y.stop()
	y.senses.mu.Lock()
	delete(y.senses.eyes, y)
	y.senses.mu.Unlock()
	y.looking.Wait()
	if err = errors.Join(err, y.rx.Close()); err != nil {
		y.tell(Failed{y.track, Sight, err})
	}
	y.tell(Ended{y.track, Sight, nil, y.summary(), y.lost()})
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
	y.counted.decoded.Add(1)
	y.senses.Frames.decoded.Add(1)
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
	y.layer.bounded = true
	y.prefer(w, h)
	y.tell(Failed{y.track, Sight, e})
}

// sample decides about the newest picture, where anybody looks. Copying one costs about as much as
// looking at it, so scene changes are looked for a few times a second only; a request is met by the
// next frame.
func (y *Eye) sample() error {
	if !y.watched() {
		return nil
	}
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
		At: frame.MediaTime, Speaking: y.senses.Speaking(), Changed: change.Changed, Requested: asked,
	})
	if reason == vision.ReasonNone {
		frame.Release()
		return nil
	}
	if change.Changed || reason == vision.ReasonRestarted {
		y.scene++
	}
	y.change.Accept()
	y.requested.Store(false)
	next, err := y.admit(frame, reason)
	if err != nil {
		return err
	}
	y.hand(next)
	return nil
}

// admit takes a lease for a sampled frame; without one the frame goes back at once.
func (y *Eye) admit(frame *media.I420, reason vision.Reason) (*share, error) {
	y.frames++
	y.counted.sampled.Store(y.frames)
	y.senses.Frames.sampled.Add(1)
	first, err := y.senses.admit(frame, reason, y.track.SID, y.frames)
	if err == nil {
		first.scene = y.scene
	}
	return first, err
}
