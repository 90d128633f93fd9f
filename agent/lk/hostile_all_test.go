package lk_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// TestEverythingAtOnce lets all attacks loose for some seconds. Meanwhile an honest participant's
// messages arrive, and afterwards nothing is left of it.
func TestEverythingAtOnce(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	ada := join(t, config(s, "ada", false))
	if err := errors.Join(ada.SendText(lk.TopicChat, "", "hello", nil), agent.SendText(lk.TopicChat, "", "hello", nil)); err != nil {
		t.Fatal(err)
	}
	next[lk.TextReceived](t, ada) // every connection is made
	next[lk.TextReceived](t, agent)
	heard := make(chan string, 64)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		for {
			select {
			case e := <-agent.Events():
				if got, ok := e.(lk.TextReceived); ok && got.From == "ada" {
					heard <- got.Text
				}
				if end, ok := e.(lk.Disconnected); ok {
					t.Errorf("the room ended: %+v", end)
				}
			case <-ada.Events():
			case <-ctx.Done():
				return
			}
		}
	}()
	goroutines, memory := runtime.NumGoroutine(), heap()
	end := siege(t, s, agent)
	for i := range 3 {
		insist(t, ada, agent, fmt.Sprintf("honest question %d", i), heard)
		time.Sleep(time.Second) // the attack goes on in real time
	}
	report := end()
	t.Logf("sent %+v, refused %v", report, agent.Stats().Refused)
	if report.Streams == 0 || report.Chats == 0 || report.UnitBytes == 0 || report.Tracks == 0 || report.StreamBytes == 0 {
		t.Errorf("not everything was done: %+v", report)
	}
	settle(t, func() bool { return runtime.NumGoroutine() <= goroutines && lk.OpenStreams(agent) == 0 })
	if now := heap(); now > memory+16<<20 {
		t.Errorf("%d bytes in use, %d before", now, memory)
	}
	if missing := unrefused(agent); len(missing) > 0 {
		t.Errorf("nothing of the kinds %q was refused", missing)
	}
	if stats := agent.Stats(); slices.ContainsFunc(stats.Participants, func(p limits.ParticipantStats) bool { return p.Identity == "ada" }) {
		t.Errorf("something of ada's was refused: %+v", stats.Participants)
	}
	cancel()
	<-reader
}

// siege lets all attacks loose. The function that it returns ends them when something of each kind
// was refused, after 6 s at least and a minute at most, and returns what was sent.
func siege(t *testing.T, s *livekit.Server, agent *lk.Connection) func() hostile.Report {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	begin, done := time.Now(), make(chan error, 1)
	var report hostile.Report
	go func() {
		var err error
		report, err = hostile.Everything(ctx, enemy(s), "agent", time.Minute)
		done <- err
	}()
	return func() hostile.Report {
		defer stop()
		for took := time.Duration(0); took < 6*time.Second || len(unrefused(agent)) > 0 && took < time.Minute; took = time.Since(begin) {
			time.Sleep(100 * time.Millisecond)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		return report
	}
}

// unrefused are the kinds of which everything that was sent was let in.
func unrefused(agent *lk.Connection) []limits.Kind {
	refused := agent.Stats().Refused
	return slices.DeleteFunc([]limits.Kind{limits.ChatRate, limits.Encrypted, limits.Calls, limits.Attributes, limits.ChatBytes}, func(k limits.Kind) bool {
		return refused[k] > 0
	})
}

// insist says something until it is heard, past what was said before: a connection that is resumed
// under an attack loses what is on its way. It is not so often that any of it is refused.
func insist(t *testing.T, from, to *lk.Connection, text string, heard <-chan string) {
	t.Helper()
	for range 8 {
		if err := from.SendText(lk.TopicChat, "", text, nil); err != nil {
			t.Fatal(err)
		}
		for again, waits := time.After(5*time.Second), true; waits; {
			select {
			case got := <-heard:
				if got == text {
					return
				}
				if !strings.HasPrefix(got, "honest question ") {
					t.Errorf("heard %q, said %q", got, text)
				}
			case <-again:
				waits = false
			}
		}
	}
	t.Fatalf("%q never arrived; refused: %v", text, to.Stats())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// settle waits until what a test has left behind is gone.
func settle(t *testing.T, gone func() bool) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for !gone() {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-limit:
			buf := make([]byte, 1<<20)
			t.Fatalf("something is left behind; %d goroutines:\n%s", runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}
