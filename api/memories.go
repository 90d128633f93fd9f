package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// Bounds of calls about memories. One takes at most 8 KiB on the wire, as the gate bounds its
// parts.
const (
	memoriesListed  = 500
	memoriesByOwn   = 100 // on a page whose size nobody says
	mostForgotten   = 256
	mostImported    = store.MaxMemories
	mostSubjectText = 512
)

// memories answers MemoryService.
type memories struct{ *Server }

// keeps is the store.
func (s *Server) keeps() (Host, *store.DB, error) {
	h, err := s.host()
	if err != nil {
		return nil, nil, err
	}
	if h.Store() == nil {
		return nil, nil, room.ErrNoStore
	}
	return h, h.Store(), nil
}

// ListMemories implements the call.
func (s *memories) ListMemories(ctx context.Context, req *sensoryv1.ListMemoriesRequest) (*sensoryv1.ListMemoriesResponse, error) {
	c := checked{}
	c.name("persona", req.GetPersona(), false)
	c.name("room", req.GetRoom(), false)
	c.text("subject", req.GetSubject(), mostSubjectText, false)
	c.name("id", req.GetId(), false)
	if st := req.GetStatus(); st != "" {
		oneOf(&c, "status", st, memory.Statuses())
	}
	c.page(req.GetPageSize(), memoriesListed, req.GetNewest(), req.GetPageToken())
	behind := c.position("page_token", req.GetPageToken())
	h, db, err := s.keeps()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	q := store.MemoryQuery{
		Persona: req.GetPersona(), Subject: req.GetSubject(), Status: memory.Status(req.GetStatus()), ID: req.GetId(), Limit: int(req.GetNewest()),
	}
	if q.Room, err = nameOf(ctx, h, req.GetRoom()); err != nil {
		return nil, err
	}
	var list []memory.Memory
	var next int64
	if q.Limit > 0 {
		list, err = db.Memories(ctx, q)
	} else {
		list, next, err = db.MemoriesBehind(ctx, q, behind, pageOf(req.GetPageSize(), memoriesByOwn))
	}
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ListMemoriesResponse{Memories: each(list, MemoryTo), NextPageToken: token(next)}, nil
}

