package crowd

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
)

// stillBefore is how long a room is left alone before its processor time without a human is taken:
// connections are made until then.
const stillBefore = 3 * time.Second

// Panel is what one human costs whom several personas in one room hear and see. Nobody is called by
// name and only who is called answers, so that hearing and seeing are measured and no reply is.
type Panel struct {
	Personas int `json:"personas"`
	// Alone are the cores of the service with everybody seated and no human there, and Human what
	// it used more with the human: decoding, voice detector, ears and features, and what is told to
	// the room of them.
	Alone float64 `json:"alone_cores"`
	Human float64 `json:"human_cores"`
	// ToOne is Human divided by that of a run with one persona, nil without one.
	ToOne *float64 `json:"to_one,omitempty"`
	// Said is how often the human spoke, Heard how often that was understood, once for all
	// personas; Looked how many frames had features made, once for all too; Replies must be 0.
	Said    int `json:"said"`
	Heard   int `json:"heard"`
	Looked  int `json:"looked"`
	Replies int `json:"replies"`
}

// PanelError says that a panel was not what was to be measured: something that was said was not
// heard, nothing was seen, or somebody replied.
type PanelError struct {
	Panel
	Video bool
}

// Error gives the counts.
func (e *PanelError) Error() string {
	text := fmt.Sprintf("%d personas: of %d times that somebody spoke %d were heard, and %d replies were given, which were not asked for",
		e.Personas, e.Said, e.Heard, e.Replies)
	if e.Video && e.Looked == 0 {
		text += "; the camera was not seen"
	}
	return text
}

// failure is a *PanelError, or nil.
func (p *Panel) failure(silent, video bool) error {
	switch {
	case !silent && p.Said == 0:
		return ErrNothingAsked
	case p.Heard < p.Said, p.Replies > 0, video && p.Looked == 0:
		return &PanelError{*p, video}
	}
	return nil
}

// witnessed are the times of what personas did without being asked anything.
type witnessed struct{ heard, looked, replied []time.Time }

// note takes an event of a room. The lock is held.
func (w *witnessed) note(e room.Event) {
	switch e := e.(type) {
	case room.Heard:
		if e.Final {
			w.heard = append(w.heard, e.At)
		}
	case room.Saw:
		if e.Features > 0 {
			w.looked = append(w.looked, e.At)
		}
	case room.TurnDone:
		w.replied = append(w.replied, e.At)
	}
}

// judge counts what was said between begin and end and what came of it: what is heard before the
// human speaks again belongs to what was said last.
func (p *Panel) judge(lines []Noticed, w *witnessed, begin, end time.Time) {
	p.Said, p.Heard = 0, 0
	for i, l := range lines {
		if l.Event != humanSpoke || l.End.Before(begin) || l.End.After(end) {
			continue
		}
		p.Said++
		next := l.End.Add(talkEvery)
		for _, later := range lines[i+1:] {
			if later.Event == humanSpoke {
				next = later.Start
				break
			}
		}
		if count(w.heard, l.Start, next) > 0 {
			p.Heard++
		}
	}
	p.Looked, p.Replies = count(w.looked, begin, end), len(w.replied)
}

// count is how many times are not before begin and before end.
func count(times []time.Time, begin, end time.Time) (n int) {
	for _, t := range times {
		if !t.Before(begin) && t.Before(end) {
			n++
		}
	}
	return n
}

// seatPanel has the personas of a panel take their seats in one room.
func (b *bench) seatPanel(ctx context.Context, cfg room.Config) error {
	policy := turn.Default()
	policy.Mode = turn.ModeMentions
	cfg.Policy, cfg.Shared = &policy, b.cfg.Personas > 1
	r, err := room.Open(cfg)
	if err != nil {
		return err
	}
	b.rooms[0] = r
	for i := range b.cfg.Personas {
		if _, err := r.Sit(ctx, b.cfg.Models, room.Persona{Identity: fmt.Sprint("persona-", i+1)}); err != nil {
			return err
		}
	}
	return nil
}

// alone takes the processor time of a panel that nobody has come to yet, for half the time that is
// measured.
func (b *bench) alone(ctx context.Context) error {
	b.say("%d personas sit in a room that nobody has come to: %v", b.cfg.Personas, b.cfg.For/2)
	if err := media.Sleep(ctx, stillBefore); err != nil {
		return err
	}
	used, err := watch(ctx, map[string]int{service: os.Getpid()})
	if err != nil {
		return err
	}
	if err := media.Sleep(ctx, b.cfg.For/2); err != nil {
		return err
	}
	cores, _, err := used.cores(ctx)
	b.record.Panel = &Panel{Personas: b.cfg.Personas, Alone: cores[service]}
	return err
}

// ToOne is what the human of the last record costs beside one in a room with one persona; nil where
// there is none among the records.
func ToOne(records []Record) *float64 {
	last := records[len(records)-1].Panel
	if last == nil {
		return nil
	}
	for _, r := range records {
		if r.Panel != nil && r.Panel.Personas == 1 && last.Personas > 1 && r.Panel.Human > 0 {
			ratio := last.Human / r.Panel.Human
			return &ratio
		}
	}
	return nil
}
