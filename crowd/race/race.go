package race

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	talkEvery   = 8 * time.Second // between two questions of one person
	lastAnswers = 5 * time.Second // for answers to what was asked last
	joinAtOnce  = 4               // rooms
	joinLimit   = 60 * time.Second
	mostRooms   = 200
	// question takes 2 s to say.
	question = "Please tell me what you can see in this picture."
)

// DefaultSettle is time for a question of everybody, for the processes that a framework keeps
// ready, and for the server to know a worker that has come.
const DefaultSettle = 8 * time.Second

// Config says who races, and over what.
type Config struct {
	Contenders []Contender
	// Counts are how many rooms, one after the other; For is how long each is measured.
	Counts []int
	For    time.Duration
	// Dispatches is how many of them are timed for each contender, Lates how many that are older
	// than their worker. Either may be 0.
	Dispatches, Lates int
	// Settle is how long a worker is left alone before it serves its first room, and people talk
	// before it is measured; 0 is DefaultSettle. Below 8 s not everybody has asked something by
	// then.
	Settle time.Duration
	// Direct, if set, has an agent with the same parts enter a room of a server without a dispatch,
	// and returns when it has; leave has it leave again.
	Direct func(ctx context.Context, at crowd.Server, room string) (leave func(), err error)
	// Host is what the machine is. Progress, if set, is told how far it is; Stderr gets what
	// workers write.
	Host     string
	Progress func(text string)
	Stderr   io.Writer
}

func (c *Config) validate() error {
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	if c.Stderr == nil {
		c.Stderr = io.Discard
	}
	c.Settle = cmp.Or(c.Settle, DefaultSettle)
	if len(c.Contenders) == 0 {
		return fmt.Errorf("%w: nobody races", ErrConfig)
	}
	for _, who := range c.Contenders {
		if who.Name == "" || len(who.Command) == 0 {
			return fmt.Errorf("%w: a contender needs a name and a command", ErrConfig)
		}
	}
	for _, n := range c.Counts {
		if n < 1 || n > mostRooms {
			return fmt.Errorf("%w: %d rooms; use 1 to %d", ErrConfig, n, mostRooms)
		}
	}
	if c.Settle < 0 || c.Dispatches < 0 || c.Lates < 0 || len(c.Counts) > 0 && c.For < talkEvery {
		return fmt.Errorf("%w: measure rooms for %v at least, and no negative number of dispatches", ErrConfig, talkEvery)
	}
	return nil
}

// Report is what was measured. With nothing of a kind it has no records of it.
type Report struct {
	Bench      string       `json:"bench"`
	Host       string       `json:"host"`
	Seconds    float64      `json:"seconds"` // of each load
	Loads      []Load       `json:"loads,omitempty"`
	Floor      *Timing      `json:"floor,omitempty"` // of the server: from the call to a worker's job
	Direct     *Timing      `json:"direct,omitempty"`
	Dispatches []Dispatched `json:"dispatches,omitempty"`
	Lates      []Late       `json:"lates,omitempty"`
}

// Failure is ErrLost where an agent did not come or an answer was lost or wrong.
func (r *Report) Failure() error {
	var errs []error
	for _, l := range r.Loads {
		if l.Joined < l.Rooms || l.Answered < l.Asked || l.Wrong > 0 || l.Asked == 0 {
			errs = append(errs, fmt.Errorf("%w: %s: %d of %d rooms, %d of %d questions, %d wrong", ErrLost, l.Contender, l.Joined, l.Rooms, l.Answered, l.Asked, l.Wrong))
		}
	}
	for _, d := range r.Dispatches {
		if d.Lost > 0 {
			errs = append(errs, fmt.Errorf("%w: %s: %d of %d dispatches", ErrLost, d.Contender, d.Lost, d.N))
		}
	}
	for _, l := range r.Lates {
		if l.Lost > 0 {
			errs = append(errs, fmt.Errorf("%w: %s: %d of %d late dispatches", ErrLost, l.Contender, l.Lost, l.N))
		}
	}
	return errors.Join(errs...)
}

// race is one.
type race struct {
	cfg      Config
	at       crowd.Server
	api      reconcile.API
	question []float32
	report   Report
	rooms    int // that were made so far
}

// Run measures. With an error there is no report; what was lost is its Failure.
func Run(ctx context.Context, cfg Config) (_ *Report, err error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	r := &race{cfg: cfg, report: Report{Bench: "race", Host: cfg.Host, Seconds: cfg.For.Seconds()}}
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	r.at = crowd.Server{URL: server.URL, Key: server.APIKey, Secret: server.APISecret}
	if r.api, err = reconcile.Dial(r.at.URL, r.at.Key, r.at.Secret, nil); err != nil {
		return nil, err
	}
	words, err := speech.Say(ctx, speech.Default, question)
	if err != nil {
		return nil, err
	}
	r.question = speech.Trim(words)
	for _, part := range []func(context.Context) error{r.loads, r.dispatches, r.lates} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return &r.report, nil
}

func (r *race) say(format string, args ...any) { r.cfg.Progress(fmt.Sprintf(format, args...)) }

// room is a name that was not used yet.
func (r *race) room() string {
	r.rooms++
	return fmt.Sprintf("race-%d-%d", os.Getpid(), r.rooms)
}

// agent is the name that a contender registers.
func (r *race) agent(who *Contender) string { return "race-" + who.Name }
