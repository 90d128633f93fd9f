package race

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	timingLimit = 30 * time.Second
	// between is the time between two dispatches that are timed: frameworks that keep processes
	// ready start the next one meanwhile.
	between = 2 * time.Second
	bare    = "race-bare" // the name of a worker that does nothing
)

// Timing is how long something took, in milliseconds.
type Timing struct {
	N    int          `json:"n"`
	Lost int          `json:"lost,omitempty"` // that did not come
	MS   crowd.Spread `json:"ms"`
}

// Dispatched is from the call that dispatches to an agent that a person in the room sees listen,
// one room at a time.
type Dispatched struct {
	Contender string `json:"contender"`
	Timing
}

func (r *race) dispatches(ctx context.Context) (err error) {
	if r.cfg.Dispatches == 0 {
		return nil
	}
	r.say("the server's part of a dispatch")
	if r.report.Floor, err = r.floor(ctx); err != nil {
		return err
	}
	for i := range r.cfg.Contenders {
		who := &r.cfg.Contenders[i]
		r.say("%s, %d dispatches", who.Name, r.cfg.Dispatches)
		out, err := r.dispatched(ctx, who)
		if err != nil {
			return err
		}
		r.report.Dispatches = append(r.report.Dispatches, *out)
	}
	if r.cfg.Direct == nil {
		return nil
	}
	r.say("%d joins without a dispatch", r.cfg.Dispatches)
	r.report.Direct, err = r.time(ctx, func(ctx context.Context, room string) (func(), error) {
		return r.cfg.Direct(ctx, r.at, room)
	})
	return err
}

// time has agents come into rooms where a person is, one after the other, and takes the time until
// it is seen to listen. come returns what has the agent leave.
func (r *race) time(ctx context.Context, come func(ctx context.Context, room string) (func(), error)) (*Timing, error) {
	out := &Timing{N: r.cfg.Dispatches}
	var took []float64
	for range r.cfg.Dispatches {
		p, err := enter(ctx, r.at, r.room())
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		leave, err := come(ctx, p.room)
		if err != nil {
			p.leave()
			return nil, err
		}
		at, err := p.await(ctx, timingLimit)
		leave()
		p.leave()
		switch {
		case err != nil && !errors.Is(err, ErrLost):
			return nil, err
		case err != nil:
			out.Lost++
		default:
			took = append(took, ms(at.Sub(begin)))
		}
		if err := media.Sleep(ctx, between); err != nil {
			return nil, err
		}
	}
	out.MS = spread(took)
	return out, nil
}

// dispatched times one contender's.
func (r *race) dispatched(ctx context.Context, who *Contender) (_ *Dispatched, err error) {
	w, _, err := r.start(ctx, who)
	if err != nil {
		return nil, err
	}
	defer w.stop()
	took, err := r.time(ctx, func(ctx context.Context, room string) (func(), error) {
		d, err := r.api.Create(ctx, reconcile.Dispatch{Room: room, Agent: w.agent})
		return func() { _ = r.api.Delete(ctx, room, d.ID) }, err // the agent leaves, else with the room
	})
	if err != nil {
		return nil, err
	}
	return &Dispatched{who.Name, *took}, nil
}

// floor is from the call to the job at a worker that does nothing: what no worker can go below.
func (r *race) floor(ctx context.Context) (_ *Timing, err error) {
	jobs := make(chan time.Time, 1)
	w, err := worker.New(worker.Config{
		URL: r.at.URL, APIKey: r.at.Key, APISecret: r.at.Secret, Agents: []worker.Agent{{Name: bare}}, MaxJobs: mostRooms,
		Handler: func(context.Context, worker.Job) error { jobs <- time.Now(); return nil },
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() {
		cancel()
		if failed := <-ended; !errors.Is(failed, context.Canceled) {
			err = errors.Join(err, failed)
		}
	}()
	for !w.Status().Serving {
		if err := media.Sleep(ctx, readyEvery); err != nil {
			return nil, err
		}
	}
	out := &Timing{N: r.cfg.Dispatches}
	var took []float64
	for range r.cfg.Dispatches {
		begin := time.Now()
		if _, err := r.api.Create(ctx, reconcile.Dispatch{Room: r.room(), Agent: bare}); err != nil {
			return nil, err
		}
		select {
		case at := <-jobs:
			took = append(took, ms(at.Sub(begin)))
		case <-time.After(timingLimit):
			return nil, fmt.Errorf("%w: no job within %v", ErrLost, timingLimit)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	out.MS = spread(took)
	return out, nil
}
