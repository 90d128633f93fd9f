package lkroom

import "runtime/debug"

// fence ends a callback that panics: the room is left and says why, and the process lives. It must be deferred itself.
func (r *Room) fence(where string) {
	if v := recover(); v != nil {
		r.fail(&PanicError{Where: where, Value: v, Stack: debug.Stack()})
	}
}

// fail ends the room for a fault of this program or the SDK. It may be called from any goroutine, and holds up none.
func (r *Room) fail(err error) {
	r.failOnce.Do(func() {
		r.log.Error("room is left after a fault", "error", err)
		r.fault = err
		close(r.broken)
		r.out.connected(false)
		r.last(Disconnected{Reason: err.Error(), Err: err})
	})
}
