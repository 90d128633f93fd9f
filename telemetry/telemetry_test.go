package telemetry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret is what nobody may find in a metric or a span.
const secret = "my password is plugh"

func from() room.Origin { return room.Origin{Room: "lobby", Persona: "iris"} }

// answered is a reply whose every stage took a time of its own.
func answered() reply.Trace {
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	return reply.Trace{
		Turn: 7, Who: "ada", Question: secret, Answer: "A fern, " + secret, Picture: true, Model: "smollm2", Finish: "stop", Plan: "f00d",
		SpeechEnd: at(0), Stopped: at(200), STTBegin: at(210), STTEnd: at(290), EndOfTurn: at(340), Begin: at(341), Features: at(350),
		LeaseAsked: at(351), LeaseGiven: at(371), FirstToken: at(450), ModelEnd: at(1371), FirstClause: at(500), FirstPCM: at(560), FirstPacket: at(600),
		FloorAsked: at(560), FloorGiven: at(590), Done: at(2600), PromptTokens: 100, Tokens: 12, Reused: 80, Voiced: 19,
		Break: &keys.Break{Kind: "memory", Offset: 212},
	}
}

func scrape(t *testing.T, tel *telemetry.Telemetry, accept string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, telemetry.Path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	tel.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// TestReplyIsCounted: every figure of a reply is where a dashboard looks for it, and no text is.
func TestReplyIsCounted(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(telemetry.Config{})
	if err != nil {
		t.Fatal(err)
	}
	done := answered()
	tel.Observe(from(), room.TurnDone{Trace: done})
	stopped := answered()
	stopped.Err, stopped.FirstPacket, stopped.PromptTokens, stopped.Break, stopped.Provider = room.ErrInterrupted, time.Time{}, 0, nil, "lab"
	stopped.Voiced = 0 // before its voice was reached
	tel.Observe(from(), room.TurnDone{Trace: stopped})
	refused := reply.Trace{Turn: 8, Model: "smollm2", Begin: done.Begin, LeaseAsked: done.LeaseAsked, Done: done.Done, Err: errors.New(secret)}
	tel.Observe(from(), room.TurnDone{Trace: refused})
	tel.Observe(from(), room.Silent{Why: turn.ReasonNotAddressed})
	tel.Observe(from(), room.Outcome{Result: turn.Result{Divergences: []turn.Deviation{{Kind: turn.DeviationSource}}}})
	tel.Observe(from(), room.Remembered{Decisions: []memory.Decision{{Outcome: memory.Admit}}})
	tel.Observe(from(), room.Problem{Err: &room.StageError{Stage: room.StageVoice, Who: secret, Err: errors.New(secret)}})
	tel.Observe(from(), room.Problem{Err: errors.New(secret)})
	tel.Observe(from(), room.Heard{Text: secret, Final: true, Start: done.SpeechEnd, End: done.SpeechEnd.Add(1500 * time.Millisecond)})
	tel.Observe(from(), room.Heard{Text: secret})
	tel.Observe(from(), room.Saw{Texture: 3 * time.Millisecond, Features: 8 * time.Millisecond})
	tel.Observe(from(), room.Unclear{Why: "cough"})
	tel.Observe(from(), room.Joined{Took: 70 * time.Millisecond})
	got := scrape(t, tel, "text/plain")
	const model = `{model_name="smollm2",model_provider="local"}`
	const chat = `{gen_ai_operation_name="chat",gen_ai_provider_name="local",gen_ai_request_model="smollm2"}`
	for _, want := range []string{
		"lk_agents_turn_e2e_latency_seconds_sum" + model + " 0.6\n", "lk_agents_turn_e2e_latency_seconds_count" + model + " 1\n",
		"lk_agents_turn_llm_ttft_seconds_sum" + model + " 0.1\n", "lk_agents_turn_tts_ttfb_seconds_sum" + model + " 0.06\n",
		"lk_agents_turn_transcription_delay_seconds_sum" + model + " 0.29\n", "lk_agents_turn_end_of_turn_delay_seconds_sum" + model + " 0.34\n",
		"lk_agents_usage_llm_input_tokens_total" + model + " 100\n", "lk_agents_usage_llm_input_cached_tokens_total" + model + " 80\n",
		"lk_agents_usage_llm_output_tokens_total" + model + " 12\n", "lk_agents_usage_stt_audio_duration_seconds_total 1.5\n",
		"gen_ai_client_operation_time_to_first_chunk_seconds_sum" + chat + " 0.079\n",
		"gen_ai_client_operation_duration_seconds_sum" + chat + " 1\n", "gen_ai_client_operation_duration_seconds_count" + chat + " 1\n",
		"lk_agents_usage_tts_characters_total" + model + " 19\n", "sensory_lease_wait_seconds_count" + model + " 1\n",
		"sensory_turn_own_latency_seconds_sum 0.569\n", "sensory_turn_own_latency_seconds_count 1\n",
		`gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="local",gen_ai_request_model="smollm2",gen_ai_token_type="input"} 100`,
		`sensory_turn_replies_total{outcome="spoken"} 1`, `sensory_turn_replies_total{outcome="interrupted"} 1`,
		`sensory_turn_silences_total{reason="not_addressed"} 1`, `sensory_turn_divergences_total{kind="source"} 1`,
		"sensory_floor_wait_seconds_sum 0.06\n", `sensory_lease_wait_seconds_sum` + model + " 0.02\n",
		`lk_agents_turn_llm_ttft_seconds_count{model_name="smollm2",model_provider="lab"} 1`,
		"sensory_context_reused_ratio_sum 0.8\n", `sensory_context_broken_total{segment="memory"} 1`,
		`sensory_memory_decisions_total{outcome="admitted"} 1`, `sensory_problems_total{stage="voice"} 1`, `sensory_problems_total{stage="other"} 1`,
		"sensory_sight_features_seconds_sum 0.008\n", `sensory_turn_unclear_total{why="cough"} 1`, "sensory_join_took_seconds_sum 0.07\n",
		"go_sched_latencies_seconds_count", "process_resident_memory_bytes", "go_goroutines",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(got, "plugh") || strings.Contains(got, "lobby") || strings.Contains(got, `"ada"`) {
		t.Error("what was said, or a name, is in a metric")
	}
	if t.Failed() {
		t.Log(got)
	}
}

// TestSourcesAreAskedWhenScraped, and what they do not know yet is left out.
func TestSourcesAreAskedWhenScraped(t *testing.T) {
	t.Parallel()
	var open atomic.Bool
	tel, err := telemetry.New(telemetry.Config{Sources: telemetry.Sources{
		Ledger: func() (compute.Snapshot, bool) {
			var s compute.Snapshot
			p := compute.PoolInfo{Level: .25, Held: 2, Waiting: 1, Counts: compute.Counts{Granted: 9, Expired: 1, Refused: map[string]uint64{"queue_full": 3}}}
			p.Pool = compute.Pool{Silicon: compute.SiliconCloud, Provider: "lab"}
			s.Pools, s.NoBudget = []compute.PoolInfo{p}, map[string]uint64{"GPU": 4}
			return s, open.Load()
		},
		Pool: func() (ort.PoolStatus, bool) {
			return ort.PoolStatus{Models: []ort.ModelStatus{{Place: "cpu", Bytes: 5}, {Place: "cpu", Bytes: 6}}}, open.Load()
		},
		Prompts: func() ([]engine.PromptCacheStats, bool) { return nil, false },
		Seats:   func() (map[string]int, int, bool) { return map[string]int{"in": 3}, 2, open.Load() },
		Store: func() (telemetry.StoreStatus, bool) {
			return telemetry.StoreStatus{
				Failures: map[string]uint64{"full": 0, "locked": 4}, Written: map[string]uint64{"turns": 7}, Waiting: 9, WaitingBytes: 512,
				Since: time.Now().Add(-time.Hour),
			}, open.Load()
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := scrape(t, tel, "text/plain"); strings.Contains(got, "sensory_lease_held") || strings.Contains(got, "sensory_rooms ") || strings.Contains(got, "sensory_store_waiting") {
		t.Error("a process that is still loading has leases, rooms or rows")
	}
	open.Store(true)
	got := scrape(t, tel, "text/plain")
	for _, want := range []string{
		`sensory_lease_held{provider="lab",silicon="CLOUD"} 2`, `sensory_lease_waiting{provider="lab",silicon="CLOUD"} 1`,
		`sensory_lease_level_ratio{provider="lab",silicon="CLOUD"} 0.25`, `sensory_lease_granted_total{provider="lab",silicon="CLOUD"} 9`,
		`sensory_lease_refused_total{provider="lab",reason="queue_full",silicon="CLOUD"} 3`, `sensory_lease_refused_total{provider="",reason="no_budget",silicon="GPU"} 4`,
		`sensory_lease_lost_total{how="expired",provider="lab",silicon="CLOUD"} 1`, `sensory_models_loaded{place="cpu"} 2`, `sensory_models_bytes{place="cpu"} 11`,
		"sensory_rooms 2\n", `sensory_seats{state="in"} 3`, `sensory_store_failures_total{reason="locked"} 4`, `sensory_store_failures_total{reason="full"} 0`,
		`sensory_store_written_total{kind="turns"} 7`, "sensory_store_waiting 9\n", "sensory_store_waiting_bytes 512\n", "sensory_store_degraded_seconds 36",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestTableIsTrue: what is scraped has the names, units and labels of the table, each name is
// spelled once, and the page of the documentation lists exactly them.
func TestTableIsTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, seen := 0, map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `lk.") || strings.HasPrefix(line, "| `gen_ai.") || strings.HasPrefix(line, "| `sensory.") {
			rows++
		}
	}
	for _, n := range telemetry.Names() {
		name := n.Prometheus()
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		row := "| `" + n.Name + "` | `" + name + "` | " + strings.Join(n.Labels, ", ") + " | " + n.Help + " |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/telemetry.md lacks\n%s", row)
		}
		for _, l := range n.Labels {
			switch l {
			case "room", "persona", "participant", "turn", "identity", "trace_id", "lk_room_id":
				t.Errorf("%s has the id %s as a label", name, l)
			}
		}
	}
	if rows != len(seen) {
		t.Errorf("docs/telemetry.md has %d rows, the table %d", rows, len(seen))
	}
}

// TestReplyIsTraced: one trace a reply, a span a stage with the times that it had, and no text.
func TestReplyIsTraced(t *testing.T) {
	t.Parallel()
	kept := tracetest.NewInMemoryExporter()
	spans := trace.NewTracerProvider(trace.WithSyncer(kept))
	defer func() { _ = spans.Shutdown(context.Background()) }()
	tel, err := telemetry.New(telemetry.Config{Spans: spans})
	if err != nil {
		t.Fatal(err)
	}
	tel.Observe(from(), room.TurnDone{Trace: answered()})
	want := map[string]time.Duration{
		"agent_turn": 2600, "eou_detection": 340, "sensory.transcript": 80, "sensory.sight": 9, "sensory.lease_wait": 20,
		"llm_node": 1021, "tts_node": 60, "sensory.floor_wait": 30, "agent_speaking": 2000,
	}
	got := kept.GetSpans()
	if len(got) != len(want) {
		t.Errorf("%d spans, want %d", len(got), len(want))
	}
	root := got[len(got)-1]
	for _, s := range got {
		if d := s.EndTime.Sub(s.StartTime); d != want[s.Name]*time.Millisecond {
			t.Errorf("%s took %v", s.Name, d)
		}
		if s.Name != root.Name && s.Parent.SpanID() != root.SpanContext.SpanID() {
			t.Errorf("%s is not below the reply", s.Name)
		}
		for _, a := range s.Attributes {
			if strings.Contains(a.Value.String(), "plugh") {
				t.Errorf("%s: %s has what was said", s.Name, a.Key)
			}
		}
	}
	// The histogram names the trace of the reply that it counted.
	open := scrape(t, tel, "application/openmetrics-text")
	if id := root.SpanContext.TraceID().String(); !strings.Contains(open, `# {trace_id="`+id+`"} 0.6`) {
		t.Errorf("no exemplar of %s", id)
	}
	failed := answered()
	failed.Err = &room.StageError{Stage: room.StageVoice, Err: errors.New(secret)}
	tel.Observe(from(), room.TurnDone{Trace: failed})
	all := kept.GetSpans()
	if s := all[len(all)-1]; s.Status.Description != "voice" {
		t.Errorf("a reply that failed: %+v", s.Status)
	}
}

// TestTracesGoWhereTheEnvironmentSays, in a few requests; a server that is not there is a line of
// the log, and what sends ends all the same.
func TestTracesGoWhereTheEnvironmentSays(t *testing.T) {
	var got atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/traces" && strings.Contains(string(body), "agent_turn") && strings.Contains(string(body), "sensory-agent") && !strings.Contains(string(body), "plugh") {
			got.Add(1)
		}
	}))
	defer server.Close()
	t.Setenv(telemetry.EnvEndpoint, server.URL)
	send := func() (said string) {
		t.Helper()
		var log strings.Builder
		out, err := telemetry.OTLP(t.Context(), "v1", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil || out == nil {
			t.Fatal(out, err)
		}
		tel, err := telemetry.New(telemetry.Config{Spans: out})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			tel.Observe(from(), room.TurnDone{Trace: answered()})
		}
		if err := out.Close(); err != nil {
			t.Log(err) // of a server that is not there
		}
		return log.String()
	}
	if said := send(); got.Load() != 1 || said != "" {
		t.Errorf("%d requests, said %q", got.Load(), said)
	}
	server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "200")
	if said := send(); !strings.Contains(said, "traces were not sent") || !strings.Contains(said, "spans=180") {
		t.Errorf("nobody there: %q", said)
	}
	t.Setenv(telemetry.EnvDisabled, "true")
	if out, err := telemetry.OTLP(t.Context(), "v1", slog.New(slog.DiscardHandler)); out != nil || err != nil || out.Close() != nil {
		t.Errorf("switched off: %v, %v", out, err)
	}
}
