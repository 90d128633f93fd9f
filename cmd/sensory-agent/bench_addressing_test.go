package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/crowd/spoken"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestBenchAddressing: both sets, each beside naive ways, which are far worse.
func TestBenchAddressing(t *testing.T) {
	code, out, errs := runProgram(t, "bench", "addressing", "--json")
	var got addressingResult
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || got.Bench != "addressing" || len(got.Sets) != 2 {
		t.Fatalf("code %d %s: %v\n%s", code, errs, err, out)
	}
	for i, name := range []string{"tuned", "held out"} {
		set := got.Sets[i]
		if set.Set != name || len(set.Ways) != 4 || set.Ways[0].Way != "rules" {
			t.Fatalf("%+v", set)
		}
		rules, decided, right := set.Ways[0], 0, 0
		for _, other := range set.Ways[1:] {
			if other.Recall-other.FalseResponses >= rules.Recall-rules.FalseResponses-0.5 || other.What == "" || other.Addressed+other.Others != set.Lines {
				t.Errorf("%s: %+v beside %+v", name, other, rules)
			}
		}
		for _, r := range set.Rules {
			decided, right = decided+r.Lines, right+r.Right
		}
		if decided != set.Lines || right != set.Lines-len(set.Wrong) {
			t.Errorf("%s: %d of %d decided, %d right, %d wrong", name, decided, set.Lines, right, len(set.Wrong))
		}
	}
	code, out, _ = runProgram(t, "bench", "addressing", "--wrong")
	for _, want := range []string{"tuned: ", "held out: ", "\n  rules       0.9", "\n  wake word   0.", "\n  target  ", "  wrong by the rules: 9\n", "  got nobody  Max and only Max, please answer.\n"} {
		if !strings.Contains(out, want) || code != 0 {
			t.Errorf("code %d, no %q:\n%s", code, want, out)
		}
	}
	if _, out, _ = runProgram(t, "bench", "addressing"); strings.Contains(out, "only Max") {
		t.Errorf("lines are printed that were not asked for:\n%s", out)
	}
}

func TestBenchAddressingOfOthers(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lines := write("lines.txt", "iris | Iris, what is this?\nnobody | Max is\x1b[2J right.\n")
	answers := write("answers.txt", "iris\nmax\n")
	code, out, errs := runProgram(t, "bench", "addressing", "--lines", lines, "--answers", answers, "--wrong")
	if code != 0 || !strings.Contains(out, "lines.txt: 2 lines\n") || !strings.Contains(out, "  answers     1.000   1 of 1  1.000            1 of 1  ") ||
		!strings.Contains(out, "wrong by the answers: 1\n  line 2  meant nobody  got max  Max is") || strings.Contains(out, "\x1b") {
		t.Errorf("code %d %s:\n%s", code, errs, out)
	}
	code, out, _ = runProgram(t, "bench", "addressing", "--lines", lines, "--json")
	if code != 0 || !strings.Contains(out, `"wrong":[]`) || slices.Contains(strings.Fields(out), "answers") {
		t.Errorf("code %d:\n%s", code, out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--answers", answers}, exitUsage, "say with --lines"},
		{[]string{"--lines", filepath.Join(folder, "none")}, exitFailed, "no such file"},
		{[]string{"--lines", answers}, exitUsage, "answers.txt: invalid labelled lines: line 1"},
		{[]string{"--lines", lines, "--answers", filepath.Join(folder, "none")}, exitFailed, "no such file"},
		{[]string{"--lines", lines, "--answers", write("few.txt", "iris\n")}, exitUsage, "1 answers to 2 lines"},
		{[]string{"--lines", lines, "--answers", write("odd.txt", "iris\neve\n")}, exitUsage, "odd.txt: invalid labelled lines: line 2"},
		{[]string{"--lines", folder}, exitFailed, "is a directory"},
		{[]string{"--spoken", "--lines", lines, "--answers", answers}, exitUsage, "needs no --spoken"},
		{[]string{"--spoken", "--lines", lines, "--limit", "-1"}, exitUsage, "--limit -1"},
		{[]string{"--spoken", "--lines", filepath.Join(folder, "none")}, exitFailed, "no such file"},
		{[]string{"extra"}, exitUsage, "unknown command"},
	} {
		if code, _, errs := runProgram(t, append([]string{"bench", "addressing"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
}

// TestBenchAddressingSpoken: real ears understand a real voice, and a second run only reads what
// was heard.
func TestBenchAddressingSpoken(t *testing.T) {
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model_int8.onnx")
	testmodels.Path(t, "moonshine-tiny", "encoder_model.ort")
	testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	folder := t.TempDir()
	lines, kept := filepath.Join(folder, "lines.txt"), filepath.Join(folder, "heard.jsonl")
	if err := os.WriteFile(lines, []byte("iris | Iris, what is the capital of France?\nnobody | It is a nice day today.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"bench", "addressing", "--spoken", "--lines", lines, "--voices", "flite:slt", "--kept", kept, "--json"}
	code, out, errs := runProgram(t, args...)
	var got spoken.Result
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("code %d %s: %v", code, errs, err)
	}
	if s := got.Sets[0]; len(got.Sets) != 1 || s.Recall != 1 || s.FalseResponses != 0 || s.Lines != 2 || !strings.Contains(errs, "2 of 2  flite:slt") {
		t.Errorf("%+v\n%s", got, errs)
	}
	heard, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	_, again, _ := runProgram(t, args...)
	if after, err := os.ReadFile(kept); err != nil || string(after) != string(heard) || again != out {
		t.Errorf("%v\n%s\n%s", err, after, again)
	}
}
