package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/ops"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// pass is what POST /token answers.
type pass struct {
	URL    string `json:"server_url"`
	Token  string `json:"participant_token"`
	Reason string `json:"reason"`
	code   int
}

func askToken(t *testing.T, address, origin, body string) (p pass) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/token", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err == nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	p.code = resp.StatusCode
	return p
}

// TestServeLetsPagesIn: with the token of the endpoint somebody enters the only room, and asks the
// persona that sits there; one who calls an agent gets a room of their own with it. What is refused
// is counted, and neither the secret nor a token is in what the program prints.
func TestServeLetsPagesIn(t *testing.T) {
	s, env := server(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	text := "personas: [{name: iris, voice: espeak}, {name: max, voice: espeak}]\nrooms: [{name: lobby, personas: [iris]}]\n" +
		"worker: {agents: [{name: guide, personas: [max]}]}\ntoken: {origins: [https://page.example]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	p := startProgram(t, env, "serve", "--config", file, "--json", "--listen", address, "--log-level", "debug", "--log-format", "json")
	until(t, p, address, "one that is in", func(seats map[string]seatShown) bool { return in(seats, "lobby/iris") })
	becomes(t, p, address, nil)

	enter := func(body string) (*participant.Participant, string) {
		got := askToken(t, address, "https://page.example", body)
		if got.code != http.StatusCreated || got.URL != s.URL {
			t.Fatalf("%d: %+v", got.code, got)
		}
		h, err := patient.Join(t.Context(), participant.Join, participant.Config{URL: got.URL, Token: got.Token})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Close() })
		return h, got.Token
	}
	ada, first := enter(`{"participant_identity": "ada"}`)
	if err := ada.WaitAgent(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := answerTo(t, ada, "iris", "What do you see?"); text == "" {
		t.Error("iris says nothing")
	}
	bob, second := enter(`{"participant_name": "Bob", "room_config": {"agents": [{"agent_name": "guide"}]}}`)
	if err := bob.WaitAgent(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := answerTo(t, bob, "max", "What do you see?"); text == "" {
		t.Error("max says nothing")
	}

	for body, why := range map[string]string{
		`{"room_name": "attic"}`:                                                        "unknown_room",
		`{"room_name": "lobby", "participant_identity": "max"}`:                         "identity_taken",
		`{"room_name": "lobby", "room_config": {"agents": [{"agent_name": "theirs"}]}}`: "unknown_agent",
		`{}`: "no_room", // there are two now
	} {
		if got := askToken(t, address, "", body); got.Reason != why || got.Token != "" {
			t.Errorf("%s: %+v", body, got)
		}
	}
	if got := askToken(t, address, "https://evil.example", `{}`); got.code != http.StatusForbidden || got.Reason != "forbidden" {
		t.Errorf("another page: %+v", got)
	}
	if code, text, errs := runProgram(t, "status", "calls", "--address", address); code != 0 || !strings.Contains(text, "tokens       2 made") || !strings.Contains(text, "identity_taken 1") {
		t.Errorf("counted: %s%s", text, errs)
	}
	p.drain()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("code %d", code)
	}
	for _, told := range []string{s.APISecret, first, second} {
		if strings.Contains(p.stderr.String(), told) {
			t.Error("a secret is in the log")
		}
	}
	logged(t, p.stderr.String(), "iris", "max")
}

// logged checks a log in JSON: every line is an object, and the end of a reply of each persona has
// its room and turn, and nothing that anybody said.
func logged(t *testing.T, log string, personas ...string) {
	t.Helper()
	found := map[string]bool{}
	for line := range strings.Lines(log) {
		var l struct {
			Msg, Level, Time, Room, Persona string
			Turn                            uint64
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Level == "" || l.Time == "" {
			t.Errorf("%v: %s", err, line)
		}
		if l.Msg == "a reply has ended" && l.Room != "" && l.Turn > 0 {
			found[l.Persona] = true
		}
		if strings.Contains(line, "What do you see") {
			t.Errorf("what was said is in the log: %s", line)
		}
	}
	for _, p := range personas {
		if !found[p] {
			t.Errorf("no line of the log has room and turn of a reply of %s: %v", p, found)
		}
	}
}

// TestServeLetsNobodyIn where tokens are off.
func TestServeLetsNobodyIn(t *testing.T) {
	s, env := server(t)
	file := filepath.Join(t.TempDir(), "personas.yaml")
	text := "personas: [{name: iris, voice: espeak}]\nrooms: [{name: lobby, personas: [iris]}]\ntoken: {rooms: off}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	p := startProgram(t, env, "serve", "--config", file, "--json", "--listen", address)
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := ops.Fetch(t.Context(), address, "", ops.HealthPath); err == nil {
			break
		} else if time.Now().After(limit) {
			t.Fatalf("%v: %s, %s", err, p.stderr.String(), s.URL)
		}
	}
	if got := askToken(t, address, "", `{"room_name": "lobby"}`); got.code != http.StatusNotFound || got.Token != "" {
		t.Errorf("%+v", got)
	}
	if code, text, errs := runProgram(t, "status", "calls", "--address", address); code != 0 || strings.Contains(text, "tokens ") {
		t.Errorf("counted: %s%s", text, errs)
	}
}
