package worker_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
	server "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// BenchmarkDispatch measures from the call of the dispatch API to the handler, and the worker's own
// share of it: from the assignment to the handler. The rest is the server's, which waits 200 ms
// before it chooses a worker.
func BenchmarkDispatch(b *testing.B) {
	s, err := server.Start(b.Context(), server.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Stop() }()
	type sample struct{ started, assigned, offered time.Time }
	samples, up := make(chan sample, 1), make(chan struct{}, 1)
	w, err := worker.New(worker.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Agents: []worker.Agent{{Name: "iris"}}, MaxJobs: 1 << 20,
		Handler: func(_ context.Context, j worker.Job) error {
			samples <- sample{time.Now(), j.Assigned, j.Offered}
			return nil
		},
		Report: func(e worker.Event) {
			if e.Kind == worker.Registered {
				up <- struct{}{}
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	<-up
	api := dispatches(s)
	var whole, answer, own []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := api.CreateDispatch(b.Context(), &livekit.CreateAgentDispatchRequest{AgentName: "iris", Room: "lobby"}); err != nil {
			b.Fatal(err)
		}
		got := <-samples
		whole = append(whole, got.started.Sub(began))
		answer = append(answer, got.assigned.Sub(got.offered))
		own = append(own, got.started.Sub(got.assigned))
	}
	for name, list := range map[string][]time.Duration{"dispatch": whole, "offer-to-assignment": answer, "assignment-to-handler": own} {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(list[len(list)*95/100].Microseconds())/1000, name+"-p95-ms")
	}
}
