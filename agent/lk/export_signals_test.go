package lk

import (
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

// Early holds candidates back.
type Early struct{ early early }

// Holds tells whether a message of the server is held back.
func (e *Early) Holds(m *livekit.SignalResponse) bool { return e.early.holds(m) }

// Answered returns what is not held back any more.
func (e *Early) Answered(m *livekit.SignalRequest) []*livekit.SignalResponse {
	return e.early.answered(m)
}
