package reply

import (
	"context"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

const (
	freshLimit = 300 * time.Millisecond // wait for a picture taken after the question began
	// firstPicture is the wait for the first picture of a track that has shown none: longer than
	// engine.EarlyAfter.
	firstPicture = 2 * time.Second
)

// Eye is a track that can be looked at.
type Eye interface {
	// Newest returns the newest sight that was captured after since, waiting for one until ctx
	// ends; then the newest there is, or nil.
	Newest(ctx context.Context, since time.Time) *engine.Sight
	// Before are the earlier sights that belong beside the newest, oldest first; none where another
	// one has taken its place.
	Before(newest *engine.Sight) []*engine.Sight
	// Replaced tells whether another sight has taken this one's place.
	Replaced(s *engine.Sight) bool
	// Request asks for a picture.
	Request()
}

// Look is a track that a question is about.
type Look struct {
	Eye Eye    // nil where nothing is shown
	Who string // whose track it is
	// Dark is true where nothing was seen on it although there was time for it.
	Dark bool
	// Takes is how long a picture takes to be encoded, as far as that is known: so much longer is
	// one waited for. Rests is true where that is so long that none are taken unasked while nobody
	// speaks.
	Takes time.Duration
	Rests bool
	// Pictures is how many an answer is made from at most; 0 and 1 mean the newest alone.
	Pictures int
	// Assisted is true where adapters look for a model without eyes: that none has a picture is
	// told to it.
	Assisted bool
}

// Target is where a question looks.
type Target struct {
	Look
	// Soon is the asker's own track that is being subscribed to, nil where there is none. It is
	// waited for so long; Look stands in where it does not come.
	Soon *Promise
	Wait time.Duration
}

// Promise is a track that is on its way.
type Promise struct {
	settled chan struct{}
	look    Look
}

// NewPromise returns one that is not settled.
func NewPromise() *Promise { return &Promise{settled: make(chan struct{})} }

// Settle says what came of the track: nothing where look has no eye. It is called once.
func (p *Promise) Settle(look Look) {
	p.look = look
	close(p.settled)
}

// resolve waits for a track that is on its way.
func (t *Target) resolve(ctx context.Context) Look {
	if t.Soon == nil {
		return t.Look
	}
	wait, cancel := context.WithTimeout(ctx, t.Wait)
	defer cancel()
	select {
	case <-t.Soon.settled:
		if t.Soon.look.Eye != nil {
			return t.Soon.look
		}
	case <-wait.Done():
	}
	return t.Look
}

// around is the newest sight with the earlier ones that belong beside it, as somebody sees them who
// asks now.
func (l *Look) around(newest *engine.Sight) engine.Seen {
	if newest == nil {
		return nil
	}
	return engine.Look(time.Now(), append(l.Eye.Before(newest), newest)...)
}

// lost tells whether one of the sights is no longer there, so that others are looked for.
func (l *Look) lost(seen engine.Seen) bool {
	if len(seen) == 0 {
		return false
	}
	ended := func(v engine.View) bool { return v.Lease.Err() != nil }
	return l.Eye.Replaced(seen.Newest()) || slices.ContainsFunc(seen[:len(seen)-1], ended)
}

// see returns the newest sight, or nil where nothing is shown. An error means that a track is there
// but nothing could be seen on it. since is when the question began; zero for one that was written,
// which is answered by the newest picture there is, or, of eyes that rest, by one that is taken for
// it.
func (l *Look) see(ctx context.Context, since time.Time) (*engine.Sight, error) {
	if l.Eye == nil {
		return nil, nil
	}
	if since.IsZero() && l.Rests {
		since = time.Now()
		l.Eye.Request()
	}
	wait, cancel := context.WithTimeout(ctx, freshLimit+l.Takes)
	defer cancel()
	have := l.Eye.Newest(wait, since)
	if have == nil && ctx.Err() == nil && !l.Dark {
		first, cancel := context.WithTimeout(ctx, firstPicture+l.Takes)
		defer cancel()
		have = l.Eye.Newest(first, time.Time{})
	}
	if have == nil {
		return nil, ErrNoPicture
	}
	return have, nil
}
