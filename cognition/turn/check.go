package turn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// checker finds the first thing in a request that cannot be used.
type checker struct{ err *RequestError }

func (c *checker) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = &RequestError{field, fmt.Sprintf(format, args...)}
	}
}

func (c *checker) text(field, s string, most int, needed bool) {
	switch {
	case needed && strings.TrimSpace(s) == "":
		c.fail(field, "is missing")
	case len(s) > most:
		c.fail(field, "has %d bytes; at most %d", len(s), most)
	}
}

func (c *checker) number(field string, n, least, most int64) {
	if n < least || n > most {
		c.fail(field, "%d is not from %d to %d", n, least, most)
	}
}

func (c *checker) length(field string, n, most int) {
	if n > most {
		c.fail(field, "%d are too many; at most %d", n, most)
	}
}

func (c *checker) reason(field string, why Reason) {
	if !slices.Contains(Reasons(), why) {
		c.fail(field, "%q is no reason; see docs/turns.md", clip(string(why)))
	}
}

func (c *checker) one(field, got string, of ...string) {
	if !slices.Contains(of, got) {
		c.fail(field, "%q is none of %s", got, strings.Join(of, ", "))
	}
}

// check finds out whether a request can be planned. Its error is a *RequestError.
func (r *Request) check() error {
	c := &checker{}
	c.text("room", r.Room, mostName, false)
	r.Trigger.check(c)
	c.length("humans", len(r.Humans), mostHumans)
	for i, h := range r.Humans {
		at := fmt.Sprintf("humans[%d]", i)
		c.text(at+".identity", h.Identity, mostName, true)
		c.text(at+".name", h.Name, mostName, false)
	}
	c.length("personas", len(r.Personas), mostPersonas)
	names := map[string]bool{}
	for i := range r.Personas {
		p := &r.Personas[i]
		at := fmt.Sprintf("personas[%d]", i)
		p.check(c, at)
		if fold := strings.ToLower(p.Name); names[fold] {
			c.fail(at+".name", "%q is there twice", clip(p.Name))
		} else {
			names[fold] = true
		}
	}
	for i, to := range r.Trigger.To {
		if !names[strings.ToLower(to)] {
			c.fail(fmt.Sprintf("trigger.to[%d]", i), "no persona is called %q", clip(to))
		}
	}
	if f := r.Trigger.FollowUp; f != "" && !names[strings.ToLower(f)] {
		c.fail("trigger.follow_up", "no persona is called %q", clip(f))
	}
	r.checkSources(c)
	r.checkContexts(c)
	r.checkLimits(c)
	if c.err != nil {
		return c.err
	}
	return nil
}

func (t *Trigger) check(c *checker) {
	c.text("trigger.id", t.ID, mostName, true)
	c.one("trigger.kind", string(t.Kind), string(KindSpoken), string(KindTyped), string(KindAPI), string(KindPersona))
	c.text("trigger.from", t.From, mostName, true)
	c.text("trigger.text", t.Text, mostText, true)
	c.length("trigger.to", len(t.To), mostPersonas)
	c.number("trigger.tokens", int64(t.Tokens), 0, mostTokens)
	c.number("trigger.hop", int64(t.Hop), 0, mostHops+1)
}

func (p *Candidate) check(c *checker, at string) {
	c.text(at+".name", p.Name, mostName, true)
	c.length(at+".aliases", len(p.Aliases), mostNames)
	for i, a := range p.Aliases {
		c.text(fmt.Sprintf("%s.aliases[%d]", at, i), a, mostName, true)
	}
	c.length(at+".specialty", len(p.Specialty), mostNames)
	for i, s := range p.Specialty {
		c.text(fmt.Sprintf("%s.specialty[%d]", at, i), s, mostName, true)
	}
	c.length(at+".capabilities", len(p.Capabilities), mostNames)
	c.text(at+".model", p.Model, mostName, false)
	c.text(at+".provider", p.Provider, mostName, false)
	c.text(at+".context_key", p.ContextKey, mostName, false)
	c.text(at+".persona_key", p.PersonaKey, mostName, false)
	c.number(at+".last_heard_ms", p.LastHeard, 0, 1<<53)
	c.number(at+".window", int64(p.Window), 1, mostTokens)
	c.number(at+".context_tokens", int64(p.ContextTokens), 0, mostTokens)
	c.number(at+".answer_tokens", int64(p.AnswerTokens), 0, mostTokens)
	if p.Speed != nil {
		c.number(at+".speed.p50_ms", p.Speed.P50, 0, mostPlanTime)
		c.number(at+".speed.p95_ms", p.Speed.P95, p.Speed.P50, mostPlanTime)
	}
}

func (r *Request) checkSources(c *checker) {
	c.length("sources", len(r.Sources), mostSources)
	ids := map[string]bool{}
	for i, s := range r.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		c.text(at+".id", s.ID, mostName, true)
		c.text(at+".key", s.Key, mostName, true)
		c.one(at+".kind", string(s.Kind), string(MaterialCamera), string(MaterialScreen), string(MaterialSound), string(MaterialText))
		c.text(at+".owner", s.Owner, mostName, s.Kind != MaterialText)
		c.number(at+".tokens", int64(s.Tokens), 0, mostTokens)
		if ids[s.ID] {
			c.fail(at+".id", "%q is there twice", s.ID)
		}
		ids[s.ID] = true
	}
}

func (r *Request) checkLimits(c *checker) {
	c.number("input_budget", int64(r.InputBudget), 0, mostTokens)
	c.number("capacity", int64(r.Capacity), 0, mostPlaces)
	c.number("lane_cap", int64(r.LaneCap), 0, mostPlaces)
	c.number("first_budget_ms", r.FirstBudget, 0, mostPlanTime)
	c.number("all_budget_ms", r.AllBudget, 0, mostPlanTime)
	c.length("lanes", len(r.Lanes), mostPlanLanes)
	p := r.policy()
	var problem *PolicyError
	if errors.As(p.Validate(), &problem) {
		c.fail("policy."+problem.Key, "%s", problem.Problem)
	}
}

// policy is the policy of a request, with the values of Default where it says nothing.
func (r *Request) policy() Policy {
	p := Default()
	if r.Policy.Mode != "" {
		p.Mode = r.Policy.Mode
	}
	if r.Policy.Context != "" {
		p.Context = r.Policy.Context
	}
	if r.Policy.Responders != nil {
		p.Responders = *r.Policy.Responders
	}
	if r.Policy.Hops != nil {
		p.Hops = *r.Policy.Hops
	}
	if r.LaneCap > 0 {
		p.LaneCap = r.LaneCap
	}
	p.Front, p.Capacity, p.Lanes = r.Policy.Front, r.Capacity, r.Lanes
	return p
}
