package loop

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
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
	// Models are those of the persona; they stay the caller's. Loaded is how long opening them took.
	Models *engine.Models
	Loaded time.Duration
	// Host is what the machine is.
	Host string
	// Turns is how many questions count; one more is asked first, to warm up.
	Turns  int
	Logger *slog.Logger
}

// loop is a measurement under way.
type loop struct {
	cfg    Config
	traces chan reply.Trace
	human  *participant.Participant
	camera *participant.Camera
	result Result
}

// Run measures. Errors: ErrNoAnswer, that of a turn that failed, and those of server and room.
func Run(ctx context.Context, cfg Config) (_ Result, err error) {
	l := &loop{cfg: cfg, traces: make(chan reply.Trace, 4)}
	l.result = Result{Bench: "loop", Host: cfg.Host, Voice: cfg.Models.Voice(engine.Holder{}).Name(), Turns: cfg.Turns, LoadMS: ms(cfg.Loaded)}
	server, err := livekit.Start(ctx, livekit.Config{})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, server.Stop)
	session, err := room.Join(ctx, cfg.Models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Logger: cfg.Logger, Observe: l.observe,
	}, room.Persona{})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, session.Close)
	l.human, err = participant.Join(ctx, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "bench", Identity: "human",
	})
	if err != nil {
		return l.result, err
	}
	defer closing(&err, l.human.Close)
	traces, err := l.converse(ctx)
	l.result.Add(traces)
	return l.result, err
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
func (l *loop) converse(ctx context.Context) ([]reply.Trace, error) {
	var traces []reply.Trace
	for i := range l.cfg.Turns + 1 {
		picture, ask, err := smoke.Stimulus(uint64(firstSeed+i), i%2 == 0) // a small number
		if err != nil {
			return nil, err
		}
		trace, err := l.ask(ctx, picture, ask)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			continue
		}
		if picture.Check(ask, trace.Answer) {
			l.result.Right++
		}
		traces = append(traces, trace)
	}
	return traces, nil
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
