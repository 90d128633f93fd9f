package lkroom

import (
	"errors"
	"log/slog"
	"runtime/debug"
)

// fence ends a callback that panics: the room is left and says why, and the process lives. It must be deferred itself.
func (r *Room) fence(where string) {
	if v := recover(); v != nil {
		r.fail(&PanicError{Where: where, Value: v, Stack: debug.Stack()})
	}
}

// fail ends the room for a fault of this program or the SDK. It may be called from any goroutine, and holds up none.
func (r *Room) fail(err error) {
	r.failOnce.Do(func() {
		attrs := []any{slog.Any("error", err)}
		if fault := (*PanicError)(nil); errors.As(err, &fault) {
			attrs = append(attrs, slog.String("stack", string(fault.Stack)))
		}
		r.log.Error("room is left after a fault", attrs...)
		r.fault = err
		close(r.broken)
		r.out.connected(false)
		r.last(Disconnected{Reason: err.Error(), Err: err})
	})
}
