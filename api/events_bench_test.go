package api_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// serveBench serves the API on loopback as serve does.
func serveBench(b *testing.B, d *desk) *client.Client {
	b.Helper()
	calls := api.New(api.Config{Host: func() api.Host { return d }})
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0", Mounts: []ops.Mount{{Prefix: api.Prefix, Handler: calls}}},
		slog.New(slog.DiscardHandler), func() ops.Readiness { return ops.Readiness{Ready: true} })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	c, err := client.New(s.Address(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// BenchmarkCall is a call from end to end on loopback: p50-ms is what half of them take at most.
func BenchmarkCall(b *testing.B) {
	c := serveBench(b, seated())
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if _, err := c.Rooms.GetRoomState(b.Context(), &sensoryv1.GetRoomStateRequest{Room: "lobby"}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
		time.Sleep(5 * time.Millisecond) // no more than calls are let in
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "p95-ms")
}

// processor is what the process has used of its processors.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWatchers is what a hundred watchers of fifty events a second cost, in hundredths of a core:
// client-and-server is both ends in this process; server-only leaves the clients' reading out, which
// is measured by as many that read the same bytes and take nothing else.
func BenchmarkWatchers(b *testing.B) {
	for name, watchers := range map[string]int{"none": 0, "hundred": 100} {
		b.Run(name, func(b *testing.B) {
			d := seated()
			c := serveBench(b, d)
			ctx, stop := context.WithCancel(b.Context())
			var work sync.WaitGroup
			ready := make(chan struct{}, watchers)
			for range watchers {
				work.Go(func() {
					_ = c.Follow(ctx, &sensoryv1.WatchEventsRequest{}, client.Follower{ // it ends with ctx
						Event:   func(*sensoryv1.Event) error { return nil },
						Reached: func() bool { trySend(ready); return true },
					})
				})
			}
			for range watchers {
				<-ready
			}
			before, begin := processor(b), time.Now()
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for b.Loop() {
				<-tick.C
				d.log.Add(&agent.Event{Kind: agent.KindStep, Room: "lobby", At: time.Now(), What: room.Step{
					At: time.Second, Event: room.Line{Text: "1.51 audible 3/iris \"It is a fern.\"", Verb: "audible", Who: "iris", Turn: 3},
					Effects: []room.Line{{Text: "caption 3/iris", Verb: "caption", Who: "iris", Turn: 3}, {Text: "state iris speaking", Verb: "state", Who: "iris", Value: "speaking"}},
				}})
			}
			b.ReportMetric(100*(processor(b)-before).Seconds()/time.Since(begin).Seconds(), "%core")
			stop()
			work.Wait()
		})
	}
}

func trySend(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}
