package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/vision"
)

// sight is the newest picture of a track, as the model takes it. The lease is held while it is the newest.
type sight struct {
	features *vision.Features
	lease    *compute.Lease
	captured time.Time
}

// images is the sight as the language model takes it; none without a sight.
func (s *sight) images() []generate.Image {
	if s == nil {
		return nil
	}
	f := s.features
	return []generate.Image{{Features: f.Data, Tokens: f.Tokens, Hidden: f.Hidden, Rows: f.Rows, Cols: f.Cols}}
}

// replaced tells whether another sight has taken this one's place.
func (y *eye) replaced(s *sight) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.sight != s
}

// show puts a sight in the place of the older one, whose lease ends, and reports it.
func (y *eye) show(next *sight, saw Saw) {
	y.mu.Lock()
	old := y.sight
	y.sight = next
	close(y.update)
	y.update = make(chan struct{})
	y.mu.Unlock()
	if old != nil {
		old.lease.Release()
	}
	y.session.post(sawFrame{saw})
}
