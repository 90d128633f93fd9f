package lk_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
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
	done := make(chan error, 1)
	var report hostile.Report
	go func() {
		var err error
		report, err = hostile.Everything(ctx, enemy(s), "agent", 6*time.Second)
		done <- err
	}()
	for i := range 3 {
		text := fmt.Sprintf("honest question %d", i)
		if err := ada.SendText(lk.TopicChat, "", text, nil); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-heard:
			if got != text {
				t.Errorf("heard %q, said %q", got, text)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%q never arrived; refused: %v", text, agent.Stats())
		}
		time.Sleep(time.Second) // the attack goes on in real time
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	t.Logf("sent %+v, refused %v", report, agent.Stats().Refused)
	if report.Streams == 0 || report.Chats == 0 || report.UnitBytes == 0 || report.Tracks == 0 || report.StreamBytes == 0 {
		t.Errorf("not everything was done: %+v", report)
	}
	settle(t, func() bool { return runtime.NumGoroutine() <= goroutines && lk.OpenStreams(agent) == 0 })
	if now := heap(); now > memory+16<<20 {
		t.Errorf("%d bytes in use, %d before", now, memory)
	}
	stats := agent.Stats()
	for _, kind := range []limits.Kind{limits.ChatRate, limits.Encrypted, limits.Calls, limits.Attributes, limits.ChatBytes} {
		if stats.Refused[kind] == 0 {
			t.Errorf("nothing of kind %s was refused", kind)
		}
	}
	if slices.ContainsFunc(stats.Participants, func(p limits.ParticipantStats) bool { return p.Identity == "ada" }) {
		t.Errorf("something of ada's was refused: %+v", stats.Participants)
	}
	cancel()
	<-reader
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
	limit := time.After(30 * time.Second)
	for !gone() {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-limit:
			buf := make([]byte, 1<<20)
			t.Fatalf("something is left behind; %d goroutines:\n%s", runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}
