package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/roundtable"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	roundtableRoom = "roundtable"
	secondSpeaker  = "flite:rms"
)

// roundtableCast are three personas with voices of their own: two that see, one that talks.
func roundtableCast() persona.Set {
	return persona.Set{
		Personas: []persona.Persona{
			{Name: "max", Profile: defaultProfile, Voice: "piper:en_US-joe-medium"},
			{ // a model of this size repeats what it is shown of a conversation of several people
				Name: "sophie", Profile: "text", Voice: "kokoro:af_bella", AnswerTokens: 48, History: persona.HistoryOff,
				Prompt: "You are a helpful assistant.",
			},
			{Name: "victor", Profile: defaultProfile, Voice: "espeak"},
		},
		Rooms: []persona.Room{{Name: roundtableRoom, Personas: []string{"max", "sophie", "victor"}}},
	}
}

// roundtableScript is what is said. Names come first: that is how people call somebody.
func (d *demo) roundtableScript() []roundtable.Line {
	return []roundtable.Line{
		{Who: "ada", Says: "Max, " + lowerFirst(d.ask.Question), Answers: []string{"max"}, Wrong: func(_, answer string) string {
			return unless(d.scene.Check(d.ask, answer), "%q, expected %q", answer, d.ask.Answer)
		}},
		{Who: "bob", Says: "Sophie, what is the capital of France?", Answers: []string{"sophie"}, Wrong: func(_, answer string) string {
			return unless(strings.Contains(answer, "Paris"), "%q, which does not name Paris", answer)
		}},
		{Who: "ada", Says: "Bob, are you coming to lunch?"},
		{Who: "bob", Says: "Max and Victor, what do you see?", Answers: []string{"max", "victor"}, Wrong: func(_, answer string) string {
			return unless(len(d.scene.StatedFacts(answer)) > 0, "%q, which is not true of the picture", answer)
		}},
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// table serves the pages of a roundtable and runs it.
func (d *demo) table(ctx context.Context, log *slog.Logger, serve ops.Config) (err error) {
	if err := checkFolder(d.flags.record); err != nil {
		return err
	}
	s := &served{}
	pages, err := ops.Start(serve, log, s.ready, s.pages()...)
	if err != nil {
		return err
	}
	defer closing(&err, pages.Close)
	d.out.print(line{Event: "seed", Detail: fmt.Sprintf("%d: a picture of kind %q; replay with --seed %d", d.flags.seed, d.scene.Kind, d.flags.seed)})
	if d.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
		return err
	}
	defer closing(&err, d.server.Stop)
	d.out.print(line{Event: "server", Detail: "livekit-server at " + d.server.URL})
	on, err := openCast(ctx, d.flags.engine, log, roundtableCast().Personas)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	s.machine.Store(on.machine)
	return d.seatCast(ctx, log, s, on)
}

// seatCast seats the personas, lets two humans talk with them, and judges.
func (d *demo) seatCast(ctx context.Context, log *slog.Logger, s *served, on *cast) (err error) {
	talk := &talk{demo: d, humans: map[string]*participant.Participant{}}
	talk.table = roundtable.New(roundtableCast().Rooms[0].Personas, talk.say)
	host, err := agent.NewHost(agent.HostConfig{
		Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
			m, res, err := on.open(ctx, p)
			if err == nil {
				d.out.print(line{Event: "ready", Who: p.Name, Detail: res.Reason})
			}
			return m, err
		},
		Room: room.Config{
			URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Logger: log, Observe: talk.observe,
			Record: recordInto(d.flags.record),
		},
		Report: func(st agent.SeatStatus) { d.out.print(seatLine(st)) },
	})
	if err != nil {
		return err
	}
	defer closing(&err, host.Close)
	s.host.Store(host)
	if err := host.Apply(roundtableCast()); err != nil {
		return err
	}
	if err := host.Seated(ctx); err != nil {
		return fmt.Errorf("%w (make demo ROUNDTABLE=1 fetches the models)", err)
	}
	defer closing(&err, talk.leave)
	return talk.run(ctx)
}

// talk is what two humans say to three personas.
type talk struct {
	*demo
	table  *roundtable.Table
	humans map[string]*participant.Participant
}

// observe follows the conversation. It is called by the room's goroutine.
func (t *talk) observe(o room.Origin, e room.Event) {
	if l, ok := agentLine(o.Persona, e); ok && l.Event != "reach" {
		t.out.print(l)
	}
	switch e := e.(type) {
	case room.TurnDone:
		t.table.Observe(roundtable.Event{Persona: o.Persona, Kind: roundtable.Answered, At: e.At, Text: e.Trace.Answer, Err: e.Trace.Err})
	case room.Silent:
		t.table.Observe(roundtable.Event{Persona: o.Persona, Kind: roundtable.Silent, At: e.At})
	case room.StateChanged:
		kind := roundtable.Quiet
		if e.State == "speaking" {
			kind = roundtable.Speaks
		}
		t.table.Observe(roundtable.Event{Persona: o.Persona, Kind: kind, At: e.At})
	}
}

// run has the humans join, shows a picture, and plays the script.
func (t *talk) run(ctx context.Context) error {
	name, err := codec.ParseVideoCodec(t.flags.codec)
	if err != nil {
		return usageError{err}
	}
	for _, who := range []string{"ada", "bob"} {
		t.humans[who], err = participant.Join(ctx, participant.Config{
			URL: t.server.URL, APIKey: t.server.APIKey, APISecret: t.server.APISecret, Room: roundtableRoom, Identity: who,
		})
		if err != nil {
			delete(t.humans, who)
			return err
		}
	}
	if _, err := t.humans["ada"].OpenCamera(ctx, participant.CameraConfig{Codec: name}, t.scene.Image); err != nil {
		return err
	}
	err = t.table.Run(ctx, t.roundtableScript())
	spoken, overlap := t.table.Floor()
	t.out.print(line{Event: "floor", Detail: fmt.Sprintf("personas spoke for %.1f s, two at once for %d ms", spoken.Seconds(), overlap.Milliseconds())})
	if err == nil {
		t.out.print(line{Event: "right", Detail: "everybody who was meant answered rightly, and nobody else did"})
	}
	return err
}

// say has a human say something.
func (t *talk) say(ctx context.Context, who, text string) error {
	speaker := t.flags.speaker
	if who == "bob" {
		speaker = secondSpeaker
	}
	pcm, err := speech.Say(ctx, speaker, text)
	if err != nil {
		return err
	}
	t.out.print(line{Event: "asks", Who: who, Text: text})
	_, _, err = t.humans[who].Say(ctx, pcm)
	return err
}

func (t *talk) leave() (err error) {
	for _, h := range t.humans {
		err = errors.Join(err, h.Close())
	}
	return err
}
