package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// lookEvery is how often a token that may change is looked at while nobody asks.
const lookEvery = time.Second

// errChanged ends requests whose token is not the right one any more, where Config.Changed says
// nothing.
var errChanged = errors.New("the token was changed")

// holder knows the token that holds now. Its methods are safe from any goroutine.
type holder struct {
	current func() (string, error)
	cause   error
	log     *slog.Logger

	mu    sync.Mutex
	token string
	wrong bool            // the last look at it failed, and was told
	epoch context.Context //nolint:containedctx // ends when the token becomes another one
	end   context.CancelCauseFunc
}

func newHolder(c Config, log *slog.Logger) *holder {
	h := &holder{current: c.Current, cause: c.Changed, log: log, token: c.Token}
	if h.current == nil {
		h.current = func() (string, error) { return c.Token, nil }
	}
	if h.cause == nil {
		h.cause = errChanged
	}
	h.epoch, h.end = context.WithCancelCause(context.Background())
	return h
}

// now is the token that holds, and what ends when it does not any more. An error lets nobody in.
func (h *holder) now() (string, context.Context, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	token, err := h.current()
	if err == nil && token != "" && len(token) < minToken {
		err = fmt.Errorf("%w: the token has %d characters, at least %d are needed", ErrConfig, len(token), minToken)
	}
	switch {
	case err != nil && !h.wrong:
		h.log.Error("nobody is let in: the token of --listen cannot be read", "error", err)
	case err == nil && h.wrong:
		h.log.Warn("the token of --listen can be read again")
	}
	h.wrong = err != nil
	if err != nil {
		return "", nil, err
	}
	if token != h.token {
		h.log.Warn("the token of --listen has changed: calls that came with the old one are ended")
		h.token = token
		h.end(h.cause)
		h.epoch, h.end = context.WithCancelCause(context.Background())
	}
	return token, h.epoch, nil
}

// admit serves who has the token, for as long as it is the right one.
func (h *holder) admit(w http.ResponseWriter, r *http.Request, c Config, next http.HandlerFunc) {
	token, epoch, err := h.now()
	got := bearer(r)
	switch {
	case err != nil:
		c.refuse(w, r, http.StatusServiceUnavailable, "the token cannot be read now: nobody is let in")
		return
	case token != "" && got == "":
		w.Header().Set("WWW-Authenticate", "Bearer")
		c.refuse(w, r, http.StatusUnauthorized, "a token is needed: Authorization: Bearer …")
		return
	case token != "" && !same(got, token):
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750, section 3.1
		c.refuse(w, r, http.StatusUnauthorized, "the token is another one, or not the right one any more")
		return
	case c.Current == nil:
		next(w, r)
		return
	}
	ctx, stop := context.WithCancelCause(r.Context())
	detach := context.AfterFunc(epoch, func() { stop(context.Cause(epoch)) })
	defer func() {
		detach()
		stop(nil)
	}()
	next(w, r.WithContext(ctx))
}

// watch looks at the token until ctx ends, so that who only listens is ended too.
func (h *holder) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_, _, _ = h.now() // it has told
		case <-ctx.Done():
			h.mu.Lock()
			h.end(nil)
			h.mu.Unlock()
			return
		}
	}
}
