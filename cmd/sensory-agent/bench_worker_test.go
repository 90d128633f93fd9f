package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// TestBenchWorker: it says that it is registered, and answers in two rooms at once, always the
// same.
func TestBenchWorker(t *testing.T) {
	s, env := server(t)
	address := freePort(t)
	p := startProgram(t, env, "bench", "worker", "--agent-name", "race", "--reconcile", "--silence", "550ms", "--listen", address, "--says", "Always this.", "--json")
	for {
		if _, err := ops.Fetch(t.Context(), address, "", "/"); err == nil {
			break
		}
		select {
		case <-p.ended:
			t.Fatalf("ended: %s", p.stderr.String())
		case <-t.Context().Done():
			t.Fatal("never registered")
		case <-time.After(20 * time.Millisecond):
		}
	}
	for _, in := range []string{"one", "two"} {
		_, err := lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret).
			CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{AgentName: "race", Room: in})
		if err != nil {
			t.Fatal(err)
		}
		ada := human(t, s, in)
		if err := ada.WaitAgent(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := answerTo(t, ada, "canned", "What do you say?"); text != "Always this." {
			t.Errorf("%s: %q", in, text)
		}
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("code %d: %s", code, p.lastLine())
	}
}

// TestBenchWorkerRefusesAWrongCall: before anything is opened.
func TestBenchWorkerRefusesAWrongCall(t *testing.T) {
	cleanEnv(t)
	for says, args := range map[string][]string{
		"--agent-name is missing": nil,
		"--silence":               {"--agent-name", "race", "--silence", "-1s"},
		"--lost":                  {"--agent-name", "race", "--lost", "3s"},
	} {
		call := append([]string{"bench", "worker", "--url", "ws://127.0.0.1:9", "--api-key", "k", "--api-secret", strings.Repeat("s", 32), "--listen", freePort(t)}, args...)
		if code, _, errs := runProgram(t, call...); code != exitUsage || !strings.Contains(errs, says) {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
}
