package crowd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// service is the name of this process among those that are measured.
const service = "service"

const (
	talkEvery   = 8 * time.Second  // between two questions of one human
	warmUp      = 10 * time.Second // a question of everybody
	lastAnswers = 15 * time.Second // for answers to what was asked last
	joinAtOnce  = 4                // rooms
	askAgain    = 200 * time.Millisecond
)

// Stages of a measurement at which memory is looked at, after those of Config.Memory.
const (
	stageRooms    = "rooms"    // all personas are in theirs
	stageMeasured = "measured" // the time is over
)

// Config says what is measured.
type Config struct {
	// Models are those of every persona; they stay the caller's.
	Models *engine.Models
	// Rooms may be 0: then the process is measured as it is.
	Rooms int
	// For is how long.
	For time.Duration
	// Personas, if not 0, seats so many in the only room, where nobody is called by name and only
	// who is called answers: see [Panel].
	Personas int
	// Second, if set, opens the models of a second persona that takes its seat beside the first in
	// the only room, where nobody speaks: see [SecondVoice]. They are closed with the measurement.
	Second func(context.Context) (*engine.Models, error)
	// Video has every human show a camera of 1280×720 at FPS, Silent nobody speak.
	Video, Silent bool
	FPS           int
	// Humans is the command that calls [Humans] in a process of its own.
	Humans []string
	// Server is joined; without a URL one is started, which belongs to the measurement.
	Server Server
	// Memory is what was measured before, and Host what the machine is: both go into the record.
	Memory []Memory
	Host   string
	// Profile, if set, is called when measuring begins, and what it returns when it has ended.
	Profile func() (stop func() error, err error)
	// Tell, if set, is told everything that happens in the rooms, by their goroutines: what it does
	// is measured with them.
	Tell func(room.Origin, room.Event)
	// Progress, if set, is told how far it is, from several goroutines. Stderr gets what the
	// humans' process writes there.
	Progress func(text string)
	Stderr   io.Writer
	Logger   *slog.Logger
}

// Server is a LiveKit server and a key pair of it.
type Server struct {
	URL    string `json:"url"`
	Key    string `json:"key"`
	Secret string `json:"secret"`
}

func (c *Config) validate() error {
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Profile == nil {
		c.Profile = func() (func() error, error) { return func() error { return nil }, nil }
	}
	switch {
	case c.Models == nil || c.Rooms < 0 || c.For <= 0 || c.Video && c.FPS < 1:
		return fmt.Errorf("%w: it takes models, 0 rooms or more, some time, and a frame a second for cameras", ErrConfig)
	case c.Rooms > 0 && len(c.Humans) == 0:
		return fmt.Errorf("%w: nothing starts the humans", ErrConfig)
	case c.Personas < 0, (c.Personas > 0 || c.Second != nil) && c.Rooms != 1, c.Personas > 0 && c.Second != nil:
		return fmt.Errorf("%w: several personas, or a second one, sit in one room", ErrConfig)
	case c.Second != nil && !c.Silent:
		return fmt.Errorf("%w: a second persona comes where nobody speaks", ErrConfig)
	}
	return nil
}

// bench is one measurement.
type bench struct {
	cfg    Config
	server *livekit.Server // nil where it is somebody else's
	rooms  []*room.Room
	record Record

	mu     sync.Mutex
	traces map[int][]reply.Trace // by number of the room
	saw    witnessed             // by a panel

	second *engine.Models // of the second persona; nil where there is none
}

// Run measures. It returns when everything that it started has ended. The record is nil with an
// error; what was lost in it is its Failure.
func Run(ctx context.Context, cfg Config) (*Record, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	b := &bench{cfg: cfg, traces: map[int][]reply.Trace{}}
	b.record = Record{
		Bench: "sessions", Host: cfg.Host, Sessions: cfg.Rooms, Canned: cfg.Models.Canned(), Video: cfg.Video, Silent: cfg.Silent,
		Memory: cfg.Memory, LoadStart: loadAverage(),
	}
	if cfg.Video {
		b.record.FPS = cfg.FPS
	}
	measure := b.converse
	if cfg.Rooms == 0 {
		measure = func(ctx context.Context) error { return b.measure(ctx, nil) }
	}
	if err := measure(ctx); err != nil {
		return nil, err
	}
	b.record.LoadEnd = loadAverage()
	return &b.record, nil
}

