package race

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/media"
)

// Load is what one worker did in some rooms, in each of which a person speaks for 2 s in every 8 s.
type Load struct {
	Contender string `json:"contender"`
	Rooms     int    `json:"rooms"`
	// ReadyMS is from the start of the process to 200 on GET /.
	ReadyMS float64 `json:"ready_ms"`
	// Joined are the rooms whose agent came; Join is from the dispatch to an agent that listens,
	// with four rooms at once.
	Joined int          `json:"joined"`
	Join   crowd.Spread `json:"join_ms"`
	// Cores and PSSMB are those of the worker with all its processes while people speak, IdlePSSMB
	// before there were rooms.
	Cores     float64 `json:"cores"`
	PSSMB     float64 `json:"pss_mb"`
	IdlePSSMB float64 `json:"idle_pss_mb"`
	Processes int     `json:"processes"`
	// Latency is from the end of speech to the first audible packet at the person's ear. Early
	// answers began while the question was spoken; Wrong ones were no tone of 2 s.
	Latency  crowd.Spread `json:"latency_ms"`
	Asked    int          `json:"asked"`
	Answered int          `json:"answered"`
	Early    int          `json:"early"`
	Wrong    int          `json:"wrong"`
}

// loads measures each count, contender by contender, each in a process of its own.
func (r *race) loads(ctx context.Context) error {
	for _, n := range r.cfg.Counts {
		for i := range r.cfg.Contenders {
			if err := r.load(ctx, &r.cfg.Contenders[i], n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *race) load(ctx context.Context, who *Contender, n int) error {
	r.say("%s, %d rooms", who.Name, n)
	out := Load{Contender: who.Name, Rooms: n}
	w, ready, err := r.start(ctx, who)
	if err != nil {
		return err
	}
	defer w.kill()
	out.ReadyMS = ms(ready)
	idle, err := w.used(true)
	if err != nil {
		return err
	}
	out.IdlePSSMB = idle.PSSMB
	people, err := r.join(ctx, w.agent, n, &out)
	defer func() { // nothing is measured any more, and a machine with more rooms than it carries is slow
		w.kill()
		r.empty(people)
	}()
	if err != nil {
		return err
	}
	if err := r.converse(ctx, w, people, &out); err != nil {
		return err
	}
	r.report.Loads = append(r.report.Loads, out)
	return nil
}

// join has people enter their rooms, and then agents be dispatched there, a few at once. It returns
// those who are in a room, with an error too.
func (r *race) join(ctx context.Context, agent string, n int, out *Load) ([]*person, error) {
	people := make([]*person, n)
	rooms := make([]string, n)
	for i := range rooms {
		rooms[i] = r.room()
	}
	err := several(n, func(i int) (err error) {
		people[i], err = enter(ctx, r.at, rooms[i])
		return err
	})
	if err != nil {
		return people, err
	}
	var mu sync.Mutex
	var took []float64
	err = several(n, func(i int) error {
		begin := time.Now()
		if _, err := r.api.Create(ctx, reconcile.Dispatch{Room: rooms[i], Agent: agent}); err != nil {
			return err
		}
		at, err := people[i].await(ctx, joinLimit)
		if errors.Is(err, ErrLost) {
			r.say("%v", err)
			return nil // it is counted
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, ms(at.Sub(begin)))
		return err
	})
	out.Joined, out.Join = len(took), spread(took)
	return people, err
}

// several does something for each of n, a few at once.
func several(n int, do func(i int) error) error {
	var work errgroup.Group
	work.SetLimit(joinAtOnce)
	for i := range n {
		work.Go(func() error { return do(i) })
	}
	return work.Wait()
}

// converse has everybody ask, and measures.
func (r *race) converse(ctx context.Context, w *running, people []*person, out *Load) error {
	for _, p := range people {
		if err := p.OpenMicrophone(ctx); err != nil {
			return err
		}
	}
	begin := time.Now().Add(r.cfg.Settle) // what is asked before is not counted
	end := begin.Add(r.cfg.For)
	talk, stop := context.WithCancel(ctx)
	defer stop()
	work, talk := errgroup.WithContext(talk)
	for i, p := range people {
		at := begin.Add(-r.cfg.Settle + time.Second + talkEvery*time.Duration(i)/time.Duration(len(people)))
		work.Go(func() error { return p.ask(talk, r.question, at, end) })
	}
	work.Go(func() error { return r.watch(talk, w, begin, end, out) })
	if err := work.Wait(); err != nil {
		return err
	}
	if err := media.Sleep(ctx, lastAnswers); err != nil {
		return err
	}
	var all verdict
	for _, p := range people {
		all.add(p.judge(begin))
	}
	out.Asked, out.Answered, out.Early, out.Wrong, out.Latency = all.asked, all.answered, all.early, all.wrong, spread(all.latencies)
	return nil
}

// watch takes processor time from begin to end, and memory then.
func (r *race) watch(ctx context.Context, w *running, begin, end time.Time, out *Load) error {
	if err := media.Sleep(ctx, time.Until(begin)); err != nil {
		return err
	}
	from, before := time.Now(), usage{}
	before, err := w.used(false)
	if err != nil {
		return err
	}
	if err := media.Sleep(ctx, time.Until(end)); err != nil {
		return err
	}
	took := time.Since(from)
	after, err := w.used(true)
	if err != nil {
		return err
	}
	out.Cores, out.PSSMB, out.Processes = (after.Seconds-before.Seconds)/took.Seconds(), after.PSSMB, after.Processes
	return nil
}

// empty has everybody leave.
func (r *race) empty(people []*person) {
	_ = several(len(people), func(i int) error {
		if people[i] != nil {
			people[i].leave()
		}
		return nil
	})
}
