package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// memories are what personas remember, as it is kept somewhere: behind a running program, or in its
// store.
type memories interface {
	// list calls each for the memories chosen, the oldest first.
	list(ctx context.Context, q store.MemoryQuery, each func(*memory.Memory) error) error
	one(ctx context.Context, id string) (memory.Memory, error)
	// forget deletes those of ids, or all that a query chooses, and returns their ids; also with
	// store.ErrUnerased.
	forget(ctx context.Context, ids []string, q store.MemoryQuery) ([]string, error)
	promote(ctx context.Context, id string) (memory.Memory, error)
	// add adds what is not there; of those given, rechecked went to quarantine for what they say.
	add(ctx context.Context, list []memory.Memory) (added, rechecked int, err error)
	close() error
}

// storedMemories are those of a store.
type storedMemories struct{ db *store.DB }

func (s storedMemories) list(ctx context.Context, q store.MemoryQuery, each func(*memory.Memory) error) error {
	if q.Room != "" {
		switch name, err := s.db.MemoryRoom(ctx, q.Room); {
		case err == nil:
			q.Room = name
		case !errors.Is(err, store.ErrNoRoom): // of which there is nothing to list
			return err
		}
	}
	list, err := s.db.Memories(ctx, q)
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return err
}

func (s storedMemories) one(ctx context.Context, id string) (memory.Memory, error) {
	return s.db.Memory(ctx, id)
}

func (s storedMemories) forget(ctx context.Context, ids []string, q store.MemoryQuery) ([]string, error) {
	if q.Room != "" {
		name, err := s.db.MemoryRoom(ctx, q.Room)
		if err != nil {
			return nil, err
		}
		q.Room = name
	}
	if len(ids) > 0 {
		return s.db.ForgetMemories(ctx, ids, time.Now(), nil)
	}
	return s.db.ForgetAbout(ctx, q, time.Now(), nil)
}

func (s storedMemories) promote(ctx context.Context, id string) (memory.Memory, error) {
	return s.db.PromoteMemory(ctx, id, time.Now(), nil)
}

func (s storedMemories) add(ctx context.Context, list []memory.Memory) (added, rechecked int, err error) {
	added, err = s.db.ImportMemories(ctx, list, nil)
	for i := range list {
		if list[i].Reason == memory.ReasonRechecked {
			rechecked++
		}
	}
	return added, rechecked, err
}

func (s storedMemories) close() error { return s.db.Close() }

// toldMemories are those of a running program.
type toldMemories struct{ chatClient }

// mostTold is how many memories a running program lists on a page, and as the newest.
const mostTold = 500

func (t toldMemories) list(ctx context.Context, q store.MemoryQuery, each func(*memory.Memory) error) error {
	if q.Limit > mostTold {
		return usageError{fmt.Errorf("--limit: a running program lists the newest %d at most; leave it out for all, or read the store", mostTold)}
	}
	req := &sensoryv1.ListMemoriesRequest{
		Persona: q.Persona, Room: q.Room, Subject: q.Subject, Status: string(q.Status), Id: q.ID, PageSize: mostTold, Newest: int32(q.Limit), // checked
	}
	for {
		got, err := t.program.Memories.ListMemories(ctx, req)
		if err != nil {
			return answered(t.address, err)
		}
		for _, m := range got.GetMemories() {
			is, err := api.MemoryFrom(m)
			if err == nil {
				err = each(&is)
			}
			if err != nil {
				return err
			}
		}
		if req.PageToken = got.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

func (t toldMemories) one(ctx context.Context, id string) (m memory.Memory, err error) {
	found := false
	err = t.list(ctx, store.MemoryQuery{ID: id, Limit: 1}, func(is *memory.Memory) error {
		m, found = *is, true
		return nil
	})
	if err == nil && (!found || id == "") {
		err = fmt.Errorf("%q: %w", id, memory.ErrUnknown)
	}
	return m, err
}

func (t toldMemories) forget(ctx context.Context, ids []string, q store.MemoryQuery) ([]string, error) {
	got, err := t.program.Memories.ForgetMemories(ctx, &sensoryv1.ForgetMemoriesRequest{Ids: ids, Persona: q.Persona, Subject: q.Subject, Room: q.Room})
	return append([]string{}, got.GetForgotten()...), answered(t.address, err)
}

func (t toldMemories) promote(ctx context.Context, id string) (memory.Memory, error) {
	got, err := t.program.Memories.PromoteMemory(ctx, &sensoryv1.PromoteMemoryRequest{Id: id})
	if err != nil {
		return memory.Memory{}, answered(t.address, err)
	}
	return api.MemoryFrom(got.GetMemory())
}

func (t toldMemories) add(ctx context.Context, list []memory.Memory) (added, rechecked int, err error) {
	if len(list) == 0 {
		return 0, 0, nil // a call has some
	}
	if len(list) > store.MaxMemories {
		return 0, 0, errManyMemories
	}
	req := &sensoryv1.ImportMemoriesRequest{}
	for _, m := range list {
		req.Memories = append(req.Memories, api.MemoryTo(m))
	}
	got, err := t.program.Memories.ImportMemories(ctx, req)
	return int(got.GetAdded()), int(got.GetRechecked()), answered(t.address, err)
}

// oneMemory is a memory in a line.
func oneMemory(m *memory.Memory) string {
	status := string(m.Status)
	if m.Status != memory.Active || m.Trust == memory.Operator {
		status += " (" + string(m.Reason) + ")"
	}
	return fmt.Sprintf("%s  %s  %-10s %-10s %-16s %-8s %-26s %s\n", m.ID, m.Created.Local().Format("2006-01-02 15:04"), printable.Text(m.Persona),
		printable.Text(m.Room), printable.Text(m.Subject), m.Trust, status, printable.Text(m.Text))
}

// wholeMemory is a memory with all that is known of it.
func wholeMemory(m *memory.Memory) string {
	var b strings.Builder
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format(time.RFC3339)
	}
	for _, field := range []struct{ name, value string }{
		{"id", m.ID},
		{"text", m.Text},
		{"persona", m.Persona},
		{"room", m.Room},
		{"subject", m.Subject},
		{"kind", string(m.Kind)},
		{"speaker", m.Speaker},
		{"trust", m.Trust.String()},
		{"status", string(m.Status)},
		{"reason", string(m.Reason)},
		{"said", fmt.Sprintf("%d times", m.Count)},
		{"sources", strings.Join(m.Sources, " ")},
		{"created", when(m.Created)},
		{"updated", when(m.Updated)},
		{"expires", when(m.Expires)},
		{"ended", when(m.Ended)},
		{"superseded by", m.SupersededBy},
	} {
		if field.value != "" {
			fmt.Fprintf(&b, "%-14s %s\n", field.name, printable.Text(field.value))
		}
	}
	return b.String()
}

// errManyMemories says that a call takes less.
var errManyMemories = usageError{fmt.Errorf("a running program takes %d memories at once; import into its store with --store", store.MaxMemories)}
