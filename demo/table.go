package demo

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/roundtable"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// Together says how several personas run.
type Together struct {
	// Open opens what personas share; of a persona it returns its models, and why they are those.
	Open func(ctx context.Context) (Personas, error)
	// Record opens what a conversation is written to; nil records nothing.
	Record func(room string) (io.WriteCloser, error)
	// Host is told who seats the personas, Seat describes what becomes of a seat.
	Host func(*agent.Host)
	Seat func(agent.SeatStatus) lines.Line
}

// Personas opens the models of personas.
type Personas struct {
	Open  func(context.Context, persona.Persona) (*engine.Models, string, error)
	Close func() error
}

// Table seats the personas of Cast, lets two humans talk with them, and judges who answers what.
// Errors: those of package roundtable, and of models, server and room.
func (d *Demo) Table(ctx context.Context, with Together) (err error) {
	if err := d.open(ctx); err != nil {
		return err
	}
	defer closing(&err, d.server.Stop)
	on, err := with.Open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	t := &talk{Demo: d, humans: map[string]*participant.Participant{}}
	t.table = roundtable.New(Cast().Rooms[0].Personas, t.say)
	host, err := agent.NewHost(agent.HostConfig{
		Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
			m, reason, err := on.Open(ctx, p)
			if err == nil {
				d.cfg.Tell(lines.Line{Event: "ready", Who: p.Name, Detail: reason})
			}
			return m, err
		},
		Room: room.Config{
			URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Logger: d.cfg.Logger,
			Observe: t.observe, Record: with.Record, KeepSights: true,
		},
		Report: func(st agent.SeatStatus) { d.cfg.Tell(with.Seat(st)) },
	})
	if err != nil {
		return err
	}
	defer closing(&err, host.Close)
	with.Host(host)
	if err := host.Apply(Cast()); err != nil {
		return err
	}
	if err := host.Seated(ctx); err != nil {
		return fmt.Errorf("%w (make demo ROUNDTABLE=1 fetches the models)", err)
	}
	defer closing(&err, t.leave)
	return t.run(ctx)
}

// talk is what two humans say to the personas.
type talk struct {
	*Demo
	table  *roundtable.Table
	humans map[string]*participant.Participant
}

// observe follows the conversation. It is called by the room's goroutine.
func (t *talk) observe(o room.Origin, e room.Event) {
	if l, ok := lines.OfAgent(o.Persona, e); ok && l.Event != "reach" {
		t.cfg.Tell(l)
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
	for _, who := range []string{ada, bob} {
		human, err := participant.Join(ctx, t.join(tableRoom, who, ""))
		if err != nil {
			return err
		}
		t.humans[who] = human
	}
	if _, err := t.humans[ada].OpenCamera(ctx, participant.CameraConfig{Codec: t.cfg.Codec}, t.scene.Image); err != nil {
		return err
	}
	err := t.table.Run(ctx, t.script())
	spoken, overlap := t.table.Floor()
	t.cfg.Tell(lines.Line{Event: "floor", Detail: fmt.Sprintf("personas spoke for %.1f s, two at once for %d ms", spoken.Seconds(), overlap.Milliseconds())})
	if err == nil {
		t.cfg.Tell(lines.Line{Event: "right", Detail: "everybody who was meant answered rightly, and nobody else did"})
	}
	return err
}

// say has a human say something.
func (t *talk) say(ctx context.Context, who, text string) error {
	pcm, err := speech.Say(ctx, t.speaker(who), text)
	if err != nil {
		return err
	}
	t.cfg.Tell(lines.Line{Event: "asks", Who: who, Text: text})
	_, _, err = t.humans[who].Say(ctx, pcm)
	return err
}

func (t *talk) leave() (err error) {
	for _, h := range t.humans {
		err = errors.Join(err, h.Close())
	}
	return err
}
