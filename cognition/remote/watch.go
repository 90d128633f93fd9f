package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// watch cancels a call that stays too long in one of its phases, or altogether.
type watch struct {
	cancel context.CancelCauseFunc
	limits Timeouts
	whole  *time.Timer

	mu       sync.Mutex // enter is called by net/http too
	timer    *time.Timer
	deadline time.Time
	kind     error // of the phase under way
	limit    time.Duration
	over     bool
	linked   bool // a connection was made
}

// overdue is the cause of a call that a watch has cancelled.
type overdue struct {
	kind  error
	limit time.Duration
	phase error // the phase under way, where the whole took too long
}

// stage names what a limit is for, and its key in the configuration.
func stage(kind error) (what, key string) {
	switch {
	case errors.Is(kind, ErrConnectTimeout):
		return "a connection", "timeouts.connect"
	case errors.Is(kind, ErrFirstTokenTimeout):
		return "the first token", "timeouts.first_token"
	case errors.Is(kind, ErrTokenTimeout):
		return "the next token", "timeouts.between_tokens"
	}
	return "the whole answer", "timeouts.answer"
}

// detail says how long was waited for what.
func (o *overdue) detail() string {
	what, key := stage(o.kind)
	text := fmt.Sprintf("waited %v for %s (%s)", o.limit, what, key)
	if o.phase != nil {
		what, _ = stage(o.phase)
		text += ", in the end for " + what
	}
	return text
}

// Error implements error.
func (o *overdue) Error() string { return o.kind.Error() + " (" + o.limit.String() + ")" }

// newWatch starts watching the first phase, connecting.
func newWatch(ctx context.Context, limits Timeouts) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{cancel: cancel, limits: limits}
	w.whole = time.AfterFunc(limits.Answer, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		cancel(&overdue{kind: ErrAnswerTimeout, limit: limits.Answer, phase: w.kind})
	})
	w.enter(ErrConnectTimeout, limits.Connect)
	return ctx, w
}

// enter begins a phase, or the same one anew.
func (w *watch) enter(kind error, limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.kind, w.limit, w.deadline = kind, limit, time.Now().Add(limit)
	if w.timer == nil {
		w.timer = time.AfterFunc(limit, w.expired)
		return
	}
	w.timer.Reset(limit)
}

// connected is called when the request has a connection.
func (w *watch) connected() {
	w.enter(ErrFirstTokenTimeout, w.limits.FirstToken)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.linked = true
}

// reached tells whether the server could be connected to.
func (w *watch) reached() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.linked
}

// token is called when the model has written something.
func (w *watch) token() { w.enter(ErrTokenTimeout, w.limits.BetweenTokens) }

// expired runs on the timer's goroutine; a phase that was entered meanwhile has a later deadline.
func (w *watch) expired() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	if rest := time.Until(w.deadline); rest > 0 {
		w.timer.Reset(rest)
		return
	}
	w.cancel(&overdue{kind: w.kind, limit: w.limit})
}

// stop ends the watch and cancels its context, which closes a connection that is still in use.
func (w *watch) stop() {
	w.mu.Lock()
	w.over = true
	w.timer.Stop()
	w.mu.Unlock()
	w.whole.Stop()
	w.cancel(context.Canceled)
}
