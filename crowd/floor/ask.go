package floor

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

const (
	clause  = 500 * time.Millisecond // of an answer's sound
	clauses = 4                      // of a long answer

	turnLimit = 30 * time.Second       // for a turn to come to an end
	settle    = 150 * time.Millisecond // of nobody speaking or thinking, which ends a turn
	within    = 300 * time.Millisecond // of an answer before a person speaks over it
	arrives   = 200 * time.Millisecond // for what is heard at last
)

// take holds one turn.
func (s *stage) take(ctx context.Context, step Step) (t Turn, err error) {
	t = Turn{Step: step}
	began, ended, err := s.ask(ctx, step)
	if err != nil {
		return t, err
	}
	t.Began = began
	if step.Over != "" {
		var over time.Time
		if t.Cut, over, err = s.over(ctx, step); err != nil {
			return t, err
		}
		if t.Cut != nil {
			ended = over
		}
	}
	t.Lost = !s.watch.settled(ctx, ended, settle, turnLimit)
	if ctx.Err() != nil {
		return t, context.Cause(ctx)
	}
	t.Over = time.Now()
	return t, nil
}

// ask says or types what a step begins with, and returns when that began and ended.
func (s *stage) ask(ctx context.Context, step Step) (began, ended time.Time, err error) {
	if step.Typed {
		now := time.Now()
		return now, now.Add(soft), s.people[step.From].Chat(step.Text)
	}
	return s.say(ctx, step.From, step.Text)
}

// say has somebody say something, and returns when the first sound of it and the last were sent.
func (s *stage) say(ctx context.Context, who, text string) (began, ended time.Time, err error) {
	pcm, err := s.sound(ctx, who, text)
	if err != nil {
		return began, ended, err
	}
	s.said.Store(&text)
	return s.people[who].Say(ctx, pcm)
}

// over has the person who asked speak over the answer, and returns when that ended; nil where there
// is none.
func (s *stage) over(ctx context.Context, step Step) (cut *Cut, ended time.Time, err error) {
	who := s.watch.speaker(ctx, turnLimit)
	if who == "" {
		return nil, ended, context.Cause(ctx)
	}
	if err := media.Sleep(ctx, within); err != nil {
		return nil, ended, err
	}
	cut = &Cut{Who: who}
	if cut.Began, ended, err = s.say(ctx, step.From, step.Over); err != nil {
		return nil, ended, err
	}
	if step.Kind == Interrupted {
		cut.Told = s.watch.told(ctx, who, cut.Began, turnLimit)
	}
	return cut, ended, nil
}
