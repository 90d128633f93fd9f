package ort

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// DefaultIdle is how long a model that nobody holds stays loaded: longer than a pause between two
// conversations, shorter than a night.
const DefaultIdle = 5 * time.Minute

// PoolConfig bounds a [Pool].
type PoolConfig struct {
	// Idle is how long a model that nobody holds stays loaded; 0 means DefaultIdle, below 0 closes
	// it at once.
	Idle time.Duration
	// HostBytes bounds the models on the processor, DeviceBytes those on each device, in bytes of
	// their files; 0 means no bound.
	HostBytes, DeviceBytes int64
}

func (c PoolConfig) limit(place Place) int64 {
	if place.Provider == CPU {
		return c.HostBytes
	}
	return c.DeviceBytes
}

// Pool shares loaded models. Whoever asks for the same bytes with the same options gets a handle, a
// [Session], on the same one; it is loaded once, counted, and closed some time after the last
// handle was. It is safe for concurrent use.
//
// A load that has begun goes on when whoever asked for it gives up: the native call cannot be
// interrupted. It runs on a goroutine of the pool, which Close waits for.
type Pool struct {
	cfg  PoolConfig
	log  *slog.Logger
	load func(Source, Options) (*loaded, error)
	work sync.WaitGroup // loads and armed timers

	mu      sync.Mutex
	entries map[identity]*entry
	used    map[Place]int64
	counts  PoolCounts
	closed  bool
	failure error // the first one of a model that was closed with nobody waiting for it
}

// entry is one loaded model, or one that is being loaded. Its fields are under the pool's lock, but
// for the last ones, which are set before ready is closed.
type entry struct {
	id        identity
	name      string
	bytes     int64
	refs      int // handles, and those that wait for the load
	hits      uint64
	timer     *time.Timer // armed while idle
	idleSince time.Time

	ready chan struct{}
	model *loaded
	took  time.Duration
	err   error
}

func newPool(cfg PoolConfig, log *slog.Logger, load func(Source, Options) (*loaded, error)) *Pool {
	if cfg.Idle == 0 {
		cfg.Idle = DefaultIdle
	}
	return &Pool{cfg: cfg, log: log, load: load, entries: map[identity]*entry{}, used: map[Place]int64{}}
}

// Acquire returns a handle on the model of a source, loading it where it is not. Its Close gives it
// back. Concurrent callers wait for one load; a context ends the waiting of its caller only. A load
// that failed is forgotten: the next call tries again. Errors: those of [Runtime.Load], a
// [*CapacityError] at once where there is no room and too little that is idle, [ErrClosed].
func (p *Pool) Acquire(ctx context.Context, src Source, opt Options) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, bytes, err := identify(src, opt)
	if err != nil {
		return nil, err
	}
	e, err := p.join(id, src, opt, bytes)
	if err != nil {
		return nil, err
	}
	select {
	case <-e.ready:
	case <-ctx.Done():
		return nil, joinClose(ctx.Err(), p.give(e, true))
	}
	if e.err != nil {
		return nil, e.err
	}
	return e.model.handle(func() error { return p.give(e, false) }), nil
}

// join counts the caller in, and begins to load where nobody has.
func (p *Pool) join(id identity, src Source, opt Options, bytes int64) (*entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if e, ok := p.entries[id]; ok {
		p.disarm(e)
		e.refs++
		e.hits++
		p.counts.Hits++
		return e, nil
	}
	e := &entry{id: id, name: src.label(), bytes: bytes, refs: 1, ready: make(chan struct{})}
	evicted, err := p.room(e)
	if err != nil {
		p.counts.Refusals++
		return nil, err
	}
	p.entries[id] = e
	p.used[id.place()] += bytes
	p.work.Go(func() { p.fill(e, src, opt, evicted) })
	return e, nil
}

