package lk

import (
	"errors"
	"log/slog"
	"runtime/debug"
)

// fence ends a callback that panics: the room is left and says why, and the process lives. It must
// be deferred itself.
func (c *Connection) fence(where string) {
	if v := recover(); v != nil {
		c.fail(&PanicError{Where: where, Value: v, Stack: debug.Stack()})
	}
}

// isBroken tells whether a fault has ended the room.
func (c *Connection) isBroken() bool {
	select {
	case <-c.broken:
		return true
	default:
		return false
	}
}

// fail ends the room for a fault of this program or the SDK. It may be called from any goroutine,
// and holds up none.
func (c *Connection) fail(err error) {
	c.failOnce.Do(func() {
		attrs := []any{slog.Any("error", err), slog.String("room", c.cfg.Room), slog.String("identity", c.cfg.Identity)}
		if fault := (*PanicError)(nil); errors.As(err, &fault) {
			attrs = append(attrs, slog.String("stack", string(fault.Stack)))
		}
		c.log.Error("room is left after a fault", attrs...)
		c.fault = err
		close(c.broken)
		c.out.connected(false)
		c.last(Disconnected{Reason: err.Error(), Err: err})
	})
}
