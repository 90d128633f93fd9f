package reconcile_test

import (
	"context"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
)

// crew are reconcilers at work on one server.
type crew struct {
	t      *testing.T
	end    context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	events []reconcile.Event
}

func (c *crew) add(ctx context.Context, api reconcile.API, change func(*reconcile.Config)) {
	cfg := reconcile.Config{API: api, Agents: []string{"iris"}, ID: "test", Report: func(e reconcile.Event) {
		if e.Kind != reconcile.Looked {
			c.mu.Lock()
			c.events = append(c.events, e)
			c.mu.Unlock()
		}
	}}
	if change != nil {
		change(&cfg)
	}
	r, err := reconcile.New(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.work.Go(func() {
		if err := r.Run(ctx); err != nil {
			c.t.Errorf("Run: %v", err)
		}
	})
}

func (c *crew) stop() {
	c.end()
	c.work.Wait()
}

func newCrew(t *testing.T) (*crew, context.Context) {
	ctx, end := context.WithCancel(t.Context())
	return &crew{t: t, end: end}, ctx
}
