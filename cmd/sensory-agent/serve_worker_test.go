package main

import (
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/telemetry"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestServeTakesDispatches: a file without rooms; one name seats two personas, which answer; a name
// is added while it runs; at the end everybody leaves, and the code is 0.
func TestServeTakesDispatches(t *testing.T) {
	s, env := server(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	put := func(text string) {
		if err := os.WriteFile(file, []byte("personas: [{name: iris, voice: espeak}, {name: max, voice: espeak}]\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, alone := freePort(t), freePort(t)
	put("worker: {seats: 8, listen: \"" + alone + "\", agents: [{name: pair, personas: [iris, max]}]}\n")
	ask := func(in, agent string) {
		_, err := lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret).
			CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{AgentName: agent, Room: in})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask("lobby", "pair") // the server gives it up: nobody is there yet
	p := startProgram(t, env, "serve", "--config", file, "--json", "--listen", address)
	seats := until(t, p, address, "two in the lobby", func(seats map[string]seatShown) bool { return in(seats, "lobby/iris", "lobby/max") })
	if seats["lobby/max"].By != "dispatch" {
		t.Errorf("%+v", seats)
	}
	becomes(t, p, address, nil)
	lobby := human(t, s, "lobby")
	if _, err := lobby.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, image.NewRGBA(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	if text := answerTo(t, lobby, "max", "Max, what do you see?"); text == "" {
		t.Error("max says nothing")
	}
	grown(t, address, `sensory_dispatch_reconciled_total{outcome="redispatched"}`, `sensory_sight_frames_total{step="decoded"}`, `sensory_sight_frames_total{step="sampled"}`)
	var st dispatch.Status
	for limit := time.Now().Add(time.Minute); st.AgentName != "pair" || st.ActiveJobs != 1 || st.Load < 0.25; time.Sleep(50 * time.Millisecond) {
		body, err := ops.Fetch(t.Context(), address, "", "/worker")
		if err == nil {
			err = json.Unmarshal(body, &st)
		}
		if err != nil || time.Now().After(limit) {
			t.Fatalf("%v, %+v", err, st)
		}
	}
	for _, at := range []string{address, alone} {
		if _, err := ops.Fetch(t.Context(), at, "", "/"); err != nil {
			t.Errorf("GET / at %s: %v", at, err)
		}
	}
	if body, err := ops.Fetch(t.Context(), alone, "", "/worker"); err != nil || !strings.Contains(string(body), `"agent_name":"pair"`) {
		t.Errorf("GET /worker at worker.listen: %s, %v", body, err)
	}
	if _, ok := seatsAt(t, alone); ok {
		t.Error("worker.listen answers what only --listen does")
	}

	// No worker may have this name: of a file with it nothing is taken, its room neither.
	put("rooms: [{name: cellar, personas: [iris]}]\nworker: {agents: [{name: " + reconcile.ClaimAgent + ", personas: [iris]}]}\n")
	p.signal(syscall.SIGHUP)
	problem := p.event("problem")
	for !strings.Contains(problem.Error, "not reloaded") {
		problem = p.event("problem")
	}
	if !strings.Contains(problem.Error, reconcile.ClaimAgent) {
		t.Errorf("%+v", problem)
	}
	until(t, p, address, "nothing was changed", func(seats map[string]seatShown) bool { return len(seats) == 2 && in(seats, "lobby/iris", "lobby/max") })

	put("worker: {seats: 8, agents: [{name: pair, personas: [iris, max]}, {name: guide, personas: [max]}]}\n")
	p.signal(syscall.SIGHUP)
	if l := p.event("reloaded"); !strings.Contains(l.Detail, "2 agents") {
		t.Errorf("%+v", l)
	}
	becomes(t, p, address, nil)
	ask("attic", "guide")
	until(t, p, address, "one in the attic", func(seats map[string]seatShown) bool { return in(seats, "lobby/iris", "lobby/max", "attic/max") })
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("code %d: %s", code, p.lastLine())
	}
	waits(t, lobby, func(e participant.AgentLeft) bool { return e.Identity == "iris" })
}

// grown waits until the metrics have all of these above 0.
func grown(t *testing.T, address string, all ...string) {
	t.Helper()
	for _, series := range all {
		above := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(series) + " [1-9]")
		for {
			body, err := ops.Fetch(t.Context(), address, "", telemetry.Path)
			if err != nil {
				t.Fatalf("no %s: %v", series, err)
			}
			if above.Match(body) {
				break
			}
			time.Sleep(100 * time.Millisecond) // polled
		}
	}
}

// TestLinesOfDispatches: what a worker and a reconciler do stands in the timeline; looks do not.
func TestLinesOfDispatches(t *testing.T) {
	for _, c := range []struct {
		e                   dispatch.Event
		event, text, failed string
	}{
		{dispatch.Event{Agent: "pair", Worker: &worker.Event{Kind: worker.Registered}}, "worker", "registered", ""},
		{dispatch.Event{Agent: "pair", Worker: &worker.Event{Kind: worker.Declined, Reason: worker.ReasonReserve, Room: "lobby", Err: errors.New("full")}}, "worker", "", "declined (not_reserved): full"},
		{dispatch.Event{Agent: "pair", Reconcile: &reconcile.Event{Kind: reconcile.Redispatched, Reason: reconcile.ReasonDropped, Room: "lobby"}}, "reconcile", "redispatched (dropped)", ""},
		{dispatch.Event{Agent: "pair", Err: errors.New("no model")}, "worker", "", "no model"},
	} {
		l, ok := dispatchLine(c.e)
		if !ok || l.Event != c.event || l.Detail != c.text || l.Error != c.failed || l.Who != "pair" {
			t.Errorf("%+v", l)
		}
	}
	if _, ok := dispatchLine(dispatch.Event{Reconcile: &reconcile.Event{Kind: reconcile.Looked}}); ok {
		t.Error("a look is a line")
	}
}

// TestWorkerPagesBeyondLoopback: not without a token unless somebody says so, which opens nothing
// else; and nothing is loaded before that is known.
func TestWorkerPagesBeyondLoopback(t *testing.T) {
	cleanEnv(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	text := "personas: [{name: iris}]\nworker: {listen: \"0.0.0.0:0\", agents: [{name: greeter, personas: [iris]}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "alone.yaml")
	if err := os.WriteFile(alone, []byte(strings.Replace(text, `listen: "0.0.0.0:0", `, "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := []string{"serve", "--url", "ws://" + freePort(t), "--api-key", "k", "--api-secret", strings.Repeat("s", 32), "--config"}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{file}, exitUsage, "worker.listen: cannot serve the state: 0.0.0.0:0 can be reached from other machines: a token is needed (see --listen-token-file and --listen-open)"},
		{[]string{file, "--listen-open"}, exitFailed, "server unreachable"},
		{[]string{file, "--listen-open", "--listen", "0.0.0.0:0"}, exitUsage, "--listen: cannot serve the state: 0.0.0.0:0 can be reached from other machines: a token is needed (see --listen-token-file)"},
		{[]string{alone, "--listen-open"}, exitUsage, "the configuration file does not name; --listen takes --listen-token-file"},
	} {
		if code, _, errs := runProgram(t, slices.Concat(serve, c.args)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
}

// TestALostPersonaIsReplaced: two processes serve a name and reconcile what is lost. The one that
// has the room is killed; the other sends its own persona there, which answers, and is the only
// one.
func TestALostPersonaIsReplaced(t *testing.T) {
	s, env := server(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	text := "personas: [{name: iris, voice: espeak}]\nworker: {lost: 3s, agents: [{name: greeter, personas: [iris]}]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var all []*programRun
	var addresses []string
	for range 2 {
		address := freePort(t)
		p := startProgram(t, env, "serve", "--config", file, "--json", "--listen", address)
		p.drain()
		becomes(t, p, address, nil)
		all, addresses = append(all, p), append(addresses, address)
	}
	if _, err := lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret).
		CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{AgentName: "greeter", Room: "lobby"}); err != nil {
		t.Fatal(err)
	}
	ada := human(t, s, "lobby")
	killed := 0
	if work(t, addresses[1]).ActiveJobs > 0 {
		killed = 1
	}
	if st := work(t, addresses[killed]); st.ActiveJobs != 1 {
		t.Fatalf("nobody has the job: %+v", st)
	}
	left := 1 - killed
	all[killed].signal(syscall.SIGKILL)
	until(t, all[left], addresses[left], "another iris", func(seats map[string]seatShown) bool { return in(seats, "lobby/iris") })
	if text := answerTo(t, ada, "iris", "What do you see?"); text == "" {
		t.Error("she says nothing")
	}
	if st := work(t, addresses[left]); st.ActiveJobs != 1 {
		t.Errorf("%+v", st)
	}
	all[left].signal(syscall.SIGTERM)
	if code := all[left].wait(); code != 0 {
		t.Errorf("code %d: %s", code, all[left].stderr.String())
	}
}
