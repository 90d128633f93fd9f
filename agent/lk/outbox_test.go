package lk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// wire is the outside of an outbox.
type wire struct {
	mu        sync.Mutex
	got       traffic
	err       error
	congested atomic.Bool
	block     chan struct{} // nil: sending takes no time
}

// traffic is what went out.
type traffic struct {
	sent    []string
	attrs   []map[string]string
	reports []lk.SendFailed
}

// all returns what went out so far.
func (w *wire) all() traffic {
	w.mu.Lock()
	defer w.mu.Unlock()
	return traffic{slices.Clone(w.got.sent), slices.Clone(w.got.attrs), slices.Clone(w.got.reports)}
}

func (w *wire) send(p *livekit.DataPacket) error {
	if w.block != nil {
		<-w.block
	}
	if w.err != nil {
		return w.err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got.sent = append(w.got.sent, string(p.GetUser().GetPayload()))
	return nil
}

func (w *wire) set(attrs map[string]string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got.attrs = append(w.got.attrs, maps.Clone(attrs))
	return w.err
}

// outbox runs one in a bubble. The function it returns ends it.
func (w *wire) outbox() (lk.Outbox, func()) {
	o := lk.NewOutbox(w.send, w.set, w.congested.Load, func(e lk.SendFailed) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got.reports = append(w.got.reports, e)
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Run(ctx)
	}()
	return o, func() {
		cancel()
		<-done
	}
}

// rest lets time pass, and the outbox come to rest.
func rest(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func packet(text string) *livekit.DataPacket {
	return &livekit.DataPacket{Value: &livekit.DataPacket_User{User: &livekit.UserPacket{Payload: []byte(text)}}}
}

func TestOutboxSendsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		o, end := w.outbox()
		defer end()
		for i := range 5 {
			o.Put("t", packet(fmt.Sprint(i)))
		}
		synctest.Wait()
		if !slices.Equal(w.all().sent, []string{"0", "1", "2", "3", "4"}) || o.Counts() != (lk.SendStats{Sent: 5}) {
			t.Errorf("sent %v, %+v", w.all().sent, o.Counts())
		}
	})
}

// TestNobodyWaitsForTheNetwork is F13: while sending hangs, callers return at once, and what does
// not fit is dropped and counted.
func TestNobodyWaitsForTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire{block: make(chan struct{})}
		o, end := w.outbox()
		defer end()
		o.Put("t", packet("first"))
		synctest.Wait() // it hangs in the network now
		fits := 0
		for i := range 2 * lk.OutboxPackets {
			if o.Put("t", packet(fmt.Sprint(i))) {
				fits++
			}
		}
		if got := o.Counts(); fits != lk.OutboxPackets || got.Waiting != lk.OutboxPackets || got.Dropped != lk.OutboxPackets {
			t.Errorf("%d fit, %+v", fits, got)
		}
		close(w.block)
		synctest.Wait()
		if len(w.all().sent) != 1+lk.OutboxPackets || w.all().sent[1] != "0" || w.all().sent[lk.OutboxPackets] != fmt.Sprint(lk.OutboxPackets-1) {
			t.Errorf("%d sent", len(w.all().sent))
		}
		if len(w.all().reports) != 1 || w.all().reports[0].Topic != "t" || !errors.Is(w.all().reports[0].Err, lk.ErrOutbox) ||
			!strings.Contains(w.all().reports[0].Err.Error(), fmt.Sprintf("and %d more", lk.OutboxPackets-1)) {
			t.Errorf("reports %v", w.all().reports)
		}
	})
}

func TestOutboxIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire{block: make(chan struct{})}
		o, end := w.outbox()
		defer end()
		big := strings.Repeat("x", lk.OutboxBytes/4-100)
		o.Put("t", packet("first"))
		synctest.Wait()
		for i := range 6 {
			if got := o.Put("t", packet(big)); got != (i < 4) {
				t.Errorf("packet %d: %v", i, got)
			}
		}
		if !o.Put("t", packet("small")) {
			t.Error("a small one does not fit beside the big ones")
		}
		close(w.block)
		synctest.Wait()
		if !o.Put("t", packet(big)) {
			t.Error("what was sent still counts")
		}
	})
}

