package lk

import (
	"slices"
	"sync/atomic"

	"github.com/livekit/protocol/livekit"
)

// Overlook has the SDK look away when the signals end next, as it does while it makes or continues
// a connection.
func Overlook(r *Connection) {
	var once atomic.Bool
	lost := r.ways.lost
	r.ways.lost = func() {
		if once.Swap(true) {
			lost()
		}
	}
}

// Adds are own tracks that a server was told of, over two links.
type Adds struct {
	adds  adds
	links [2]link
}

// Told has the server be told of a track over a link.
func (a *Adds) Told(cid string, over int) {
	a.adds.told(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: &livekit.AddTrackRequest{Cid: cid}}}, &a.links[over])
}

// Says has the server say something.
func (a *Adds) Says(m *livekit.SignalResponse) { a.adds.confirmed(m) }

// Lost returns the tracks that are confirmed in the server's place when a link ends.
func (a *Adds) Lost(over int) (cids []string) {
	for _, m := range a.adds.lost(&a.links[over]) {
		cids = append(cids, m.GetTrackPublished().GetCid())
	}
	slices.Sort(cids)
	return cids
}

// Broken tells whether a new connection is needed.
func (a *Adds) Broken() bool { return a.adds.broken() }

// Attempted has the SDK make or continue a connection.
func Attempted(r *Connection) { r.attempted() }

// Early holds candidates back.
type Early struct{ early early }

// Holds tells whether a message of the server is held back.
func (e *Early) Holds(m *livekit.SignalResponse) bool { return e.early.holds(m) }

// Answered returns what is not held back any more.
func (e *Early) Answered(m *livekit.SignalRequest) []*livekit.SignalResponse {
	return e.early.answered(m)
}