// ForgetMemories implements the call.
func (s *memories) ForgetMemories(ctx context.Context, req *sensoryv1.ForgetMemoriesRequest) (*sensoryv1.ForgetMemoriesResponse, error) {
	c := checked{}
	about := req.GetPersona() != "" || req.GetSubject() != "" || req.GetRoom() != ""
	switch n := len(req.GetIds()); {
	case n > mostForgotten:
		c.fail("ids", ReasonTooMany, "has %d entries, at most %d are allowed", n, mostForgotten)
	case n > 0 && about:
		c.fail("ids", ReasonBadValue, "stand beside persona, subject or room: leave one of both out")
	case n == 0:
		c.name("persona", req.GetPersona(), true)
		c.text("subject", req.GetSubject(), mostSubjectText, true)
		c.name("room", req.GetRoom(), false)
	}
	for i, id := range req.GetIds() {
		c.name(fmt.Sprintf("ids[%d]", i), id, true)
	}
	h, db, err := s.keeps()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	var gone []string
	q := store.MemoryQuery{Persona: req.GetPersona(), Subject: req.GetSubject()}
	if req.GetRoom() != "" {
		if q.Room, err = db.MemoryRoom(ctx, req.GetRoom()); err != nil {
			return nil, err
		}
	}
	err = h.Leased(ctx, "forget", 0, func(ctx context.Context, guard func() error) (err error) {
		if len(req.GetIds()) > 0 {
			gone, err = db.ForgetMemories(ctx, req.GetIds(), time.Now(), guard)
		} else {
			gone, err = db.ForgetAbout(ctx, q, time.Now(), guard)
		}
		if errors.Is(err, store.ErrUnerased) { // they are forgotten, and the store tries again
			s.log.Warn("text of forgotten memories is left on the disk", "error", err)
			return nil
		}
		return err
	})
	if missing, ok := errors.AsType[*store.MissingError](err); ok {
		e := classify(err)
		e.Field = fmt.Sprintf("ids[%d]", slices.Index(req.GetIds(), missing.ID))
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ForgetMemoriesResponse{Forgotten: gone}, nil
}

// PromoteMemory implements the call.
func (s *memories) PromoteMemory(ctx context.Context, req *sensoryv1.PromoteMemoryRequest) (*sensoryv1.PromoteMemoryResponse, error) {
	c := checked{}
	c.name("id", req.GetId(), true)
	h, db, err := s.keeps()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	var m memory.Memory
	err = h.Leased(ctx, "promote", 0, func(ctx context.Context, guard func() error) (err error) {
		m, err = db.PromoteMemory(ctx, req.GetId(), time.Now(), guard)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sensoryv1.PromoteMemoryResponse{Memory: MemoryTo(m)}, nil
}

// ImportMemories implements the call.
func (s *memories) ImportMemories(ctx context.Context, req *sensoryv1.ImportMemoriesRequest) (*sensoryv1.ImportMemoriesResponse, error) {
	c := checked{}
	if n := len(req.GetMemories()); n == 0 || n > mostImported {
		c.fail("memories", ReasonTooMany, "has %d entries, must be 1 to %d", n, mostImported)
	}
	h, db, err := s.keeps()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	out := &sensoryv1.ImportMemoriesResponse{}
	list, seen := make([]memory.Memory, 0, len(req.GetMemories())), map[string]bool{}
	for i, given := range req.GetMemories() {
		m, err := MemoryFrom(given)
		if err == nil {
			m, err = memory.Imported(m)
		}
		if err == nil && seen[m.ID] {
			err = errTwice
		}
		if err != nil {
			return nil, wrong(fmt.Sprintf("memories[%d]", i), ReasonBadValue, "%w", err)
		}
		if seen[m.ID] = true; m.Reason == memory.ReasonRechecked {
			out.Rechecked++
		}
		list = append(list, m)
	}
	added := 0
	err = h.Leased(ctx, "import", importTime, func(ctx context.Context, guard func() error) (err error) {
		added, err = db.ImportMemories(ctx, list, guard)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Added = whole(added)
	return out, nil
}

// errTwice says that a memory is in a request twice.
var errTwice = errors.New("stands in the request already")

// nameOf is the name of a room that is called by its name or handle. Memories know it by its name.
func nameOf(ctx context.Context, h Host, which string) (string, error) {
	if which == "" {
		return "", nil
	}
	in, err := placeOf(ctx, h, which)
	return in.name, err
}

// MemoryTo is a memory as the contract has it.
func MemoryTo(m memory.Memory) *sensoryv1.Memory {
	return &sensoryv1.Memory{
		Id: m.ID, Persona: m.Persona, Room: m.Room, Subject: m.Subject, Kind: string(m.Kind), Text: m.Text, Sources: m.Sources, Speaker: m.Speaker,
		Trust: m.Trust.String(), Status: string(m.Status), Reason: string(m.Reason), Count: whole(m.Count), Created: moment(m.Created),
		Updated: moment(m.Updated), Expires: moment(m.Expires), Ended: moment(m.Ended), SupersededBy: m.SupersededBy,
	}
}

// MemoryFrom is a memory of the contract; nothing but its trust is checked. Errors:
// memory.ErrInvalid.
func MemoryFrom(m *sensoryv1.Memory) (memory.Memory, error) {
	out := memory.Memory{
		ID: m.GetId(), Persona: m.GetPersona(), Room: m.GetRoom(), Subject: m.GetSubject(), Kind: memory.Kind(m.GetKind()), Text: m.GetText(),
		Sources: m.GetSources(), Speaker: m.GetSpeaker(), Status: memory.Status(m.GetStatus()), Reason: memory.Reason(m.GetReason()),
		Count: int(m.GetCount()), Created: timeOf(m.GetCreated()), Updated: timeOf(m.GetUpdated()), Expires: timeOf(m.GetExpires()),
		Ended: timeOf(m.GetEnded()), SupersededBy: m.GetSupersededBy(),
	}
	return out, out.Trust.UnmarshalText([]byte(m.GetTrust()))
}

// timeOf is a time of the contract; the zero time where it is absent.
func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// token asks for the page behind a position; empty behind the last one.
func token(next int64) string {
	if next == 0 {
		return ""
	}
	return strconv.FormatInt(next, 10)
}
