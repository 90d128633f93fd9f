package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/smoke"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// stage is a timing smoke that a test spoils at a moment.
type timingStage struct {
	server  *local.Server
	dir     string                              // of its store
	address string                              // of its program
	moments map[string]func(*timingStage) error // by the beginning of what is being done
	failed  error
}

// timed runs the smoke on real parts, with the test program as the one that is tested.
func timed(t *testing.T, personas int, change func(*smoke.TimingConfig), moments map[string]func(*timingStage) error) smoke.TimingRecord {
	t.Helper()
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model.onnx")
	binary, err := local.FindBinary()
	if err != nil {
		t.Fatal(err)
	}
	s := &timingStage{dir: t.TempDir(), moments: moments}
	if s.server, err = local.Start(t.Context(), local.Config{Binary: binary}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	t.Setenv(asProgram, "1")
	cfg := smoke.TimingConfig{
		Binary: os.Args[0], URL: s.server.URL, APIKey: s.server.APIKey, APISecret: s.server.APISecret, Profile: defaultProfile, Voice: "espeak",
		Personas: personas, Budgets: smoke.DefaultTimingBudgets(), CPUPerReply: smoke.DefaultCPUPerReply, Artifacts: s.dir, Progress: s.progress,
	}
	cfg.Budgets.First, cfg.Budgets.All = 2*time.Minute, 3*time.Minute // but where a test is about them: others share the processors
	if change != nil {
		change(&cfg)
	}
	record := smoke.Timing(t.Context(), cfg)
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	return record
}

func (s *timingStage) progress(text string) {
	if _, address, ok := strings.Cut(text, "in a program at "); ok {
		s.address = address
	}
	for begins, do := range s.moments {
		if strings.HasPrefix(text, begins) && s.failed == nil {
			s.failed = do(s)
		}
	}
}

// TestTheTimingSmokePasses with personas that are heard one after the other, each once.
func TestTheTimingSmokePasses(t *testing.T) {
	r := timed(t, 3, func(c *smoke.TimingConfig) { c.Budgets.Aloud = true }, nil)
	if !r.Passed || len(r.Replies) != 3 || len(r.Silences)+len(r.Missing)+len(r.Divergences) != 0 || r.FirstMS <= 0 || r.AllMS <= r.FirstMS || r.Fingerprint == "" {
		t.Fatalf("%+v", r)
	}
	heard := int64(0)
	for _, a := range r.Replies {
		if a.TextMS <= 0 || a.HeardMS <= heard || a.WrittenMS <= 0 || a.Cut != "" {
			t.Errorf("%+v", r.Replies)
		}
		heard = a.HeardMS
	}
	if s := r.Storm; s == nil || s.Planned != 3 || s.Generations != 3 || s.Turns != 1 || s.CPUSeconds <= 0 {
		t.Errorf("%+v", s)
	}
}

// TestAStoreThatLosesTheMessage after it has acknowledged it.
func TestAStoreThatLosesTheMessage(t *testing.T) {
	r := timed(t, 1, nil, map[string]func(*timingStage) error{"what came of it is read": func(s *timingStage) error {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "store.db")+"?_pragma=busy_timeout(20000)")
		if err != nil {
			return err
		}
		result, err := db.ExecContext(t.Context(), "DELETE FROM chat WHERE participant = 'prober'")
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); n != 1 || err != nil {
			return fmt.Errorf("%d messages were there, %w", n, err)
		}
		return db.Close()
	}})
	if r.Bucket != smoke.ProbeNotPersisted || r.Passed || r.Message != "" || len(r.Replies) > 0 {
		t.Errorf("%+v", r)
	}
}