// TestWithoutAConnectionNothingIsSent: what is still news when it comes back is sent then, the rest
// is reported.
func TestWithoutAConnectionNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		o, end := w.outbox()
		defer end()
		o.Connected(false)
		o.Put("old", packet("old"))
		o.SetAttributes(map[string]string{"state": "thinking"})
		rest(lk.OutboxAge)
		o.Put("new", packet("new"))
		rest(time.Second)
		if len(w.all().sent) != 0 || len(w.all().attrs) != 0 {
			t.Fatalf("sent %v %v without a connection", w.all().sent, w.all().attrs)
		}
		o.Connected(true)
		synctest.Wait()
		if !slices.Equal(w.all().sent, []string{"new"}) || len(w.all().attrs) != 1 {
			t.Errorf("sent %v, %v", w.all().sent, w.all().attrs)
		}
		if len(w.all().reports) != 1 || w.all().reports[0].Topic != "old" || !errors.Is(w.all().reports[0].Err, lk.ErrOutbox) {
			t.Errorf("reports %v", w.all().reports)
		}
		if got := o.Counts(); got.Dropped != 1 || got.Sent != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestFailuresAreReportedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("no data channel")
		w := wire{err: cause}
		o, end := w.outbox()
		defer end()
		for range 10 {
			o.Put("t", packet("x"))
			rest(50 * time.Millisecond)
		}
		if len(w.all().reports) != 1 || !errors.Is(w.all().reports[0].Err, cause) {
			t.Fatalf("reports in the first half second: %v", w.all().reports)
		}
		rest(2 * time.Second)
		if len(w.all().reports) != 2 || !strings.Contains(w.all().reports[1].Err.Error(), "and 8 more") || o.Counts().Failed != 10 {
			t.Errorf("reports %v, %+v", w.all().reports, o.Counts())
		}
	})
}

func TestAttributesAreMergedAndSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		o, end := w.outbox()
		defer end()
		o.Connected(false)
		o.SetAttributes(map[string]string{"state": "listening", "a": "1"})
		o.SetAttributes(map[string]string{"state": "thinking"})
		o.Connected(true)
		synctest.Wait()
		o.SetAttributes(map[string]string{"state": "speaking"})
		synctest.Wait()
		o.Again() // a new connection
		synctest.Wait()
		want := []map[string]string{{"state": "thinking", "a": "1"}, {"state": "speaking"}, {"state": "speaking", "a": "1"}}
		if !slices.EqualFunc(w.all().attrs, want, maps.Equal) {
			t.Errorf("got %v", w.all().attrs)
		}
	})
}

func TestCongestionHoldsPacketsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		w.congested.Store(true)
		o, end := w.outbox()
		defer end()
		o.Put("t", packet("x"))
		rest(time.Second)
		if len(w.all().sent) != 0 {
			t.Error("sent into a connection that is congested")
		}
		w.congested.Store(false)
		rest(time.Second)
		if len(w.all().sent) != 1 {
			t.Error("not sent when the connection is free again")
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire{block: make(chan struct{})}
		o, end := w.outbox()
		defer end()
		wait := func() time.Duration {
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			o.Drain(ctx)
			return time.Since(begin)
		}
		if d := wait(); d != 0 {
			t.Errorf("an empty outbox takes %s", d)
		}
		o.Put("t", packet("x"))
		o.Put("t", packet("y"))
		if d := wait(); d != time.Second {
			t.Errorf("an outbox that hangs takes %s", d)
		}
		time.AfterFunc(300*time.Millisecond, func() { close(w.block) })
		if d := wait(); d != 300*time.Millisecond || len(w.all().sent) != 2 {
			t.Errorf("one that sends takes %s, %v", d, w.all().sent)
		}
		o.Connected(false)
		o.Put("t", packet("z"))
		if d := wait(); d != 0 {
			t.Errorf("without a connection it takes %s", d)
		}
	})
}
