package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	roundtableRoom = "roundtable"
	roundtableStep = 2 * time.Minute // for all that comes of one question
)

// errRoundtable means that the conversation did not go as it should; the text says where.
var errRoundtable = errors.New("the conversation went wrong")

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

// line of the script: what somebody says, and who is to answer.
type scripted struct {
	who, says string
	answers   []string
	// wrong says what is wrong with an answer, empty for nothing.
	wrong func(persona, answer string) string
}

// roundtable is one run.
type roundtable struct {
	*demo
	humans map[string]*participant.Participant

	mu       sync.Mutex
	news     chan struct{}
	answered map[string][]answered // by persona
	silent   map[string]int
	speaks   map[string]time.Time // personas that are audible, since when
	overlap  time.Duration
	spoken   time.Duration
}

// answered is what a persona said, or why it could not.
type answered struct {
	text string
	err  error
}

// observe follows the conversation. It is called by the room's goroutine.
func (r *roundtable) observe(o room.Origin, e room.Event) {
	if l, ok := agentLine(o.Persona, e); ok {
		if e, state := e.(room.ReadyChanged); !state || e.Err != nil {
			r.out.print(l)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case room.TurnDone:
		r.answered[o.Persona] = append(r.answered[o.Persona], answered{e.Trace.Answer, e.Trace.Err})
	case room.Silent:
		r.silent[o.Persona]++
	case room.StateChanged:
		r.audible(o.Persona, e)
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// audible measures for how long two personas spoke at once. r.mu is held.
func (r *roundtable) audible(who string, e room.StateChanged) {
	since, spoke := r.speaks[who]
	if e.State == "speaking" {
		r.speaks[who] = e.At
		return
	}
	if !spoke {
		return
	}
	delete(r.speaks, who)
	r.spoken += e.At.Sub(since)
	for _, other := range r.speaks {
		r.overlap += e.At.Sub(later(since, other))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// runRoundtable seats the cast, lets two humans talk with it, and judges what came of it.
func (d *demo) runRoundtable(ctx context.Context, log *slog.Logger, s *served) (err error) {
	r := &roundtable{
		demo: d, humans: map[string]*participant.Participant{}, news: make(chan struct{}, 1),
		answered: map[string][]answered{}, silent: map[string]int{}, speaks: map[string]time.Time{},
	}
	if d.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
		return err
	}
	defer closing(&err, d.server.Stop)
	d.out.print(line{Event: "server", Detail: "livekit-server at " + d.server.URL})
	set := roundtableCast()
	on, err := openCast(ctx, d.flags.engine, log, set.Personas)
	if err != nil {
		return err
	}
	defer closing(&err, on.Close)
	s.machine.Store(on.machine)
	host, err := agent.NewHost(agent.HostConfig{
		Open: func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
			m, res, err := on.open(ctx, p)
			if err == nil {
				d.out.print(line{Event: "ready", Who: p.Name, Detail: res.Reason})
			}
			return m, err
		},
		Room: room.Config{
			URL: d.server.URL, APIKey: d.server.APIKey, APISecret: d.server.APISecret, Logger: log, Observe: r.observe,
			Record: recordInto(d.flags.record),
		},
		Report: func(st agent.SeatStatus) { d.out.print(seatLine(st)) },
	})
	if err != nil {
		return err
	}
	defer closing(&err, host.Close)
	s.host.Store(host)
	if err := host.Apply(set); err != nil {
		return err
	}
	if err := r.seated(ctx, host); err != nil {
		return err
	}
	if err := errors.Join(r.converse(ctx), r.leave()); err != nil {
		return err
	}
	return r.judge()
}

// seated waits until everybody is there.
func (r *roundtable) seated(ctx context.Context, host *agent.Host) error {
	ctx, cancel := context.WithTimeoutCause(ctx, roundtableStep, fmt.Errorf("%w: not everybody is seated after %v", errRoundtable, roundtableStep))
	defer cancel()
	for {
		ready := 0
		for _, s := range host.Seats() {
			if s.State == agent.SeatFailed {
				return fmt.Errorf("%s is not there (models: make demo ROUNDTABLE=1 fetches them): %w", s.Persona, s.Err)
			}
			if s.Ready {
				ready++
			}
		}
		if ready == len(host.Seats()) {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// converse lets the humans say what the script has them say, one after the other.
func (r *roundtable) converse(ctx context.Context) error {
	name, err := codec.ParseVideoCodec(r.flags.codec)
	if err != nil {
		return usageError{err}
	}
	for _, who := range []string{"ada", "bob"} {
		h, err := participant.Join(ctx, participant.Config{
			URL: r.server.URL, APIKey: r.server.APIKey, APISecret: r.server.APISecret, Room: roundtableRoom, Identity: who,
		})
		if err != nil {
			return err
		}
		r.humans[who] = h
	}
	if _, err := r.humans["ada"].OpenCamera(ctx, participant.CameraConfig{Codec: name}, r.scene.Image); err != nil {
		return err
	}
	for _, step := range r.script() {
		if err := r.step(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// script is what is said. Names come first: that is how people call somebody.
func (r *roundtable) script() []scripted {
	sees := func(_, answer string) string {
		if len(r.scene.StatedFacts(answer)) == 0 {
			return fmt.Sprintf("%q is not true of the picture", answer)
		}
		return ""
	}
	ask := lowerFirst(r.ask.Question)
	return []scripted{
		{who: "ada", says: "Max, " + ask, answers: []string{"max"}, wrong: r.correct},
		{who: "bob", says: "Sophie, what is the capital of France?", answers: []string{"sophie"}, wrong: func(_, answer string) string {
			if !strings.Contains(answer, "Paris") {
				return fmt.Sprintf("%q does not name Paris", answer)
			}
			return ""
		}},
		{who: "ada", says: "Bob, are you coming to lunch?"},
		{who: "bob", says: "Max and Victor, what do you see?", answers: []string{"max", "victor"}, wrong: sees},
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// correct judges the answer to the question about the picture.
func (r *roundtable) correct(_, answer string) string {
	if !r.scene.Check(r.ask, answer) {
		return fmt.Sprintf("%q, expected %q", answer, r.ask.Answer)
	}
	return ""
}

// step has somebody say something, waits for those who are to answer, and judges.
func (r *roundtable) step(ctx context.Context, s scripted) error {
	pcm, err := speech.Say(ctx, r.speaker(s.who), s.says)
	if err != nil {
		return err
	}
	before := r.counts()
	r.out.print(line{Event: "asks", Who: s.who, Text: s.says})
	if _, _, err := r.humans[s.who].Say(ctx, pcm); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, roundtableStep)
	defer cancel()
	for !r.over(before) {
		select {
		case <-r.news:
			continue
		case <-wait.Done():
		}
		break
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return r.judgeStep(s, before)
}

// speaker is the voice of a human.
func (r *roundtable) speaker(who string) string {
	if who == "ada" {
		return r.flags.speaker
	}
	return "flite:rms"
}

// tally is what a persona has answered so far, and how often it had nothing to say.
type tally struct{ answers, silences int }

func (r *roundtable) counts() map[string]tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]tally{}
	for _, p := range roundtableCast().Personas {
		out[p.Name] = tally{len(r.answered[p.Name]), r.silent[p.Name]}
	}
	return out
}

// over tells whether every persona has answered, or said why not, since.
func (r *roundtable) over(before map[string]tally) bool {
	for who, now := range r.counts() {
		if now == before[who] {
			return false
		}
	}
	return true
}

// judgeStep compares what was answered since with what was to be.
func (r *roundtable) judgeStep(s scripted, before map[string]tally) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var wrong []error
	meant := map[string]bool{}
	for _, who := range s.answers {
		meant[who] = true
		all := r.answered[who]
		if len(all) <= before[who].answers {
			wrong = append(wrong, fmt.Errorf("%w: %q: %s says nothing", errRoundtable, s.says, who))
			continue
		}
		got := all[before[who].answers]
		if got.err != nil {
			wrong = append(wrong, fmt.Errorf("%w: %q: %s: %w", errRoundtable, s.says, who, got.err))
		} else if why := s.wrong(who, got.text); why != "" {
			wrong = append(wrong, fmt.Errorf("%w: %q: %s says %s", errRoundtable, s.says, who, why))
		}
	}
	for who, all := range r.answered {
		if !meant[who] && len(all) > before[who].answers {
			wrong = append(wrong, fmt.Errorf("%w: %q: %s answers too: %q", errRoundtable, s.says, who, all[before[who].answers].text))
		}
	}
	return errors.Join(wrong...)
}

func (r *roundtable) leave() (err error) {
	for _, h := range r.humans {
		err = errors.Join(err, h.Close())
	}
	return err
}

// judge says how the floor was shared.
func (r *roundtable) judge() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.print(line{Event: "floor", Detail: fmt.Sprintf("personas spoke for %.1f s, two at once for %d ms", r.spoken.Seconds(), r.overlap.Milliseconds())})
	if r.overlap > 0 {
		return fmt.Errorf("%w: two personas spoke at once for %v", errRoundtable, r.overlap)
	}
	r.out.print(line{Event: "right", Detail: "everybody who was meant answered rightly, and nobody else did"})
	return nil
}
