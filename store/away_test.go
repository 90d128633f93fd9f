package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// goesAndComes stops the server under a writer: who waits for an answer is told, what was only
// handed over waits, and both go on when it is back. Nothing that was acknowledged is lost.
func goesAndComes(t *testing.T, s *testpostgres.Server) {
	db, err := store.Open(t.Context(), s.Place(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	reports := make(chan error, 1000)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: newBroker(t), Linger: soon, Retry: soon, Report: func(err error) {
		select {
		case reports <- err:
		default:
		}
	}})
	first, _, err := w.Send(t.Context(), letter(0, "lobby", "ada", "before"))
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	var typed *store.Error
	if _, _, err := w.Send(t.Context(), letter(1, "lobby", "ada", "told that it failed")); !errors.Is(err, store.ErrUnreachable) || !errors.As(err, &typed) || typed.Rows != 1 {
		t.Errorf("%v", err)
	}
	if _, err := w.PutMessage(letter(2, "lobby", "ada", "waits")); err != nil {
		t.Fatal(err)
	}
	if err := next(t, reports); !errors.Is(err, store.ErrUnreachable) {
		t.Errorf("reported %v", err)
	}
	if h, st := db.Health(), w.Stats(); !h.Degraded() || h.Failures < 2 || !strings.Contains(h.Reason, store.ErrUnreachable.Error()) || st.Waiting != 1 || st.Failures == 0 {
		t.Errorf("%+v, %+v", h, st)
	}
	for name, call := range map[string]func() error{
		"list": func() error { _, err := db.ListChat(t.Context(), store.ChatQuery{}); return err },
		"open": func() error { _, err := store.OpenReader(t.Context(), db.Path()); return err },
	} {
		if err := call(); !errors.Is(err, store.ErrUnreachable) || !errors.As(err, &typed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Resume()
	await(t, func() bool { return w.Stats().Waiting == 0 })
	after, _, err := w.Send(t.Context(), letter(3, "lobby", "ada", "after"))
	if err != nil {
		t.Fatal(err)
	}
	if h := db.Health(); h.Degraded() {
		t.Errorf("%+v", h)
	}
	got := exported(t, db, store.ChatQuery{})
	if len(got) != 3 || got[0].ID != first.ID || got[1].Text != "waits" || got[2].ID != after.ID {
		t.Errorf("%+v", got)
	}
	crashes(t, s, w, db)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// crashes ends the server again and again while somebody sends: whoever is told that a message
// failed sends it again by its key, and every message is there once.
func crashes(t *testing.T, s *testpostgres.Server, w *store.Writer, db *store.DB) {
	before := len(exported(t, db, store.ChatQuery{}))
	var acknowledged atomic.Int64
	stop, done := make(chan struct{}), make(chan []string)
	go func() {
		var ids []string
		for n := 0; ; {
			m := letter(n, "lobby", "ada", fmt.Sprint(n))
			m.Key = fmt.Sprint("crash", n)
			kept, _, err := w.Send(t.Context(), m)
			switch {
			case err == nil:
				ids = append(ids, kept.ID)
				acknowledged.Add(1)
				n++
			case !errors.Is(err, store.ErrUnreachable):
				t.Errorf("message %d: %v", n, err)
			}
			select {
			case <-stop:
				if err == nil {
					done <- ids
					return
				}
			default:
			}
		}
	}()
	for range 3 {
		more := acknowledged.Load() + 20
		await(t, func() bool { return acknowledged.Load() >= more })
		s.Crash()
		s.Resume()
	}
	close(stop)
	ids := <-done
	var there []string
	for _, m := range exported(t, db, store.ChatQuery{})[before:] {
		there = append(there, m.ID)
	}
	if diff := cmp.Diff(ids, there); diff != "" || len(ids) < 60 {
		t.Errorf("%d messages (-acknowledged +there):\n%s", len(ids), diff)
	}
}

// lostAnswer cuts the connection when the server has committed and before the program hears of it.
func lostAnswer(t *testing.T, s *testpostgres.Server) {
	place := s.Place(t)
	between := relay(t, place)
	db, err := store.Open(t.Context(), between.place)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	m := letter(0, "lobby", "ada", "hello")
	m.Key = "k"
	between.cut.Store(true)
	if _, _, err := db.AddMessage(t.Context(), m, nil); !errors.Is(err, store.ErrUncertain) || !errors.Is(err, store.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	again, fresh, err := db.AddMessage(t.Context(), m, nil)
	if err != nil || fresh {
		t.Errorf("%v, %v", fresh, err)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 1 || got[0].ID != again.ID {
		t.Errorf("%+v", got)
	}
	reports := make(chan error, 10)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: newBroker(t), Linger: soon, Retry: soon, Report: func(err error) { reports <- err }})
	between.cut.Store(true)
	put(t, w, lines(0, 3))
	if err := next(t, reports); !errors.Is(err, store.ErrUncertain) {
		t.Errorf("%v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(lines(0, 3), list(t, db, store.Query{})); diff != "" {
		t.Error(diff)
	}
}

// between stands between a program and its server.
type between struct {
	place string
	cut   atomic.Bool // the next commit is passed on, and its answer is not
}

// relay listens beside the server of a place and passes everything on.
func relay(t *testing.T, place string) *between {
	t.Helper()
	u, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	server, dir := filepath.Join(query.Get("host"), ".s.PGSQL.5432"), t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	b := &between{place: u.String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go b.pass(client, server)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return b
}

func (b *between) pass(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	behind, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer func() { _ = behind.Close() }()
	go func() { // answers
		defer func() { _ = client.Close() }()
		buffer := make([]byte, 1<<16)
		for {
			n, err := behind.Read(buffer)
			if n > 0 && slices.Equal(buffer[:min(n, 12)], []byte("C\x00\x00\x00\x0bCOMMIT\x00")) && b.cut.CompareAndSwap(true, false) {
				return
			}
			if _, failed := client.Write(buffer[:n]); err != nil || failed != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if _, failed := behind.Write(bytes.Clone(buffer[:n])); err != nil || failed != nil {
			return
		}
	}
}