// TestAllPersonasMuted say so, each; that is no reply.
func TestAllPersonasMuted(t *testing.T) {
	r := timed(t, 2, nil, map[string]func(*timingStage) error{"a message is sent": func(s *timingStage) error {
		c, err := client.New(s.address, "")
		if err != nil {
			return err
		}
		defer c.Close()
		for _, name := range []string{"amber", "boris"} {
			if _, err := c.Personas.MutePersona(t.Context(), &sensoryv1.MutePersonaRequest{Room: "smoke-timing", Persona: name, Muted: true}); err != nil {
				return err
			}
		}
		return nil
	}})
	slices.SortFunc(r.Silences, func(a, b smoke.Silence) int { return strings.Compare(a.Persona, b.Persona) })
	if r.Bucket != smoke.NoPersonasReplied || len(r.Missing) > 0 || !slices.Equal(r.Silences, []smoke.Silence{{Persona: "amber", Reason: "muted"}, {Persona: "boris", Reason: "muted"}}) {
		t.Errorf("%+v", r)
	}
}

// TestALaneOfTwelveSeconds is too slow for the first reply.
func TestALaneOfTwelveSeconds(t *testing.T) {
	const slow = 12 * time.Second
	lane := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(slow):
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, `data: {"choices":[{"index":0,"delta":{"content":"I see nothing at all."}}]}`+"\n\n"+
			`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n") // who went away is not told
	}))
	defer lane.Close()
	catalog := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(catalog, fmt.Appendf(nil, `
models:
  - id: slow
    name: a slow lane
    kind: model
    capabilities: [chat, streaming]
    context: 4096
    licence: Apache-2.0
    remote: {provider: lab, endpoint: %q, model: slow, concurrency: 4, timeouts: {first_token: 1m}}
profiles:
  - id: slow
    native: [chat]
    adapted: {audio-input: [whisper-base.en], audio-output: [piper-en_US-joe-medium]}
    requires: [silero-vad, moonshine-tiny]
    residency: any
    providers: cloud-only
`, lane.URL+"/v1"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SENSORY_AGENT_CATALOG", catalog)
	r := timed(t, 2, func(c *smoke.TimingConfig) { c.Profile, c.Budgets.First = "slow", 10*time.Second }, nil)
	if r.Bucket != smoke.FirstResponseBudgetExceeded || r.FirstMS < slow.Milliseconds() || len(r.Replies) != 2 {
		t.Errorf("%+v", r)
	}
}

// TestOnePersonaAlone is not several.
func TestOnePersonaAlone(t *testing.T) {
	if r := timed(t, 1, nil, nil); r.Bucket != smoke.FairnessViolated || len(r.Replies) != 1 || len(r.Missing) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestOneOfFiveDead: somebody has thrown it out of the room, and nothing is known of it.
func TestOneOfFiveDead(t *testing.T) {
	r := timed(t, 5, nil, map[string]func(*timingStage) error{"a message is sent": func(s *timingStage) error {
		rooms := lksdk.NewRoomServiceClient(s.server.URL, s.server.APIKey, s.server.APISecret)
		if _, err := rooms.RemoveParticipant(t.Context(), &livekit.RoomParticipantIdentity{Room: "smoke-timing", Identity: "clara"}); err != nil {
			return err
		}
		for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
			if seats, ok := seatsAt(t, s.address); ok && !in(seats, "smoke-timing/clara") { // the program was told
				return nil
			}
		}
		return fmt.Errorf("clara is still there")
	}})
	if r.Bucket != smoke.AllResponseBudgetExceeded || !slices.Equal(r.Missing, []string{"clara"}) || len(r.Replies) != 4 || len(r.Silences) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestAServerThatIsNotThere is a fault of the harness, with a code of its own.
func TestAServerThatIsNotThere(t *testing.T) {
	t.Setenv("SENSORY_AGENT_LIVEKIT_SERVER", "/nonexistent")
	code, out, _ := runProgram(t, "smoke", "timing", "--personas", "2", "--json")
	if code != exitHarness || !strings.Contains(out, `"bucket":"harness_error"`) || strings.Count(out, "\n") != 1 {
		t.Errorf("code %d: %s", code, out)
	}
	for _, args := range [][]string{{"--personas", "0"}, {"--first", "0s"}, {"--minimum", "0"}} {
		if code, out, errs := runProgram(t, append([]string{"smoke", "timing"}, args...)...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("%v: code %d, %s", args, code, out)
		}
	}
}
