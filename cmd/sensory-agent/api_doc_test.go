package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// serveFile runs serve with a file, a store and an address until the seats named are ready.
func serveFile(t *testing.T, file string, seats ...string) (*livekit.Server, *programRun, string) {
	t.Helper()
	s, env := server(t)
	path := filepath.Join(t.TempDir(), "personas.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	p := startProgram(t, env, "serve", "--config", path, "--json", "--listen", address, "--store", filepath.Join(t.TempDir(), "t.db"))
	p.drain()
	until(t, p, address, "everybody", func(now map[string]seatShown) bool { return in(now, seats...) })
	return s, p, address
}

// pageExample is an example of docs/api.md: a command, and the answer that the page shows, if any.
type pageExample struct{ command, answer string }

// pageExamples are the examples of the page, in order.
func pageExamples(page string) (out []pageExample) {
	for _, part := range strings.Split(page, "\n```sh\n")[1:] {
		command, rest, _ := strings.Cut(part, "\n```\n")
		answer := ""
		if shown, ok := strings.CutPrefix(rest, "\n```json\n"); ok {
			answer, _, _ = strings.Cut(shown, "\n```\n")
		}
		out = append(out, pageExample{command, answer})
	}
	return out
}

// TestAPIPageIsTrue runs every example of docs/api.md, in order, against a running program. What
// the page shows of an answer is there; what does not change from run to run is the same.
func TestAPIPageIsTrue(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal(err)
	}
	s, p, address := serveFile(t, "personas: [{name: iris, voice: espeak}]\nrooms: [{name: lobby, personas: [iris]}]\n", "lobby/iris")
	human(t, s, "lobby")
	seen := func() bool {
		body, err := exec.CommandContext(t.Context(), "curl", "-s", "--json", `{"room":"lobby"}`, "http://"+address+"/sensory.v1.RoomService/GetRoomState").Output()
		return err == nil && strings.Contains(string(body), `"participants"`)
	}
	for !seen() {
		select {
		case <-p.ended:
			t.Fatal(p.stderr.String())
		case <-t.Context().Done():
			t.Fatal("nobody is seen")
		default:
		}
	}
	folder, called := t.TempDir(), map[string]bool{}
	call := regexp.MustCompile(`/sensory\.v1\.(\w+/\w+)`)
	for _, x := range pageExamples(readText(t, filepath.Join("..", "..", "docs", "api.md"))) {
		called[call.FindStringSubmatch(x.command)[1]] = true
		cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(x.command, "127.0.0.1:8081", address))
		cmd.Dir = folder
		got, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", x.command, err)
		}
		switch {
		case strings.Contains(x.command, "> plan.json"):
		case x.answer != "":
			showsIt(t, x, got)
		case strings.TrimSpace(string(got)) != "{}":
			t.Errorf("%s: %s", x.command, got)
		}
	}
	for _, name := range procedures(t) {
		if !called[name] {
			t.Errorf("%s has no example", name)
		}
	}
	if code, text, errs := runProgram(t, "status", "calls", "--address", address); code != 0 || !strings.Contains(text, "RoomService/GetRoomState ") || !strings.Contains(text, "unknown_room 1") {
		t.Errorf("the counts: %s%s", text, errs)
	}
}

// fixed are the fields whose values the page shows as they are.
var fixed = []string{"name", "identity", "code", "type", "value", "reason", "from", "role", "text", "key", "keys", "missing", "silicon", "provider", "profile"}

// showsIt checks that an answer has what the page shows of it.
func showsIt(t *testing.T, x pageExample, got []byte) {
	t.Helper()
	var want, is any
	if err := errors.Join(json.Unmarshal([]byte(x.answer), &want), json.Unmarshal(got, &is)); err != nil {
		t.Errorf("%s: %v: %s", x.command, err, got)
		return
	}
	if missing := lacks("", "", want, is); len(missing) > 0 {
		t.Errorf("%s: %s is not as the page shows it: %s", x.command, strings.Join(missing, ", "), got)
	}
}

