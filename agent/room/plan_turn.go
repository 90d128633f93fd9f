package room

import (
	"context"
	"slices"
	"time"

	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Given is a context that somebody gave for the replies of a persona.
type Given struct {
	Key      string
	Segments []prompt.Segment
	// Err says why there are no segments under the key; nil where there are.
	Err error
}

// planning asks what a turn would be planned from.
type planning struct {
	trigger turn.Trigger
	given   map[string]Given
	came    chan<- planned
}

// planned is the answer.
type planned struct {
	request turn.Request
	err     error
}

func (planning) message() {}

// PlanRequest says what a turn that a trigger began now would be planned from: who is here, with
// which models, how fast, what was said and is seen. given are contexts for personas, by identity,
// that stand in their prompts before what was said here; it is not changed any more. Errors: a
// *turn.RequestError for one of somebody who is not here; those of given, and of
// prompt.Conversation.Context; ErrClosed; the cause of ctx.
func (r *Room) PlanRequest(ctx context.Context, trigger turn.Trigger, given map[string]Given) (turn.Request, error) {
	came := make(chan planned, 1)
	if err := r.tell(ctx, planning{trigger, given, came}); err != nil {
		return turn.Request{}, err
	}
	out, err := await(ctx, r, came)
	if err != nil {
		return turn.Request{}, err
	}
	return out.request, out.err
}

// await waits for what the actor answers.
func await[T any](ctx context.Context, r *Room, came <-chan T) (out T, err error) {
	select {
	case out = <-came:
		return out, nil
	case <-ctx.Done():
		return out, context.Cause(ctx)
	case <-r.life.Done():
	}
	select {
	case out = <-came: // the actor's last word
		return out, nil
	default:
		return out, ErrClosed
	}
}

// planRequest fills in what the table does not know.
func (a *actor) planRequest(trigger turn.Trigger, given map[string]Given) (turn.Request, error) {
	out := a.table.Request(trigger)
	out.Room = a.Name()
	for who := range given {
		if !slices.ContainsFunc(out.Personas, func(c turn.Candidate) bool { return c.Name == who }) {
			return turn.Request{}, &turn.RequestError{Field: "contexts", Problem: "no persona of the room is called " + quoted(who)}
		}
	}
	for i := range out.Personas {
		c := &out.Personas[i]
		if err := a.seat(c.Name).describe(c, given[c.Name]); err != nil {
			return turn.Request{}, err
		}
	}
	for i := range out.Sources {
		out.Sources[i].Tokens = a.sourceTokens(out.Sources[i].ID)
	}
	return out, nil
}

// describe says what a persona's replies are made with.
func (s *Seat) describe(c *turn.Candidate, given Given) error {
	traits := s.models.Traits()
	c.Model, c.Window, c.AnswerTokens, c.Speed = s.models.Name(), traits.Window, s.models.AnswerTokens(), s.speeds.Speed()
	if s.models.Sees() {
		c.Capabilities = append(c.Capabilities, turn.CapabilityVision)
	}
	if s.models.HearsSound() {
		c.Capabilities = append(c.Capabilities, turn.CapabilitySound)
	}
	if given.Err != nil {
		return given.Err
	}
	var err error
	var chain keys.Chain
	if chain, c.ContextTokens, err = s.talk.context(given.Segments); err != nil {
		return err
	}
	c.PersonaKey, c.ContextKey = string(chain.Persona()), string(chain.Prefix())
	if given.Key != "" {
		c.ContextKey, c.ContextGiven = given.Key, true
	}
	return nil
}

// context is what the persona's prompts begin with now, with a context that somebody gave, and how
// many tokens that is.
func (c *conversation) context(given []prompt.Segment) (keys.Chain, int, error) {
	if c == nil {
		if len(given) > 0 {
			return keys.Chain{}, 0, errAlone
		}
		return keys.Chain{}, 0, nil
	}
	segments, tokens, err := c.prompts.Context(given)
	return keys.ChainOf(segments, keys.Chain{}), tokens, err
}

// sourceTokens is how many tokens the newest sight of a track has at most, of those whose models
// look at it.
func (a *actor) sourceTokens(track string) (most int) {
	for _, s := range a.sitting {
		most = max(most, s.sightTokens(s.look(a.eyes[track])))
	}
	return most
}

// took notes how long a reply took until its text was there.
func (a *answer) took(at time.Time) {
	if !a.begun.IsZero() {
		a.seat.speeds.Add(at.Sub(a.begun))
		a.begun = time.Time{}
	}
}
