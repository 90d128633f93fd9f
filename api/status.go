package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/store"
)

// StoreStatus is how what is said is being kept.
type StoreStatus struct {
	room.TranscriptStats
	// Problem is what stands in the way while Health is degraded; nil otherwise.
	Problem error
	// Failed are writes that the store did not take, by why.
	Failed map[store.Why]uint64
}

// TokenStats are those of who makes tokens of rooms.
type TokenStats struct {
	Made    uint64
	Refused map[string]uint64 // by reason
}

// ListSeats implements the call.
func (s *personas) ListSeats(context.Context, *sensoryv1.ListSeatsRequest) (*sensoryv1.ListSeatsResponse, error) {
	h, err := s.host()
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ListSeatsResponse{Seats: each(h.Seats(), seatOf)}, nil
}

func seatOf(st agent.SeatStatus) *sensoryv1.Seat {
	out := &sensoryv1.Seat{
		Room: st.Room, Persona: st.Persona, Identity: st.Identity, By: string(st.By), State: string(st.State), Ready: st.Ready, Muted: st.Muted,
		Since: moment(st.Since), Next: moment(st.Next), Entered: whole(st.Entered),
	}
	if st.Err != nil {
		out.Error = st.Err.Error()
	}
	return out
}

// moment is a time as the contract has it; absent for none.
func moment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// ListRefusals implements the call.
func (s *rooms) ListRefusals(context.Context, *sensoryv1.ListRefusalsRequest) (*sensoryv1.ListRefusalsResponse, error) {
	of, ok := s.cfg.refusals()
	if !ok {
		return nil, failure(connect.CodeUnavailable, ReasonLoading, "nobody is in a room yet; try again when /readyz says so")
	}
	out := &sensoryv1.ListRefusalsResponse{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out.Rooms = append(out.Rooms, refusalsOf(name, of[name]))
	}
	return out, nil
}

func refusalsOf(name string, st room.LimitStats) *sensoryv1.RoomRefusals {
	q := st.Questions
	return &sensoryv1.RoomRefusals{
		Room: name, Refused: tally(st.Room.Refused), Others: count(st.Room.Others), Letters: tally(st.Letters.Refused), Asked: tally(st.Asked),
		UnheardPackets: count(st.UnheardPackets),
		Participants: each(st.Room.Participants, func(p limits.ParticipantStats) *sensoryv1.ParticipantRefusals {
			return &sensoryv1.ParticipantRefusals{Identity: p.Identity, Refused: tally(p.Refused)}
		}),
		Questions: &sensoryv1.Questions{
			Asked: count(q.Asked), Answered: count(q.Answered), Waiting: whole(q.Waiting), Waited: count(q.Waited), Superseded: count(q.Superseded),
			Yielded: count(q.Yielded), Crowded: count(q.Crowded), Late: count(q.Late), Agents: count(q.Agents), Held: count(q.Held), Resumed: count(q.Resumed),
			Interrupted: count(q.Interrupted),
		},
	}
}

// ListPrompts implements the call.
func (s *machine) ListPrompts(context.Context, *sensoryv1.ListPromptsRequest) (*sensoryv1.ListPromptsResponse, error) {
	all, ok := s.cfg.prompts()
	if !ok {
		return nil, failure(connect.CodeUnavailable, ReasonLoading, "nothing is loaded yet; try again when /readyz says so")
	}
	out := &sensoryv1.ListPromptsResponse{}
	for _, p := range all {
		out.Prompts = append(out.Prompts, &sensoryv1.PromptCache{
			Silicon: p.Silicon.String(), Personas: whole(p.Entries), Answering: whole(p.Held), Bytes: p.Bytes, BudgetBytes: p.Budget,
			Evicted: count(p.Evicted), Refused: count(p.Refused),
		})
	}
	return out, nil
}

// GetStore implements the call.
func (s *machine) GetStore(context.Context, *sensoryv1.GetStoreRequest) (*sensoryv1.GetStoreResponse, error) {
	st, ok := s.cfg.store()
	if !ok {
		return &sensoryv1.GetStoreResponse{}, nil
	}
	w, r := st.Writer, st.Retention
	out := &sensoryv1.GetStoreResponse{
		Place: st.Path, Utterances: count(w.Written), Messages: count(w.Messages), Turns: count(w.Turns), Batches: count(w.Batches),
		Waiting: whole(w.Waiting), WaitingBytes: int64(w.WaitingBytes), Failed: failuresOf(st.Failed), Lost: count(w.Lost), Failures: count(w.Failures),
		Retention: &sensoryv1.Retention{Deleted: count(r.Deleted), Runs: count(r.Runs), GaveWay: count(r.Revoked), Failed: count(r.Failed)},
	}
	if st.Problem != nil {
		out.Reason, out.Problem, out.Since = string(classify(st.Problem).Reason), st.Problem.Error(), moment(st.Health.Since)
		if st.Health.Since.IsZero() {
			out.Since = moment(st.Health.Unerased)
		}
	}
	return out, nil
}

// failuresOf are failures by their reasons, without those that there were none of.
func failuresOf(by map[store.Why]uint64) map[string]int64 {
	out := map[string]int64{}
	for why, n := range by {
		if n > 0 {
			out[string(storeReason(why))] = count(n)
		}
	}
	return out
}

// CountCalls implements the call.
func (s *machine) CountCalls(context.Context, *sensoryv1.CountCallsRequest) (*sensoryv1.CountCallsResponse, error) {
	st := s.Stats()
	out := &sensoryv1.CountCallsResponse{
		Calls: tally(st.Calls), Failed: tally(st.Failed), Arriving: whole(st.Arriving), Running: whole(st.Running), Streams: whole(st.Streams), Unread: count(st.Unread),
	}
	if made, ok := s.cfg.tokens(); ok {
		out.Tokens = &sensoryv1.TokenCounts{Made: count(made.Made), Refused: tally(made.Refused)}
	}
	return out, nil
}

// classOf is what a class of work did in a pool.
func classOf(c compute.ClassInfo) *sensoryv1.ClassUse {
	return &sensoryv1.ClassUse{
		Class: c.Class.String(), Held: whole(c.Held), Waiting: whole(c.Waiting), Granted: count(c.Granted), Completed: count(c.Completed),
		Expired: count(c.Expired), Revoked: count(c.Revoked), Abandoned: count(c.Abandoned), Fenced: count(c.Fenced), Refused: tally(c.Refused),
	}
}

func stationOf(st compute.StationInfo) *sensoryv1.Station {
	return &sensoryv1.Station{Name: st.Name, Slots: whole(st.Slots), UsedSlots: whole(st.UsedSlots), Waiting: whole(st.Waiting)}
}

func loadsOf(c ort.PoolCounts) *sensoryv1.ModelCounts {
	return &sensoryv1.ModelCounts{
		Loads: count(c.Loads), Hits: count(c.Hits), Failed: count(c.Failed), Evictions: count(c.Evictions), Expired: count(c.Expired),
		Refusals: count(c.Refusals), Abandoned: count(c.Abandoned),
	}
}

// maxCount is the largest count of the contract.
const maxCount = 1<<63 - 1

// count is a number of the contract that only grows.
func count(n uint64) int64 { return int64(min(n, maxCount)) }

// tally are counts by what they are of.
func tally[K ~string](of map[K]uint64) map[string]int64 {
	out := make(map[string]int64, len(of))
	for k, n := range of {
		out[string(k)] = count(n)
	}
	return out
}
