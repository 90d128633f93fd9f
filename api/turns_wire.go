package api

import (
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// each translates a list. An empty one stays nil.
func each[A, B any](list []A, translate func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = translate(x)
	}
	return out
}

// full is a list that plans and results have even where it is empty.
func full[A, B any](list []A, translate func(A) B) []B {
	if out := each(list, translate); out != nil {
		return out
	}
	return []B{}
}

func triggerTo(t turn.Trigger) *sensoryv1.Trigger {
	return &sensoryv1.Trigger{
		Id: t.ID, Kind: string(t.Kind), From: t.From, Text: t.Text, To: t.To, Hop: whole(t.Hop), FollowUp: t.FollowUp, Tokens: whole(t.Tokens),
	}
}

func triggerFrom(t *sensoryv1.Trigger) turn.Trigger {
	return turn.Trigger{
		ID: t.GetId(), Kind: turn.Kind(t.GetKind()), From: t.GetFrom(), Text: t.GetText(), To: t.GetTo(), Hop: int(t.GetHop()), FollowUp: t.GetFollowUp(),
		Tokens: int(t.GetTokens()),
	}
}

func requestTo(r *turn.Request) *sensoryv1.TurnRequest {
	p := &sensoryv1.PlanPolicy{Mode: string(r.Policy.Mode), Front: r.Policy.Front, Context: string(r.Policy.Context)}
	if n := r.Policy.Responders; n != nil {
		p.Responders = &sensoryv1.Responders{Named: whole(n.Named), Group: whole(n.Group), Otherwise: whole(n.Otherwise)}
	}
	if r.Policy.Hops != nil {
		hops := whole(*r.Policy.Hops)
		p.Hops = &hops
	}
	return &sensoryv1.TurnRequest{
		Room: r.Room, Trigger: triggerTo(r.Trigger),
		Humans:   each(r.Humans, func(h turn.Human) *sensoryv1.Human { return &sensoryv1.Human{Identity: h.Identity, Name: h.Name} }),
		Personas: each(r.Personas, candidateTo),
		Sources: each(r.Sources, func(m turn.Material) *sensoryv1.Source {
			return &sensoryv1.Source{Id: m.ID, Kind: string(m.Kind), Owner: m.Owner, Key: m.Key, Tokens: whole(m.Tokens)}
		}),
		InputBudget: whole(r.InputBudget), Capacity: whole(r.Capacity), LaneCap: whole(r.LaneCap),
		Lanes:         each(r.Lanes, func(l turn.Lane) *sensoryv1.Lane { return &sensoryv1.Lane{Name: l.Name, Cap: whole(l.Cap)} }),
		FirstBudgetMs: whole(r.FirstBudget), AllBudgetMs: whole(r.AllBudget), Policy: p,
	}
}

// RequestFrom is a request of the contract.
func RequestFrom(r *sensoryv1.TurnRequest) turn.Request {
	p := turn.PlanPolicy{Mode: turn.Mode(r.GetPolicy().GetMode()), Front: r.GetPolicy().GetFront(), Context: turn.Context(r.GetPolicy().GetContext())}
	if n := r.GetPolicy().GetResponders(); n != nil {
		p.Responders = &turn.Responders{Named: int(n.GetNamed()), Group: int(n.GetGroup()), Otherwise: int(n.GetOtherwise())}
	}
	if r.GetPolicy() != nil && r.GetPolicy().Hops != nil {
		hops := int(r.GetPolicy().GetHops())
		p.Hops = &hops
	}
	return turn.Request{
		Room: r.GetRoom(), Trigger: triggerFrom(r.GetTrigger()),
		Humans:   each(r.GetHumans(), func(h *sensoryv1.Human) turn.Human { return turn.Human{Identity: h.GetIdentity(), Name: h.GetName()} }),
		Personas: each(r.GetPersonas(), candidateFrom),
		Sources: each(r.GetSources(), func(m *sensoryv1.Source) turn.Material {
			return turn.Material{ID: m.GetId(), Kind: turn.MaterialKind(m.GetKind()), Owner: m.GetOwner(), Key: m.GetKey(), Tokens: int(m.GetTokens())}
		}),
		InputBudget: int(r.GetInputBudget()), Capacity: int(r.GetCapacity()), LaneCap: int(r.GetLaneCap()),
		Lanes:       each(r.GetLanes(), func(l *sensoryv1.Lane) turn.Lane { return turn.Lane{Name: l.GetName(), Cap: int(l.GetCap())} }),
		FirstBudget: int64(r.GetFirstBudgetMs()), AllBudget: int64(r.GetAllBudgetMs()), Policy: p,
	}
}

func candidateTo(c turn.Candidate) *sensoryv1.Candidate {
	out := &sensoryv1.Candidate{
		Name: c.Name, Aliases: c.Aliases, Specialty: c.Specialty, Muted: c.Muted, LastHeardMs: whole(c.LastHeard), Model: c.Model, Provider: c.Provider,
		Capabilities: c.Capabilities, Window: whole(c.Window), ContextKey: c.ContextKey, ContextTokens: whole(c.ContextTokens),
		AnswerTokens: whole(c.AnswerTokens), ContextGiven: c.ContextGiven, PersonaKey: c.PersonaKey,
	}
	if c.Speed != nil {
		out.Speed = &sensoryv1.Speed{P50Ms: whole(c.Speed.P50), P95Ms: whole(c.Speed.P95)}
	}
	return out
}

