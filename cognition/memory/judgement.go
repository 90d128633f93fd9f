package memory

import (
	"slices"
)

// judgement is one candidate before the gate.
type judgement struct {
	gate    *Gate
	given   Candidate
	lineage *Lineage
	known   []Memory
	names   names

	cited      []Utterance // the human ones
	foreign    bool        // something that it cites was not said by a person, or is not known
	topic      topic
	claim      claim
	memory     Memory
	same       *Memory // the memory that it duplicates
	raised     bool    // and its count has changed
	superseded []Memory
}

func newJudgement(g *Gate, c Candidate, room string, lineage *Lineage, people []Person, known []Memory) *judgement {
	j := &judgement{gate: g, given: c, lineage: lineage, known: known, names: names{persona: g.Persona, speaker: c.Speaker, people: people}}
	if !slices.ContainsFunc(people, func(p Person) bool { return p.ID == c.Speaker.ID }) {
		j.names.people = append(slices.Clone(people), c.Speaker)
	}
	text := clean(c.Text)
	j.topic = j.names.about(text)
	if s := j.names.resolve(c.Subject); s != "" {
		j.topic.subject, j.topic.unclear = s, false
		j.topic.others = j.topic.others || isPerson(s) && s != PersonSubject(c.Speaker.ID)
	}
	kind := c.Kind
	if kind == "" {
		kind = kindOf(text, j.topic.subject)
	}
	at := milli(c.At)
	j.memory = Memory{
		Persona: g.Persona.ID, Room: room, Subject: j.topic.subject, Kind: kind, Text: text, Sources: slices.Clone(c.Sources),
		Speaker: c.Speaker.ID, Trust: min(c.Trust, Known), Count: 1, Created: at, Updated: at, Expires: g.expires(kind, at),
	}
	j.cite()
	j.memory.ID = j.memory.Name()
	j.claim = j.claimed(&j.memory)
	return j
}

// cite finds what the candidate cites. Its trust is the least of all that it was made from; what
// nobody knows of came from outside.
func (j *judgement) cite() {
	for _, id := range j.given.Sources {
		u, found := j.lineage.Get(id)
		switch {
		case found && u.Role == Human && len(ForgetRequests(u.Text, j.names.persona.called())) > 0: // it says what not to remember
		case found && u.Role == Human:
			j.cited = append(j.cited, u)
			j.memory.Trust = min(j.memory.Trust, u.Trust)
		case found && u.Role == Persona: // it repeats what it heard; what supports a text is asked for below
		default:
			j.foreign = true
			j.memory.Trust = External
		}
	}
}

// claimed is what a memory says.
func (j *judgement) claimed(m *Memory) claim {
	return claimOf(m.Text, calledBy(m.Subject, j.names.people))
}

// calledBy are the words that stand for a subject.
func calledBy(subject string, people []Person) []string {
	for _, p := range people {
		if PersonSubject(p.ID) == subject {
			return p.called()
		}
	}
	if rest, ok := cutAny(subject, subjectPerson, subjectName); ok {
		return split(fold(rest))
	}
	return nil
}

// shape: it is one line that says something.
func (j *judgement) shape() Reason {
	c := j.given
	switch {
	case malformed(c.Text), len(c.Sources) > MaxSources, !stamp(c.At), c.Speaker.ID == "", c.Kind != "" && !known(Kinds(), c.Kind):
		return ReasonMalformed
	case !states(j.memory.Text), j.topic.unclear:
		return ReasonUnclear
	}
	return ""
}

// human: a person said so.
func (j *judgement) human() Reason {
	if len(j.cited) == 0 {
		return ReasonSelfEcho
	}
	own := j.names.speaker.called()
	for _, p := range j.names.people {
		own = append(own, p.called()...)
	}
	if supported(j.memory.Text, own, j.cited) {
		return ""
	}
	if covered(content(words(j.memory.Text)), j.lineage.own()) >= support {
		return ReasonSelfEcho
	}
	return ReasonUnsupported
}

// restates: the persona's prompt does not say so already: of the persona or of the room, or of
// somebody whom it names.
func (j *judgement) restates() Reason {
	const least = 2 // words
	called := j.names.persona.called()
	if j.memory.person() {
		called = append(called, calledBy(j.memory.Subject, j.names.people)...)
	}
	unnamed := func(text string) (rest []string, named bool) {
		all := content(words(text))
		rest = slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(called, w) })
		return rest, len(rest) < len(all)
	}
	said, _ := unnamed(j.memory.Text)
	for _, s := range sentences(j.gate.Prompt) {
		told, named := unnamed(s.text)
		if j.memory.person() && !named {
			continue
		}
		near := jaccard(said, told) >= same && (len(said) >= least || j.topic.subject == SubjectPersona)
		if near || len(said) > least && covered(said, told) == 1 {
			return ReasonRestatesPersona
		}
	}
	return ""
}

// duplicate: it is not known. One that waits in quarantine takes only what has no more trust, or
// whoever spoke first could keep others from being heard.
func (j *judgement) duplicate() Reason {
	for i := range j.known {
		m := &j.known[i]
		again := m.ID == j.memory.ID
		if !again {
			held := m.Status == Active || m.Status == Quarantined && (m.Speaker == j.memory.Speaker || m.Trust >= j.memory.Trust)
			if !held || !alike(m, &j.memory) || !j.claimed(m).duplicates(j.claim) {
				continue
			}
		}
		raised := j.raise(*m, again)
		j.same = &raised
		return ReasonDuplicate
	}
	return ""
}

// raise is a memory that was said once more. What was counted already is not counted again: neither
// what it cites, nor what is no newer than the last time.
func (j *judgement) raise(m Memory, again bool) Memory {
	counted := !slices.ContainsFunc(j.given.Sources, func(id string) bool { return !slices.Contains(m.Sources, id) })
	if again || counted || !j.memory.Updated.After(m.Updated) {
		return m
	}
	j.raised = true
	m.Count = min(m.Count+1, MaxCount)
	m.Updated = j.memory.Updated
	if !m.Expires.IsZero() {
		m.Expires = later(m.Expires, j.gate.expires(m.Kind, m.Updated))
	}
	if j.memory.Trust >= m.Trust {
		m.Sources = union(m.Sources, j.given.Sources)
	}
	return m
}

// suspicion: neither it nor what it was taken from tries to give orders, and nothing in it opens
// anything.
func (j *judgement) suspicion() Reason {
	if j.topic.subject == SubjectPersona || overriding(j.memory.Text) || commanding(j.memory.Text, j.names, j.memory.Trust) {
		return ReasonInstruction
	}
	if secret(j.memory.Text) {
		return ReasonSecret
	}
	for _, u := range j.cited {
		if overriding(u.Text) {
			return ReasonInstruction
		}
	}
	return ""
}

// trust: everything that it was made from can be relied on for what it says.
func (j *judgement) trust() Reason {
	switch {
	case j.foreign || j.memory.Trust < Claimed:
		return ReasonUntrusted
	case j.memory.Trust < Known && (j.topic.others || j.topic.subject != PersonSubject(j.given.Speaker.ID)):
		return ReasonAboutOther
	}
	return ""
}

// kind: memories of its kind are kept.
func (j *judgement) kind() Reason {
	if j.gate.Kinds != nil && !slices.Contains(j.gate.Kinds, j.memory.Kind) {
		return ReasonKind
	}
	return ""
}

// contradiction: what it contradicts is no more to be trusted, and is superseded.
func (j *judgement) contradiction() Reason {
	for i := range j.known {
		m := j.known[i]
		if m.Status != Active || !alike(&m, &j.memory) || !j.claim.contradicts(j.claimed(&m)) {
			continue
		}
		if m.Trust > j.memory.Trust {
			return ReasonContradicts
		}
		j.superseded = append(j.superseded, m.end(Superseded, ReasonContradict, j.memory.Created, j.memory.ID))
	}
	return ""
}

// budget: there is a place for it.
func (j *judgement) budget() Reason {
	n := 1 - len(j.superseded)
	for i := range j.known {
		if m := &j.known[i]; m.Status == Active && crowd(m) == crowd(&j.memory) {
			n++
		}
	}
	if n > j.gate.budget() {
		return ReasonOverBudget
	}
	return ""
}

// crowd are those that share a budget: what is about one person, or about one room.
func crowd(m *Memory) [3]string {
	if m.person() {
		return [3]string{m.Persona, m.Subject}
	}
	return [3]string{m.Persona, m.Subject, m.Room}
}
