package dispatch

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/worker"
)

// AttrAgentName is the attribute by which LiveKit's front ends and servers know the participant of
// a dispatch.
const AttrAgentName = "lk.agent_name"

// forever is how long the jobs of a name that was given up may go on.
const forever = time.Duration(math.MaxInt64)

// post is one name: its models, its worker and its jobs.
type post struct {
	cfg    *Config
	load   *load
	agent  Agent
	worker *worker.Worker

	life    context.Context //nolint:containedctx // of the post itself: what it opens and holds
	end     context.CancelFunc
	jobs    context.Context //nolint:containedctx // of the personas that were dispatched
	leave   context.CancelCauseFunc
	taking  context.Context //nolint:containedctx // until no more jobs are taken
	stop    context.CancelFunc
	drains  sync.WaitGroup
	done    chan struct{}
	failure error // of the end, once done is closed

	mu   sync.Mutex
	warm map[string]*engine.Models // by persona; nil until all are open
	err  error                     // why it is not registered
}

// newPost makes one that does nothing yet.
func newPost(cfg *Config, load *load, a Agent) (*post, error) {
	p := &post{cfg: cfg, load: load, agent: a, done: make(chan struct{})}
	p.life, p.end = context.WithCancel(context.Background())
	p.jobs, p.leave = context.WithCancelCause(context.Background())
	p.taking, p.stop = context.WithCancel(context.Background())
	var err error
	p.worker, err = worker.New(worker.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Agents: []worker.Agent{{Name: a.Name}},
		Handler: p.handle, Reserve: p.reserve, Load: p.share, Version: cfg.Version, StatusEvery: cfg.StatusEvery, DrainLimit: forever,
		Report: func(e worker.Event) { cfg.Report(Event{Worker: &e, Agent: a.Name}) }, Logger: cfg.Logger,
	})
	return p, err
}

// start begins the goroutine of the post.
func (p *post) start() {
	go func() {
		defer close(p.done)
		err := fence.Do(func() error { p.failure = p.run(); return nil })
		if err != nil { // a panic: it ends this name and no other
			p.broke(err)
		}
	}()
}

// run opens the models, keeps them open, and takes jobs until it is told to stop.
func (p *post) run() error {
	warm := map[string]*engine.Models{}
	defer func() {
		p.mu.Lock()
		p.warm = nil
		p.mu.Unlock()
		for _, m := range warm {
			if err := m.Close(); err != nil {
				p.cfg.Logger.Error("models were not given back in order", "agent", p.agent.Name, "error", err)
			}
		}
	}()
	for _, who := range p.agent.Personas {
		m, err := p.cfg.Open(p.life, who)
		switch {
		case p.life.Err() != nil:
			if err == nil {
				warm[who.Name] = m
			}
			return nil
		case err != nil:
			p.broke(&PersonaError{Agent: p.agent.Name, Persona: who.Name, Err: err})
			return nil
		}
		warm[who.Name] = m
	}
	p.mu.Lock()
	p.warm = warm
	p.mu.Unlock()
	if err := p.worker.Run(p.life); err != nil {
		p.broke(err)
	}
	return nil
}

// broke notes why the name is not served.
func (p *post) broke(err error) {
	p.mu.Lock()
	p.err = err
	p.mu.Unlock()
	p.cfg.Logger.Error("an agent is not served", "agent", p.agent.Name, "error", err)
	p.cfg.Report(Event{Agent: p.agent.Name, Err: err})
}

// open opens the models of a persona: those that are open already.
func (p *post) open(_ context.Context, who persona.Persona) (*engine.Models, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.warm[who.Name]
	if m == nil {
		return nil, ErrLeaving
	}
	return m.Share()
}

// reserve keeps seats for a job. Nobody is needed where all have one in that room.
func (p *post) reserve(o worker.Offer) (worker.Reservation, error) {
	if p.taking.Err() != nil {
		return worker.Reservation{}, ErrLeaving
	}
	held, err := p.cfg.Host.Hold(p.life, agent.Holding{
		Room: o.Job.GetRoom().GetName(), SID: o.Job.GetRoom().GetSid(), Personas: p.agent.Personas, Policy: p.agent.Policy, Open: p.open,
	})
	switch {
	case errors.Is(err, agent.ErrSeated):
		return worker.Reservation{}, worker.ErrNotNeeded
	case err != nil:
		return worker.Reservation{}, err
	}
	first := held.First()
	return worker.Reservation{
		Identity: first.Ident(), Name: first.Name, Attributes: p.shown(), Value: held, Release: held.Release,
	}, nil
}

func (p *post) shown() map[string]string { return map[string]string{AttrAgentName: p.agent.Name} }

// handle does a job: the personas sit until the room is over, somebody has put them out of it, the
// server ends the job, or the service ends.
func (p *post) handle(ctx context.Context, job worker.Job) error {
	held, ok := job.Value.(*agent.Hold)
	if !ok {
		return ErrLeaving
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.jobs, func() { cancel(context.Cause(p.jobs)) })()
	return held.Attend(ctx, p.shown())
}

// share is what is in use of what a job needs: 1 where there is no room for one more.
func (p *post) share() float64 {
	if p.taking.Err() != nil {
		return 1
	}
	return max(p.cfg.Host.Load(len(p.agent.Personas)), p.load.share(time.Now()))
}

// retire has the name take no more jobs; those that run go on until they are over.
func (p *post) retire() {
	p.stop()
	p.drains.Go(func() {
		_ = p.worker.Drain(p.jobs) // it ends with the worker; before the worker runs it returns at once
		p.end()
	})
}

// drain retires the name and has the personas that its jobs have seated end what they say and
// leave.
func (p *post) drain() {
	p.retire()
	p.leave(ErrLeaving)
}

// ended tells whether nothing of the post runs any more.
func (p *post) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
