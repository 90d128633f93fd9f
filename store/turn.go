package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Trigger is how a turn began.
type Trigger string

// Triggers.
const (
	TriggerHeard    Trigger = "heard"    // somebody spoke
	TriggerTyped    Trigger = "typed"    // somebody wrote
	TriggerReply    Trigger = "reply"    // a persona called another
	TriggerRound    Trigger = "round"    // all were asked for more
	TriggerGreeting Trigger = "greeting" // a persona greeted
)

// Turn is what came of one turn of a room.
type Turn struct {
	Pos int64 `json:"pos"`
	// Room is the handle of its room, RoomName what the room is called.
	Room     string `json:"room"`
	RoomName string `json:"room_name"`
	// Session is one stay in the room; turns are numbered within it, as utterances are.
	Session string  `json:"session"`
	Number  uint64  `json:"turn"`
	Trigger Trigger `json:"trigger"`
	// Participant began it; Message is the id of the message that did, empty where none did.
	Participant string `json:"participant"`
	Message     string `json:"message,omitempty"`
	// Fingerprint is that of its plan; empty where nobody was to reply.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Every persona of the room is in one of Outcomes and Silences.
	Outcomes    []Outcome        `json:"outcomes"`
	Silences    []turn.Quiet     `json:"silences"`
	Divergences []turn.Deviation `json:"divergences"`
	Begin       time.Time        `json:"begin"`
	End         time.Time        `json:"end"`
}

// Outcome is what came of a reply that somebody heard, or read.
type Outcome struct {
	Persona string `json:"persona"`
	// Lane is where it was made; empty for here.
	Lane string `json:"lane,omitempty"`
	// Cut is why people heard no more of it; empty for a whole reply.
	Cut turn.Reason `json:"cut,omitempty"`
	// Message is the id of the message that it is in the chat; empty where it was spoken only.
	Message string `json:"message,omitempty"`
	// Sources are the keys of what it was made from beside what was said, as track/number of a
	// picture.
	Sources []string `json:"sources,omitempty"`
	// Start and Finish of its text, and when it began to be audible, in ms after the turn began;
	// Heard is 0 for one that was written only.
	Start  int64 `json:"start_ms"`
	Finish int64 `json:"finish_ms"`
	Heard  int64 `json:"heard_ms,omitempty"`
}

// maxTurn bounds each of a turn's three lists, in bytes of JSON.
const maxTurn = 64 << 10

// encode checks a turn and returns its lists as they are kept.
func (t *Turn) encode() (lists [3]string, err error) {
	triggers := []Trigger{TriggerHeard, TriggerTyped, TriggerReply, TriggerRound, TriggerGreeting}
	switch {
	case t.RoomName == "" || t.Session == "" || t.Participant == "":
		return lists, fmt.Errorf("%w: a turn without room, session or participant", ErrInvalid)
	case !storable(t.RoomName, t.Session, t.Participant, t.Message, t.Fingerprint):
		return lists, errNotText
	case t.Number == 0 || t.Number > 1<<62:
		return lists, fmt.Errorf("%w: turn %d", ErrInvalid, t.Number)
	case !slices.Contains(triggers, t.Trigger):
		return lists, fmt.Errorf("%w: trigger %q", ErrInvalid, t.Trigger)
	case t.Begin.IsZero() || t.End.Before(t.Begin):
		return lists, fmt.Errorf("%w: ends at %v, begins at %v", ErrInvalid, t.End, t.Begin)
	}
	if err := validNames(t.RoomName, t.Session, t.Participant, t.Message); err != nil {
		return lists, err
	}
	for i, v := range []any{orEmpty(t.Outcomes), orEmpty(t.Silences), orEmpty(t.Divergences)} {
		data, err := json.Marshal(v)
		if err != nil || len(data) > maxTurn {
			return lists, fmt.Errorf("%w: a turn's list of %d bytes, at most %d: %w", ErrInvalid, len(data), maxTurn, err)
		}
		lists[i] = string(data)
	}
	return lists, nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// insertTurn writes a turn whose room has its handle. One that is there already is left as it is.
func insertTurn(ctx context.Context, tx *sql.Tx, t *Turn) error {
	lists, err := t.encode()
	if err != nil {
		return refusedError{err}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO turn (room, session, number, trigger_kind, participant, message, fingerprint, outcomes, silences, divergences, begin_ms, end_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (room, session, number) DO NOTHING`,
		t.Room, t.Session, int64(t.Number), string(t.Trigger), t.Participant, t.Message, t.Fingerprint, lists[0], lists[1], lists[2], // validated
		t.Begin.UnixMilli(), t.End.UnixMilli())
	return err
}

// TurnQuery chooses turns. What is empty chooses all.
type TurnQuery struct {
	// Room is the handle or the name of a room, Message the id of a message that began a turn, or
	// from which others came of that.
	Room, Message string
	// Since leaves out what began before.
	Since time.Time
	// Limit is the most that is returned, the newest ones; 0 means all.
	Limit int
	// Oldest has Limit count from the oldest one behind the position Behind.
	Oldest bool
	Behind int64
}

// Turns calls each for the turns chosen, in the order in which they ended, until it returns an
// error, which Turns returns. Errors: ErrNoRoom, *Error, the context's.
func (d *DB) Turns(ctx context.Context, q TurnQuery, each func(Turn) error) error {
	if d.schema < 3 {
		return nil
	}
	if q.Room != "" {
		r, err := d.Room(ctx, q.Room)
		if err != nil {
			return err
		}
		q.Room = r.Handle
	}
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	order := "DESC"
	if q.Oldest {
		order = "ASC"
	} else {
		q.Behind = 0 // positions count from 1
	}
	rows, err := d.db.QueryContext(ctx, `SELECT t.pos, t.room, r.name, t.session, t.number, t.trigger_kind, t.participant, t.message, t.fingerprint,
		t.outcomes, t.silences, t.divergences, t.begin_ms, t.end_ms FROM (
			SELECT * FROM turn WHERE ($1 = '' OR room = $1) AND ($2 = '' OR message = $2) AND begin_ms >= $3 AND pos > $5 ORDER BY pos `+order+` LIMIT $4
		) t JOIN room r ON r.handle = t.room ORDER BY t.pos`, q.Room, q.Message, since(q.Since), limit, q.Behind)
	if err != nil {
		return fail("read", d.path, 0, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		t, err := scanTurn(rows)
		if err != nil {
			return fail("read", d.path, 0, err)
		}
		if err := each(t); err != nil {
			return err
		}
	}
	return fail("read", d.path, 0, rows.Err())
}

func scanTurn(rows *sql.Rows) (Turn, error) {
	var t Turn
	var number, begin, end int64
	var outcomes, silences, divergences string
	err := rows.Scan(&t.Pos, &t.Room, &t.RoomName, &t.Session, &number, &t.Trigger, &t.Participant, &t.Message, &t.Fingerprint,
		&outcomes, &silences, &divergences, &begin, &end)
	if err != nil {
		return t, err
	}
	t.Number, t.Begin, t.End = uint64(number), stamp(begin), stamp(end) // validated when written
	err = errors.Join(json.Unmarshal([]byte(outcomes), &t.Outcomes), json.Unmarshal([]byte(silences), &t.Silences), json.Unmarshal([]byte(divergences), &t.Divergences))
	if err != nil {
		return t, fmt.Errorf("%w: turn %d: %w", errDamaged, number, err)
	}
	return t, nil
}
