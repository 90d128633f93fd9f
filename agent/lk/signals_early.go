package lk

import (
	"sync"

	"github.com/livekit/protocol/livekit"
)

// earlyMost bounds the candidates that are held back.
const earlyMost = 256

// early are addresses of the server that come while the SDK has not taken the offer that they
// belong to: it puts an offer that restarts the connection off while it still looks for own
// addresses, for seconds where a STUN server does not answer, and lets Pion forget what comes
// before. So they are held back until the offer is answered. Its methods are safe from any
// goroutine.
type early struct {
	mu    sync.Mutex
	waits bool // for an answer of the client
	held  []*livekit.SignalResponse
}

// begin forgets what was: a new connection begins with no offer.
func (e *early) begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waits, e.held = false, nil
}

// holds takes note of a message of the server, and tells whether it is held back.
func (e *early) holds(m *livekit.SignalResponse) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if m.GetOffer() != nil {
		e.waits = true
	}
	candidate := m.GetTrickle()
	if !e.waits || candidate == nil || candidate.GetTarget() != livekit.SignalTarget_SUBSCRIBER || len(e.held) == earlyMost {
		return false
	}
	e.held = append(e.held, m)
	return true
}

// answered takes note of a message to the server, and returns what need not be held back any more.
func (e *early) answered(out *livekit.SignalRequest) []*livekit.SignalResponse {
	if out.GetAnswer() == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	held := e.held
	e.waits, e.held = false, nil
	return held
}
