package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplayComparesWithTheFile(t *testing.T) {
	three := filepath.Join("..", "..", "cognition", "turn", "testdata", "three_seats.txt")
	code, out, errs := runProgram(t, "replay", three)
	if code != 0 || !strings.HasSuffix(out, " 0 differences\n") {
		t.Fatalf("code %d: %s%s", code, out, errs)
	}
	text, err := os.ReadFile(three)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.txt")
	other := strings.Replace(string(text), "→ floor 1/max", "→ floor 1/otto", 1)
	if err := os.WriteFile(changed, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs = runProgram(t, "replay", changed)
	if code != exitFailed || !strings.Contains(out, "  - floor 1/otto\n  + floor 1/max\n") || !strings.Contains(errs, "after 1 of ") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	code, out, _ = runProgram(t, "replay", "--json", changed)
	var got struct {
		Events      int
		Differences []struct {
			Line      int
			Event     string
			Want, Got []string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitFailed || len(got.Differences) != 1 || got.Differences[0].Event != "3.45 tick" || got.Events < 20 {
		t.Errorf("code %d: %v %s", code, err, out)
	}
	code, out, _ = runProgram(t, "replay", "--rewrite", changed)
	if code != 0 || out != string(text) {
		t.Errorf("code %d: rewritten it is not what the table does:\n%s", code, out)
	}
}

func TestReplayRefusesWhatItCannotRead(t *testing.T) {
	nobody := freePort(t)
	broken := filepath.Join(t.TempDir(), "broken.txt")
	if err := os.WriteFile(broken, []byte("0.00 seated iris\n0.10 sings ada\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{broken}, exitFailed, "script line 2"},
		{[]string{broken + "x"}, exitFailed, "no such file"},
		{nil, exitUsage, "1 arg"},
		{[]string{broken, "--room", "lobby"}, exitUsage, "or --room"},
		{[]string{"--room", ""}, exitUsage, "or --room"},
		{[]string{broken, "--address", "127.0.0.1:1"}, exitUsage, "say which --room"},
		{[]string{"--room", "lobby", "--address", nobody}, exitFailed, "nothing answers"},
		{[]string{"--rewrite", "--json", broken}, exitUsage, "leave one of them out"},
	} {
		if code, _, errs := runProgram(t, append([]string{"replay"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
}