// room takes the idle entries out that have to go for a new one, the longest idle first; none where
// they are not enough.
func (p *Pool) room(e *entry) ([]*entry, error) {
	place := e.id.place()
	limit, used := p.cfg.limit(place), p.used[place]
	if limit == 0 || used+e.bytes <= limit {
		return nil, nil
	}
	var idle []*entry
	var free int64
	held := 0
	for _, other := range p.entries {
		if other.id.place() != place {
			continue
		}
		if other.timer == nil {
			held++
			continue
		}
		idle = append(idle, other)
		free += other.bytes
	}
	if used-free+e.bytes > limit {
		return nil, &CapacityError{Model: e.name, Place: place, Need: e.bytes, Used: used, Idle: free, Limit: limit, Held: held}
	}
	slices.SortFunc(idle, func(a, b *entry) int {
		return cmp.Or(a.idleSince.Compare(b.idleSince), cmp.Compare(a.name, b.name))
	})
	for i, victim := range idle {
		if p.used[place]+e.bytes <= limit {
			return idle[:i], nil
		}
		p.disarm(victim)
		p.remove(victim)
		p.counts.Evictions++
	}
	return idle, nil
}

// fill closes what had to go and loads.
func (p *Pool) fill(e *entry, src Source, opt Options, evicted []*entry) {
	for _, victim := range evicted {
		p.close(victim, "model evicted")
	}
	begin := time.Now()
	model, err := p.load(src, opt)
	p.mu.Lock()
	e.model, e.err, e.took = model, err, time.Since(begin)
	if err != nil {
		p.counts.Failed++
		p.remove(e)
	} else {
		p.counts.Loads++
	}
	unused := err == nil && e.refs == 0 && !p.keep(e)
	close(e.ready)
	p.mu.Unlock()
	if unused {
		p.close(e, "model closed: whoever wanted it has given up")
	}
}

// give counts a caller out: one that closes its handle, or one that waited and gave up. The last
// one leaves the model to the timer.
func (p *Pool) give(e *entry, gaveUp bool) error {
	p.mu.Lock()
	e.refs--
	if gaveUp {
		p.counts.Abandoned++
	}
	loaded := e.model != nil
	last := loaded && e.refs == 0 && !p.keep(e)
	p.mu.Unlock()
	if last {
		return e.model.free()
	}
	return nil
}

// keep arms the timer of an entry that nobody holds any more, or takes it out and returns false
// where it is not kept.
func (p *Pool) keep(e *entry) bool {
	if p.closed || p.cfg.Idle < 0 {
		p.remove(e)
		return false
	}
	e.idleSince = time.Now()
	p.work.Add(1)
	var timer *time.Timer
	timer = time.AfterFunc(p.cfg.Idle, func() {
		defer p.work.Done()
		p.mu.Lock()
		due := e.timer != nil && e.timer == timer
		if due {
			e.timer = nil
			p.remove(e)
			p.counts.Expired++
		}
		p.mu.Unlock()
		if due {
			p.close(e, "model closed: nobody used it")
		}
	})
	e.timer = timer
	return true
}

// disarm stops the timer of an idle entry.
func (p *Pool) disarm(e *entry) {
	if e.timer == nil {
		return
	}
	if e.timer.Stop() {
		p.work.Done()
	}
	e.timer = nil
}

// remove takes an entry out of the pool's books.
func (p *Pool) remove(e *entry) {
	delete(p.entries, e.id)
	p.used[e.id.place()] -= e.bytes
}

// close releases a model that nobody holds.
func (p *Pool) close(e *entry, why string) {
	p.log.Debug(why, "model", e.name)
	err := e.model.free()
	if err == nil {
		return
	}
	p.log.Error("model could not be closed", "model", e.name, "error", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure == nil {
		p.failure = err
	}
}

// Close closes what nobody holds and waits for loads under way. What is held is closed with its
// last handle. It is idempotent.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	var idle []*entry
	for _, e := range p.entries {
		if e.timer != nil {
			p.disarm(e)
			p.remove(e)
			idle = append(idle, e)
		}
	}
	p.mu.Unlock()
	for _, e := range idle {
		p.close(e, "model closed with its pool")
	}
	p.work.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.failure
	p.failure = nil
	return err
}
