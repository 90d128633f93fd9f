package room

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// handLimit bounds the wait for the room to take a message that is kept already.
const handLimit = 5 * time.Second

// Letter is a message for a room's chat that comes another way than through the room.
type Letter struct {
	// From is the identity of who wrote it: of a person, here or not.
	From, Text string
	// To are the personas that it is for, by identity or name; none where the text says who is
	// meant.
	To []string
	// ReplyTo is the id of the message of this room that it answers; may be empty.
	ReplyTo string
	// Key names it for whoever sends it: the same one again is the same message, and is not put to
	// the room again. May be empty.
	Key string
}

// letters take messages in, one at a time: they are put to the room in the order in which they are
// kept.
type letters struct {
	turn chan struct{} // whose holder writes

	mu     sync.Mutex
	people *limits.Meter
	all    limits.Bucket
	refuse *limits.Ledger
}

// sendersApart is how many senders are measured one by one.
const sendersApart = 256

func newLetters(l *limits.Limits) *letters {
	return &letters{turn: make(chan struct{}, 1), people: limits.NewMeter(l.ChatRate(), sendersApart), refuse: limits.NewLedger()}
}

// Send keeps a message and puts it to the room, as if it had been typed in the room's chat, or to
// those in To alone; people in the room see it in their chat. When it returns, the message is
// durable. Errors: ErrNoStore; *LetterError and store.ErrInvalid where it is not taken as it is;
// those of store.Writer.Send; ErrClosed. With ErrUndelivered the message is returned: it is kept.
func (r *Room) Send(ctx context.Context, m Letter) (store.Message, error) {
	if r.cfg.Transcripts == nil {
		return store.Message{}, ErrNoStore
	}
	if err := r.admit(&m, time.Now()); err != nil {
		return store.Message{}, err
	}
	select {
	case r.letters.turn <- struct{}{}:
		defer func() { <-r.letters.turn }()
	case <-r.life.Done():
		return store.Message{}, ErrClosed
	case <-ctx.Done():
		return store.Message{}, context.Cause(ctx)
	}
	if r.ended() {
		return store.Message{}, ErrClosed
	}
	kept, fresh, err := r.cfg.Transcripts.writer.Send(ctx, store.Message{
		RoomName: r.Name(), Participant: m.From, Role: store.Human, Text: m.Text, To: m.To, ReplyTo: m.ReplyTo, Key: m.Key, At: time.Now(),
	})
	if err != nil || !fresh {
		return kept, err
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), handLimit)
	defer cancel()
	var e turn.Event = turn.Typed{Who: m.From, Text: m.Text}
	if len(m.To) > 0 {
		e = turn.Asked{Who: m.From, Text: m.Text, To: m.To}
	}
	if err := r.tell(limited, told{e, cause{who: m.From, text: m.Text, typed: true, message: kept.ID, letter: true}}); err != nil {
		return kept, fmt.Errorf("%w: %s: %w", ErrUndelivered, kept.ID, err)
	}
	return kept, nil
}

// admit checks a message and counts what is refused.
func (r *Room) admit(m *Letter, now time.Time) error {
	seats := r.Seats()
	if err := m.check(seats, &r.cfg.Limits); err != nil {
		if err.Kind != "" {
			r.letters.count(m.From, err.Kind)
		}
		return err
	}
	for i, to := range m.To {
		s := named(seats, to)
		if s == nil {
			return &LetterError{Problem: fmt.Sprintf("nobody called %q sits here", limits.Cut(to, keptText))}
		}
		m.To[i] = s.Identity()
	}
	l := r.letters
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.people.Take(m.From, 1, now):
		l.refuse.Count(m.From, limits.ChatRate)
		return &LetterError{Kind: limits.ChatRate, Problem: fmt.Sprintf("more than %d messages a minute of one sender: send more slowly", r.cfg.Limits.ChatsPerMinute)}
	case !l.all.Take(r.cfg.Limits.RoomChatRate(), 1, now):
		l.refuse.Count(m.From, limits.RoomChatRate)
		return &LetterError{Kind: limits.RoomChatRate, Problem: fmt.Sprintf("more than %d messages a minute in this room: send more slowly", r.cfg.Limits.RoomChatsPerMinute)}
	}
	return nil
}

func (l *letters) count(who string, kind limits.Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse.Count(who, kind)
}

func (l *letters) stats() limits.Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuse.Stats()
}