// lacks lists what of a value is not in another one, by its path.
func lacks(path, name string, want, is any) (out []string) {
	switch want := want.(type) {
	case map[string]any:
		object, _ := is.(map[string]any)
		for key, value := range want {
			if got, ok := object[key]; ok {
				out = append(out, lacks(path+"."+key, key, value, got)...)
			} else {
				out = append(out, path+"."+key)
			}
		}
	case []any:
		list, _ := is.([]any)
		for _, value := range want {
			if !slices.ContainsFunc(list, func(got any) bool { return len(lacks(path, name, value, got)) == 0 }) {
				out = append(out, path+"[]")
			}
		}
	default:
		if (slices.Contains(fixed, name) || path == ".bytes") && want != "…" && want != is {
			out = append(out, path)
		}
	}
	return out
}

// procedures are the calls of the contract, by their files.
func procedures(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "api", "sensory", "v1", "*.proto"))
	if err != nil {
		t.Fatal(err)
	}
	of := regexp.MustCompile(`(?m)^(?:service (\w+)|  rpc (\w+))`)
	for _, file := range files {
		service := ""
		for _, m := range of.FindAllStringSubmatch(readText(t, file), -1) {
			if m[1] != "" {
				service = m[1]
				continue
			}
			out = append(out, service+"/"+m[2])
		}
	}
	if len(out) < 14 {
		t.Errorf("calls %q", out)
	}
	return out
}

// TestAPIPageIsWhole: every reason is on the page, as the code explains it.
func TestAPIPageIsWhole(t *testing.T) {
	table := rows(readText(t, filepath.Join("..", "..", "docs", "api.md")))
	found := regexp.MustCompile(`Reason\w+ +Reason = "(\w+)" +// (.*)`).FindAllStringSubmatch(readText(t, filepath.Join("..", "..", "api", "errors.go")), -1)
	if len(found) < 30 {
		t.Fatalf("%d reasons", len(found))
	}
	for _, m := range found {
		if table[m[1]] != m[2] {
			t.Errorf("%s: %q on the page, %q in the code", m[1], table[m[1]], m[2])
		}
	}
}

// TestRoomsAndPersonasFromTheCommandLine: what operators type, with text and JSON.
func TestRoomsAndPersonasFromTheCommandLine(t *testing.T) {
	s, _, address := serveFile(t, "personas: [{name: iris, voice: espeak}]\nrooms: [{name: lobby, personas: [iris]}]\n", "lobby/iris")
	ada := human(t, s, "lobby")
	at := func(args ...string) []string { return append(args, "--address", address) }
	says := func(want string, args ...string) {
		t.Helper()
		if code, out, errs := runProgram(t, at(args...)...); code != 0 || errs != "" || !strings.Contains(out, want) {
			t.Errorf("%q: code %d, %s%s; want %q", args, code, out, errs, want)
		}
	}
	says("1 of 1 personas ready: iris", "room", "list")
	says("asked", "ask", "--room", "lobby", "--to", "iris", "What do you see?")
	waits(t, ada, func(e participant.Transcript) bool { return e.Final && e.From == "iris" })
	says("eve is in room lobby", "persona", "spawn", "--room", "lobby", "--voice", "espeak", "eve")
	says("eve is muted in room lobby", "persona", "mute", "--room", "lobby", "eve")
	says("persona  eve                  in, listening, ready, muted", "room", "state", "lobby")
	says(`"muted": true`, "room", "state", "--json", "lobby")
	says("may speak again", "persona", "mute", "--off", "--room", "lobby", "eve")
	says("0 replies were ended in room lobby", "persona", "stop", "--room", "lobby")
	says("eve has left room lobby", "persona", "remove", "--room", "lobby", "eve")
	waits(t, ada, func(e participant.AgentLeft) bool { return e.Identity == "eve" })
	follows(t, address)
	plansAndReplays(t, address)
	for want, args := range map[string][]string{
		"has a seat in room":      {"room", "state", "cellar"},
		"control characters":      {"room", "state", "a\nb"},
		"configuration file":      {"persona", "remove", "--room", "lobby", "iris"},
		"has a seat in the room":  {"persona", "spawn", "--room", "lobby", "iris"},
		"no persona \"otto\" has": {"ask", "--room", "lobby", "--to", "otto", "x"},
		"waits to be heard":       {"persona", "next", "--room", "lobby", "iris"},
		"is no kind of event":     {"events", "--kind", "gossip"},
		"has not happened":        {"events", "--after", "99999999"},
		"leave --json":            {"events", "--script", "--json"},
		"is not kept any more":    {"events", "--script", "--room", "cellar"},
		"HOST:PORT":               {"room", "list", "--address", "nowhere"},
	} {
		code, out, errs := runProgram(t, at(args...)...)
		if slices.Contains(args, "nowhere") {
			code, out, errs = runProgram(t, args...)
		}
		if code == 0 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%q: code %d, %s%s; want %q", args, code, out, errs, want)
		}
	}
	if code, _, errs := runProgram(t, "room", "list", "--address", freePort(t)); code != exitFailed || !strings.Contains(errs, "nothing answers") {
		t.Errorf("nobody: code %d, %s", code, errs)
	}
}

