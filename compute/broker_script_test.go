package compute_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestBrokerScripts replays testdata/broker/*.txt. Commands, each of which prints what changed for
// whom:
//
//	broker queue=N ttl=D grace=D aging=D reserve=D    a new broker; lines: budget POOL slots=1 units=100 bytes=0
//	acquire NAME makes=A class=C on=POOL holder=H prio=0 units=1 bytes=0 needs=A,B ttl=D stale=D [perishable] [hard] [pinned]
//	try NAME …                                        the same without waiting
//	cancel NAME · release NAME · publish NAME · renew NAME ttl=D · revoke NAME
//	enter NAME · leave NAME                           begin and end Lease.Do
//	advance D                                         move the clock and sweep
//	tick D                                            move the clock only
//	ready A · retire A · relieve POOL level=0.9 · close · snapshot
func TestBrokerScripts(t *testing.T) {
	t.Parallel()
	eachScript(t, "testdata/broker/*.txt", func(t *testing.T, s script) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			stage := &stage{t: t}
			defer stage.end()
			s.play(t, stage.run)
		})
	})
}

// stage is the broker of a script and everybody who asked it for something.
type stage struct {
	t      *testing.T
	mu     sync.Mutex
	clock  time.Duration
	broker *compute.Broker
	actors []*actor
	group  sync.WaitGroup
}

type actor struct {
	name    string
	cancel  context.CancelFunc
	lease   *compute.Lease
	err     error
	back    int // calls of OnEnd
	inside  chan struct{}
	printed string
}

func (s *stage) now() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *stage) move(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock += d
}

func (s *stage) find(name string) *actor {
	for _, a := range s.actors {
		if a.name == name {
			return a
		}
	}
	s.t.Fatalf("nobody is called %s", name)
	return nil
}

func (s *stage) end() {
	for _, a := range s.actors {
		a.cancel()
	}
	s.group.Wait()
}

func (s *stage) run(t *testing.T, input []string) string {
	t.Helper()
	w := split(t, input[0])
	var said string
	switch w.plain[0] {
	case "broker":
		s.open(w, input[1:])
	case "acquire", "try":
		s.ask(w, w.plain[0] == "try")
	case "advance":
		s.move(at(w, w.plain[1]))
		s.broker.Sweep()
	case "tick":
		s.move(at(w, w.plain[1]))
	case "ready":
		said = problem(s.broker.MarkReady(w.plain[1]))
	case "retire":
		s.broker.Retire(w.plain[1])
	case "relieve":
		said = s.relieve(w)
	case "snapshot":
		said = printSnapshot(s.broker.Snapshot())
	case "close":
		said = problem(s.broker.Close())
	default:
		said = s.lease(w)
	}
	synctest.Wait()
	return said + s.changes()
}

func problem(err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	return ""
}

func (s *stage) open(w words, lines []string) {
	s.end()
	cfg := compute.Config{
		Clock: s.now, QueueLimit: int(w.number("queue", 0)), TTL: w.time("ttl"), Grace: w.time("grace"), MaxReady: int(w.number("maxready", 0)),
		Policy: compute.Policy{AgingStep: w.time("aging"), ReserveAfter: w.time("reserve")},
	}
	for _, line := range lines {
		cfg.Budgets = append(cfg.Budgets, split(w.t, line).budget())
	}
	var err error
	if s.broker, err = compute.NewBroker(cfg); err != nil {
		w.t.Fatal(err)
	}
	s.actors = nil
	s.move(-s.now())
}

func (s *stage) ask(w words, try bool) {
	job := w.job()
	a := &actor{name: w.plain[1]}
	d := compute.Demand{
		Artifact: job.Artifact, Class: job.Class, Silicon: job.Silicon, Provider: job.Provider, Holder: job.Holder, Priority: job.Priority,
		Cost: job.Cost, Needs: job.Needs, TTL: w.time("ttl"), StaleAfter: job.StaleAfter, Created: job.Created, Perishable: job.Perishable,
		OnEnd: func() { a.back++ },
	}
	if w.has("hard") {
		d.Revocation = compute.Hard
	}
	if w.has("pinned") {
		d.Revocation = compute.Pinned
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	a.cancel = cancel
	s.actors = append(s.actors, a)
	if try {
		a.lease, a.err = s.broker.TryAcquire(d)
		return
	}
	s.group.Go(func() { a.lease, a.err = s.broker.Acquire(ctx, d) })
}

// lease does something with somebody's lease.
func (s *stage) lease(w words) string {
	a := s.find(w.plain[1])
	switch w.plain[0] {
	case "cancel":
		a.cancel()
	case "release":
		a.lease.Release()
	case "publish":
		return problem(a.lease.Publish())
	case "renew":
		return problem(a.lease.Renew(w.time("ttl")))
	case "revoke":
		if !s.broker.Revoke(a.lease, "the operator said so") {
			return "not revoked\n"
		}
	case "enter":
		a.inside = make(chan struct{})
		if a.lease.Err() != nil {
			return problem(a.lease.Do(func() error { return errors.New("ran") }))
		}
		s.group.Go(func() {
			if err := a.lease.Do(func() error { <-a.inside; return nil }); err != nil {
				s.t.Error(err)
			}
		})
	case "leave":
		close(a.inside)
	default:
		s.t.Fatalf("unknown command %q", w.line)
	}
	return ""
}

func (s *stage) relieve(w words) string {
	level := -1.0
	if text, ok := w.pairs["level"]; ok {
		if _, err := fmt.Sscan(text, &level); err != nil {
			s.t.Fatal(err)
		}
	}
	relief, err := s.broker.Relieve(w.pool(w.plain[1]), level)
	if err != nil {
		return problem(err)
	}
	short := relief.Short()
	return fmt.Sprintf("%v: target %d/%d, freed %d/%d, coming %d/%d, short %d/%d\n", relief.Tier, relief.Target.Units, relief.Target.Bytes,
		relief.Freed.Units, relief.Freed.Bytes, relief.Coming.Units, relief.Coming.Bytes, short.Units, short.Bytes)
}

// changes prints for each actor what it sees now, if that is new.
func (s *stage) changes() string {
	var b strings.Builder
	for _, a := range s.actors {
		state := "waits"
		switch {
		case a.err != nil:
			state = a.err.Error()
		case a.lease != nil:
			state = fmt.Sprintf("has token %d", a.lease.Token())
			if err := a.lease.Err(); err != nil {
				state = err.Error()
			}
			select {
			case <-a.lease.Revoked():
				state += ", told"
			default:
			}
		}
		if a.back > 0 {
			state += fmt.Sprintf(", buffers back %d×", a.back)
		}
		if state != a.printed {
			fmt.Fprintf(&b, "%s: %s\n", a.name, state)
			a.printed = state
		}
	}
	return b.String()
}

func printSnapshot(s compute.Snapshot) string {
	var b strings.Builder
	for _, p := range s.Pools {
		fmt.Fprintf(&b, "%v: %d/%d slots %d/%d units %d/%d bytes, %d held, %d waiting, %v\n", p.Pool, p.UsedSlots, p.Slots,
			p.UsedUnits, p.Units, p.UsedBytes, p.Bytes, p.Held, p.Waiting, p.Tier)
		for _, c := range p.Classes {
			fmt.Fprintf(&b, "  %v: held %d waiting %d granted %d completed %d expired %d revoked %d abandoned %d fenced %d refused %v\n",
				c.Class, c.Held, c.Waiting, c.Granted, c.Completed, c.Expired, c.Revoked, c.Abandoned, c.Fenced, c.Refused)
		}
	}
	for _, l := range s.Leases {
		fmt.Fprintf(&b, "lease %d %s %v for %s: held %v, expires in %v", l.Token, l.Artifact, l.Revocation, l.Holder, l.HeldFor, l.ExpiresIn)
		if l.Published {
			b.WriteString(", published")
		}
		if l.Revoking {
			b.WriteString(", revoking")
		}
		b.WriteString("\n")
	}
	for _, w := range s.Waiting {
		fmt.Fprintf(&b, "waiting %s for %s: %v, %v %s\n", w.Artifact, w.Holder, w.Waiting, w.Decision.Bucket, strings.Join(w.Decision.Missing, ","))
	}
	if len(s.Ready) > 0 {
		fmt.Fprintf(&b, "ready %s\n", strings.Join(s.Ready, " "))
	}
	if len(s.NoBudget) > 0 {
		fmt.Fprintf(&b, "no budget %v\n", s.NoBudget)
	}
	return b.String()
}
