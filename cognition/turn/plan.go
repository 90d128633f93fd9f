package turn

import (
	"cmp"
	"slices"
	"time"
)

// Plan is who replies in a turn, with what, and in what order; and why each other persona is
// silent. It is data: whoever carries it out returns a Result.
type Plan struct {
	// Turn is the turn's key: of its room and its trigger.
	Turn string `json:"turn"`
	// Rule of Address that matched.
	Rule Rule `json:"rule"`
	// Sources are loaded once for all replies, by their ids.
	Sources  []string       `json:"sources"`
	Replies  []PlannedReply `json:"replies"`
	Silences []Quiet        `json:"silences"`
	// First and All say whether the first reply, and all, will be there in time.
	First Verdict `json:"first"`
	All   Verdict `json:"all"`
	// Fingerprint is a digest of order, lanes, waves and keys, without times: what has the same one
	// is carried out the same way.
	Fingerprint string `json:"fingerprint"`
}

// PlannedReply is one persona's part of a plan.
type PlannedReply struct {
	Persona string `json:"persona"`
	// Lane is where it is generated; empty for here. Wave is its place among those that share the
	// lane, Order among all: the order in which they are heard.
	Lane  string `json:"lane,omitempty"`
	Wave  int    `json:"wave"`
	Order int    `json:"order"`
	// ContextKey and SourceKeys name what it is made from.
	ContextKey string   `json:"context_key,omitempty"`
	SourceKeys []string `json:"source_keys,omitempty"`
	// Dropped are the ids of sources that its window or the input budget does not hold.
	Dropped []string `json:"dropped,omitempty"`
	// InputTokens and OutputTokens are bounds; together they fit the model's window.
	InputTokens  int `json:"input_tokens"`
	OutputTokens int `json:"output_tokens"`
	// Start and Finish of its text are expected then, after the turn began; nil where that is not
	// known.
	Start  *int64 `json:"start_ms,omitempty"`
	Finish *int64 `json:"finish_ms,omitempty"`
	// Verdict says whether it will be there in the time for all.
	Verdict Verdict `json:"verdict"`
}

// Verdict says whether something will be there in time, from measured speeds (19 of 20 times).
type Verdict string

// Verdicts.
const (
	Meets   Verdict = "meets"
	Misses  Verdict = "misses"
	Unknown Verdict = "unknown" // a speed is not known
)

const (
	defaultFirst    = 10_000 // ms
	defaultAll      = 30_000 // ms
	bytesPerToken   = 3      // of a text whose tokens were not counted
	tokensForAnswer = 256    // of a persona that says nothing of it
)

