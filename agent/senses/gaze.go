package senses

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Gaze is what one encoder sees of one track. A goroutine of its own makes sights of the newest
// sampled frame; one that is slow drops frames and holds up nobody. Its methods are safe from any
// goroutine.
type Gaze struct {
	eye     *Eye
	encoder *encoder
	slot    *media.Latest[*share]
	stop    context.CancelFunc
	chain   chain
	past    past   // of the goroutine; its leases are held until it forgets them
	missed  string // of the goroutine: the adapters that did not see the newest picture

	mu      sync.Mutex
	sight   *engine.Sight   // the newest
	earlier []*engine.Sight // that answers are made from beside it; replaced, never changed
	dropped uint64          // as past says
	update  chan struct{}   // closed and replaced when sight changes
	closed  bool
}

// newGaze is a gaze without a goroutine.
func newGaze(y *Eye, e *encoder) *Gaze {
	g := &Gaze{
		eye: y, encoder: e, slot: media.NewLatest[*share](), update: make(chan struct{}),
		past:  past{series: e.eyes.Series()},
		chain: chain{broker: y.senses.Broker, eyes: e.eyes, encoder: e.name, holder: y.senses.Room, shown: y.senses.KeepSights},
	}
	g.chain.failed, g.chain.blank, g.chain.early = g.missing, g.blank, g.early
	return g
}

// missing tells of adapters that did not see a picture, when they are others than of the picture
// before.
func (g *Gaze) missing(failures []*engine.AdapterError) {
	var which []string
	var all error
	for _, f := range failures {
		which, all = append(which, f.What), errors.Join(all, f)
	}
	before := g.missed
	if g.missed = strings.Join(which, "; "); g.missed == before {
		return
	}
	if all == nil {
		g.eye.log.Info("what was missing of pictures is seen again", "participant", g.eye.track.Who, "encoder", g.encoder.name, "what", before)
		return
	}
	g.eye.tell(Failed{g.eye.track, Sight, all})
}

// Track is what is looked at.
func (g *Gaze) Track() Track { return g.eye.track }

// Since is when the track was opened.
func (g *Gaze) Since() time.Time { return g.eye.since }

