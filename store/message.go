package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Message is a message of a room's chat: of a person, or a persona's reply.
type Message struct {
	// Pos is its place in the store: later ones have a higher one, and none is used again.
	Pos int64 `json:"pos"`
	// ID is made by the store: "m_" and 20 letters and digits.
	ID string `json:"id"`
	// Room is the handle of its room, RoomName what the room is called.
	Room     string `json:"room"`
	RoomName string `json:"room_name"`
	// Participant is the identity of who wrote it.
	Participant string `json:"participant"`
	Role        Role   `json:"role"`
	Text        string `json:"text"`
	// To are the personas that it is for; none where it is for whoever is meant by its text.
	To []string `json:"to,omitempty"`
	// ReplyTo is the id of the message that it answers; empty where it answers none.
	ReplyTo string `json:"reply_to,omitempty"`
	// Key is what its client calls it: the same one again, of the same participant in the same
	// room, is the same message. Empty where the client has no name for it.
	Key string `json:"message_id,omitempty"`
	// At is when it came, to the millisecond.
	At time.Time `json:"at"`
	// Spoken is how far a persona's reply has been spoken: empty for a person's message and for one
	// that nobody speaks, Speaking, Whole, or the turn.Reason why people heard no more than Heard.
	Spoken string `json:"spoken,omitempty"`
	// Heard is what people heard of Text where that is not the whole of it; empty where they heard
	// nothing.
	Heard string `json:"heard,omitempty"`
}

// What Message.Spoken is beside a reason.
const (
	Speaking = "speaking" // it is being spoken, or will be; or the program ended before it was over
	Whole    = "whole"    // it was heard to its end
)

// Bounds of a message.
const (
	// MaxMessage is the most bytes of text that a message may have: four times what the default
	// limits of a room let anybody write, and what is kept of a persona's reply.
	MaxMessage = 64 << 10
	// MaxKey is the most bytes of Message.Key and of the names in Message.To.
	MaxKey = 256
	// MaxTo is the most personas that a message may be for.
	MaxTo = 64
)

// size is what a message takes in a queue, about.
func (m *Message) size() int {
	const fields = 256 // numbers, times, string headers
	n := fields + len(m.RoomName) + len(m.Participant) + len(m.Text) + len(m.Key)
	for _, to := range m.To {
		n += len(to)
	}
	return n
}

// validate names what is missing or too much.
func (m *Message) validate() error {
	switch {
	case m.RoomName == "":
		return fmt.Errorf("%w: no room", ErrInvalid)
	case m.Participant == "":
		return fmt.Errorf("%w: no participant", ErrInvalid)
	case m.Role != Human && m.Role != Persona:
		return fmt.Errorf("%w: role %q", ErrInvalid, m.Role)
	case m.Text == "":
		return fmt.Errorf("%w: no text", ErrInvalid)
	case len(m.Text) > MaxMessage:
		return fmt.Errorf("%w: text of %d bytes, at most %d are kept of a message", ErrInvalid, len(m.Text), MaxMessage)
	case !storable(slices.Concat(m.To, []string{m.RoomName, m.Participant, m.Text, m.Key, m.ReplyTo})...):
		return errNotText
	case len(m.Key) > MaxKey:
		return fmt.Errorf("%w: key of %d bytes, at most %d", ErrInvalid, len(m.Key), MaxKey)
	case len(m.To) > MaxTo || slices.ContainsFunc(m.To, func(to string) bool { return to == "" || len(to) > MaxKey }):
		return fmt.Errorf("%w: at most %d names of 1 to %d bytes that a message is for", ErrInvalid, MaxTo, MaxKey)
	case m.At.IsZero():
		return fmt.Errorf("%w: no time", ErrInvalid)
	}
	if err := validNames(m.RoomName, m.Participant); err != nil {
		return err
	}
	return validSpoken(m.Spoken, m.Heard)
}

// validSpoken names what cannot be said of how far a message was spoken.
func validSpoken(spoken, heard string) error {
	switch {
	case spoken != "" && spoken != Speaking && spoken != Whole && turn.Reason(spoken).Meaning() == "":
		return fmt.Errorf("%w: spoken %q", ErrInvalid, spoken)
	case len(heard) > MaxMessage || !storable(heard):
		return fmt.Errorf("%w: %d bytes that were heard, at most %d, as UTF-8", ErrInvalid, len(heard), MaxMessage)
	}
	return nil
}

