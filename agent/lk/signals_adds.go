package lk

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
)

const (
	addLimit   = 10 * time.Second // as long as the SDK waits for a server to confirm a track
	standLimit = 3 * time.Second  // for the SDK to take what was confirmed in the server's place
	standIn    = "lost_"          // begins the ids that stand in for a server's
)

// errAnew means that a connection is not continued, so that the SDK makes a new one.
var errAnew = errors.New("a track was lost with the signals")

// adds are own tracks that a server was told of and has not confirmed. Where signals are
// interrupted nobody knows whether it has heard of one, it confirms none that it knows already, and
// the SDK waits for it in vain. So they are confirmed in its place, with an id that stands in for
// the server's, and a new connection is made: there the SDK publishes all tracks anew. Its methods
// are safe from any goroutine.
type adds struct {
	mu    sync.Mutex
	asked map[string]add           // by the client's id of the track
	stand map[string]chan struct{} // by the id that stands in, closed when the SDK has the track
	anew  bool                     // since the last connection was made
}

// add is one of them.
type add struct {
	track *livekit.AddTrackRequest
	over  *link // that the server was told over; nil for none
	since time.Time
}

// added is the new track that a message to the server is about, nil for none.
func added(out *livekit.SignalRequest) *livekit.AddTrackRequest {
	if out.GetAddTrack().GetSid() != "" { // more of a track that it knows
		return nil
	}
	return out.GetAddTrack()
}

// told takes note of a message to the server over a link, or over none where there is none.
func (a *adds) told(out *livekit.SignalRequest, over *link) {
	track := added(out)
	if track == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = map[string]add{}
	}
	maps.DeleteFunc(a.asked, func(_ string, one add) bool { return time.Since(one.since) > addLimit })
	a.asked[track.GetCid()] = add{track, over, time.Now()}
}

// confirmed takes note of a message of the server. What it refuses is not confirmed in its place.
func (a *adds) confirmed(m *livekit.SignalResponse) {
	cid := m.GetTrackPublished().GetCid()
	if r := m.GetRequestResponse(); r.GetReason() != livekit.RequestResponse_OK && r.GetReason() != livekit.RequestResponse_QUEUED {
		cid = r.GetAddTrack().GetCid()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.asked, cid)
}

// lost returns what the server would have said of each track that it was told of over a link that
// has ended, and that somebody still waits for.
func (a *adds) lost(over *link) (out []*livekit.SignalResponse) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for cid, one := range a.asked {
		if one.over != over {
			continue
		}
		delete(a.asked, cid)
		if time.Since(one.since) > addLimit {
			continue
		}
		sid, t := standIn+uuid.NewString(), one.track
		if a.stand == nil {
			a.stand = map[string]chan struct{}{}
		}
		a.anew, a.stand[sid] = true, make(chan struct{})
		out = append(out, &livekit.SignalResponse{Message: &livekit.SignalResponse_TrackPublished{TrackPublished: &livekit.TrackPublishedResponse{
			Cid: cid, Track: &livekit.TrackInfo{Sid: sid, Name: t.GetName(), Type: t.GetType(), Source: t.GetSource(), Width: t.GetWidth(), Height: t.GetHeight()},
		}}})
	}
	return out
}

// published takes note of a track that the SDK has.
func (a *adds) published(sid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if taken := a.stand[sid]; taken != nil {
		close(taken)
		delete(a.stand, sid)
	}
}

// broken tells whether a new connection is needed.
func (a *adds) broken() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.anew
}

// begin has a new connection begin, once the SDK has the tracks that it is to publish there.
func (a *adds) begin(ctx context.Context) {
	a.mu.Lock()
	stand := maps.Clone(a.stand)
	a.anew = false
	a.mu.Unlock()
	limit := time.NewTimer(standLimit)
	defer limit.Stop()
	for _, taken := range stand {
		select {
		case <-taken:
			continue
		case <-limit.C:
		case <-ctx.Done():
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		clear(a.stand) // nobody waits for them any more
		return
	}
}
