package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/telemetry"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// seatShown is a seat as the API shows it.
type seatShown struct {
	State, By, Error string
	Ready, Muted     bool
	Entered          int32
	Since            time.Time
}

// seatsAt asks a running program for its seats, by room and name; false while it does not answer.
func seatsAt(t *testing.T, address string) (map[string]seatShown, bool) {
	t.Helper()
	c, err := client.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := map[string]seatShown{}
	all, err := c.Personas.ListSeats(t.Context(), &sensoryv1.ListSeatsRequest{})
	if err != nil {
		return nil, false
	}
	for _, s := range all.GetSeats() {
		out[s.GetRoom()+"/"+s.GetPersona()] = seatShown{s.GetState(), s.GetBy(), s.GetError(), s.GetReady(), s.GetMuted(), s.GetEntered(), s.GetSince().AsTime()}
	}
	return out, true
}

// until polls the seats until they are as wanted.
func until(t *testing.T, p *programRun, address, what string, is func(seats map[string]seatShown) bool) map[string]seatShown {
	t.Helper()
	for {
		now, ok := seatsAt(t, address)
		if ok && is(now) {
			return now
		}
		select {
		case <-p.ended:
			t.Fatalf("ended before %s: %s", what, p.stderr.String())
		case <-t.Context().Done():
			t.Fatalf("no %s: %+v", what, now)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func in(seats map[string]seatShown, names ...string) bool {
	for _, n := range names {
		if s := seats[n]; s.State != "in" || !s.Ready {
			return false
		}
	}
	return len(seats) >= len(names)
}

// answerTo asks in a room's chat and returns the answer's transcript.
func answerTo(t *testing.T, h *participant.Participant, persona, question string) string {
	t.Helper()
	if err := h.Chat(question); err != nil {
		t.Fatal(err)
	}
	text := ""
	waits(t, h, func(e participant.Transcript) bool {
		text = e.Text
		return e.Final && e.From == persona
	})
	return text
}

// counted waits until the metrics have all of these: a reply is counted when its last sound has
// left.
func counted(t *testing.T, address string, all ...string) {
	t.Helper()
	var body []byte
	for lacks := ""; ; {
		now, err := ops.Fetch(t.Context(), address, "", telemetry.Path)
		if err != nil {
			t.Fatalf("%v; before, no %s in\n%s", err, lacks, body)
		}
		body = now
		i := slices.IndexFunc(all, func(want string) bool { return !strings.Contains(string(body), want) })
		if i < 0 {
			return
		}
		lacks = all[i]
		time.Sleep(100 * time.Millisecond) // polled
	}
}

// TestServeSeatsPersonasInRooms: three rooms, two base models and a persona that cannot be, in one
// process; the file is changed while it runs; at the end everybody leaves.
func TestServeSeatsPersonasInRooms(t *testing.T) {
	testmodels.Path(t, "smollm2-135m-instruct", "config.json")
	s, env := server(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(`
personas:
  - {name: iris, voice: espeak}
  - {name: max, profile: text, voice: espeak, answer: {tokens: 24}}
  - {name: otto, profile: standard-native}
rooms:
  - {name: lobby, personas: [iris]}
  - {name: attic, personas: [max]}
  - {name: cellar, personas: [iris]}
  - {name: moon, personas: [otto]}
`)
	address, path := freePort(t), filepath.Join(t.TempDir(), "t.db")
	p := startProgram(t, env, "serve", "--config", file, "--json", "--listen", address, "--store", path)
	seats := until(t, p, address, "three that are in", func(seats map[string]seatShown) bool {
		return in(seats, "lobby/iris", "attic/max", "cellar/iris") && seats["moon/otto"].State == "failed"
	})
	if why := seats["moon/otto"].Error; !strings.Contains(why, "standard-native") {
		t.Errorf("otto is not there because %q", why)
	}
	if _, err := ops.Fetch(t.Context(), address, "", ops.ReadyPath); !errors.Is(err, ops.ErrNotReady) || !strings.Contains(err.Error(), "otto in room moon") {
		t.Errorf("ready although one is not: %v", err)
	}
	lobby, attic := human(t, s, "lobby"), human(t, s, "attic")
	if text := answerTo(t, attic, "max", "What is the capital of France?"); !strings.Contains(text, "Paris") {
		t.Errorf("max says %q", text)
	}
	if text := answerTo(t, lobby, "iris", "What do you see?"); text == "" {
		t.Error("iris says nothing")
	}
	counted(t, address, `sensory_seats{state="in"} 3`, `sensory_seats{state="failed"} 1`, "sensory_rooms 3\n",
		`sensory_turn_replies_total{outcome="spoken"} 2`, `lk_agents_turn_llm_ttft_seconds_count{model_name="smollm2-135m-instruct",model_provider="local"}`,
		`sensory_lease_held{provider="",silicon="CPU"}`)

	put("personas:\n  - {name: iris, voice: espeak\n")
	p.signal(syscall.SIGHUP)
	problem := p.event("problem")
	for !strings.Contains(problem.Error, "not reloaded") {
		problem = p.event("problem")
	}
	if !strings.Contains(problem.Error, "not YAML") {
		t.Errorf("a broken file: %s", problem.Error)
	}
	p.drain()
	put(`
personas:
  - {name: iris, voice: espeak}
  - {name: max, profile: text, voice: espeak, answer: {tokens: 12}}
rooms:
  - {name: lobby, personas: [iris]}
  - {name: attic, personas: [max]}
  - {name: garden, personas: [iris]}
`)
	p.signal(syscall.SIGHUP)
	after := until(t, p, address, "the new seats", func(seats map[string]seatShown) bool {
		return in(seats, "lobby/iris", "attic/max", "garden/iris") && len(seats) == 3
	})
	if !after["lobby/iris"].Since.Equal(seats["lobby/iris"].Since) {
		t.Error("a seat that is the same was touched")
	}
	if after["attic/max"].Since.Equal(seats["attic/max"].Since) {
		t.Error("a persona that changed was not seated anew")
	}
	becomes(t, p, address, nil)
	if text := answerTo(t, lobby, "iris", "What do you see?"); text == "" {
		t.Error("iris says nothing after the change")
	}
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("code %d: %s", code, p.lastLine())
	}
	waits(t, lobby, func(e participant.AgentLeft) bool { return e.Identity == "iris" })
	kept(t, path, "What is the capital of France?", "What do you see?")
}

// TestServeRefusesAWrongFile: before models are loaded, every mistake with its line.
func TestServeRefusesAWrongFile(t *testing.T) {
	cleanEnv(t)
	folder := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"nobody":   {"log: {level: info}\n", "seats nobody"},
		"mistakes": {"personas:\n  - {name: iris}\n  - {name: Iris}\nrooms:\n  - {name: a, personas: [max]}\n", ":3: personas[1].name"},
		"broken":   {"personas: [", "not YAML"},
	} {
		path := filepath.Join(folder, name+".yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := runProgram(t, "serve", "--config", path, "--url", "ws://127.0.0.1:9", "--api-key", "k", "--api-secret", strings.Repeat("s", 32))
		if code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: code %d, %s", name, code, errs)
		}
	}
	good := filepath.Join(folder, "good.yaml")
	if err := os.WriteFile(good, []byte("personas: [{name: iris}]\nrooms: [{name: a, personas: [iris]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := runProgram(t, "serve", "--config", good, "--url", "ws://127.0.0.1:9"); code != exitUsage || !strings.Contains(errs, "--api-key") {
		t.Errorf("without a key: code %d, %s", code, errs)
	}
	args := []string{"serve", "--config", good, "--url", "ws://" + freePort(t), "--api-key", "k", "--api-secret", strings.Repeat("s", 32)}
	if code, _, errs := runProgram(t, args...); code != exitFailed || !strings.Contains(errs, "server unreachable") {
		t.Errorf("a server that is not there: code %d, %s", code, errs)
	}
}