func candidateFrom(c *sensoryv1.Candidate) turn.Candidate {
	out := turn.Candidate{
		Name: c.GetName(), Aliases: c.GetAliases(), Specialty: c.GetSpecialty(), Muted: c.GetMuted(), LastHeard: int64(c.GetLastHeardMs()),
		Model: c.GetModel(), Provider: c.GetProvider(), Capabilities: c.GetCapabilities(), Window: int(c.GetWindow()), ContextKey: c.GetContextKey(),
		ContextTokens: int(c.GetContextTokens()), AnswerTokens: int(c.GetAnswerTokens()), ContextGiven: c.GetContextGiven(), PersonaKey: c.GetPersonaKey(),
	}
	if s := c.GetSpeed(); s != nil {
		out.Speed = &turn.Speed{P50: int64(s.GetP50Ms()), P95: int64(s.GetP95Ms())}
	}
	return out
}

func planTo(p *turn.Plan) *sensoryv1.Plan {
	return &sensoryv1.Plan{
		Turn: p.Turn, Rule: string(p.Rule), Sources: p.Sources, Fingerprint: p.Fingerprint, First: string(p.First), All: string(p.All),
		Silences: each(p.Silences, silenceTo),
		Replies: each(p.Replies, func(r turn.PlannedReply) *sensoryv1.PlannedReply {
			return &sensoryv1.PlannedReply{
				Persona: r.Persona, Lane: r.Lane, Wave: whole(r.Wave), Order: whole(r.Order), ContextKey: r.ContextKey, SourceKeys: r.SourceKeys,
				Dropped: r.Dropped, InputTokens: whole(r.InputTokens), OutputTokens: whole(r.OutputTokens), StartMs: maybe(r.Start), FinishMs: maybe(r.Finish),
				Verdict: string(r.Verdict),
			}
		}),
	}
}

// PlanFrom is a plan of the contract.
func PlanFrom(p *sensoryv1.Plan) turn.Plan {
	return turn.Plan{
		Turn: p.GetTurn(), Rule: turn.Rule(p.GetRule()), Sources: full(p.GetSources(), func(s string) string { return s }), Fingerprint: p.GetFingerprint(),
		First: turn.Verdict(p.GetFirst()), All: turn.Verdict(p.GetAll()),
		Silences: full(p.GetSilences(), quietFrom),
		Replies: full(p.GetReplies(), func(r *sensoryv1.PlannedReply) turn.PlannedReply {
			return turn.PlannedReply{
				Persona: r.GetPersona(), Lane: r.GetLane(), Wave: int(r.GetWave()), Order: int(r.GetOrder()), ContextKey: r.GetContextKey(),
				SourceKeys: r.GetSourceKeys(), Dropped: r.GetDropped(), InputTokens: int(r.GetInputTokens()), OutputTokens: int(r.GetOutputTokens()),
				Start: known(r.StartMs), Finish: known(r.FinishMs), Verdict: turn.Verdict(r.GetVerdict()),
			}
		}),
	}
}

func silenceTo(q turn.Quiet) *sensoryv1.PlannedSilence {
	return &sensoryv1.PlannedSilence{Persona: q.Seat, Reason: string(q.Why)}
}

func quietFrom(q *sensoryv1.PlannedSilence) turn.Quiet {
	return turn.Quiet{Seat: q.GetPersona(), Why: turn.Reason(q.GetReason())}
}

// maybe and known translate a time that may not be known.
func maybe(ms *int64) *int32 {
	if ms == nil {
		return nil
	}
	out := whole(*ms)
	return &out
}

func known(ms *int32) *int64 {
	if ms == nil {
		return nil
	}
	out := int64(*ms)
	return &out
}

func resultTo(r *turn.Result) *sensoryv1.RunTurnResponse {
	return &sensoryv1.RunTurnResponse{
		Turn: r.Turn, Fingerprint: r.Fingerprint, Silences: each(r.Silences, silenceTo),
		Replies: each(r.Replies, func(t turn.Told) *sensoryv1.RunReply {
			return &sensoryv1.RunReply{
				Persona: t.Persona, Text: t.Text, Lane: t.Lane, ContextKey: t.ContextKey, StartMs: whole(t.Start), FinishMs: whole(t.Finish),
				HeardMs: whole(t.Heard), Cut: string(t.Cut), SourceKeys: t.SourceKeys,
			}
		}),
		Divergences: each(r.Divergences, divergenceTo),
	}
}

func divergenceTo(d turn.Deviation) *sensoryv1.Divergence {
	return &sensoryv1.Divergence{Kind: string(d.Kind), Persona: d.Persona, Planned: d.Planned, Was: d.Was}
}

func deviationFrom(d *sensoryv1.Divergence) turn.Deviation {
	return turn.Deviation{Kind: turn.DeviationKind(d.GetKind()), Persona: d.GetPersona(), Planned: d.GetPlanned(), Was: d.GetWas()}
}

// ResultFrom is the result of a turn that was run.
func ResultFrom(r *sensoryv1.RunTurnResponse) turn.Result {
	return turn.Result{
		Turn: r.GetTurn(), Fingerprint: r.GetFingerprint(), Silences: full(r.GetSilences(), quietFrom), Divergences: full(r.GetDivergences(), deviationFrom),
		Replies: full(r.GetReplies(), func(t *sensoryv1.RunReply) turn.Told {
			return turn.Told{
				Persona: t.GetPersona(), Text: t.GetText(), Lane: t.GetLane(), ContextKey: t.GetContextKey(), SourceKeys: t.GetSourceKeys(),
				Start: int64(t.GetStartMs()), Finish: int64(t.GetFinishMs()), Heard: int64(t.GetHeardMs()), Cut: turn.Reason(t.GetCut()),
			}
		}),
	}
}