func (b *bench) say(format string, args ...any) { b.cfg.Progress(fmt.Sprintf(format, args...)) }

// remember notes what memory the process has now.
func (b *bench) remember(stage string) error {
	m, err := MemoryNow(stage)
	if err == nil {
		b.record.Memory = append(b.record.Memory, m)
	}
	return err
}

// converse has everybody in their rooms, measures, and waits for the last answers.
func (b *bench) converse(ctx context.Context) (err error) {
	at := b.cfg.Server
	if at.URL == "" {
		if b.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
			return err
		}
		defer closing(&err, b.server.Stop)
		at = Server{b.server.URL, b.server.APIKey, b.server.APISecret}
	}
	prefix := fmt.Sprintf("bench-%d-", os.Getpid())
	defer closing(&err, b.release)
	defer closing(&err, b.leave)
	if err := b.join(ctx, at, prefix); err != nil {
		return err
	}
	if err := b.remember(stageRooms); err != nil {
		return err
	}
	if b.cfg.Personas > 0 {
		if err := b.alone(ctx); err != nil {
			return err
		}
	}
	people, err := start(b.cfg.Humans, b.cfg.Stderr, HumansConfig{
		Server: at, Prefix: prefix, Rooms: b.cfg.Rooms, Video: b.cfg.Video, FPS: b.cfg.FPS, Silent: b.cfg.Silent, Canned: b.record.Canned, Restless: b.cfg.Personas > 0,
	})
	if err != nil {
		return err
	}
	defer closing(&err, people.end)
	if err := people.await(ctx, humansReady); err != nil {
		return err
	}
	if err := b.warm(ctx); err != nil {
		return err
	}
	begin := time.Now()
	if err := b.measure(ctx, people); err != nil {
		return err
	}
	end := time.Now()
	if err := people.finish(ctx); err != nil {
		return err
	}
	return b.answers(ctx, people, begin, end)
}

// warm waits until everything has been used; a second persona comes meanwhile.
func (b *bench) warm(ctx context.Context) error {
	if b.cfg.Second != nil {
		return b.seatSecond(ctx)
	}
	b.say("%d humans are there; warming up", b.cfg.Rooms)
	return media.Sleep(ctx, warmUp)
}

// measure takes processor time and memory over the time that was asked for.
func (b *bench) measure(ctx context.Context, people *child) (err error) {
	who := map[string]int{service: os.Getpid()}
	if people != nil {
		who["humans"] = people.cmd.Process.Pid
	}
	if b.server != nil {
		who["server"] = b.server.PID()
	}
	stop, err := b.cfg.Profile()
	if err != nil {
		return err
	}
	used, err := watch(ctx, who)
	if err == nil {
		err = b.wait(ctx)
	}
	if err == nil {
		var took time.Duration
		b.record.Cores, took, err = used.cores(ctx)
		b.record.Seconds, b.record.Goroutines = took.Seconds(), runtime.NumGoroutine()
	}
	if p := b.record.Panel; p != nil {
		p.Human = b.record.Cores[service] - p.Alone
	}
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	return b.remember(stageMeasured)
}

// wait says how far it is.
func (b *bench) wait(ctx context.Context) error {
	const step = 10 * time.Second
	for left := b.cfg.For; left > 0; left -= step {
		b.say("%d rooms: %v left", b.cfg.Rooms, left)
		if err := media.Sleep(ctx, min(left, step)); err != nil {
			return err
		}
	}
	return nil
}

// answers waits until everything that was asked in time is answered, for a while.
func (b *bench) answers(ctx context.Context, people *child, begin, end time.Time) error {
	for limit := time.Now().Add(lastAnswers); ; {
		b.judge(people.noticed(), begin, end)
		if b.record.Failure() == nil || time.Now().After(limit) {
			return nil
		}
		if err := media.Sleep(ctx, askAgain); err != nil {
			return err
		}
	}
}

// judge counts what was asked and what came of it.
func (b *bench) judge(lines []Noticed, begin, end time.Time) {
	if b.record.Panel == nil {
		b.record.judge(lines, b.taken(), begin, end)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.record.Panel.judge(lines, &b.saw, begin, end)
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }
