package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/config"
)

// fenced returns the blocks of a language of a page.
func fenced(page, language string) (out []string) {
	for _, part := range strings.Split(page, "\n```"+language+"\n")[1:] {
		text, _, _ := strings.Cut(part, "\n```\n")
		out = append(out, text+"\n")
	}
	return out
}

// rows returns the first two cells of the rows of all tables of a page, without their marks.
func rows(page string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(page) {
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| `") && len(cells) > 1 {
			out[strings.Trim(cells[0], "|` ")] = strings.TrimSuffix(strings.TrimSpace(cells[1]), " |")
		}
	}
	return out
}

// TestTurnsPageIsTrue: what docs/turns.md shows is what the program does.
func TestTurnsPageIsTrue(t *testing.T) {
	page := readText(t, filepath.Join("..", "..", "docs", "turns.md"))
	blocks := fenced(page, "json")
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of JSON", len(blocks))
	}
	folder := t.TempDir()
	for i, name := range []string{"request.json", "plan.json", "result.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(blocks[i]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	request := filepath.Join(folder, "request.json")
	code, out, errs := runProgram(t, "plan", "--json", request)
	if diff := cmp.Diff(blocks[1], out); code != 0 || diff != "" {
		t.Errorf("the plan: code %d %s (-page +program):\n%s", code, errs, diff)
	}
	code, out, errs = runProgram(t, "plan", "--compare", filepath.Join(folder, "result.json"), request)
	if code != exitFailed || out == "" {
		t.Errorf("the result: code %d %s", code, errs)
	}
	for line := range strings.Lines(out) {
		if !strings.Contains(page, "\n    "+line) {
			t.Errorf("the page does not show %q", line)
		}
	}
	broken := strings.Replace(blocks[0], `"window": 8192`, `"window": -1`, 1)
	if err := os.WriteFile(request, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs = runProgram(t, "plan", request)
	if shown := strings.ReplaceAll(errs, folder+string(filepath.Separator), ""); code != exitUsage || !strings.Contains(page, "\n    "+shown) {
		t.Errorf("the page does not show %q", shown)
	}
}

// TestTurnsPageIsWhole: every reason, divergence, rule, mode and setting is on docs/turns.md.
func TestTurnsPageIsWhole(t *testing.T) {
	page := readText(t, filepath.Join("..", "..", "docs", "turns.md"))
	table := rows(page)
	for _, r := range turn.Reasons() {
		if table[string(r)] != r.Meaning() {
			t.Errorf("%s: %q on the page, %q in the program", r, table[string(r)], r.Meaning())
		}
	}
	for _, k := range []turn.DeviationKind{
		turn.DeviationLane, turn.DeviationContext, turn.DeviationLate, turn.DeviationSilent, turn.DeviationReason, turn.DeviationUnplanned,
		turn.DeviationMissing, turn.DeviationTwice, turn.DeviationOrder, turn.DeviationPlan, turn.DeviationCut, turn.DeviationFailed,
		turn.DeviationEvicted, turn.DeviationLeft,
	} {
		if table[string(k)] != k.Meaning() || k.Meaning() == "" {
			t.Errorf("%s: %q on the page, %q in the program", k, table[string(k)], k.Meaning())
		}
	}
	for _, name := range []string{
		string(turn.RuleTarget), string(turn.RuleName), string(turn.RuleGroup), string(turn.RuleHuman), string(turn.RuleFollowUp), string(turn.RuleMode),
		string(turn.ModeAuto), string(turn.ModeFront), string(turn.ModeMentions), string(turn.ModeAll), string(turn.ModeSpecialty),
	} {
		if table[name] == "" {
			t.Errorf("%s is not on the page", name)
		}
	}
	blocks := fenced(page, "yaml")
	if len(blocks) != 1 {
		t.Fatalf("%d policies", len(blocks))
	}
	got, err := config.ReadPolicy("turns.md", []byte(blocks[0]))
	if diff := cmp.Diff(turn.Default(), got); err != nil || diff != "" {
		t.Errorf("%v (-default +page):\n%s", err, diff)
	}
	for _, k := range config.PolicyKeys() {
		section, inner, _ := strings.Cut(k.Name, ".")
		shown := func(l string) bool { return strings.HasPrefix(strings.TrimPrefix(l, "# "), section+":") }
		if !slices.ContainsFunc(strings.Split(blocks[0], "\n"), shown) || !strings.Contains(blocks[0], inner+":") {
			t.Errorf("%s is not on the page", k.Name)
		}
	}
}
