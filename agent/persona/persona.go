package persona

import (
	"cmp"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Persona is a definition. The zero value of a field leaves it to the profile or to the program.
type Persona struct {
	// Name is how people and rooms call it; it is unique in a Set, letter case aside.
	Name string
	// Identity is who it is in a room; empty: the name.
	Identity string
	// Profile is what it must be able to do: a requirement profile of the catalog.
	Profile string
	// Voice is the voice it speaks with, for example "piper:en_US-joe-medium"; empty: that of the
	// profile.
	Voice string
	// Prompt is what it is told to be, before everything that is said in the room. A model that
	// takes no instructions refuses it.
	Prompt string
	// Greeting is spoken once, when the first human is there.
	Greeting string
	// Idle is what it says where nobody has said anything for a while, once in each silence; the
	// zero value leaves it to the policy of the room.
	Idle turn.Idle
	// Aliases are other names that it answers to, for example how an ear mishears the first one.
	Aliases []string
	// Specialty are words for what it knows about: see turn.ModeSpecialty.
	Specialty []string
	// AnswerTokens bounds an answer; 0 leaves it to the program.
	AnswerTokens int
	// History is what it knows of what was said before.
	History History
	// Remember says what it remembers beyond a conversation; empty: what it is asked to, where
	// there is a store.
	Remember memory.Mode
}

// Ident is who the persona is in a room.
func (p *Persona) Ident() string { return cmp.Or(p.Identity, p.Name) }

// History is what a persona knows of what was said before.
type History uint8

// Histories.
const (
	HistoryRoom   History = iota // what was said since the process entered the room
	HistoryOff                   // nothing: every question stands alone
	HistoryStored                // what was said in the room, also before a restart, as the store has it
)

// histories are the words for them in files, by value.
func histories() []string { return []string{"room", "off", "stored"} }

// String returns the word for it in files.
func (h History) String() string { return wordOf(histories(), int(h)) }

// ParseHistory is the reverse of String.
func ParseHistory(word string) (History, bool) {
	i, ok := indexOf(histories(), word)
	return History(i), ok // one of three
}

// Mode says who replies to what nobody was named in.
type Mode uint8

// Modes.
const (
	ModeAuto      Mode = iota // with one human in the room the front persona, with more only who is meant
	ModeFront                 // the front persona
	ModeMentions              // only who is named
	ModeAll                   // everybody
	ModeSpecialty             // who knows about what is spoken of, else the front persona
)

func modes() []string { return []string{"auto", "front", "mentions", "all", "specialty"} }

// String returns the word for it in files.
func (m Mode) String() string { return wordOf(modes(), int(m)) }

// ParseMode is the reverse of String.
func ParseMode(word string) (Mode, bool) {
	i, ok := indexOf(modes(), word)
	return Mode(i), ok // one of five
}

// Room is a room and who sits in it.
type Room struct {
	// Name is the room's name at the server; unique in a Set.
	Name string
	// Personas are the names of those with a seat, in order.
	Personas []string
	Mode     Mode
	// Front is the persona in front; empty: the first one.
	Front string
	// Policy says how the conversation goes, mode and front included; nil is turn.Default with Mode
	// and Front.
	Policy *turn.Policy
}

// Set is everything that one process serves.
type Set struct {
	Personas []Persona
	Rooms    []Room
}

// Find returns the persona of that name.
func (s *Set) Find(name string) (Persona, bool) {
	for _, p := range s.Personas {
		if p.Name == name {
			return p, true
		}
	}
	return Persona{}, false
}

// Policy is how the conversation in a room of the set goes, its front persona by its identity.
func (s *Set) Policy(r Room) turn.Policy {
	p := turn.Default()
	p.Mode, p.Front = turn.Mode(r.Mode.String()), r.Front
	if r.Policy != nil {
		p = *r.Policy
	}
	front, _ := s.Find(cmp.Or(p.Front, r.front()))
	p.Front = front.Ident()
	return p
}

func wordOf(words []string, i int) string {
	if i < 0 || i >= len(words) {
		return fmt.Sprintf("unknown(%d)", i)
	}
	return words[i]
}

func indexOf(words []string, word string) (int, bool) {
	for i, w := range words {
		if w == word {
			return i, true
		}
	}
	return 0, false
}

// front is who answers where nobody is named: the first persona, unless the file names another one.
func (r *Room) front() string {
	if r.Front == "" && len(r.Personas) > 0 {
		return r.Personas[0]
	}
	return r.Front
}
