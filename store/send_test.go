package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestAMessageThatIsSentIsDurable when Send returns, under a lease of the disk; what waits to be
// written is not waited for, and a message that came by the room is there once.
func TestAMessageThatIsSentIsDurable(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: time.Hour})
	typed := letter(0, "lobby", "ada", "typed")
	typed.Key = "stream/1"
	for range 2 {
		if _, err := w.PutMessage(typed); err != nil {
			t.Fatal(err)
		}
	}
	kept, fresh, err := w.Send(t.Context(), letter(1, "lobby", "ada", "sent"))
	if err != nil || !fresh {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Message{kept}, exported(t, db, store.ChatQuery{})); diff != "" {
		t.Error(diff)
	}
	again := letter(2, "lobby", "ada", "x")
	again.ReplyTo = "m_none"
	if _, _, err := w.Send(t.Context(), again); !errors.Is(err, store.ErrNoMessage) {
		t.Errorf("%v", err)
	}
	go func() { _ = w.Close() }()
	await(t, func() bool { return w.Stats().Waiting == 0 })
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	var texts []string
	for _, m := range exported(t, db, store.ChatQuery{}) {
		texts = append(texts, m.Text)
	}
	if !slices.Equal(texts, []string{"sent", "typed"}) || w.Stats().Messages != 3 {
		t.Errorf("%q, %+v", texts, w.Stats())
	}
	if _, _, err := w.Send(t.Context(), letter(3, "lobby", "ada", "late")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := w.PutMessage(letter(3, "lobby", "ada", "late")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := w.PutMessage(store.Message{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// TestSendingWaitsForTheDisk as long as its caller does, and a lease that is taken back leaves
// nothing.
func TestSendingWaitsForTheDisk(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker})
	held, err := broker.TryAcquire(compute.Demand{
		Artifact: "x", Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "x", Cost: compute.Cost{Units: 100}, TTL: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() {
		_, _, err := w.Send(t.Context(), letter(0, "lobby", "ada", "waits"))
		sent <- err
	}()
	await(t, func() bool { return len(broker.Snapshot().Waiting) > 0 })
	if got := exported(t, db, store.ChatQuery{}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	held.Release()
	if err := next(t, sent); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 1 || got[0].Text != "waits" {
		t.Errorf("%+v", got)
	}
}

// TestHowFarAReplyWasSpokenIsKept: it is written before it is spoken; what becomes of it follows.
// The last word counts, and of a message that is not there nothing is kept.
func TestHowFarAReplyWasSpokenIsKept(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker})
	reply := letter(0, "lobby", "iris", "A fern. It is green.")
	reply.Role, reply.Spoken = store.Persona, store.Speaking
	var ids []string
	for range 4 {
		id, err := w.PutMessage(reply)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, x := range [][3]string{
		{ids[0], store.Whole, ""}, {ids[1], "interrupted", ""}, {ids[1], "interrupted", "A fern."}, {ids[2], "stale", ""}, {"m_none", store.Whole, ""},
	} {
		if err := w.PutSpoken(x[0], x[1], x[2]); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string][3]string{
		"of none": {"", store.Whole, ""}, "no reason": {ids[0], "tired", ""}, "no text": {ids[0], "failed", "\xff"},
		"too much": {ids[0], "failed", strings.Repeat("x", store.MaxMessage+1)},
	} {
		if err := w.PutSpoken(x[0], x[1], x[2]); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	var got [][3]string
	for _, m := range exported(t, db, store.ChatQuery{}) {
		got = append(got, [3]string{m.ID, m.Spoken, m.Heard})
	}
	want := [][3]string{{ids[0], "whole", ""}, {ids[1], "interrupted", "A fern."}, {ids[2], "stale", ""}, {ids[3], "speaking", ""}}
	if diff := cmp.Diff(want, got); diff != "" || w.Stats().Messages != 4 || w.Stats().Turns != 0 || w.Stats().Waiting != 0 {
		t.Errorf("%+v (-want +got):\n%s", w.Stats(), diff)
	}
	if err := w.PutSpoken(ids[0], store.Whole, ""); !errors.Is(err, store.ErrClosed) {
		t.Errorf("%v", err)
	}
	bad := reply
	bad.Spoken = "tired"
	if _, err := w.PutMessage(bad); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("%v", err)
	}
}
