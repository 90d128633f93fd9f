package lk

import (
	"slices"
	"sync"

	"github.com/livekit/protocol/livekit"
)

// unsureMost bounds what is kept for a server that answers no pings.
const unsureMost = 1024

// unsure are settings that a server may not have heard: it answers none, and a ping only once it
// has read what came before. Where signals are interrupted they are said again, in order, when the
// connection is continued: each tells how something is to be, so it may be heard twice. Its methods
// are safe from any goroutine.
type unsure struct {
	mu   sync.Mutex // held while one is sent: they leave in order, and none behind a ping that it is before
	said []*livekit.SignalRequest
	over *link // that all of them went over; nil for none
	ping int64 // that is on its way over it; 0 for none
	upTo int   // how many of said came before that ping
}

// setting tells whether a message says how something is to be, and nobody answers it.
func setting(out *livekit.SignalRequest) bool {
	switch out.GetMessage().(type) {
	case *livekit.SignalRequest_Subscription, *livekit.SignalRequest_TrackSetting, *livekit.SignalRequest_UpdateMetadata:
		return true // that a track is muted the SDK says again by itself
	}
	return false
}

// begin has a new connection begin: it knows nothing of the tracks of the last one.
func (u *unsure) begin(on *link) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.said, u.over, u.ping, u.upTo = nil, on, 0, 0
}

// say sends a setting over the link of now. Where there is none, or others have to be said again
// first, that is done later.
func (u *unsure) say(out *livekit.SignalRequest, now func() *link) {
	u.mu.Lock()
	defer u.mu.Unlock()
	on := now()
	if len(u.said) == 0 && u.over != on {
		u.over, u.ping = on, 0
	}
	if len(u.said) == unsureMost {
		u.said, u.upTo = slices.Delete(u.said, 0, 1), max(0, u.upTo-1)
	}
	u.said = append(u.said, out)
	if on != nil && u.over == on {
		_ = on.push(out) // a link that takes nothing ends, and then it is said again
	}
}

// again says everything over the link of now that did not go over it.
func (u *unsure) again(now func() *link) {
	u.mu.Lock()
	defer u.mu.Unlock()
	on := now()
	if on == nil || u.over == on {
		return
	}
	u.over, u.ping = on, 0
	for _, msg := range u.said {
		_ = on.push(msg) // as above
	}
}

// asks takes note of a ping that is sent next.
func (u *unsure) asks(over *link, ping int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over == over && u.ping == 0 {
		u.ping, u.upTo = ping, len(u.said)
	}
}

// answered takes note of a server's message: what came before the ping that it answers was heard.
func (u *unsure) answered(m *livekit.SignalResponse) {
	ping := m.GetPongResp().GetLastPingTimestamp()
	if ping == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if ping == u.ping {
		u.said, u.ping = slices.Delete(u.said, 0, u.upTo), 0
	}
}
