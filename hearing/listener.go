package hearing

import (
	"context"
	"sync/atomic"
	"time"
)

// Listener hears one track. Its methods may be called from any goroutine; what it hears goes to
// Config.Sink. Its Close must be called, also after EndTrack.
type Listener struct {
	cfg    Config
	inbox  *inbox
	cancel context.CancelFunc
	done   chan struct{} // closed when all goroutines have ended

	counts counters
	alert  atomic.Bool
}

// counters are the atomics behind Stats.
type counters struct {
	windows, quiet, filled, droppedInterims, skippedInterims, discarded, dismissed, failures, probes, skippedProbes atomic.Uint64
}

// NewListener starts a listener. The error is ErrConfig.
func NewListener(cfg Config) (*Listener, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	endpoint, err := NewEndpointer(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{
		cfg:    cfg,
		inbox:  newInbox(int(samplesIn(cfg.Buffer))),
		cancel: cancel,
		done:   make(chan struct{}),
	}
	go func() {
		defer close(l.done)
		defer cancel()
		newEars(l, endpoint).listen(ctx)
	}()
	return l, nil
}

// Write hands over samples at 16 kHz, any number of them: mediaTime and captured belong to the
// first. It copies pcm and never blocks: when the listener cannot keep up the oldest audio is
// dropped and counted. Media time that jumps ahead is heard as silence; while somebody speaks, so
// is a track from which nothing comes any more.
func (l *Listener) Write(pcm []float32, mediaTime time.Duration, captured time.Time) {
	l.inbox.put(pcm, mediaTime, captured)
}

// Alert says whether words matter at once, as they do while a persona speaks that somebody may
// interrupt: interim transcripts then come sooner and more often, see Config.AlertFirst.
func (l *Listener) Alert(on bool) { l.alert.Store(on) }

// Done is closed when the listener has ended and its sink is called no more: after Close, or after
// EndTrack and the last final transcript.
func (l *Listener) Done() <-chan struct{} { return l.done }

// EndTrack says that no more audio comes. What was heard is finalised, also in the middle of a
// word; then Done is closed. It does not wait.
func (l *Listener) EndTrack() { l.inbox.end() }

// Close stops the listener, transcripts under way included, and waits for its goroutines. It is
// idempotent.
func (l *Listener) Close() error {
	l.inbox.end()
	l.cancel()
	<-l.done
	return nil
}

// Stats returns the counts so far.
func (l *Listener) Stats() Stats {
	c := &l.counts
	return Stats{
		Windows:         c.windows.Load(),
		Quiet:           c.quiet.Load(),
		Filled:          c.filled.Load(),
		DroppedSamples:  l.inbox.drops(),
		DroppedInterims: c.droppedInterims.Load(),
		SkippedInterims: c.skippedInterims.Load(),
		Discarded:       c.discarded.Load(),
		Dismissed:       c.dismissed.Load(),
		Failures:        c.failures.Load(),
		Probes:          c.probes.Load(),
		SkippedProbes:   c.skippedProbes.Load(),
	}
}

// emit hands an event to the sink, and counts the interim transcripts that it does not take.
func (l *Listener) emit(ctx context.Context, e Event) {
	if taken := l.cfg.Sink(ctx, e); taken {
		return
	}
	if _, ok := e.(Interim); ok {
		l.counts.droppedInterims.Add(1)
	}
}
