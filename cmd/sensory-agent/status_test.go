package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// answering serves pages as a running persona does.
func answering(t *testing.T, pages map[string]any) (address string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		if text, ok := page.(string); ok {
			_, _ = w.Write([]byte(text))
			return
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// TestStatusModels prints what the pool holds, and hands JSON on as it came.
func TestStatusModels(t *testing.T) {
	cleanEnv(t)
	st := ort.PoolStatus{
		PoolCounts: ort.PoolCounts{Loads: 3, Hits: 4, Failed: 1, Evictions: 2, Expired: 5, Refusals: 6, Abandoned: 7},
		Places:     []ort.PlaceStatus{{Place: "cpu", Used: 5e6, Limit: 8e9}, {Place: "cuda:0", Used: 1e6}},
		Models: []ort.ModelStatus{
			{Name: "decoder", Place: "cpu", Threads: 2, State: ort.StateHeld, Holders: 2, Bytes: 4e6, Hits: 1, Took: 1500 * time.Millisecond},
			{Name: "voice", Place: "cpu", Threads: 1, State: ort.StateIdle, Bytes: 1e6, IdleFor: time.Minute, ClosesIn: 4 * time.Minute},
		},
	}
	address := answering(t, map[string]any{"/v1/models": st})
	code, out, errs := runProgram(t, "status", "models", "--address", address)
	for _, want := range []string{
		"cpu          5.0 of 8000.0 MB\n", "cuda:0       bytes not bounded\n",
		"loads 3, hits 4, failed 1, evictions 2, expired 5, refusals 6, abandoned 7\n",
		"2 holders, 1 hits, loaded in 1.5s\n", ", idle for 1m0s, closes in 4m0s\n",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("code %d, %q is not said: %s%s", code, want, out, errs)
		}
	}
	code, out, _ = runProgram(t, "status", "models", "--json", "--address", address)
	var got ort.PoolStatus
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil || len(got.Models) != 2 || got.Models[0].Name != "decoder" || got.Abandoned != 7 {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &fields); err != nil || fields["models"] == nil || fields["places"] == nil || fields["sessions"] != nil {
		t.Errorf("fields %v, %v", fields, err)
	}
}

// TestStatusLeases prints the ledger: pools, stations, leases, who waits.
func TestStatusLeases(t *testing.T) {
	cleanEnv(t)
	address := answering(t, map[string]any{"/v1/leases": `{
		"pools": [{"silicon": "CPU", "slots": 16, "units": 2000, "bytes": 4000000000, "used_slots": 2, "used_units": 500, "used_bytes": 1000000, "level": 0.25, "tier": "calm", "held": 2, "waiting": 1,
			"classes": [{"class": "REALTIME", "held": 1, "granted": 9, "completed": 8, "refused": {"stale": 2, "pressure": 3}}]},
			{"silicon": "CLOUD", "provider": "lab", "slots": 4, "units": 4}],
		"stations": [{"name": "voice/joe", "slots": 1, "used_slots": 1, "waiting": 2}],
		"leases": [{"token": 7, "artifact": "vision.features/cam/1", "class": "EMBEDDING", "holder": "lobby/iris", "held_for_ns": 20000000, "expires_in_ns": 5000000000, "published": true},
			{"token": 8, "artifact": "tts.clause/2", "class": "REALTIME", "holder": "lobby/max"}],
		"waiting": [{"artifact": "cognition.reply/lobby/3/iris", "class": "REALTIME", "holder": "lobby/iris", "waiting_ns": 3000000}]}`})
	code, out, errs := runProgram(t, "status", "leases", "--address", address)
	if code != 0 || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	for _, want := range []string{
		"CPU          2/16 slots  500/2000 units  1.0 of 4000.0 MB  25 % calm, 2 held, 1 waiting\n",
		"  REALTIME           held 1, waiting 0, granted 9, completed 8, revoked 0, expired 0, abandoned 0, refused: pressure 3, stale 2\n",
		"CLOUD/lab    0/4 slots  0/4 units  bytes not bounded", "station voice/joe                            1 of 1 slots, 2 waiting\n",
		"published for 20ms, expires in 5s (lobby/iris)\n", "at work for 0s", "cognition.reply/lobby/3/iris                 3ms (lobby/iris)\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
}

// TestStatusOfSeatsLimitsAndStore prints one room's refusals and those of many.
func TestStatusOfSeatsLimitsAndStore(t *testing.T) {
	cleanEnv(t)
	next := time.Date(2026, 3, 1, 9, 30, 5, 0, time.UTC)
	one := room.LimitStats{Room: limits.Stats{Refused: map[limits.Kind]uint64{"chat_rate": 7, "chat_bytes": 1}, Others: 3}}
	one.Questions.Asked, one.Questions.Answered, one.UnheardPackets = 5, 4, 9
	address := answering(t, map[string]any{
		"/v1/seats": []map[string]any{
			{"room": "lobby", "persona": "iris", "state": agent.SeatIn, "ready": true, "since": next, "entered": 1},
			{"room": "lobby", "persona": "max", "state": agent.SeatIn, "since": next, "entered": 2},
			{"room": "attic", "persona": "otto", "state": "waiting", "since": next, "next": next, "error": "server unreachable"},
		},
		"/v1/limits": map[string]any{"rooms": map[string]room.LimitStats{"lobby": one, "attic": {}}},
		"/v1/store":  `{"path":"/data/t.db","writer":{"written":10,"batches":2,"waiting":1,"lost":3,"failures":4},"retention":{"deleted":5,"runs":6,"revoked":7,"failed":8}}`,
	})
	for what, want := range map[string][]string{
		"seats": {
			"lobby                iris                 in ", "max                  in       since 09:30:05, entered 2 times, not ready\n",
			"attic                otto                 waiting  since 09:30:05, entered 0 times, tried again at 09:30:05: server unreachable\n",
		},
		"limits": {"room attic\nquestions    asked 0", "room lobby\nquestions    asked 5, answered 4", "voice        9 packets", "refused      chat_bytes 1, chat_rate 7\n", "  others: 3\n", "refused      nothing\n"},
		"store":  {"/data/t.db\n", "3"},
	} {
		code, out, errs := runProgram(t, "status", what, "--address", address)
		for _, text := range want {
			if code != 0 || errs != "" || !strings.Contains(out, text) {
				t.Errorf("%s: code %d, %q is not said: %s%s", what, code, text, out, errs)
			}
		}
	}
	if text, err := limitsText([]byte(`{"questions":{"asked":2},"unheard_packets":1,"room":{}}`)); err != nil || !strings.Contains(text, "asked 2") {
		t.Errorf("of one room: %q, %v", text, err)
	}
}

// TestStatusOfWhatIsNotThere: who does not answer, and what is no answer.
func TestStatusOfWhatIsNotThere(t *testing.T) {
	cleanEnv(t)
	address := answering(t, map[string]any{"/v1/models": "<html>", "/v1/leases": "[]", "/v1/seats": "{}"})
	for _, what := range []string{"models", "leases", "seats", "limits"} {
		if code, out, errs := runProgram(t, "status", what, "--address", address); code != exitFailed || out != "" || errs == "" {
			t.Errorf("%s: code %d, %s%s", what, code, out, errs)
		}
	}
	for _, command := range []string{"health", "status models", "status seats"} {
		code, out, errs := runProgram(t, append(strings.Fields(command), "--address", freePort(t))...)
		if code != exitFailed || out != "" || !strings.Contains(errs, "is a persona running with --listen?") {
			t.Errorf("%s of nobody: code %d, %s%s", command, code, out, errs)
		}
	}
	if got := verdictCode(errors.Join(usageError{errors.New("x")})); got != exitUsage {
		t.Errorf("a wrong call among other errors is code %d", got)
	}
}
