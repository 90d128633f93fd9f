package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/vision"
)

// sight is the newest picture of a track, as the model takes it. The lease is held while it is the newest.
type sight struct {
	features *vision.Features // nil where the model is behind a server
	picture  *remote.Picture  // what a server is shown; nil where the model is here
	lease    *compute.Lease
	captured time.Time
}

// parts is the sight as a model takes it; none without a sight.
func (s *sight) parts() []prompt.Part {
	if s == nil {
		return nil
	}
	if s.picture != nil {
		return []prompt.Part{*s.picture}
	}
	f := s.features
	return []prompt.Part{generate.Image{Features: f.Data, Tokens: f.Tokens, Hidden: f.Hidden, Rows: f.Rows, Cols: f.Cols, Grid: generate.Grid(f.Grid)}}
}

// view is the track as the choice between tracks sees it.
func (y *eye) view() view {
	y.mu.Lock()
	defer y.mu.Unlock()
	return view{SID: y.sid, Who: y.who, Screen: y.screen, Seen: y.sight != nil, Since: y.since}
}

// replaced tells whether another sight has taken this one's place.
func (y *eye) replaced(s *sight) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.sight != s
}

// show puts a sight in the place of the older one, whose lease ends, and reports it. A sight whose lease has ended, or that is older than
// one shown before, is refused and given back: compute.ErrFenced.
func (y *eye) show(next *sight, saw Saw) error {
	if y.computed != nil {
		y.computed(next.lease, next.lease)
	}
	y.mu.Lock()
	if err := y.fences.sight.Accept(next.lease); err != nil {
		y.mu.Unlock()
		next.lease.Release()
		return err
	}
	old := y.sight
	y.sight = next
	close(y.update)
	y.update = make(chan struct{})
	y.mu.Unlock()
	if old != nil {
		old.lease.Release()
	}
	y.session.post(sawFrame{saw})
	return nil
}

// current is the newest sight. One whose lease was taken back or has expired shows nothing any more: another picture is asked for.
// y.mu is held.
func (y *eye) current() *sight {
	if y.sight != nil && y.sight.lease.Err() != nil {
		y.sight.lease.Release()
		y.sight = nil
		y.request()
	}
	return y.sight
}
