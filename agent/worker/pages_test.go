package worker_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

func TestTheFirstRefusalEndsTheWorker(t *testing.T) {
	for code, want := range map[int]error{
		http.StatusUnauthorized: worker.ErrUnauthorized, http.StatusForbidden: worker.ErrUnauthorized,
		http.StatusNotFound: worker.ErrNotLiveKit,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.refuse.Store(int32(code))
			w, stop := start(t, f, worker.Config{Handler: wait})
			synctest.Wait()
			err := stop()
			var at *worker.RegisterError
			if !errors.Is(err, want) || !errors.As(err, &at) || at.Agent != "iris" || at.Hint == "" {
				t.Errorf("%d: %v", code, err)
			}
			if code, body := get(t, w, "/"); code != http.StatusServiceUnavailable || !strings.Contains(body, want.Error()) {
				t.Errorf("%d %s", code, body)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.refuse.Store(http.StatusServiceUnavailable)
		w, stop := start(t, f, worker.Config{Handler: wait})
		time.Sleep(time.Second)
		if st := w.Status(); st.Agents[0].State != "waiting" && st.Agents[0].State != "connecting" {
			t.Errorf("a server that starts is waited for: %+v", st)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		w, stop := start(t, f, worker.Config{Handler: wait, Version: "1.2.3"})
		synctest.Wait()
		if code, body := get(t, w, "/"); code != http.StatusServiceUnavailable || !strings.Contains(body, `agent "iris" is registering`) {
			t.Errorf("%d %s", code, body)
		}
		p := f.accept()
		p.offer("AJ_1", "iris")
		p.assign("AJ_1", "iris")
		p.job()
		synctest.Wait()
		if code, body := get(t, w, "/"); code != http.StatusOK || body != "OK\n" {
			t.Errorf("%d %s", code, body)
		}
		if code, _ := get(t, w, "/other"); code != http.StatusNotFound {
			t.Errorf("%d", code)
		}
		code, body := get(t, w, "/worker")
		var page map[string]any
		if err := json.Unmarshal([]byte(body), &page); err != nil || code != http.StatusOK {
			t.Fatal(err, code)
		}
		for field, want := range map[string]any{
			"agent_name": "iris", "worker_type": "JT_ROOM", "active_jobs": 1.0, "sdk_version": "1.2.3",
			"protocol_version": 1.0, "state": "serving", "worker_load": 0.35, "load": 0.5,
		} {
			if page[field] != want {
				t.Errorf("%s is %v, want %v", field, page[field], want)
			}
		}
		if jobs, ok := page["jobs"].([]any); !ok || len(jobs) != 1 {
			t.Errorf("%v", page["jobs"])
		}
		p.hangUp()
		_ = stop()
		if code, body := get(t, w, "/"); code != http.StatusServiceUnavailable {
			t.Errorf("%d %s", code, body)
		}
	})
}

func get(t *testing.T, w *worker.Worker, path string) (code int, body string) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.HTTP().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}
