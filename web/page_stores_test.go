package web_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // the driver

	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// locked is a service whose store this process keeps locked, and where to ask that it be free.
func locked(t *testing.T, binary string, server *livekit.Server) (address, free string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kept.db")
	address, _ = serve(t, binary, server, kept, "--store", path)
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	held, err := db.Conn(t.Context())
	if err == nil {
		_, err = held.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	release := sync.OnceValue(func() error {
		_, err := held.ExecContext(context.Background(), "ROLLBACK")
		return errors.Join(err, held.Close(), db.Close())
	})
	at := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { _ = release() }))
	t.Cleanup(func() {
		at.Close()
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	return address, at.URL
}

// chore is something that a check asks for, to be done on the test's goroutine.
type chore struct {
	do   func()
	done chan<- struct{}
}

// leaving is a service that keeps what is said in a PostgreSQL server of the test's own, and where
// to ask that the server stops, and that it comes back.
func leaving(t *testing.T, binary string, server *livekit.Server, chores chan<- chore) (address, database string) {
	t.Helper()
	db := testpostgres.Start(t)
	address, _ = serve(t, binary, server, away, "--store", db.Place(t))
	ask := func(do func()) http.HandlerFunc {
		return func(_ http.ResponseWriter, r *http.Request) {
			done := make(chan struct{})
			select {
			case chores <- chore{do, done}:
				<-done
			case <-r.Context().Done():
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/stop", ask(db.Stop))
	mux.Handle("/resume", ask(db.Resume))
	at := httptest.NewServer(mux)
	t.Cleanup(at.Close)
	return address, at.URL
}
