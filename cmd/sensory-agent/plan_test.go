package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// examples is the folder of the plan's examples.
func examples(name string) string {
	return filepath.Join("..", "..", "cognition", "turn", "testdata", "plan", name)
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPlanPrintsTheExamples: as JSON, to the byte, from a file and from standard input.
func TestPlanPrintsTheExamples(t *testing.T) {
	files, err := filepath.Glob(examples("*.json"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, file := range files {
		want := readText(t, strings.TrimSuffix(file, ".json")+".plan")
		if code, out, errs := runProgram(t, "plan", "--json", file); code != 0 || out != want {
			t.Errorf("%s: code %d: %s%s", file, code, errs, out)
		}
		var out bytes.Buffer
		cmd := newPlanCommand()
		cmd.SetArgs([]string{"--json"})
		cmd.SetIn(strings.NewReader(readText(t, file)))
		cmd.SetOut(&out)
		if err := cmd.Execute(); err != nil || out.String() != want {
			t.Errorf("%s from standard input: %v\n%s", file, err, out.String())
		}
	}
}

func TestPlanAsText(t *testing.T) {
	code, out, errs := runProgram(t, "plan", examples("three_lanes.json"))
	want := `turn a4f09f82ba67b6e38f130234, by rule group; first reply meets its time, all may miss theirs
order  persona  lane  wave  in time  starts  ends    tokens in + out  made from
1      max      here  1     meets    0.00 s  0.90 s  701 + 256        cam-ada/41, a1b2, u-1/pcm
2      iris     here  2     meets    0.90 s  2.10 s  676 + 256        context 5f0a, cam-ada/41, a1b2
3      otto     far   1     meets    2.10 s  4.10 s  112 + 128        not note: no room
4      pia      far   2     unknown  4.10 s  ?       12 + 256         not note: no room
silent  quin  muted      somebody muted it
silent  rosa  no_window  its model's window does not hold the question
fingerprint 55a3f53ac77a71d8117f1714
`
	if code != 0 || out != want {
		t.Errorf("code %d %s:\n%s", code, errs, out)
	}
	code, out, _ = runProgram(t, "plan", examples("hop_limit.json"))
	if code != 0 || !strings.Contains(out, "by rule name; nobody replies\nsilent  iris  mentioned_only  it was spoken of, not to\n") {
		t.Errorf("code %d:\n%s", code, out)
	}
	_, out, _ = runProgram(t, "plan", examples("unknown_speeds.json"))
	if !strings.Contains(out, "the question alone\n") {
		t.Errorf("nothing to make it from:\n%s", out)
	}
}

func TestPlanComparesAResult(t *testing.T) {
	request, result := examples("five_personas.json"), examples("five_personas.result")
	code, out, errs := runProgram(t, "plan", "--compare", result, request)
	want := `context      iris  its reply was made with another context (planned 3c1f0d3a8d6b0a54b0f3a1c2)
source       iris  its reply was made from another picture than was planned, or from none (planned a1b2, was a1b3)
late         pia   its reply was not in time, or the first one was not; times in ms (planned 30000, was 31200)
lane         otto  its reply came from another lane (planned north, was south)
order        otto  it was heard out of order
lane_failed  max   its reply was planned, and its lane did not make it (was failed)
`
	if code != exitFailed || out != want || !strings.Contains(errs, "the result leaves the plan in 6 points") {
		t.Errorf("code %d %s:\n%s", code, errs, out)
	}
	code, out, _ = runProgram(t, "plan", "--json", "--compare", result, request)
	if code != exitFailed || out != readText(t, examples("five_personas.divergences")) {
		t.Errorf("code %d:\n%s", code, out)
	}
	code, out, _ = runProgram(t, "plan", "--compare", result, examples("one_on_one.json"))
	if code != exitFailed || !strings.HasPrefix(out, "plan       -     another plan was carried out: turn or fingerprint differ (planned 38fe5d4dbbba810d4d674a67 67d5") {
		t.Errorf("of another plan: code %d:\n%s", code, out)
	}
	as := `{"turn": "38fe5d4dbbba810d4d674a67", "fingerprint": "67d5d94c0b2d40741b7158e1", "replies": [{"persona": "iris", "text": "Red.", "source_keys": ["cam-ada/41"], "start_ms": 0, "finish_ms": 900}], "silences": [], "divergences": []}`
	file := filepath.Join(t.TempDir(), "result.json")
	if err := os.WriteFile(file, []byte(as), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs = runProgram(t, "plan", "--compare", file, examples("one_on_one.json")); code != 0 || out != "as planned\n" {
		t.Errorf("as planned: code %d: %s%s", code, out, errs)
	}
	if code, out, _ = runProgram(t, "plan", "--json", "--compare", file, examples("one_on_one.json")); code != 0 || out != "[]\n" {
		t.Errorf("as planned, as JSON: code %d: %s", code, out)
	}
}

func TestPlanRefusesWhatItCannotUse(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := readText(t, examples("one_on_one.json"))
	n := 0
	with := func(old, now string) string {
		n++
		return write(fmt.Sprintf("r%d.json", n), strings.Replace(good, old, now, 1))
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{with(`"room"`, `"rooms"`)}, exitUsage, `plan request: "rooms": is not known; there are room, trigger, `},
		{[]string{with(`"window": 2048`, `"window": -1`)}, exitUsage, "plan request: personas[0].window: -1 is not from 1 to 16777216"},
		{[]string{with(`"spoken"`, `"sung"`)}, exitUsage, `plan request: trigger.kind: "sung" is none of spoken, typed, api, persona`},
		{[]string{with(`"sources"`, `"policy": {"hops": 9}, "sources"`)}, exitUsage, "plan request: policy.hops: 9 is not from 0 to 3"},
		{[]string{with(`"sources"`, `"first_budget_ms": -5, "sources"`)}, exitUsage, "plan request: first_budget_ms: -5 is not from 0"},
		{[]string{with(`"from"`, `"to": ["eve"], "from"`)}, exitUsage, `plan request: trigger.to[0]: no persona is called "eve"`},
		{[]string{filepath.Join(folder, "none.json")}, exitFailed, "none.json: no such file"},
		{[]string{folder}, exitFailed, "is a directory"},
		{[]string{"a", "b"}, exitUsage, "at most 1 arg"},
		{[]string{"--room", "lobby"}, exitUsage, "one argument is what is asked there"},
		{[]string{"--from", "ada", "a"}, exitUsage, "--from is of a running program"},
		{[]string{"--address", "127.0.0.1:1", "a"}, exitUsage, "--address is of a running program"},
		{[]string{"--room", "lobby", "--compare", "b", "a"}, exitUsage, "leave --room out"},
		{[]string{"--room", "lobby", "--request", "--run", "a"}, exitUsage, "leave one of them out"},
		{[]string{"--room", "lobby", "--address", "http://x/", "a"}, exitUsage, "HOST:PORT"},
		{[]string{"--compare", write("x.json", `{"turn": 1}`), examples("one_on_one.json")}, exitUsage, "x.json: plan result: turn: must be a text"},
		{[]string{"--compare", filepath.Join(folder, "gone"), examples("one_on_one.json")}, exitFailed, "no such file"},
	} {
		if code, out, errs := runProgram(t, append([]string{"plan"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%v: code %d, %s%s", c.args, code, errs, out)
		}
	}
	cmd := newPlanCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(nil)
	torn := errors.New("the wire is torn")
	cmd.SetIn(iotest.ErrReader(torn))
	if err := cmd.Execute(); !errors.Is(err, torn) || !strings.HasPrefix(err.Error(), "standard input: ") {
		t.Errorf("of a reader that fails: %v", err)
	}
}

// TestPlanShowsNamesOfOthersEscaped: a name cannot forge a line.
func TestPlanShowsNamesOfOthersEscaped(t *testing.T) {
	name := strings.ReplaceAll(strings.ReplaceAll(hostile, "\n", `\n`), `"`, `\"`)
	name = strings.NewReplacer("\x1b", `\u001b`, "\u009b", `\u009b`, "\u202e", `\u202e`).Replace(name)
	file := filepath.Join(t.TempDir(), "r.json")
	text := `{"room": "x", "trigger": {"id": "1", "kind": "typed", "from": "ada", "text": "hello"},
		"personas": [{"name": "` + name + `", "window": 100, "provider": "` + name + `", "context_key": "` + name + `"}, {"name": "b` + name + `", "window": 1}],
		"sources": [{"id": "` + name + `", "kind": "text", "key": "` + name + `"}], "policy": {"mode": "all"}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runProgram(t, "plan", file)
	if code != 0 || strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && !printable.Shown(r) }) {
		t.Fatalf("code %d %s: %q", code, errs, out)
	}
	clean(t, "a plan", out, 5)
}
