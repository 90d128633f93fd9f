package worker

import (
	"time"

	"github.com/livekit/protocol/livekit"
)

// event is what the machine is told.
type event interface{ isEvent() }

type (
	// opened: a connection is up.
	opened struct {
		link int
		conn uint64
	}
	// lost: a connection is gone, or did not come up.
	lost struct {
		link int
		conn uint64
		err  error
	}
	// received: a message came.
	received struct {
		link int
		conn uint64
		msg  *livekit.ServerMessage
	}
	// bad: a frame came that is none.
	bad struct {
		link int
		conn uint64
		err  error
	}
	// reserved: Reserve has returned.
	reserved struct {
		job    string
		serial uint64
		err    error
		as     participant
	}
	// returned: the handler of a job has returned, and what was reserved is given back.
	returned struct {
		job    string
		serial uint64
		err    error
	}
	// loaded: the load was sampled.
	loaded struct{ load float64 }
	// drain: no more jobs, and an end when those that run have ended.
	drain struct{ limit time.Duration }
	// stop: an end as soon as possible.
	stop struct{}
	// tick: time has passed.
	tick struct{}
)

// participant is as whom a job joins.
type participant struct {
	identity, name, metadata string
	attributes               map[string]string
}

func (opened) isEvent()   {}
func (lost) isEvent()     {}
func (received) isEvent() {}
func (bad) isEvent()      {}
func (reserved) isEvent() {}
func (returned) isEvent() {}
func (loaded) isEvent()   {}
func (drain) isEvent()    {}
func (stop) isEvent()     {}
func (tick) isEvent()     {}

// effect is what the machine wants done.
type effect interface{ isEffect() }

type (
	// dial opens a connection.
	dial struct {
		link int
		conn uint64
	}
	// send puts a message into a connection's queue.
	send struct {
		link int
		conn uint64
		msg  *livekit.WorkerMessage
	}
	// hangUp closes a connection, after what waits in its queue has been sent.
	hangUp struct {
		link int
		conn uint64
	}
	// ask calls Reserve.
	ask struct {
		serial uint64
		offer  Offer
	}
	// release gives back what was reserved.
	release struct{ serial uint64 }
	// begin starts the handler.
	begin struct {
		serial uint64
		job    Job
	}
	// cancel ends a job's context.
	cancel struct {
		serial uint64
		cause  error
	}
	// tell reports.
	tell struct{ event Event }
	// finish: everything has ended, for err where that is not nil.
	finish struct{ err error }
)

func (dial) isEffect()    {}
func (send) isEffect()    {}
func (hangUp) isEffect()  {}
func (ask) isEffect()     {}
func (release) isEffect() {}
func (begin) isEffect()   {}
func (cancel) isEffect()  {}
func (tell) isEffect()    {}
func (finish) isEffect()  {}