// Newest returns the newest sight that was captured after since, waiting for one until ctx ends;
// then the newest there is, or nil. A gaze that has ended has none and waits for nothing.
func (g *Gaze) Newest(ctx context.Context, since time.Time) *engine.Sight {
	for {
		g.mu.Lock()
		have, update, closed := g.current(), g.update, g.closed
		g.mu.Unlock()
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

// Before are the earlier sights of the track that an answer is made from beside its newest one,
// oldest first: as many as its eyes' series says, or fewer. None where another sight has taken that
// one's place.
func (g *Gaze) Before(newest *engine.Sight) []*engine.Sight {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sight != newest {
		return nil
	}
	live := slices.Clone(g.earlier)
	return slices.DeleteFunc(live, func(s *engine.Sight) bool { return s.Lease.Err() != nil })
}

// Request asks for a picture of the track, of which all its gazes make a sight.
func (g *Gaze) Request() { g.eye.Request() }

// wants tells whether a frame is to be looked at. Slow eyes rest while nobody speaks and nobody
// asks, so that they are free for the picture that is spoken of.
func (g *Gaze) wants(why vision.Reason, speaking bool) bool {
	return !g.encoder.eyes.Rests() || speaking || why != vision.ReasonSceneChange && why != vision.ReasonInterval
}

// Encoder is the name of what looks.
func (g *Gaze) Encoder() string { return g.encoder.name }

// Now is the newest sight there is, or nil. It waits for nothing.
func (g *Gaze) Now() *engine.Sight {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sight
}

// Replaced tells whether another sight has taken this one's place, or none.
func (g *Gaze) Replaced(s *engine.Sight) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sight != s
}

// run makes a sight of the newest sampled frame, until the track ends or the encoder is forgotten.
func (g *Gaze) run(ctx context.Context) {
	defer g.end()
	for {
		select {
		case <-g.slot.Ready():
		case <-ctx.Done():
			return
		}
		next, ok := g.slot.Take()
		if !ok {
			continue
		}
		err := fence.Do(func() error { return g.look(ctx, next) })
		next.done()
		if err != nil && ctx.Err() == nil {
			g.eye.tell(Failed{g.eye.track, Sight, err})
		}
	}
}

// look makes a sight of a frame and puts it in the place of the older one. The share of the frame
// ends with it.
func (g *Gaze) look(ctx context.Context, next *share) error {
	track := &g.eye.track
	saw := Saw{
		Who: track.Who, SID: track.SID, Source: track.Source, Encoder: g.encoder.name,
		Number: next.number, Reason: next.reason.String(),
	}
	seen, err := g.chain.see(ctx, next, g.eye.keep, &saw)
	if errors.Is(err, compute.ErrStale) {
		g.eye.senses.Frames.stale.Add(1)
		g.eye.log.Debug("frame grew stale before it was looked at", "participant", track.Who, "encoder", g.encoder.name)
		return nil
	}
	if err != nil {
		return err
	}
	if ctx.Err() == nil {
		saw.At = time.Now()
		return g.show(seen, next.scene, saw)
	}
	seen.Lease.Release() // nobody wants it any more
	return nil
}

// show puts a sight in the place of the older one, and reports it.
func (g *Gaze) show(next *engine.Sight, scene uint64, saw Saw) error {
	err := g.place(next, scene)
	if err == nil {
		g.eye.tell(saw)
	}
	return err
}

// blank tells whether nothing is shown yet.
func (g *Gaze) blank() bool {
	s := g.Now()
	return s == nil || s.Lease.Err() != nil
}

// early shows a sight of what some adapters have seen, until that of all takes its place, which is
// reported: this is called under their lease, and waits for nobody.
func (g *Gaze) early(some *engine.Sight, scene uint64) {
	if err := g.place(some, scene); err != nil {
		g.eye.log.Debug("a part of a sight is not shown", "participant", g.eye.track.Who, "encoder", g.encoder.name, "error", err)
	}
}

// place puts a sight in the place of the older one; the leases of those that are not kept as
// earlier ones end. A sight whose lease has ended, or that is older than one shown before, is
// refused and given back: compute.ErrFenced.
func (g *Gaze) place(next *engine.Sight, scene uint64) error {
	g.chain.computed(next.Lease, next.Lease)
	g.mu.Lock()
	if err := g.chain.newest.Accept(next.Lease); err != nil {
		g.mu.Unlock()
		next.Lease.Release()
		return err
	}
	gone := append(g.past.forget(), g.past.add(next, scene)...)
	crowded := !g.weigh(next)
	if crowded {
		gone = append(gone, g.past.crowded()...)
	}
	g.sight, g.earlier, g.dropped = next, g.past.before(), g.past.dropped
	close(g.update)
	g.update = make(chan struct{})
	g.mu.Unlock()
	if release(gone); crowded {
		g.weigh(next) // in the room that they have left
	}
	return nil
}

// weigh puts the bytes of a sight into its lease, where that is one of a processor, and tells
// whether they have room. A sight that has none is shown all the same, and no earlier one is kept
// beside it.
func (g *Gaze) weigh(s *engine.Sight) bool {
	if eyes := g.encoder.eyes; !eyes.Remote() && eyes.Silicon() != compute.SiliconCPU {
		return true
	}
	var refused *compute.Refusal
	return !errors.As(s.Lease.Resize(s.Bytes()), &refused)
}

func release(sights []*engine.Sight) {
	for _, s := range sights {
		s.Lease.Release()
	}
}

// current is the newest sight. One whose lease was taken back or has expired shows nothing any
// more: another picture is asked for. g.mu is held.
func (g *Gaze) current() *engine.Sight {
	if g.sight != nil && g.sight.Lease.Err() != nil {
		g.sight.Lease.Release()
		g.sight = nil
		g.eye.Request()
	}
	return g.sight
}

// end gives back what the gaze has: the frame that waits and its sights.
func (g *Gaze) end() {
	g.eye.drop(g) // no frame comes after this
	if waiting, ok := g.slot.Take(); ok {
		waiting.done()
	}
	g.mu.Lock()
	g.closed = true
	g.sight, g.earlier = nil, nil
	close(g.update)
	g.mu.Unlock()
	release(g.past.clear())
	g.stop()
	g.eye.senses.ended(g.encoder)
}