// check names what is wrong with a message, before it is measured.
func (m *Letter) check(seats []*Seat, l *limits.Limits) *LetterError {
	m.To = slices.Clone(m.To)
	switch {
	case m.From == "" || len(m.From) > l.IdentityBytes:
		return &LetterError{Problem: fmt.Sprintf("a sender has an identity of 1 to %d bytes", l.IdentityBytes)}
	case uncontrolled(m.From, "") != "":
		return &LetterError{Kind: limits.ChatText, Problem: "the sender's identity has " + uncontrolled(m.From, "")}
	case named(seats, m.From) != nil:
		return &LetterError{Problem: fmt.Sprintf("%q is a persona of this room: a message is of a person", limits.Cut(m.From, keptText))}
	case len(m.Text) > min(l.ChatBytes, store.MaxMessage):
		return &LetterError{Kind: limits.ChatBytes, Problem: fmt.Sprintf("%d bytes of text, at most %d are taken", len(m.Text), min(l.ChatBytes, store.MaxMessage))}
	case strings.TrimSpace(m.Text) == "":
		return &LetterError{Problem: "no text"}
	case uncontrolled(m.Text, "\n\r\t") != "":
		return &LetterError{Kind: limits.ChatText, Problem: "the text has " + uncontrolled(m.Text, "\n\r\t")}
	case !plainKey(m.Key):
		return &LetterError{Problem: fmt.Sprintf("a key is up to %d letters, digits and - _ . :", keyBytes)}
	}
	return nil
}

// plainKey tells whether a key is none or one that clients may use. Those of messages typed in the
// room have a slash in them.
func plainKey(key string) bool {
	for _, c := range key {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_.:", c) {
			return false
		}
	}
	return len(key) <= keyBytes
}

// uncontrolled says what a text has that only a machine would write; empty for nothing.
func uncontrolled(text, but string) string {
	if !utf8.ValidString(text) {
		return "bytes that are not UTF-8"
	}
	for i, c := range text {
		if unicode.IsControl(c) && !strings.ContainsRune(but, c) {
			return fmt.Sprintf("the control character %U at byte %d", c, i)
		}
	}
	return ""
}

// named finds a persona by its identity or its name.
func named(seats []*Seat, name string) *Seat {
	for _, same := range []func(*Seat) string{(*Seat).Identity, func(s *Seat) string { return s.who.Name }} {
		for _, s := range seats {
			if strings.EqualFold(same(s), name) {
				return s
			}
		}
	}
	return nil
}

// typed keeps a message that somebody typed, where it is not kept already, and shows people one
// that came another way. It returns the message's id, empty where it is not kept.
func (a *actor) typed(who string, why *cause) string {
	switch {
	case why.letter:
		a.share(who, why)
		return why.message
	case a.program(who, why):
		return ""
	}
	id, err := a.record.message(store.Message{Participant: who, Role: store.Human, Text: why.text, Key: why.key, At: time.Now()})
	a.problem(nil, StageStore, who, err)
	if why.run != nil && id != "" { // one without an id would be taken for somebody's
		why.message = id
		a.share(who, why)
	}
	return id
}

// share shows people a message that came another way.
func (a *actor) share(who string, why *cause) {
	if a.listener == nil {
		return
	}
	a.shared = append(a.shared[max(0, len(a.shared)-sharedKept+1):], why.message)
	a.problem(nil, StageText, who, a.listener.conn.SendText(lk.TopicChat, who, why.text, map[string]string{attrMessage: why.message}))
}

// sharedKept are how many messages are remembered that were shown: another connection that begins
// to listen gets them as if they were somebody's.
const sharedKept = 32

// wrote sends a reply to the room's chat, and keeps it as a message.
func (a *actor) wrote(s *Seat, e turn.Write) {
	attrs := map[string]string{attrPersona: "true"}
	asker, to := "", ""
	if q := a.tried[e.Reply.Turn]; q != nil {
		asker, to = q.Who, q.message
	}
	id, err := a.record.message(store.Message{
		Participant: s.holder.Persona, Role: store.Persona, Text: e.Text, ReplyTo: to, At: time.Now(), Spoken: store.Speaking,
	})
	a.problemIn(e.Reply.Turn, s, StageStore, "", err)
	if id != "" {
		if answer := a.named[e.Reply]; answer != nil {
			answer.message = id
		}
		attrs[attrMessage] = id
		a.written[e.Reply] = id
		a.record.written(e.Reply, id)
	}
	if to != "" {
		attrs[attrReplyTo] = to
	}
	a.problemIn(e.Reply.Turn, s, StageText, asker, s.conn.SendText(lk.TopicChat, "", e.Text, attrs))
}

// spokenSoFar keeps how far a reply that is in the chat was spoken: store.Whole, or the reason why
// people heard no more of it than that.
func (a *actor) spokenSoFar(answer *answer, how, heard string) {
	if answer == nil || answer.message == "" {
		return
	}
	answer.settled = true
	a.record.spokenSoFar(answer.message, how, heard)
}
