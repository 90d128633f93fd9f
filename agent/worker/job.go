package worker

import (
	"time"

	"github.com/livekit/protocol/livekit"
)

// Offer is a job that the server would like done: what Reserve decides on.
type Offer struct {
	// Agent is the name that was asked for.
	Agent string
	// Job is what the server says of it: room, metadata, attributes, dispatch. Read only.
	Job *livekit.Job
	// Resuming tells that another worker had the job before.
	Resuming bool
}

// Reservation is what was kept free for a job, and as whom the job joins.
type Reservation struct {
	// Identity of the participant; empty means agent-<job id>, as in LiveKit's own SDKs.
	Identity string
	// Name, Metadata and Attributes of the participant.
	Name, Metadata string
	Attributes     map[string]string
	// Value is handed on to the job.
	Value any
	// Release gives back what was kept. It is called once: after the handler has returned, or when
	// the job went to nobody. It may be nil. It is called by a goroutine that others wait for: it
	// must not block.
	Release func()
}

// Job is a job that was assigned: it has to be joined and done.
type Job struct {
	// ID of the job and of the dispatch that asked for it.
	ID, DispatchID string
	// Agent is the name that was asked for, Room the room's name, Metadata what the dispatch says.
	Agent, Room, Metadata string
	// URL and Token join the room. The token is for this room and Identity, and is valid for an
	// hour; connections that are up are given fresh ones by the server.
	URL, Token, Identity string
	// Value is that of the reservation.
	Value any
	// Assigned is when the assignment came, Offered when the offer did.
	Offered, Assigned time.Time
	// Proto is everything that the server said of the job. Read only.
	Proto *livekit.Job
}

// EventKind says what happened.
type EventKind string

// Kinds of events.
const (
	Registered   EventKind = "registered"   // the server offers jobs from now on
	Disconnected EventKind = "disconnected" // the connection is gone, or never came; Err says why
	Declined     EventKind = "declined"     // an offer was declined; Err says why
	Accepted     EventKind = "accepted"     // the worker said that it is available
	Lapsed       EventKind = "lapsed"       // an accepted offer was not assigned: it went elsewhere
	Assigned     EventKind = "assigned"     // the job begins
	Terminated   EventKind = "terminated"   // the server ended the job; its context has ended
	Ended        EventKind = "ended"        // the handler has returned; Err is what it returned
	Refused      EventKind = "refused"      // something from the server was refused; Reason says what
	Draining     EventKind = "draining"     // no job is taken any more
)

// Event is something that happened to a worker.
type Event struct {
	Kind EventKind
	// Agent is the name; Job, Dispatch and Room are set for what concerns a job.
	Agent, Job, Dispatch, Room string
	// Worker is the id that the server gave to the connection.
	Worker string
	// Reason is that of Refused and Declined, in one word.
	Reason Reason
	Err    error
	// Next is when a connection is tried again, of Disconnected.
	Next time.Time
}

// Reason says in one word why something was refused or declined. The set is closed.
type Reason string

// Reasons.
const (
	ReasonMalformed    Reason = "malformed"             // a frame that is no message
	ReasonUnknown      Reason = "unknown_message"       // a message of a kind that this protocol has not
	ReasonTooEarly     Reason = "not_registered"        // a job before the registration was confirmed
	ReasonAgent        Reason = "unknown_agent"         // a job for a name that was not registered here
	ReasonDuplicate    Reason = "duplicate_offer"       // a job that is here already was offered again
	ReasonUnoffered    Reason = "unoffered_assignment"  // a job was assigned that was never accepted
	ReasonTwice        Reason = "duplicate_assignment"  // a running job was assigned again
	ReasonTermination  Reason = "unknown_termination"   // a job was terminated that is not here
	ReasonRegistration Reason = "repeated_registration" // a registration was confirmed twice
	ReasonDraining     Reason = "draining"              // declined: the worker is being drained
	ReasonFull         Reason = "full"                  // declined: no room for one more
	ReasonOffers       Reason = "too_many_offers"       // declined: too many offers at once
	ReasonReserve      Reason = "not_reserved"          // declined: Reserve said no
	ReasonSlow         Reason = "reserve_too_slow"      // declined: Reserve took too long
	ReasonNotNeeded    Reason = "not_needed"            // Reserve said that nobody is needed
)
