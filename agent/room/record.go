package room

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TranscriptConfig says where what is said is kept, and for how long.
type TranscriptConfig struct {
	// Path is the file, or the address of a PostgreSQL database; it is made where there is none.
	Path string
	// Keep is how long after its end an utterance is kept; 0 means for ever.
	Keep time.Duration
	// Rows is how many utterances, messages and turns are kept of each; 0 means all.
	Rows int
	// Report is called with a *StageError when something could not be kept or deleted, from other
	// goroutines: it must not block.
	Report func(error)
	Logger *slog.Logger
}

// Transcripts keeps what is said in rooms. Several may share it; it is closed after the last of
// them and before the machine. A disk that fails does not disturb a conversation: it is reported
// and counted.
type Transcripts struct {
	db     *store.DB
	broker *compute.Broker
	writer *store.Writer
	tidy   *store.Retention
	log    *slog.Logger
	stop   context.CancelFunc
	work   sync.WaitGroup
	once   sync.Once
	err    error
}

// TranscriptStats are what was counted.
type TranscriptStats struct {
	Path      string               `json:"path"`
	Health    store.Health         `json:"health"`
	Writer    store.WriterStats    `json:"writer"`
	Retention store.RetentionStats `json:"retention"`
}

// OpenTranscripts opens the store and starts what writes and deletes, both under leases of the
// machine. Errors: *store.Error.
func OpenTranscripts(ctx context.Context, machine *engine.Machine, cfg TranscriptConfig) (*Transcripts, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	report := func(err error) {
		if cfg.Report != nil {
			cfg.Report(&StageError{Stage: StageStore, Err: err})
		}
	}
	db, err := store.Open(ctx, cfg.Path)
	if err != nil {
		return nil, err
	}
	t := &Transcripts{
		db: db, broker: machine.Broker(), log: cfg.Logger,
		writer: store.NewWriter(store.WriterConfig{DB: db, Broker: machine.Broker(), Report: report, Logger: cfg.Logger}),
		tidy:   store.NewRetention(store.RetentionConfig{DB: db, Broker: machine.Broker(), Keep: cfg.Keep, Rows: cfg.Rows, Report: report, Logger: cfg.Logger}),
	}
	life, stop := context.WithCancel(context.Background())
	t.stop = stop
	t.work.Go(func() { t.tidy.Run(life) })
	return t, nil
}

// DB is the open store, for those who read it; it is closed with the transcripts.
func (t *Transcripts) DB() *store.DB { return t.db }

// Leased writes to the store under a lease of the disk: see store.Writer.Leased.
func (t *Transcripts) Leased(ctx context.Context, what string, ttl time.Duration, write func(ctx context.Context, guard func() error) error) error {
	return t.writer.Leased(ctx, what, ttl, write)
}

// Stats returns what was written, lost and deleted.
func (t *Transcripts) Stats() TranscriptStats {
	return TranscriptStats{Path: t.db.Path(), Health: t.db.Health(), Writer: t.writer.Stats(), Retention: t.tidy.Stats()}
}

// Close writes what waits and closes the store. It is idempotent. The error says how many
// utterances could not be written.
func (t *Transcripts) Close() error {
	t.once.Do(func() {
		t.stop()
		t.work.Wait()
		t.err = errors.Join(t.writer.Close(), t.db.Close())
	})
	return t.err
}

// recorder turns what a room observes into utterances. It belongs to the actor.
type recorder struct {
	keep          *Transcripts
	room, session string
	spoken        map[spokenKey]*store.Utterance // what has become audible so far
	turns         map[uint64]*begun              // that are not over
}

// spokenKey is a persona's part of a turn.
type spokenKey struct {
	persona string
	turn    uint64
}

// newRecorder returns nil where nothing is kept.
func newRecorder(keep *Transcripts) *recorder {
	if keep == nil {
		return nil
	}
	return &recorder{keep: keep, session: uuid.NewString(), spoken: map[spokenKey]*store.Utterance{}, turns: map[uint64]*begun{}}
}

// note takes one event. What a persona said is what became audible, not what it meant to say; an
// answer that had no voice is what it wrote.
func (r *recorder) note(from Origin, e Event) {
	if r == nil {
		return
	}
	switch e := e.(type) {
	case Joined:
		r.room = e.Room
	case Heard:
		if e.Final {
			r.put(store.Utterance{Turn: e.Turn, Participant: e.Who, Role: store.Human, Text: e.Text, Start: e.Start, End: e.End})
		}
	case Said:
		key := spokenKey{from.Persona, e.Turn}
		u := r.spoken[key]
		if u == nil {
			u = &store.Utterance{Turn: e.Turn, Participant: from.Persona, Role: store.Persona, Start: e.At}
			r.spoken[key] = u
		}
		u.Text = strings.TrimSpace(u.Text + " " + e.Text)
	case TurnDone:
		r.answered(from.Persona, e.Trace)
	case Ended:
		for _, u := range r.spoken { // cut off by the end
			u.End = e.At
			r.put(*u)
		}
		clear(r.spoken)
	}
}

func (r *recorder) answered(persona string, t reply.Trace) {
	key := spokenKey{persona, t.Turn}
	u := r.spoken[key]
	delete(r.spoken, key)
	if u == nil {
		if t.Err != nil && !errors.Is(t.Err, ErrWritten) || t.Answer == "" {
			return // nothing reached anybody
		}
		u = &store.Utterance{Turn: t.Turn, Participant: persona, Role: store.Persona, Text: t.Answer, Start: t.Begin}
	}
	u.End = t.Done
	r.put(*u)
}

func (r *recorder) put(u store.Utterance) {
	u.Room, u.Session = r.room, r.session
	if u.End.Before(u.Start) {
		u.End = u.Start
	}
	if err := r.keep.writer.Put(u); err != nil {
		r.keep.log.Error("utterance not kept", "room", u.Room, "participant", u.Participant, "error", err)
	}
}
