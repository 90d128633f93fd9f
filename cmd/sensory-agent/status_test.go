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
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/store"
)

// answering serves the API as a running program does.
func answering(t *testing.T, cfg api.Config) (address string) {
	t.Helper()
	if cfg.Host == nil {
		cfg.Host = func() api.Host { return nil }
	}
	if cfg.Models == nil {
		cfg.Models = func() []api.ModelEntry { return nil }
	}
	s := httptest.NewServer(api.New(cfg))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// shows runs a command of status and checks what it says.
func shows(t *testing.T, what, address string, want ...string) {
	t.Helper()
	code, out, errs := runProgram(t, "status", what, "--address", address)
	for _, text := range want {
		if code != 0 || errs != "" || !strings.Contains(out, text) {
			t.Errorf("%s: code %d, %q is not said: %s%s", what, code, text, out, errs)
		}
	}
	code, out, errs = runProgram(t, "status", what, "--json", "--address", address)
	if code != 0 || errs != "" || !json.Valid([]byte(out)) || !strings.HasPrefix(out, "{") {
		t.Errorf("%s --json: code %d, %s%s", what, code, out, errs)
	}
}

// TestStatusModels prints what the pool holds.
func TestStatusModels(t *testing.T) {
	cleanEnv(t)
	address := answering(t, api.Config{Pool: func() (ort.PoolStatus, bool) {
		return ort.PoolStatus{
			PoolCounts: ort.PoolCounts{Loads: 3, Hits: 4, Failed: 1, Evictions: 2, Expired: 5, Refusals: 6, Abandoned: 7},
			Places:     []ort.PlaceStatus{{Place: "cpu", Used: 5e6, Limit: 8e9}, {Place: "cuda:0", Used: 1e6}},
			Models: []ort.ModelStatus{
				{Name: "decoder", Place: "cpu", Threads: 2, State: ort.StateHeld, Holders: 2, Bytes: 4e6, Hits: 1, Took: 1500 * time.Millisecond},
				{Name: "voice", Place: "cpu", Threads: 1, State: ort.StateIdle, Bytes: 1e6, IdleFor: time.Minute, ClosesIn: 4 * time.Minute},
			},
		}, true
	}})
	shows(t, "models", address,
		"cpu          5.0 of 8000.0 MB\n", "cuda:0       bytes not bounded\n",
		"loads 3, hits 4, failed 1, evictions 2, expired 5, refusals 6, abandoned 7\n",
		"2 threads       4.0 MB  2 holders, 1 hits, loaded in 1.5s\n", ", idle for 1m0s, closes in 4m0s\n")
}

// TestStatusLeases prints the ledger: pools, stations, leases, who waits.
func TestStatusLeases(t *testing.T) {
	cleanEnv(t)
	cpu, lab := compute.Pool{Silicon: compute.SiliconCPU}, compute.Pool{Silicon: compute.SiliconCloud, Provider: "lab"}
	address := answering(t, api.Config{Leases: func() (compute.Snapshot, bool) {
		s := compute.Snapshot{
			Pools: []compute.PoolInfo{
				{
					PoolUse: compute.PoolUse{Budget: compute.Budget{Pool: cpu, Slots: 16, Units: 2000, Bytes: 4e9}, UsedSlots: 2, UsedUnits: 500, UsedBytes: 1e6},
					Level:   .25, Held: 2, Waiting: 1,
					Classes: []compute.ClassInfo{{Class: compute.LocalGeneration, Held: 1, Counts: compute.Counts{Granted: 9, Completed: 8, Refused: map[string]uint64{"stale": 2, "pressure": 3}}}},
				},
				{PoolUse: compute.PoolUse{Budget: compute.Budget{Pool: lab, Slots: 4, Units: 4}}},
			},
			Leases: []compute.LeaseInfo{
				{Token: 7, Artifact: "vision.features/cam/1", Class: compute.Embedding, Pool: cpu, Holder: "lobby/iris", HeldFor: 20 * time.Millisecond, ExpiresIn: 5 * time.Second, Published: true},
				{Token: 8, Artifact: "tts.clause/2", Class: compute.LocalGeneration, Pool: cpu, Holder: "lobby/max"},
			},
			Waiting: []compute.WaitInfo{{Artifact: "cognition.reply/lobby/3/iris", Class: compute.LocalGeneration, Pool: cpu, Holder: "lobby/iris", Waiting: 3 * time.Millisecond}},
		}
		st := compute.StationInfo{Waiting: 2}
		st.Name, st.Slots, st.UsedSlots = "voice/joe", 1, 1
		s.Stations, s.NoBudget = []compute.StationInfo{st}, map[string]uint64{"GPU": 4}
		return s, true
	}})
	shows(t, "leases", address,
		"CPU          2/16 slots  500/2000 units  1.0 of 4000.0 MB  25 % normal, 2 held, 1 waiting\n",
		"held 1, waiting 0, granted 9, completed 8, revoked 0, expired 0, abandoned 0, refused: pressure 3, stale 2\n",
		"CLOUD/lab    0/4 slots  0/4 units  bytes not bounded", "station voice/joe                            1 of 1 slots, 2 waiting\n",
		"published for 20ms, expires in 5s (lobby/iris)\n", "at work for 0s", "cognition.reply/lobby/3/iris                 3ms (lobby/iris)\n",
		"refused without a budget: GPU 4\n")
}

// sits is a host of which only the seats are asked.
type sits struct {
	api.Host
	seats []agent.SeatStatus
}

func (s sits) Seats() []agent.SeatStatus { return s.seats }

// TestStatusOfSeatsLimitsStoreAndPrompts.
func TestStatusOfSeatsLimitsStoreAndPrompts(t *testing.T) {
	cleanEnv(t)
	at := time.Date(2026, 3, 1, 9, 30, 5, 0, time.Local)
	one := room.LimitStats{Room: limits.Stats{
		Refused: map[limits.Kind]uint64{"chat_rate": 7, "chat_bytes": 1}, Others: 3,
		Participants: []limits.ParticipantStats{{Identity: "eve", Refused: map[limits.Kind]uint64{"chat_rate": 5}}},
	}}
	one.Questions.Asked, one.Questions.Answered, one.UnheardPackets = 5, 4, 9
	address := answering(t, api.Config{
		Host: func() api.Host {
			return sits{seats: []agent.SeatStatus{
				{Room: "lobby", Persona: "iris", State: agent.SeatIn, Ready: true, Since: at, Entered: 1},
				{Room: "lobby", Persona: "max", State: agent.SeatIn, Since: at, Entered: 2},
				{Room: "attic", Persona: "otto", State: agent.SeatWaiting, Since: at, Next: at, Err: errors.New("server unreachable")},
			}}
		},
		Refusals: func() (map[string]room.LimitStats, bool) {
			return map[string]room.LimitStats{"lobby": one, "attic": {}}, true
		},
		Store: func() (out api.StoreStatus, ok bool) {
			out.Path, out.Problem = "/data/t.db", &store.Error{Kind: store.ErrFull, Op: "write", Path: "/data/t.db", Rows: 2}
			out.Writer = store.WriterStats{Written: 10, Batches: 2, Waiting: 1, WaitingBytes: 140, Lost: 3, Failures: 4}
			out.Failed = map[store.Why]uint64{store.WhyFull: 1, store.WhyLocked: 3, store.WhyAway: 0}
			out.Health = store.Health{Failures: 1, Since: at, Reason: "disk is full"}
			out.Retention = store.RetentionStats{Deleted: 5, Runs: 6, Revoked: 7, Failed: 8}
			return out, true
		},
		Prompts: func() ([]engine.PromptCacheStats, bool) {
			return []engine.PromptCacheStats{{Silicon: compute.SiliconCPU, Stats: keys.Stats{Entries: 2, Held: 1, Bytes: 3e6, Budget: 9e6, Evicted: 4, Refused: 5}}}, true
		},
		Tokens: func() (api.TokenStats, bool) {
			return api.TokenStats{Made: 2, Refused: map[string]uint64{"no_room": 1}}, true
		},
	})
	shows(t, "seats", address,
		"lobby                iris                 in ", "max                  in       since 09:30:05, entered 2 times, not ready\n",
		"attic                otto                 waiting  since 09:30:05, entered 0 times, tried again at 09:30:05: server unreachable\n")
	shows(t, "limits", address, "room attic\nquestions    asked 0", "room lobby\nquestions    asked 5, answered 4", "voice        9 packets",
		"refused      chat_bytes 1, chat_rate 7\n", "  eve: chat_rate 5\n", "  others: 3\n", "refused      nothing\n")
	shows(t, "store", address, "/data/t.db\nwritten 10 utterances", "waiting 1 (140 bytes), lost 3, 4 attempts failed\nwrites refused: store_full 1, store_locked 3\ndeleted 5 in 6 runs, 7 gave way, 8 failed\n", "degraded since 2026-03-01 09:30:05: store_full: write (2 rows) /data/t.db: disk is full\n")
	shows(t, "prompts", address, "CPU          3.0 of 9.0 MB of 2 personas, 1 answering; evicted 4, refused 5\n")
	shows(t, "calls", address, "PersonaService/ListSeats 2, ", "tokens       2 made; refused: no_room 1\n")
}

// TestStatusOfWhatIsNotThere: who has not got so far, who keeps nothing, who does not answer, and
// what is no answer.
func TestStatusOfWhatIsNotThere(t *testing.T) {
	cleanEnv(t)
	loads := answering(t, api.Config{
		Leases: func() (s compute.Snapshot, ok bool) { return s, false }, Pool: func() (s ort.PoolStatus, ok bool) { return s, false },
	})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer other.Close()
	for what, says := range map[string]string{
		"models": "not", "leases": "not", "seats": "still loading", "limits": "nobody is in a room yet", "prompts": "nothing is loaded yet",
	} {
		if code, out, errs := runProgram(t, "status", what, "--address", loads); code != exitFailed || out != "" || !strings.Contains(errs, says) {
			t.Errorf("%s of who loads: code %d, %s%s", what, code, out, errs)
		}
		if code, out, errs := runProgram(t, "status", what, "--address", strings.TrimPrefix(other.URL, "http://")); code != exitFailed || out != "" || errs == "" {
			t.Errorf("%s of another program: code %d, %s%s", what, code, out, errs)
		}
	}
	shows(t, "store", loads, "nothing is kept: see --store\n")
	for _, command := range []string{"health", "status models", "status seats"} {
		code, out, errs := runProgram(t, append(strings.Fields(command), "--address", freePort(t))...)
		if code != exitFailed || out != "" || !strings.Contains(errs, "running with --listen?") {
			t.Errorf("%s of nobody: code %d, %s%s", command, code, out, errs)
		}
	}
	if got := verdictCode(errors.Join(usageError{errors.New("x")})); got != exitUsage {
		t.Errorf("a wrong call among other errors is code %d", got)
	}
}
