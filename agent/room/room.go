package room

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/store"
)

// endings are the limits of an end.
type endings struct {
	clause time.Duration // for the clause that is being said
	finish time.Duration // for what others are saying: its transcript takes a second or two on two cores
	stop   time.Duration // for goroutines that were told to end
}

// Room is one room with the personas that sit in it. It ends with the last of them. Its methods are
// safe from any goroutine.
type Room struct {
	cfg Config
	log *slog.Logger

	inbox    chan message
	leave    chan struct{}   // closed when Close begins
	life     context.Context //nolint:containedctx // the room's own lifetime; the actor ends it
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // the actor, and what waits for connections in its place
	endings  endings
	once     sync.Once
	failure  error
	speaking atomic.Int32 // participants that speak now: sampling looks at it
	counts   atomic.Pointer[turn.Stats]
	// speculates tells the ears whether what is likely to be said is wanted.
	speculates atomic.Bool
	// split and alone are splitAfter and strandedAfter.
	split, alone time.Duration
	metering     atomic.Int32 // those who want to know how loud everybody is
	letters      *letters
	endpoint     hearing.EndpointConfig // of its microphones

	mu    sync.Mutex
	name  string                  // as the server gave it
	taken map[string]bool         // identities that have a seat, or are on their way to it
	seats []*Seat                 // those that have arrived, in order
	conns map[*lk.Connection]bool // those that are open
	hears *lk.Connection          // by which the room is perceived
}

// Name is the room's name as the server gave it; before anybody sits there, as the configuration
// has it.
func (r *Room) Name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name
}

// Seats are the personas that sit here, in the order in which they came.
func (r *Room) Seats() []*Seat {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seats)
}

// Ready tells whether every persona here can do its work now: see Seat.Ready.
func (r *Room) Ready() bool {
	seats := r.Seats()
	return len(seats) > 0 && !slices.ContainsFunc(seats, func(s *Seat) bool { return !s.Ready() })
}

// Limits returns what was refused of other participants so far, and what became of questions.
func (r *Room) Limits() LimitStats {
	var out LimitStats
	r.mu.Lock()
	hears, seats := r.hears, r.seats
	r.mu.Unlock()
	if hears != nil {
		out.Room = hears.Stats()
	}
	for _, s := range seats {
		out.UnheardPackets += s.line.unheard.Load()
		out.ask(s.conn.Stats())
	}
	if q := r.counts.Load(); q != nil {
		out.Questions = *q
	}
	out.Letters = r.letters.stats()
	return out
}

// Done is closed when the room has ended by itself or by Close.
func (r *Room) Done() <-chan struct{} { return r.life.Done() }

// Err says why the room ended: nil before that and after Close.
func (r *Room) Err() error {
	if r.life.Err() == nil {
		return nil
	}
	if err := context.Cause(r.life); !errors.Is(err, ErrClosed) {
		return err
	}
	return nil
}

// within waits for a channel to be closed, and tells whether it was in time.
func within(limit time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// Seat is a persona in a room: its connection, its voice, and its replies. What is not marked
// belongs to the room's actor.
type Seat struct {
	room    *Room
	who     Persona // as it was given
	log     *slog.Logger
	begin   time.Time     // when entering began
	holder  engine.Holder // of everything that the persona does
	models  *engine.Models
	ears    *engine.Models // the same, for the room to hear with after the persona has left
	conn    *lk.Connection
	coder   *codec.OpusEncoder
	player  *playout.Player
	meter   *media.Meter        // of what it says
	line    line                // the player uses it too
	kept    *engine.PromptCache // of the persona's answers; nil where nothing is kept
	memory  *store.Remember     // nil where nothing is remembered; its methods are safe from any goroutine
	talk    *conversation       // nil where every question stands alone
	speeds  turn.Speeds         // of its replies
	replies *reply.Replies

	// What it can do; the table knows the same, and says what follows.
	up, voice bool // connected; its voice is published
	allowed   lk.Permissions
	state     turn.AgentState
	held      bool            // what it says pauses, because somebody speaks
	discards  []reply.Discard // guesses since its last answer began
	explained string          // why it says nothing, as front ends were told
	telling   struct {        // its state, as front ends were told
		at    time.Time // when, last
		waits bool      // it is to be told again
		times int       // how often it was told again
	}
	again   context.CancelFunc // ends the attempts to publish the voice again; nil where there are none
	leaving *time.Timer        // ends what it says; nil while nobody has asked it to leave
	sent    string             // SID of the room that it was sent to; empty where any of the name will do
	strand  *time.Timer        // looks whether people have come to another one; nil where it never was

	panel panel // what front ends know of it

	ready   atomic.Bool   // see Ready
	muted   atomic.Bool   // see Muted
	seated  chan struct{} // closed when the actor has taken it
	done    chan struct{} // closed when nothing of it runs any more
	once    sync.Once
	failure error // of the end, once done is closed; nil for one that was asked for
}

// Identity is who the persona is in the room.
func (s *Seat) Identity() string { return s.holder.Persona }

// Ready tells whether the persona can do its work now: it is connected, has the rights that it
// needs, and its voice is published.
func (s *Seat) Ready() bool { return s.ready.Load() }

// Done is closed when the persona has left and nothing of it runs any more. Where the room has
// ended by itself, that is when the room is closed.
func (s *Seat) Done() <-chan struct{} { return s.done }

// Err says why the seat ended, once Done is closed: nil where it was asked to leave, or the room
// was closed.
func (s *Seat) Err() error {
	select {
	case <-s.done:
		return s.failure
	default:
		return nil
	}
}

// message is what reaches the actor from other goroutines. The set is closed.
type message interface{ message() }
