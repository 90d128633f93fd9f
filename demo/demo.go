package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	personaName = "iris"
	humanName   = "ada"
	roomName    = "demo"
	answerLimit = time.Minute // for one answer
)

// Config says how a run goes.
type Config struct {
	// Seed is that of the picture and the question.
	Seed uint64
	// Codec is that of the camera; Speaker says what humans say, as speech.Say takes it.
	Codec   codec.VideoCodec
	Speaker string
	// Tell is told what happens, from several goroutines. It must not block.
	Tell   func(lines.Line)
	Logger *slog.Logger
}

// Opened are the models of the persona, with why they are those.
type Opened struct {
	Models *engine.Models
	Reason string
	Close  func() error
}

// Alone says how one persona runs.
type Alone struct {
	// Folder is made for the answer's WAV and the frame's PNG.
	Folder string
	// Open opens the models and says what was loaded.
	Open   func(ctx context.Context, say func(part string, took time.Duration)) (Opened, error)
	Limits limits.Limits
	// Line describes an event of the room; At is told what the persona waits for, In which room it
	// is in, and nil when it has left.
	Line func(who string, e room.Event) (lines.Line, bool)
	At   func(stage string)
	In   func(*room.Room)
	// Stay, if set, keeps the persona in the room afterwards, until ctx ends.
	Stay func(context.Context, *engine.Models, room.Config, room.Persona) error
}

// Demo is one run.
type Demo struct {
	cfg    Config
	scene  *scene.Scene
	ask    scene.QA
	server *livekit.Server

	mu    sync.Mutex
	frame *room.Saw // the last one that the persona saw
	turns chan reply.Trace
}

// New draws the picture.
func New(cfg Config) (*Demo, error) {
	d := &Demo{cfg: cfg, turns: make(chan reply.Trace, 4)}
	var err error
	d.scene, d.ask, err = smoke.Stimulus(cfg.Seed, false)
	return d, err
}

// open tells what is drawn and starts the server.
func (d *Demo) open(ctx context.Context) (err error) {
	d.cfg.Tell(lines.Line{Event: "seed", Detail: fmt.Sprintf("%d: a picture of kind %q; replay with --seed %d", d.cfg.Seed, d.scene.Kind, d.cfg.Seed)})
	if d.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
		return err
	}
	d.cfg.Tell(lines.Line{Event: "server", Detail: "livekit-server at " + d.server.URL})
	return nil
}

// Run has one persona join and a human ask, and judges the answer. Errors: ErrNoAnswer,
// ErrWrongAnswer, ErrNothing, that of the turn, and those of models, server and room.
func (d *Demo) Run(ctx context.Context, a Alone) (err error) {
	if err := d.open(ctx); err != nil {
		return err
	}
	defer closing(&err, d.server.Stop)
	on, err := a.Open(ctx, func(part string, took time.Duration) {
		d.cfg.Tell(lines.Line{Event: "loaded", Detail: part, Took: took})
	})
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	d.cfg.Tell(lines.Line{Event: "ready", Detail: on.Reason})
	cfg := room.Config{
		URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Room: roomName,
		KeepFrames: true, Limits: a.Limits, Logger: d.cfg.Logger,
		Observe: func(_ room.Origin, e room.Event) { d.observe(&a, e) },
	}
	a.At("joining")
	iris := room.Persona{Identity: personaName, Name: "Iris"}
	session, err := room.Join(ctx, on.Models, cfg, iris)
	if err != nil {
		return err
	}
	a.In(session)
	err = d.converse(ctx, session, a.Folder)
	a.In(nil)
	if err = errors.Join(err, session.Close()); err != nil || a.Stay == nil {
		return err
	}
	return d.stay(ctx, func(ctx context.Context) error { return a.Stay(ctx, on.Models, cfg, iris) })
}

// observe is called by the room's goroutine.
func (d *Demo) observe(a *Alone, e room.Event) {
	switch e := e.(type) {
	case room.Saw:
		d.mu.Lock()
		d.frame = &e
		d.mu.Unlock()
	case room.TurnDone:
		select {
		case d.turns <- e.Trace:
		default:
		}
	}
	if l, ok := a.Line(personaName, e); ok {
		d.cfg.Tell(l)
	}
}

// converse lets the human ask once and checks the answer.
func (d *Demo) converse(ctx context.Context, session *room.Room, folder string) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, ErrNoAnswer)
	defer cancel()
	question, err := speech.Say(ctx, d.cfg.Speaker, d.ask.Question)
	if err != nil {
		return err
	}
	human, err := participant.Join(ctx, d.join(roomName, humanName, "Ada"))
	if err != nil {
		return err
	}
	defer closing(&err, human.Close)
	if err := human.WaitAgent(ctx); err != nil {
		return err
	}
	if _, err := human.OpenCamera(ctx, participant.CameraConfig{Codec: d.cfg.Codec}, d.scene.Image); err != nil {
		return err
	}
	d.cfg.Tell(lines.Line{Event: "asks", Who: humanName, Text: d.ask.Question})
	if _, _, err := human.Say(ctx, question); err != nil {
		return err
	}
	select {
	case trace := <-d.turns:
		if trace.Err != nil {
			return trace.Err
		}
		if err := d.save(folder, human.Recordings()); err != nil {
			return err
		}
		return d.judge(trace.Answer)
	case <-session.Done():
		return errors.Join(ErrNoAnswer, session.Err())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// join is how a human comes into a room of the server.
func (d *Demo) join(in, identity, name string) participant.Config {
	return participant.Config{URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Room: in, Identity: identity, Name: name}
}

// judge says whether an answer is true of the picture.
func (d *Demo) judge(answer string) error {
	if !d.scene.Check(d.ask, answer) {
		return fmt.Errorf("%w: asked %q, expected %q, got %q", ErrWrongAnswer, d.ask.Question, d.ask.Answer, answer)
	}
	d.cfg.Tell(lines.Line{Event: "right", Detail: fmt.Sprintf("the answer is true of the picture; expected %q", d.ask.Answer)})
	return nil
}

// stay says how to join, and keeps server and persona running until ctx ends or the server does.
func (d *Demo) stay(ctx context.Context, stay func(context.Context) error) error {
	d.cfg.Tell(lines.Line{Event: "stays", Detail: fmt.Sprintf(
		"%s waits in room %q; join it with: LIVEKIT_URL=%s LIVEKIT_API_KEY=%s LIVEKIT_API_SECRET=%s sensory-agent bot --room %s --scene 1 --say 'what do you see?'  (Ctrl-C ends)",
		personaName, roomName, d.server.URL, d.server.APIKey, d.server.APISecret, roomName)})
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	defer func() {
		cancel()
		<-watched
	}()
	go func() {
		defer close(watched)
		select {
		case <-d.server.Exited():
			cancel()
		case <-ctx.Done():
		}
	}()
	return stay(ctx)
}

// closing closes something and joins its error to the one that is returned.
func closing(err *error, shut func() error) { *err = errors.Join(*err, shut()) }