// AddMessage writes a message and returns it with its room, id and place. One whose key is there
// already is returned as it is there, and fresh is false. guard as in Append. Errors: *Error;
// ErrInvalid; ErrNoMessage where ReplyTo is no message of the room; ErrKeyTaken where another
// message has the key; the context's, the guard's.
func (d *DB) AddMessage(ctx context.Context, m Message, guard func() error) (kept Message, fresh bool, err error) {
	if err := m.validate(); err != nil {
		return Message{}, false, err
	}
	m.ID, m.At = mint(messagePrefix), stamp(m.At.UnixMilli())
	err = d.transact(ctx, guard, func(tx *sql.Tx) error {
		r, err := seen(ctx, tx, m.RoomName, m.At)
		if err != nil {
			return err
		}
		m.Room = r.Handle
		if m.Key != "" {
			there, err := d.one(ctx, tx, "m.room = $1 AND m.participant = $2 AND m.message_id = $3", m.Room, m.Participant, m.Key)
			if err == nil {
				kept = there
				return same(&there, &m)
			}
			if !errors.Is(err, ErrNoMessage) {
				return err
			}
		}
		if m.ReplyTo != "" {
			if _, err := d.one(ctx, tx, "m.room = $1 AND m.id = $2", m.Room, m.ReplyTo); errors.Is(err, ErrNoMessage) {
				return refusedError{fmt.Errorf("%w: %q in room %q", ErrNoMessage, m.ReplyTo, m.RoomName)}
			} else if err != nil {
				return err
			}
		}
		fresh, kept = true, m
		kept.Pos, err = insertMessage(ctx, tx, &m)
		return err
	})
	if err != nil {
		return Message{}, false, guarded("write", d.path, 1, err)
	}
	return kept, fresh, nil
}

// same refuses a key that is another message's.
func same(there, m *Message) error {
	if there.Text != m.Text || there.ReplyTo != m.ReplyTo || !slices.Equal(there.To, m.To) {
		return refusedError{fmt.Errorf("%w: %q is of %s", ErrKeyTaken, m.Key, there.ID)}
	}
	return nil
}

// insertMessage writes a message whose room has its handle, and returns its place. One whose id or
// key is there already is left out, and its place is 0.
func insertMessage(ctx context.Context, tx *sql.Tx, m *Message) (int64, error) {
	to := m.To
	if to == nil {
		to = []string{}
	}
	list, err := json.Marshal(to)
	if err != nil {
		return 0, err
	}
	text := func(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
	var pos int64
	err = tx.QueryRowContext(ctx, `INSERT INTO chat (id, room, message_id, participant, role, text, recipients, reply_to, ts_ms, spoken, heard)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING pos`,
		m.ID, m.Room, text(m.Key), m.Participant, string(m.Role), m.Text, string(list), text(m.ReplyTo), m.At.UnixMilli(), m.Spoken, m.Heard).Scan(&pos)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return pos, err
}

// messageColumns are those of scanMessage, in a file of this version or of an older one.
func (d *DB) messageColumns() string {
	const columns = "m.pos, m.id, m.room, r.name, coalesce(m.message_id, ''), m.participant, m.role, m.text, m.recipients, coalesce(m.reply_to, ''), m.ts_ms"
	if d.schema < 4 {
		return columns + ", '', ''"
	}
	return columns + ", m.spoken, m.heard"
}

// setSpoken writes how far a message has been spoken. One that is not there any more is none.
func setSpoken(ctx context.Context, tx *sql.Tx, s *spoken) error {
	_, err := tx.ExecContext(ctx, "UPDATE chat SET spoken = $1, heard = $2 WHERE id = $3", s.spoken, s.heard, s.id)
	return err
}

// one finds the message for which something holds. Errors: ErrNoMessage.
func (d *DB) one(ctx context.Context, from asker, where string, args ...any) (Message, error) {
	row := from.QueryRowContext(ctx, "SELECT "+d.messageColumns()+" FROM chat m JOIN room r ON r.handle = m.room WHERE "+where, args...)
	m, err := scanMessage(row)
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNoMessage
	}
	return m, err
}

func scanMessage(row interface{ Scan(into ...any) error }) (Message, error) {
	var m Message
	var to string
	var at int64
	err := row.Scan(&m.Pos, &m.ID, &m.Room, &m.RoomName, &m.Key, &m.Participant, &m.Role, &m.Text, &to, &m.ReplyTo, &at, &m.Spoken, &m.Heard)
	if err != nil {
		return m, err
	}
	m.At = stamp(at)
	if err := json.Unmarshal([]byte(to), &m.To); err != nil {
		return m, fmt.Errorf("%w: recipients: %w", errDamaged, err)
	}
	if len(m.To) == 0 {
		m.To = nil
	}
	return m, nil
}
