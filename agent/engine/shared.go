package engine

import (
	"context"
	"io"
	"sync"

	"github.com/sensory-agent/sensory-agent/agent/fence"
)

// parts are what models are made of, by what makes them what they are. Whoever wants the same gets
// the same, and the last one who gives it back closes it.
type parts struct {
	mu     sync.Mutex
	closed bool
	byKey  map[any]*part
}

// part is one of them. What stands behind ready is written before ready is closed; holders is
// guarded by parts.mu.
type part struct {
	holders int
	ready   chan struct{}
	value   io.Closer
	err     error
	gaveUp  bool // whoever loaded it was told to stop
}

// release gives a part back. It is called once.
type release func() error

// grip is a part that somebody holds: give takes this holder away, again adds another.
type grip struct {
	give  release
	again func() (grip, error)
}

// grip is the caller's hold of a part.
func (p *parts) grip(key any, e *part) grip {
	return grip{
		give: func() error { return p.give(key, e) },
		again: func() (grip, error) {
			if err := p.again(e); err != nil {
				return grip{}, err
			}
			return p.grip(key, e), nil
		},
	}
}

// share returns the part of a key and loads it where nobody holds it. Of several who ask at once
// one loads and the others wait. A part that could not be loaded is not kept: who waited for it
// gets the same error, unless its loader was told to stop; then the next one loads.
func share[T io.Closer](
	ctx context.Context, p *parts, key any, load func(context.Context) (T, error),
) (value T, held grip, err error) {
	for {
		e, mine, err := p.hold(key)
		if err != nil {
			return value, held, err
		}
		if mine {
			err := fence.Do(func() (err error) { value, err = load(ctx); return err })
			if p.loaded(key, e, value, err, ctx.Err() != nil); err != nil {
				return value, held, err
			}
			return value, p.grip(key, e), nil
		}
		select {
		case <-e.ready:
		case <-ctx.Done():
			_ = p.give(key, e) // its loader holds it still, or has given it back: then this closes it
			return value, held, context.Cause(ctx)
		}
		if e.err == nil {
			return e.value.(T), p.grip(key, e), nil // a key stands for one type
		}
		if !e.gaveUp {
			return value, held, e.err
		}
	}
}

// hold adds a holder to the part of a key. mine is true where the caller has to load it.
func (p *parts) hold(key any) (e *part, mine bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, ErrClosed
	}
	if e = p.byKey[key]; e != nil {
		e.holders++
		return e, false, nil
	}
	if p.byKey == nil {
		p.byKey = map[any]*part{}
	}
	e = &part{holders: 1, ready: make(chan struct{})}
	p.byKey[key] = e
	return e, true, nil
}

// again adds a holder to a part that the caller holds.
func (p *parts) again(e *part) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	e.holders++
	return nil
}

// loaded hands a part out, or its failure.
func (p *parts) loaded(key any, e *part, value io.Closer, err error, gaveUp bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.err, e.gaveUp = err, gaveUp
	if err != nil {
		delete(p.byKey, key)
	} else {
		e.value = value
	}
	close(e.ready)
}

// give takes a holder away, and closes the part after the last one.
func (p *parts) give(key any, e *part) error {
	p.mu.Lock()
	e.holders--
	last := e.holders == 0
	if last && p.byKey[key] == e {
		delete(p.byKey, key)
	}
	p.mu.Unlock()
	if !last || e.value == nil { // it was never loaded
		return nil
	}
	return e.value.Close()
}

// close refuses new holders and says how many parts are still held.
func (p *parts) close() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return len(p.byKey)
}
