package memory

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a memory.
const (
	MaxText    = 280 // runes of a text: one or two sentences
	MaxName    = 128 // bytes of a persona, a room, a speaker or an id; a name in a room has no more
	MaxSources = 16  // utterances that one memory cites
	MaxCount   = 1_000_000
)

// Kind is what a memory is about.
type Kind string

// The kinds.
const (
	Profile    Kind = "profile"    // what somebody is or has: a name, a job, a sister
	Preference Kind = "preference" // what somebody likes or wants
	Event      Kind = "event"      // what happens at a time
	Fact       Kind = "fact"       // anything else
)

// Kinds returns all of them.
func Kinds() []Kind { return []Kind{Profile, Preference, Event, Fact} }

// Status is what has become of a memory.
type Status string

// The statuses. Only an active memory gets into a prompt.
const (
	Active      Status = "active"
	Quarantined Status = "quarantined" // waits for somebody to promote or forget it
	Superseded  Status = "superseded"  // a newer one says otherwise, or the same
	Expired     Status = "expired"     // its time to live is over
	Demoted     Status = "demoted"     // gave way to others about the same subject
)

// Statuses returns all of them.
func Statuses() []Status { return []Status{Active, Quarantined, Superseded, Expired, Demoted} }

// Subjects. A memory is about a person who has been in the room, about somebody who is only known
// by a name, about the persona itself, or about anything else: the room and the world.
const (
	SubjectRoom    = "room"
	SubjectPersona = "persona"
	subjectPerson  = "person:"
	subjectName    = "name:"
)

// PersonSubject is the subject of a participant's identity.
func PersonSubject(identity string) string { return subjectPerson + identity }

// NameSubject is the subject of somebody who is known by a name only.
func NameSubject(name string) string { return subjectName + fold(name) }

// Memory is something that a persona remembers, or that it was asked to. It is a value.
type Memory struct {
	// ID names it; see [Memory.Name].
	ID      string `json:"id"`
	Persona string `json:"persona"`
	// Room is where it was said.
	Room string `json:"room"`
	// Subject is whom or what it is about: see [PersonSubject].
	Subject string `json:"subject"`
	Kind    Kind   `json:"kind"`
	// Text is one line of at most [MaxText] runes, in the words of who said it.
	Text string `json:"text"`
	// Sources are the utterances that it was taken from, Speaker the identity of who spoke.
	Sources []string `json:"sources"`
	Speaker string   `json:"speaker"`
	// Trust is the least of what it was made from.
	Trust  Trust  `json:"trust"`
	Status Status `json:"status"`
	// Reason is why it has this status.
	Reason Reason `json:"reason"`
	// Count is how often it was said, from 1.
	Count int `json:"count"`
	// Created is when it was said first, Updated when last, to the millisecond.
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Expires is when its time to live is over; zero where it has none.
	Expires time.Time `json:"expires,omitzero"`
	// Ended is when it was superseded, expired or demoted; zero before.
	Ended time.Time `json:"ended,omitzero"`
	// SupersededBy is the id of the memory that took its place; empty where none did.
	SupersededBy string `json:"superseded_by,omitempty"`
}

// Name is the id that a memory has to have: a digest of whose it is, what it says of whom, and when
// that was said. The same candidate is the same memory, however often it is decided on.
func (m *Memory) Name() string {
	h := sha256.New()
	for _, field := range []string{m.Persona, m.Room, m.Subject, m.Speaker, m.Text, m.Created.UTC().Format(time.RFC3339Nano)} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(field))) // a digest takes everything
		h.Write([]byte(field))
	}
	return idPrefix + hex.EncodeToString(h.Sum(nil)[:12])
}

// What ids of memories begin with. Those of before began as ids of messages do.
const (
	idPrefix    = "mem_"
	idPrefixOld = "m_"
)

// named tells whether a memory has the id that it has to have, or that it had to have before.
func (m *Memory) named() bool {
	name := m.Name()
	return m.ID == name || m.ID == idPrefixOld+strings.TrimPrefix(name, idPrefix)
}

// Check says what is missing or too much. The error is [ErrInvalid] and names the field, not what
// it holds.
func (m *Memory) Check() error {
	bad := func(field string) error { return fmt.Errorf("%w: %s", ErrInvalid, field) }
	for _, f := range []struct {
		name, text string
		must       bool
	}{
		{"id", m.ID, true},
		{"persona", m.Persona, true},
		{"room", m.Room, true},
		{"subject", m.Subject, true},
		{"speaker", m.Speaker, false},
		{"superseded_by", m.SupersededBy, false},
	} {
		if f.text == "" && f.must || len(f.text) > MaxName+len(subjectPerson) || !plain(f.text) {
			return bad(f.name)
		}
	}
	switch {
	case !known(Kinds(), m.Kind):
		return bad("kind")
	case !known(Statuses(), m.Status):
		return bad("status")
	case !known(Reasons(), m.Reason):
		return bad("reason")
	case !m.Trust.valid():
		return bad("trust")
	case m.Text == "" || utf8.RuneCountInString(m.Text) > MaxText || clean(m.Text) != m.Text:
		return bad("text")
	case len(m.Sources) > MaxSources:
		return bad("sources")
	case m.Count < 1 || m.Count > MaxCount:
		return bad("count")
	case !stamp(m.Created) || !stamp(m.Updated) || m.Updated.Before(m.Created):
		return bad("created and updated")
	case !m.Expires.IsZero() && !stamp(m.Expires) || !m.Ended.IsZero() && !stamp(m.Ended):
		return bad("expires and ended")
	case m.ended() != !m.Ended.IsZero():
		return bad("status and ended")
	}
	for _, s := range m.Sources {
		if s == "" || len(s) > MaxName || !plain(s) {
			return bad("sources")
		}
	}
	if !m.named() {
		return bad("id is not that of what it says")
	}
	return nil
}

// ended says that the memory has left the active ones for good.
func (m *Memory) ended() bool { return m.Status != Active && m.Status != Quarantined }

// person says that the memory is about somebody.
func (m *Memory) person() bool { return isPerson(m.Subject) }

func isPerson(subject string) bool {
	return strings.HasPrefix(subject, subjectPerson) || strings.HasPrefix(subject, subjectName)
}

// stamp tells whether a time can be kept to the millisecond and written as text.
func stamp(t time.Time) bool { return !t.IsZero() && t.Year() >= 1970 && t.Year() < 10_000 }

// milli is a time as it is kept.
func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func known[T comparable](all []T, one T) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}