// Plan plans a turn. It is pure; the order of the request's lists does not matter. Every persona is
// in exactly one place of the result. Its error is a *RequestError.
func (r Request) Plan() (Plan, error) {
	if err := r.check(); err != nil {
		return Plan{}, err
	}
	p := planner{request: r, policy: r.policy(), personas: slices.Clone(r.Personas), sources: slices.Clone(r.Sources)}
	slices.SortFunc(p.personas, func(a, b Candidate) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(p.sources, func(a, b Material) int { return cmp.Compare(a.ID, b.ID) })
	out := Plan{Turn: digest(r.Room, r.Trigger.ID, string(r.Trigger.Kind), r.Trigger.From, r.Trigger.Text)}
	p.loaded, p.about = make([]bool, len(p.sources)), p.picture()
	meant := p.address()
	out.Rule, out.Silences, out.Replies, out.Sources = meant.Rule, []Quiet{}, []PlannedReply{}, []string{}
	out.Silences = append(out.Silences, meant.Silences...)
	for _, name := range meant.Responders {
		c := p.candidate(name)
		reply, ok := p.reply(c)
		if !ok {
			out.Silences = append(out.Silences, Quiet{c.Name, ReasonNoWindow})
			continue
		}
		reply.Order = len(out.Replies) + 1
		out.Replies = append(out.Replies, reply)
	}
	slices.SortFunc(out.Silences, func(a, b Quiet) int { return cmp.Compare(a.Seat, b.Seat) })
	out.Sources = append(out.Sources, p.used()...)
	p.schedule(&out)
	out.Fingerprint = out.fingerprint()
	return out, nil
}

// planner is a plan that is being made.
type planner struct {
	request  Request
	policy   Policy
	personas []Candidate
	sources  []Material
	loaded   []bool // by source
	about    int    // the picture that the question is about; -1 where there is none
}

func (p *planner) candidate(name string) *Candidate {
	i, _ := slices.BinarySearchFunc(p.personas, name, func(c Candidate, name string) int { return cmp.Compare(c.Name, name) })
	return &p.personas[i]
}

// address decides who is meant.
func (p *planner) address() Addressed {
	t := &p.request.Trigger
	c := Call{
		From: t.From, ByPersona: t.Kind == KindPersona, Text: t.Text, To: t.To, Humans: p.request.Humans, FollowUp: t.FollowUp,
		Mode: p.policy.Mode, Front: p.policy.Front, Responders: p.policy.Responders,
	}
	for _, x := range p.personas {
		c.Personas = append(c.Personas, Persona{
			Name: x.Name, Aliases: x.Aliases, Specialty: x.Specialty, Muted: x.Muted, LastHeard: time.Duration(x.LastHeard) * time.Millisecond,
		})
	}
	out := Address(c)
	if t.Kind == KindPersona {
		out.Responders = slices.DeleteFunc(out.Responders, func(name string) bool {
			why := Reason("")
			switch {
			case name == t.From:
				why = ReasonNotAddressed
			case t.Hop > p.policy.Hops:
				why = ReasonHopLimit
			default:
				return false
			}
			out.Silences = append(out.Silences, Quiet{name, why})
			return true
		})
	}
	return out
}

// reply decides what a reply is made from. ok is false where the window does not hold the question.
func (p *planner) reply(c *Candidate) (out PlannedReply, ok bool) {
	t := &p.request.Trigger
	question := t.Tokens
	if question == 0 {
		question = (len(t.Text) + bytesPerToken - 1) / bytesPerToken
	}
	answer := c.AnswerTokens
	if answer == 0 {
		answer = min(tokensForAnswer, c.Window/2)
	}
	out = PlannedReply{
		Persona: c.Name, Lane: c.Provider, ContextKey: c.ContextKey, InputTokens: c.ContextTokens + question, OutputTokens: answer,
	}
	left := c.Window - out.InputTokens - answer
	if left < 0 {
		return out, false
	}
	if b := p.request.InputBudget; b > 0 {
		left = min(left, b)
	}
	for i, s := range p.sources {
		switch {
		case !p.wants(c, i):
		case s.Tokens > left:
			out.Dropped = append(out.Dropped, s.ID)
		default:
			left -= s.Tokens
			out.InputTokens += s.Tokens
			out.SourceKeys = append(out.SourceKeys, s.Key)
			p.loaded[i] = true
		}
	}
	return out, true
}

// wants tells whether a reply of a persona is made from a source.
func (p *planner) wants(c *Candidate, i int) bool {
	switch s := &p.sources[i]; s.Kind {
	case MaterialCamera, MaterialScreen:
		return i == p.about && slices.Contains(c.Capabilities, CapabilityVision)
	case MaterialSound:
		return s.Owner == p.request.Trigger.From && slices.Contains(c.Capabilities, CapabilitySound)
	case MaterialText:
		return true
	}
	return false
}

// picture is the picture that the question is about; -1 where there is none.
func (p *planner) picture() int {
	screen := spokenOf(p.request.Trigger.Text, p.policy.Looking.Screen)
	best, rank := -1, -1
	for i, s := range p.sources {
		if s.Kind != MaterialCamera && s.Kind != MaterialScreen {
			continue
		}
		if r := rankOf(s.Owner == p.request.Trigger.From, (s.Kind == MaterialScreen) == screen, true); r > rank {
			best, rank = i, r
		}
	}
	return best
}

// used are the sources of all replies.
func (p *planner) used() (out []string) {
	for i, is := range p.loaded {
		if is {
			out = append(out, p.sources[i].ID)
		}
	}
	return out
}