// plansAndReplays checks that a turn of a running program is planned, that what it was planned from
// has the same plan here, that it is run, and that all of it is replayed.
func plansAndReplays(t *testing.T, address string) {
	t.Helper()
	live := func(want string, args ...string) string {
		t.Helper()
		code, out, errs := runProgram(t, append(args, "--room", "lobby", "--address", address)...)
		if code != 0 || errs != "" || !strings.Contains(out, want) {
			t.Errorf("%q: code %d, %s%s; want %q", args, code, out, errs, want)
		}
		return out
	}
	live("by rule target", "plan", "--to", "iris", "--from", "ada", "What do you see?")
	path := filepath.Join(t.TempDir(), "request.json")
	request := live(`"from": "ada"`, "plan", "--to", "iris", "--from", "ada", "--request", "What do you see?")
	if err := os.WriteFile(path, []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := runProgram(t, "plan", path); code != 0 || !strings.Contains(out, "by rule target") || !strings.Contains(out, "iris") {
		t.Errorf("planned here: code %d, %s%s", code, out, errs)
	}
	code, out, errs := runProgram(t, "plan", "--room", "lobby", "--to", "iris", "--run", "--json", "--address", address, "What do you see?")
	var came struct {
		Plan   struct{ Fingerprint string }
		Result struct {
			Fingerprint string
			Replies     []struct{ Persona, Text string }
		}
	}
	if err := json.Unmarshal([]byte(out), &came); err != nil || code == exitUsage || came.Plan.Fingerprint == "" || came.Result.Fingerprint != came.Plan.Fingerprint ||
		len(came.Result.Replies) != 1 || came.Result.Replies[0].Persona != "iris" || came.Result.Replies[0].Text == "" {
		t.Errorf("it was run: code %d, %v: %s%s", code, err, out, errs)
	}
	live(" 0 differences\n", "replay")
	live("asked operator", "replay", "--rewrite")
}

// follows checks that a conversation that is taken from the events is replayed to the last effect,
// and that events are followed, as text and as JSON.
func follows(t *testing.T, address string) {
	t.Helper()
	code, script, errs := runProgram(t, "events", "--script", "--room", "lobby", "--address", address)
	if code != 0 || errs != "" || !strings.Contains(script, "asked operator") {
		t.Fatalf("code %d, %s%s", code, script, errs)
	}
	path := filepath.Join(t.TempDir(), "lobby.txt")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := runProgram(t, "replay", path); code != 0 || !strings.Contains(out, "events") {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
	for want, args := range map[string][]string{
		`"kind":"reply"`:                       {"--kind", "reply", "--json"},
		"reply    lobby iris operator: turn 1": {"--kind", "reply", "--recent", "1"},
		"first token":                          {"--kind", "reply", "--room", "lobby"},
	} {
		p := startProgram(t, nil, append([]string{"events", "--address", address}, args...)...)
		found := false
		for !found && p.lines.Scan() {
			found = strings.Contains(p.lines.Text(), want)
		}
		if !found {
			t.Errorf("%q: no line has %q: %s", args, want, p.stderr.String())
		}
		p.signal(syscall.SIGINT)
		if code := p.wait(); code != 0 {
			t.Errorf("%q: code %d, %s", args, code, p.stderr.String())
		}
	}
}
