package memory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role says on which side of a conversation somebody is.
type Role string

// The roles.
const (
	Human   Role = "human"
	Persona Role = "persona"
	// Other is another agent, a tool, a page: neither a person nor the persona itself.
	Other Role = "other"
)

// Utterance is something that was said or written in a room.
type Utterance struct {
	// ID names it within its room: the same utterance has the same id, and no other has it.
	ID string
	// Speaker is the identity of who spoke, Name what they are called; may be empty.
	Speaker, Name string
	Role          Role
	// Trust is how far Speaker can be relied on; see [Known].
	Trust Trust
	Text  string
	At    time.Time
}

// check says what an utterance lacks.
func (u *Utterance) check() error {
	switch {
	case u.ID == "" || len(u.ID) > MaxName || !plain(u.ID):
		return fmt.Errorf("%w: id of an utterance", ErrInvalid)
	case u.Speaker == "" || len(u.Speaker) > MaxName || !plain(u.Speaker):
		return fmt.Errorf("%w: speaker of an utterance", ErrInvalid)
	case u.Role != Human && u.Role != Persona && u.Role != Other:
		return fmt.Errorf("%w: role of an utterance", ErrInvalid)
	case !u.Trust.valid():
		return fmt.Errorf("%w: trust of an utterance", ErrInvalid)
	case !stamp(u.At):
		return fmt.Errorf("%w: time of an utterance", ErrInvalid)
	}
	return nil
}

// Bounds of what is read of a conversation.
const (
	// MaxHeard is how many bytes of an utterance are looked at: what is longer than some minutes of
	// speech is no request to remember something.
	MaxHeard = 4 << 10
	// lineageLength is how many utterances can be cited: what was said before them is history.
	lineageLength = 128
)

// Lineage are the newest utterances of a room, which candidates cite. It belongs to one goroutine.
// The zero value is empty.
type Lineage struct {
	list []Utterance // oldest first
}

// Add takes an utterance in; the oldest ones go. Of two with one id the later counts.
func (l *Lineage) Add(u Utterance) {
	if len(u.Text) > MaxHeard {
		u.Text = strings.ToValidUTF8(u.Text[:MaxHeard], "")
	}
	l.list = slices.DeleteFunc(l.list, func(o Utterance) bool { return o.ID == u.ID })
	if len(l.list) == lineageLength {
		l.list = slices.Delete(l.list, 0, 1)
	}
	l.list = append(l.list, u)
}

// Get returns the utterance of an id.
func (l *Lineage) Get(id string) (Utterance, bool) {
	for _, u := range l.list {
		if u.ID == id {
			return u, true
		}
	}
	return Utterance{}, false
}

// own are the words of the persona itself among the newest utterances.
func (l *Lineage) own() []string {
	var list []string
	for _, u := range l.list {
		if u.Role == Persona {
			list = append(list, words(u.Text)...)
		}
	}
	return content(list)
}

// recent is what was said lately, the newest last.
func (l *Lineage) recent(n int) string {
	var out []string
	for _, u := range l.list[max(0, len(l.list)-n):] {
		out = append(out, u.Text)
	}
	return strings.Join(out, "\n")
}

// Person is somebody who is or was in the room.
type Person struct {
	// ID is the identity, Names what they are called, their aliases among it.
	ID    string
	Names []string
}

// called are the words that stand for a person, folded.
func (p Person) called() []string {
	var out []string
	for _, n := range append([]string{p.ID}, p.Names...) {
		out = append(out, split(fold(n))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// find is who of some people is called by a word.
func find(people []Person, word string) (Person, bool) {
	for _, p := range people {
		if slices.Contains(p.called(), word) {
			return p, true
		}
	}
	return Person{}, false
}
