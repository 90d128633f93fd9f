package turn

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is what a table knows of a turn that a trigger would begin now: who is here, what is
// shown, and the policy. What it cannot know is left empty: models, windows, keys, speeds, tokens.
func (t *Table) Request(trigger Trigger) Request {
	p := &t.policy
	hops, responders := p.Hops, p.Responders
	out := Request{
		Trigger: trigger, Humans: t.people.humans(), Capacity: p.Capacity, LaneCap: p.LaneCap, Lanes: slices.Clone(p.Lanes),
		Policy: PlanPolicy{Mode: p.Mode, Front: p.Front, Context: p.Context, Responders: &responders, Hops: &hops},
	}
	for _, s := range t.seats {
		if s.leaving {
			continue
		}
		if out.Policy.Front == "" { // a plan sorts by name
			out.Policy.Front = s.name
		}
		heard := s.lastHeard.Milliseconds()
		if s.lastHeard > 0 {
			heard = max(heard, 1)
		}
		out.Personas = append(out.Personas, Candidate{
			Name: s.name, Aliases: slices.Clone(s.aliases), Specialty: slices.Clone(s.specialty), Muted: s.muted, LastHeard: heard, Provider: s.lane,
		})
	}
	out.Trigger.FollowUp = t.followUp(trigger.From)
	if s := t.seat(out.Trigger.FollowUp); s == nil || s.leaving {
		out.Trigger.FollowUp = ""
	}
	for _, v := range t.tracks {
		if !v.video() || !v.seen {
			continue
		}
		kind := MaterialCamera
		if v.source == Screen {
			kind = MaterialScreen
		}
		out.Sources = append(out.Sources, Material{ID: v.id, Kind: kind, Owner: v.who, Key: v.id + "/" + strconv.FormatUint(v.number, 10)})
	}
	return out
}

// ErrPlan means that a plan is not that of its request; see PlanError.
var ErrPlan = errors.New("the plan is not that of the request")

// PlanError says what of a plan is not as its request has it.
type PlanError struct{ Field, Want, Got string }

// Error implements error.
func (e *PlanError) Error() string {
	return fmt.Sprintf("%v: %s: %q, and the request has %q: plan again", ErrPlan, e.Field, clip(e.Got), clip(e.Want))
}

// Unwrap returns ErrPlan.
func (e *PlanError) Unwrap() error { return ErrPlan }

// Verify tells whether a plan is the one of a request, and says of itself what it does. Errors:
// *RequestError, *PlanError.
func (r Request) Verify(p Plan) error {
	want, err := r.Plan()
	switch {
	case err != nil:
		return err
	case p.Turn != want.Turn:
		return &PlanError{"turn", want.Turn, p.Turn}
	case p.Fingerprint != want.Fingerprint:
		return &PlanError{"fingerprint", want.Fingerprint, p.Fingerprint}
	case p.fingerprint() != want.Fingerprint:
		return &PlanError{"replies", want.Fingerprint, p.fingerprint()}
	}
	return nil
}

// ErrChanged means that a room is not any more what a request says of it; see ChangedError.
var ErrChanged = errors.New("the room has changed since the plan")

// ChangedError says what has changed: in a persona, or in the room where Persona is empty.
type ChangedError struct{ Persona, Field, Planned, Now string }

// Error implements error.
func (e *ChangedError) Error() string {
	what := e.Field
	if e.Persona != "" {
		what = fmt.Sprintf("persona %q: %s", clip(e.Persona), e.Field)
	}
	return fmt.Sprintf("%v: %s: planned %q, is %q: plan again", ErrChanged, what, clip(e.Planned), clip(e.Now))
}

// Unwrap returns ErrChanged.
func (e *ChangedError) Unwrap() error { return ErrChanged }

// Fits tells whether what a request says of a room still holds: the same room, personas with the
// same models and prompts, and the same lanes. live is the request that the room would make now.
// Where somebody was heard, muted or shown something since, the plan still fits. Its error is a
// *ChangedError.
func (r Request) Fits(live Request) error {
	if r.Room != live.Room {
		return &ChangedError{"", "room", r.Room, live.Room}
	}
	for _, now := range live.Personas {
		if !slices.ContainsFunc(r.Personas, func(c Candidate) bool { return c.Name == now.Name }) {
			return &ChangedError{now.Name, "presence", "absent", "present"}
		}
	}
	for _, was := range r.Personas {
		i := slices.IndexFunc(live.Personas, func(c Candidate) bool { return c.Name == was.Name })
		if i < 0 {
			return &ChangedError{was.Name, "presence", "present", "absent"}
		}
		if err := was.same(&live.Personas[i]); err != nil {
			return err
		}
	}
	a, b := r.policy(), live.policy()
	for _, f := range []struct{ name, planned, now string }{
		{"policy.context", string(a.Context), string(b.Context)},
		{"capacity", strconv.Itoa(a.Capacity), strconv.Itoa(b.Capacity)},
		{"lane_cap", strconv.Itoa(a.LaneCap), strconv.Itoa(b.LaneCap)},
		{"lanes", fmt.Sprint(sortedLanes(a.Lanes)), fmt.Sprint(sortedLanes(b.Lanes))},
	} {
		if f.planned != f.now {
			return &ChangedError{"", f.name, f.planned, f.now}
		}
	}
	return nil
}

// same tells whether a persona is still what it was planned with.
func (c *Candidate) same(now *Candidate) error {
	list := func(l []string) string { return strings.Join(slices.Sorted(slices.Values(l)), ",") }
	for _, f := range []struct{ name, planned, now string }{
		{"persona_key", c.PersonaKey, now.PersonaKey},
		{"model", c.Model, now.Model},
		{"provider", c.Provider, now.Provider},
		{"capabilities", list(c.Capabilities), list(now.Capabilities)},
		{"window", strconv.Itoa(c.Window), strconv.Itoa(now.Window)},
		{"answer_tokens", strconv.Itoa(c.AnswerTokens), strconv.Itoa(now.AnswerTokens)},
	} {
		if f.planned != f.now {
			return &ChangedError{c.Name, f.name, f.planned, f.now}
		}
	}
	return nil
}

func sortedLanes(l []Lane) []Lane {
	out := slices.Clone(l)
	slices.SortFunc(out, func(a, b Lane) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// speedsKept are the latest replies that a speed is of, speedsLeast how many it takes: of fewer
// nobody can say what 19 of 20 stay below.
const (
	speedsKept  = 32
	speedsLeast = 3
)

// Speeds are how long the latest replies of a persona took. The zero value has none. It belongs to
// one goroutine.
type Speeds struct {
	kept []time.Duration // by age in a ring
	next int
}

// Add takes how long a reply took, from its start until its text was there.
func (s *Speeds) Add(took time.Duration) {
	if len(s.kept) < speedsKept {
		s.kept = append(s.kept, took)
		return
	}
	s.kept[s.next] = took
	s.next = (s.next + 1) % speedsKept
}

// Speed is what half and 19 of 20 of them took at most; nil where there are fewer than three.
func (s *Speeds) Speed() *Speed {
	n := len(s.kept)
	if n < speedsLeast {
		return nil
	}
	sorted := slices.Sorted(slices.Values(s.kept))
	rank := func(percent int) int64 { return sorted[(n*percent+99)/100-1].Milliseconds() }
	return &Speed{P50: rank(50), P95: rank(95)}
}
