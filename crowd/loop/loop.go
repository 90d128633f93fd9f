package loop

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	answerLimit = time.Minute
	pause       = time.Second // between two questions: people pause, and the picture has to arrive
	firstSeed   = 1000        // of the scenes
)

// Config says what is measured.
type Config struct {
	// Models are those of the persona; they stay the caller's. Loaded is how long opening them
	// took.
	Models *engine.Models
	Loaded time.Duration
	// Host is what the machine is.
	Host string
	// Turns is how many questions count; one more is asked first, to warm up.
	Turns int
	// Speculate asks every question twice, once of a persona that thinks before it is certain and
	// once of one that does not; which is first alternates.
	Speculate bool
	Logger    *slog.Logger
}

// loop is a measurement under way.
type loop struct {
	cfg    Config
	traces chan reply.Trace
	human  *participant.Participant
	camera *participant.Camera
	room   *room.Room
	result Result
}

// Run measures. Errors: ErrNoAnswer, that of a turn that failed, and those of server and room.
func Run(ctx context.Context, cfg Config) (_ Result, err error) {
	l := &loop{cfg: cfg, traces: make(chan reply.Trace, 4)}
	l.result = Result{Bench: "loop", Host: cfg.Host, Voice: cfg.Models.Voice(engine.Holder{}).Name(), LoadMS: ms(cfg.Loaded)}
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, server.Stop)
	l.room, err = room.Join(ctx, cfg.Models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Logger: cfg.Logger, Observe: l.observe,
	}, room.Persona{})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, l.room.Close)
	l.human, err = participant.Join(ctx, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Identity: "human",
	})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, l.human.Close)
	return l.result, l.converse(ctx)
}

// observe is called by the room's goroutine.
func (l *loop) observe(_ room.Origin, e room.Event) {
	switch e := e.(type) {
	case room.Joined:
		l.result.JoinMS = ms(e.Took)
	case room.TurnDone:
		l.traces <- e.Trace
	}
}

// converse asks one question after the other; the first warms up and does not count.
func (l *loop) converse(ctx context.Context) error {
	var plain, ahead []reply.Trace
	speculated := &Speculated{}
	modes := []bool{false}
	if l.cfg.Speculate {
		modes, l.result.Speculated = []bool{false, true}, speculated
	}
	for i := range l.cfg.Turns + 1 {
		picture, ask, err := smoke.Stimulus(uint64(firstSeed+i), i%2 == 0) // a small number
		if err != nil {
			return err
		}
		for _, speculates := range modes {
			if err := l.configure(ctx, speculates); err != nil {
				return err
			}
			trace, err := l.ask(ctx, picture, ask)
			if err != nil {
				return err
			}
			if i == 0 {
				continue
			}
			into, of := &plain, &l.result.Measured
			if speculates {
				into, of = &ahead, &speculated.Measured
			}
			*into = append(*into, trace)
			of.Turns++
			if picture.Check(ask, trace.Answer) {
				of.Right++
			}
		}
		slices.Reverse(modes)
	}
	l.result.Add(plain)
	speculated.Add(ahead)
	return nil
}

// configure says whether the persona thinks before a question is certain.
func (l *loop) configure(ctx context.Context, speculates bool) error {
	p := turn.Default()
	p.Mode, p.Speculate = turn.ModeFront, speculates
	return l.room.Configure(ctx, p)
}

// ask shows a picture, asks about it and waits for the answer.
func (l *loop) ask(ctx context.Context, picture *scene.Scene, ask scene.QA) (trace reply.Trace, err error) {
	if l.camera == nil {
		if l.camera, err = l.human.OpenCamera(ctx, participant.CameraConfig{}, picture.Image); err != nil {
			return trace, err
		}
	}
	l.camera.Show(picture.Image)
	pcm, err := speech.Say(ctx, speech.Default, ask.Question)
	if err != nil {
		return trace, err
	}
	wait := time.NewTimer(pause)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return trace, context.Cause(ctx)
	}
	if _, _, err := l.human.Say(ctx, pcm); err != nil {
		return trace, err
	}
	limit := time.NewTimer(answerLimit)
	defer limit.Stop()
	select {
	case trace = <-l.traces:
		return trace, trace.Err
	case <-ctx.Done():
		return trace, context.Cause(ctx)
	case <-limit.C:
		return trace, ErrNoAnswer
	}
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }
