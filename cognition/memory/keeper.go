package memory

import (
	"slices"
	"strings"
	"time"
)

// Mode says what a persona remembers.
type Mode string

// The modes.
const (
	// Never remembers nothing, and recalls nothing.
	Never Mode = "never"
	// OnRequest remembers what people ask it to.
	OnRequest Mode = "on_request"
	// Auto remembers what people plainly say of themselves, too, and what the model's answers ask
	// for.
	Auto Mode = "auto"
)

// ParseMode reads a mode; false where there is no such one.
func ParseMode(text string) (Mode, bool) {
	m := Mode(text)
	return m, m == Never || m == OnRequest || m == Auto
}

// Keeper is what one persona takes from one room. It has no memories itself: they are passed in,
// and what is to change of them is handed back, so that whoever keeps them decides on the newest
// ones. It belongs to one goroutine.
type Keeper struct {
	gate    Gate
	room    string
	mode    Mode
	lineage Lineage
	people  []Person // oldest first
	bytes   int      // of a block at most; 0 is [MaxBlock]
}

// mostPeople are how many of those who were in the room are known by name.
const mostPeople = 256

// NewKeeper returns the keeper of a room. The mode is one of those above; room is its name.
func NewKeeper(gate Gate, room string, mode Mode) *Keeper {
	return &Keeper{gate: gate, room: room, mode: mode}
}

// Bound sets how many bytes a block may have, for a model whose window holds no [MaxBlock] beside a
// question and an answer.
func (k *Keeper) Bound(bytes int) { k.bytes = bytes }

// Room is the name of the room.
func (k *Keeper) Room() string { return k.room }

// Persona is the persona's identity.
func (k *Keeper) Persona() string { return k.gate.Persona.ID }

// Mode is what it remembers.
func (k *Keeper) Mode() Mode { return k.mode }

// Joined tells of somebody who is in the room, before they speak. Names that come later count.
func (k *Keeper) Joined(p Person) {
	if p.ID == "" || len(p.ID) > MaxName || !plain(p.ID) {
		return
	}
	k.people = slices.DeleteFunc(k.people, func(o Person) bool {
		if o.ID == p.ID && len(p.Names) == 0 {
			p.Names = o.Names
		}
		return o.ID == p.ID
	})
	if len(k.people) == mostPeople {
		k.people = slices.Delete(k.people, 0, 1)
	}
	k.people = append(k.people, p)
}

// Heard takes what somebody said or wrote in the room, and says what is to be remembered and
// forgotten for it. known are all memories of the persona. Every utterance is to be handed over,
// also those of the persona and of other agents: they are what is not to be remembered. Errors: one
// that wraps [ErrInvalid] where the utterance lacks something; nothing changes then.
func (k *Keeper) Heard(u Utterance, known []Memory) ([]Decision, Change, error) {
	if err := u.check(); err != nil {
		return nil, Change{}, err
	}
	if u.Role == Other {
		u.Trust = External
	}
	k.lineage.Add(u)
	if u.Role != Human || k.mode == Never {
		return nil, Change{}, nil
	}
	speaker := k.meet(u)
	var change Change
	for _, r := range ForgetRequests(u.Text, k.called()) {
		change = change.then(Forget(r, u, k.room, change.Apply(known)))
	}
	texts := Requests(u.Text, k.called())
	if k.mode == Auto {
		for _, s := range Statements(u.Text, k.called()) {
			if !slices.Contains(texts, s) {
				texts = append(texts, s)
			}
		}
	}
	var decisions []Decision
	for _, text := range texts[:min(len(texts), MaxNotes)] {
		d := k.gate.Decide(Candidate{
			Text: text, Sources: []string{u.ID}, Speaker: speaker, Trust: u.Trust, At: u.At,
		}, k.room, &k.lineage, k.people, change.Apply(known))
		decisions = append(decisions, d)
		change = change.then(d.Change)
	}
	return decisions, change, nil
}

// Asks tells whether an utterance may change what is remembered. Where it may not, Heard needs no
// memories.
func (k *Keeper) Asks(u Utterance) bool {
	if u.Role != Human || k.mode == Never {
		return false
	}
	called := k.called()
	return len(Requests(u.Text, called)) > 0 || len(ForgetRequests(u.Text, called)) > 0 || k.mode == Auto && len(Statements(u.Text, called)) > 0
}

// Answer is the end of one of the persona's replies.
type Answer struct {
	// To is the utterance that it answers.
	To string
	// Said is what it said, as an utterance of the persona's: what was audible of it.
	Said Utterance
	// Notes are what its field asked to remember; see [ParseField].
	Notes []Note
}

// Answered takes a reply and what its field asks to remember. What it notes cites the utterance
// that it answers; without one of a person, or where that asked for nothing and the persona
// remembers on request only, nothing is kept. Errors as those of Heard.
func (k *Keeper) Answered(a Answer, known []Memory) ([]Decision, Change, error) {
	if strings.TrimSpace(a.Said.Text) != "" {
		a.Said.Role, a.Said.Trust = Persona, External
		if err := a.Said.check(); err != nil {
			return nil, Change{}, err
		}
		k.lineage.Add(a.Said)
	}
	asked, found := k.lineage.Get(a.To)
	if k.mode == Never {
		return nil, Change{}, nil
	}
	wanted := k.mode == Auto || found && asked.Role == Human && len(Requests(asked.Text, k.called())) > 0
	var decisions []Decision
	var change Change
	for _, n := range a.Notes[:min(len(a.Notes), MaxNotes)] {
		c := Candidate{
			Text: n.Text, Kind: n.Kind, Subject: n.About, Sources: []string{a.To}, Speaker: k.person(asked.Speaker), Trust: asked.Trust, At: asked.At,
		}
		if !found {
			c.Speaker, c.At = Person{ID: a.Said.Speaker}, a.Said.At
		}
		d := Decision{Candidate: c, Step: "mode", Outcome: Drop, Reason: ReasonNotAsked}
		if wanted {
			d = k.gate.Decide(c, k.room, &k.lineage, k.people, change.Apply(known))
		}
		decisions = append(decisions, d)
		change = change.then(d.Change)
	}
	return decisions, change, nil
}

// Consolidate tidies the memories: see [Gate.Consolidate].
func (k *Keeper) Consolidate(known []Memory, now time.Time) Change {
	return k.gate.Consolidate(known, now)
}

// Recall writes what the persona remembers for a prompt of this room: see [Recall]. note says why
// the block is written, "consolidated" or "joined".
func (k *Keeper) Recall(known []Memory, present []Person, now time.Time, note string) Block {
	const lately = 12
	if k.mode == Never {
		return Block{}
	}
	var persona []Memory
	for _, m := range known {
		if m.Persona == k.gate.Persona.ID {
			persona = append(persona, m)
		}
	}
	b := Recall(persona, Query{Room: k.room, Now: now, Present: present, Text: k.lineage.recent(lately), Bytes: k.bytes})
	b.Note = note + " " + now.Format("15:04")
	return b
}

// meet takes note of who speaks.
func (k *Keeper) meet(u Utterance) Person {
	var named []string
	if u.Name != "" {
		named = []string{u.Name}
	}
	k.Joined(Person{ID: u.Speaker, Names: named})
	return k.person(u.Speaker)
}

func (k *Keeper) person(id string) Person {
	for _, p := range k.people {
		if p.ID == id {
			return p
		}
	}
	return Person{ID: id}
}

func (k *Keeper) called() []string { return k.gate.Persona.called() }
