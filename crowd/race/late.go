package race

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/media"
)

// dropped is how long a dispatch waits before its worker is started: the server has given it up
// then.
const dropped = 7 * time.Second

// Late is a dispatch that is older than its worker: from 200 on GET / to an agent that is seen to
// listen. Beside says that this program's reconciler ran beside the worker, since the framework has
// nothing for it.
type Late struct {
	Contender string `json:"contender"`
	Beside    bool   `json:"beside"`
	Timing
}

func (r *race) lates(ctx context.Context) error {
	if r.cfg.Lates == 0 {
		return nil
	}
	for i := range r.cfg.Contenders {
		who := &r.cfg.Contenders[i]
		out := Late{Contender: who.Name, Beside: len(who.Late) == 0, Timing: Timing{N: r.cfg.Lates}}
		var took []float64
		for range r.cfg.Lates {
			r.say("%s, a dispatch before its worker", who.Name)
			after, err := r.late(ctx, who)
			switch {
			case errors.Is(err, ErrLost):
				out.Lost++
			case err != nil:
				return err
			default:
				took = append(took, ms(after))
			}
		}
		out.MS = spread(took)
		r.report.Lates = append(r.report.Lates, out)
	}
	return nil
}

func (r *race) late(ctx context.Context, who *Contender) (_ time.Duration, err error) {
	p, err := enter(ctx, r.at, r.room())
	if err != nil {
		return 0, err
	}
	defer p.leave()
	agent := r.agent(who)
	if _, err := r.api.Create(ctx, reconcile.Dispatch{Room: p.room, Agent: agent}); err != nil {
		return 0, err
	}
	command := who.Late
	if len(command) == 0 {
		command = who.Command
		stop, err := r.beside(agent)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	if err := media.Sleep(ctx, dropped); err != nil {
		return 0, err
	}
	w, err := launch(command, agent, r.at, r.cfg.Stderr)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	if _, err := w.ready(ctx); err != nil {
		return 0, err
	}
	begin := time.Now()
	at, err := p.await(ctx, timingLimit)
	if err != nil {
		return 0, err
	}
	return max(0, at.Sub(begin)), nil
}

// beside runs a reconciler of a name.
func (r *race) beside(agent string) (stop func() error, err error) {
	fixer, err := reconcile.New(reconcile.Config{API: r.api, Agents: []string{agent}})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- fixer.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}
