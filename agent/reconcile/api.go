package reconcile

import (
	"context"
	"time"
)

// Dispatch is a wish for an agent in a room, as the server has it.
type Dispatch struct {
	ID, Room, Agent, Metadata, Deployment string
	Attributes                            map[string]string
	// Never tells that the dispatch says not to start its agent anew (JRP_NEVER).
	Never bool
	// Created is by the server's clock, and serves to put dispatches in an order only.
	Created time.Time
	// Age is how long ago it was made, by the server's clock, at least; 0 where that is not known.
	Age time.Duration
	// Identities are those of the participants that its jobs said they would be, empty where a job
	// did not say. There is one for each job that was assigned: open-source servers never take one
	// away.
	Identities []string
}

// Participant is somebody in a room.
type Participant struct {
	Identity string
	// Agent is the name under which an agent was dispatched, by the attribute lk.agent_name.
	Agent string
	// Human tells that it is neither an agent nor another helper of the server.
	Human bool
}

// API is what a reconciler asks of a server; Dial makes one of a real server. Methods are called by
// several goroutines at once.
type API interface {
	// Rooms are the names of the rooms that are open.
	Rooms(ctx context.Context) ([]string, error)
	// Dispatches are those of a room; none where the room is gone.
	Dispatches(ctx context.Context, room string) ([]Dispatch, error)
	// Participants are those of a room; nobody where the room is gone.
	Participants(ctx context.Context, room string) ([]Participant, error)
	// Create makes a dispatch of what is given, ID, Created and Identities aside, and returns what
	// became of it.
	Create(ctx context.Context, d Dispatch) (Dispatch, error)
	// Delete deletes a dispatch. Of several who do, one succeeds and the others get ErrGone.
	Delete(ctx context.Context, room, id string) error
}

// ClaimAgent is the agent's name of the dispatches by which a reconciler says what it is at. No
// worker may take it.
const ClaimAgent = "sensory-agent.reconcile"

// Attributes of dispatches that reconcilers made. Jobs have those of their dispatch.
const (
	// AttributeDispatch is the id of the dispatch that somebody asked for first.
	AttributeDispatch = "sensory.dispatch"
	// AttributeAttempt counts from 1 how often it was dispatched again.
	AttributeAttempt = "sensory.attempt"
	// AttributeAgent and AttributeBy are of claims: the agent's name, and whose claim it is.
	AttributeAgent = "sensory.agent"
	AttributeBy    = "sensory.by"
)
