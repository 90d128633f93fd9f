package lk

import (
	"sync"

	"github.com/livekit/protocol/livekit"
)

// firstOffer is the first offer of own media, until it is answered. Where signals are interrupted
// in between, the SDK (server-sdk-go v2.19.0) neither makes it again nor can make another one: its
// peer connection has a local offer and no remote description to go back to, and nothing would ever
// be sent. Later offers it makes anew by itself. Its methods are safe from any goroutine.
type firstOffer struct {
	mu       sync.Mutex
	offer    *livekit.SignalRequest // nil where none waits for an answer
	over     *link                  // that it was given to last; nil for none
	answered chan struct{}          // closed by the answer; nil before the first offer
	settled  bool
}

// begin forgets what was: a new connection begins with no offer.
func (f *firstOffer) begin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.offer, f.over, f.answered, f.settled = nil, nil, nil, false
}

// sent takes note of a message to the server over a link, or over none where there is none.
func (f *firstOffer) sent(out *livekit.SignalRequest, over *link) {
	if out.GetOffer() == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.settled {
		return
	}
	if f.offer, f.over = out, over; f.answered == nil {
		f.answered = make(chan struct{})
	}
}

// received takes note of a message of the server that was handed on.
func (f *firstOffer) received(m *livekit.SignalResponse) {
	if m.GetAnswer() == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.settled = true; f.offer != nil {
		f.offer = nil
		close(f.answered)
	}
}

// missing returns the offer that has no answer yet and was not given to this link, and what its
// answer closes; nil for none. The offer counts as given to it from now on.
func (f *firstOffer) missing(on *link) (*livekit.SignalRequest, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over == on {
		return nil, nil
	}
	f.over = on
	return f.offer, f.answered
}
