package worker

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const inboxLength = 64 // events; whoever tells one waits where it is full

// Worker takes jobs from a LiveKit server. Its methods are safe from any goroutine.
type Worker struct {
	cfg   Config
	shown string // the server's address as it may be shown
	log   *slog.Logger
	dial  func(ctx context.Context, network, address string) (net.Conn, error)

	inbox   chan event
	gone    chan struct{} // closed when the actor has ended
	started atomic.Bool
	snap    atomic.Pointer[Status]
	running sync.WaitGroup

	// The rest belongs to the goroutine of Run.
	machine  *machine
	conns    map[int]*conn
	reserved map[uint64]Reservation
	cancels  map[uint64]context.CancelCauseFunc
	loud     map[Reason]time.Time // when each reason was logged last
	failure  error
	finished bool

	mu      sync.Mutex // for what Reserve returns, until the actor takes it
	pending map[uint64]Reservation
}

// New checks a configuration and makes a worker of it, which does nothing until Run. Errors:
// ErrConfig.
func New(cfg Config) (*Worker, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	w := &Worker{
		cfg: cfg, shown: address(cfg.URL), log: cfg.Logger, dial: (&net.Dialer{}).DialContext,
		inbox: make(chan event, inboxLength), gone: make(chan struct{}),
		conns: map[int]*conn{}, reserved: map[uint64]Reservation{}, pending: map[uint64]Reservation{},
		cancels: map[uint64]context.CancelCauseFunc{}, loud: map[Reason]time.Time{},
		machine: newMachine(machineConfig{
			agents: cfg.Agents, version: cfg.Version, target: cfg.TargetLoad, maxJobs: cfg.MaxJobs,
			maxOffers: cfg.MaxOffers, reserveLimit: cfg.ReserveLimit, statusEvery: cfg.StatusEvery,
			jitter: rand.Float64,
		}),
	}
	w.publish()
	return w, nil
}

// Run registers every agent and takes jobs until ctx ends, Drain was called and is done, or the
// server refuses the very first registration. Connections that break are opened again, for ever;
// jobs live on meanwhile. When ctx ends, so do the contexts of all jobs. Run returns when every
// handler has returned: nil after an end that was asked for. Errors: *RegisterError, with
// ErrUnauthorized or ErrNotLiveKit under it; ErrRunning. A worker runs once.
func (w *Worker) Run(ctx context.Context) error {
	if w.started.Swap(true) {
		return ErrRunning
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	timer := time.NewTimer(time.Hour) // arm sets it
	defer timer.Stop()
	samples := time.NewTicker(w.cfg.StatusEvery)
	defer samples.Stop()
	stopped := ctx.Done()
	w.step(life, loaded{w.sample()})
	for !w.finished {
		w.arm(timer)
		select {
		case e := <-w.inbox:
			w.step(life, e)
			if _, ended := e.(returned); ended {
				w.step(life, loaded{w.sample()})
			}
		case <-samples.C:
			w.step(life, loaded{w.sample()})
		case <-timer.C:
			w.step(life, tick{})
		case <-stopped:
			stopped = nil
			w.step(life, stop{})
		}
	}
	for _, c := range w.conns {
		c.close()
	}
	close(w.gone)
	w.running.Wait()
	w.publish()
	return w.failure
}

// Drain has the worker take no more jobs, wait for those that run, at most for DrainLimit, and
// leave. It returns when Run has ended everything, or when ctx ends: draining goes on then. Before
// Run and after it, it returns at once.
func (w *Worker) Drain(ctx context.Context) error {
	if !w.started.Load() {
		return nil
	}
	select {
	case w.inbox <- drain{w.cfg.DrainLimit}:
	case <-w.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-w.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// arm sets the timer for what is due next.
func (w *Worker) arm(timer *time.Timer) {
	at, ok := w.machine.next()
	if !ok {
		timer.Stop()
		return
	}
	timer.Reset(time.Until(at))
}

// step takes one event and does what comes of it.
func (w *Worker) step(ctx context.Context, e event) {
	if r, ok := e.(reserved); ok && r.err == nil {
		w.mu.Lock()
		w.reserved[r.serial] = w.pending[r.serial]
		delete(w.pending, r.serial)
		w.mu.Unlock()
	}
	if r, ok := e.(returned); ok {
		delete(w.cancels, r.serial)
	}
	for _, f := range w.machine.step(time.Now(), e) {
		w.do(ctx, f)
	}
	w.publish()
}

// do carries out an effect.
func (w *Worker) do(ctx context.Context, f effect) {
	switch f := f.(type) {
	case dial:
		w.open(ctx, f)
	case send:
		if c := w.conns[f.link]; c != nil && c.serial == f.conn {
			if err := c.put(f.msg); err != nil {
				w.log.Warn("a message to the server was not sent", "error", err)
			}
		}
	case hangUp:
		if c := w.conns[f.link]; c != nil && c.serial == f.conn {
			c.close()
			delete(w.conns, f.link)
		}
	case ask:
		w.running.Go(func() { w.reserve(f) })
	case release:
		w.release(f.serial)
	case begin:
		w.begin(ctx, f)
	case cancel:
		if end := w.cancels[f.serial]; end != nil {
			end(f.cause)
		}
	case tell:
		w.report(f.event)
	case finish:
		w.failure, w.finished = f.err, true
	}
}

// open starts the goroutines of a connection.
func (w *Worker) open(ctx context.Context, d dial) {
	ctx, abort := context.WithCancel(ctx)
	c := &conn{link: d.link, serial: d.conn, outbox: make(chan []byte, outboxLength), shut: make(chan struct{}), abort: abort}
	w.conns[d.link] = c
	w.running.Go(func() {
		defer abort()
		err := fenced("connection", func() error { return w.connect(ctx, c) })
		w.tell(lost{link: d.link, conn: d.conn, err: err})
	})
}

// reserve asks whether a job can be done.
func (w *Worker) reserve(a ask) {
	var r Reservation
	err := fenced("Reserve", func() (err error) {
		r, err = w.cfg.Reserve(a.offer)
		return err
	})
	w.loudly(err, a.offer.Job.GetId())
	if err == nil {
		w.mu.Lock()
		w.pending[a.serial] = r
		w.mu.Unlock()
	}
	w.tell(reserved{job: a.offer.Job.GetId(), serial: a.serial, err: err, as: participant{
		identity: r.Identity, name: r.Name, metadata: r.Metadata, attributes: r.Attributes,
	}})
}

// release gives back what was reserved, once.
func (w *Worker) release(serial uint64) {
	r, ok := w.reserved[serial]
	delete(w.reserved, serial)
	if ok {
		w.giveBack(r)
	}
}

func (w *Worker) giveBack(r Reservation) {
	if r.Release == nil {
		return
	}
	w.loudly(fenced("Release", func() error { r.Release(); return nil }), "")
}

// begin starts the handler. What was reserved is the job's from here on.
func (w *Worker) begin(ctx context.Context, b begin) {
	r := w.reserved[b.serial]
	delete(w.reserved, b.serial)
	job := b.job
	job.Value = r.Value
	if job.URL == "" {
		job.URL = w.cfg.URL
	}
	ctx, end := context.WithCancelCause(ctx)
	w.cancels[b.serial] = end
	w.running.Go(func() {
		defer end(context.Canceled)
		err := fenced("Handler", func() error { return w.cfg.Handler(ctx, job) })
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = context.Cause(ctx)
		}
		w.loudly(err, job.ID)
		w.giveBack(r)
		w.tell(returned{job: job.ID, serial: b.serial, err: err})
	})
}

// address is a server's address as it may be shown: without user name, password and query.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
