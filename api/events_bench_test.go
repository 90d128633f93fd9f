package api_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
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

// listenBench serves the API on loopback as serve does.
func listenBench(b *testing.B, d *desk) string {
	b.Helper()
	calls := api.New(api.Config{Host: func() api.Host { return d }})
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0", Mounts: []ops.Mount{{Prefix: api.Prefix, Handler: calls}}},
		slog.New(slog.DiscardHandler), func() ops.Readiness { return ops.Readiness{Ready: true} })
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s.Address()
}

// BenchmarkCall is a call from end to end on loopback: p50-ms is what half of them take at most.
func BenchmarkCall(b *testing.B) {
	c, err := client.New(listenBench(b, seated()), "")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
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

// BenchmarkBare is an answer of the same bytes by a handler of net/http alone, behind a client of
// it: what a call costs beyond that is the API's.
func BenchmarkBare(b *testing.B) {
	h := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, api.Prefix+"RoomService/GetRoomState", strings.NewReader(`{"room":"lobby"}`))
	r.Header.Set("Content-Type", "application/json")
	d := seated()
	api.New(api.Config{Host: func() api.Host { return d }}).ServeHTTP(h, r)
	answer := h.Body.Bytes()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	defer bare.Close()
	own := &http.Client{Transport: &http.Transport{MaxIdleConns: 2}}
	defer own.CloseIdleConnections()
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		resp, err := own.Post(bare.URL, "application/json", strings.NewReader(`{"room":"lobby"}`))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.Body.Close() != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
		time.Sleep(5 * time.Millisecond)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
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

// BenchmarkWatchers is what a hundred watchers of fifty events a second cost in hundredths of a
// core, and what the events cost without them. The watchers read bytes and understand none of them:
// what they cost beyond that is theirs.
func BenchmarkWatchers(b *testing.B) {
	for name, watchers := range map[string]int{"none": 0, "hundred": 100} {
		b.Run(name, func(b *testing.B) {
			d := seated()
			address := listenBench(b, d)
			var work sync.WaitGroup
			var conns []net.Conn
			for range watchers {
				conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", address)
				if err != nil {
					b.Fatal(err)
				}
				conns = append(conns, conn)
				if _, err := fmt.Fprintf(conn, "POST %sEventService/WatchEvents HTTP/1.1\r\nHost: %s\r\nContent-Type: application/connect+proto\r\nContent-Length: 5\r\n\r\n\x00\x00\x00\x00\x00",
					api.Prefix, address); err != nil {
					b.Fatal(err)
				}
				work.Go(func() { _, _ = io.Copy(io.Discard, conn) }) // until it is closed
			}
			for d.log.Stats().Watchers < watchers {
				runtime.Gosched()
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
			for _, conn := range conns {
				_ = conn.Close()
			}
			work.Wait()
		})
	}
}
