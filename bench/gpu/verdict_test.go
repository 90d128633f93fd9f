package gpu_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/gpu"
)

func TestAVerdictIsALine(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]gpu.Verdict{
		"pass    provider (0.5 s): a card: opens":               {Name: "provider", Status: gpu.Pass, Why: "a card:\n opens ", Seconds: .52},
		"fail    rehearsal/tokens-smolvlm (12.0 s): parted (3)": {Name: "rehearsal/tokens-smolvlm", Status: gpu.Fail, Why: "parted (3)", Seconds: 12},
		"skipped pytorch (0.0 s): no torch":                     {Name: "pytorch", Status: gpu.Skipped, Why: "no torch"},
	} {
		if got := v.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		back, err := gpu.ParseLine(want)
		if err != nil || back.Name != v.Name || back.Status != v.Status || back.String() != want {
			t.Errorf("%q is read as %+v, %v", want, back, err)
		}
	}
	for _, line := range []string{
		"", "pass", "pass x", "passed x (1.0 s): y", "fail x (1.0 s): ", "pass X (1.0 s): y", "pass x (1 s): y", " pass x (1.0 s): y", "skipped x (-1.0 s): y",
		"pass x y (1.0 s): z", "PASS x (1.0 s): y",
	} {
		if v, err := gpu.ParseLine(line); !errors.Is(err, gpu.ErrVerdict) {
			t.Errorf("%q is read as %+v, %v", line, v, err)
		}
	}
}

func TestReadVerdicts(t *testing.T) {
	t.Parallel()
	const good = `{"name":"a","status":"pass","why":"x","figures":{"n":1.5}}` + "\n\n" + `{"name":"b","status":"skipped","why":"y"}` + "\n"
	all, err := gpu.ReadVerdicts(strings.NewReader(good))
	if err != nil || len(all) != 2 || all[0].Figures["n"] != 1.5 || all[1].Status != gpu.Skipped {
		t.Fatalf("%+v, %v", all, err)
	}
	for name, bad := range map[string]string{
		"no JSON":          "Segmentation fault\n",
		"cut off":          `{"name":"a","sta`,
		"no status":        `{"name":"a","why":"x"}`,
		"another status":   `{"name":"a","status":"PASS","why":"x"}`,
		"no name":          `{"status":"pass","why":"x"}`,
		"a name of lines":  `{"name":"a\nb","status":"pass","why":"x"}`,
		"no reason":        `{"name":"a","status":"skipped","why":" "}`,
		"a number as name": `{"name":7,"status":"pass","why":"x"}`,
		"endless":          `{"name":"a","status":"pass","why":"` + strings.Repeat("x", 1<<17) + `"}`,
	} {
		all, err := gpu.ReadVerdicts(strings.NewReader(good + bad))
		if !errors.Is(err, gpu.ErrVerdict) || len(all) != 2 {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	of := func(statuses ...gpu.Status) (all []gpu.Verdict) {
		for _, s := range statuses {
			all = append(all, gpu.Verdict{Name: "x", Status: s, Why: "y"})
		}
		return all
	}
	for _, c := range []struct {
		all             []gpu.Verdict
		card, rehearsal int
	}{
		{nil, 1, 1},
		{of(gpu.Pass), 0, 3},
		{of(gpu.Pass, gpu.Skipped), 0, 3},
		{of(gpu.Skipped), 1, 1}, // nothing was found out
		{of(gpu.Pass, gpu.Fail, gpu.Pass), 1, 1},
	} {
		if card, rehearsal := gpu.ExitCode(c.all, false), gpu.ExitCode(c.all, true); card != c.card || rehearsal != c.rehearsal {
			t.Errorf("%v: %d on a card, %d in a rehearsal; want %d, %d", c.all, card, rehearsal, c.card, c.rehearsal)
		}
	}
}

// TestEveryVerdictIsGiven: whatever becomes of a step, there is a verdict on each thing that it is
// about, and none on others.
func TestEveryVerdictIsGiven(t *testing.T) {
	t.Parallel()
	died := errors.New("signal: segmentation fault")
	v := func(name string) gpu.Verdict { return gpu.Verdict{Name: name, Status: gpu.Pass, Why: "fine"} }
	for name, c := range map[string]struct {
		said []gpu.Verdict
		err  error
		want string // statuses
		says string // of the last
	}{
		"all":             {[]gpu.Verdict{v("a"), v("b")}, nil, "pass pass", "fine"},
		"another order":   {[]gpu.Verdict{v("b"), v("a")}, nil, "pass pass", "fine"},
		"died on the way": {[]gpu.Verdict{v("a")}, died, "pass fail", "segmentation fault"},
		"died at once":    {nil, died, "fail fail", "segmentation fault"},
		"died at the end": {[]gpu.Verdict{v("a"), v("b")}, died, "pass fail", "fine; then: signal: segmentation fault"},
		"said too little": {[]gpu.Verdict{v("a")}, nil, "pass fail", "said nothing"},
		"said it twice":   {[]gpu.Verdict{v("a"), v("a")}, nil, "pass fail", `"a"`},
		"of other things": {[]gpu.Verdict{v("a"), v("c")}, nil, "pass fail", `"c"`},
	} {
		got := gpu.Settle([]string{"a", "b"}, c.said, c.err)
		if len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" {
			t.Fatalf("%s: %+v", name, got)
		}
		if statuses := string(got[0].Status + " " + got[1].Status); statuses != c.want || !strings.Contains(got[1].Why, c.says) {
			t.Errorf("%s: %s, %q", name, statuses, got[1].Why)
		}
	}
}

func TestStepsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	names, verdicts := gpu.Steps()
	for _, list := range [][]string{names, verdicts} {
		sorted := slices.Sorted(slices.Values(list))
		if len(slices.Compact(sorted)) != len(list) || len(list) < 7 {
			t.Errorf("%q", list)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add("pass    provider (0.5 s): a card")
	f.Add("skipped rehearsal/memory-limit (0.0 s): no limit")
	f.Add("fail x (9999999999999999999.9 s): y")
	f.Fuzz(func(t *testing.T, line string) {
		v, err := gpu.ParseLine(line)
		if err != nil {
			if !errors.Is(err, gpu.ErrVerdict) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		again, err := gpu.ParseLine(v.String())
		if err != nil || again.String() != v.String() {
			t.Fatalf("%q comes back as %q, %v", v, again, err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := gpu.ReadVerdicts(strings.NewReader(string(text))); err != nil || len(all) != 1 || all[0].Name != v.Name || all[0].Status != v.Status {
			t.Fatalf("%s comes back as %+v, %v", text, all, err)
		}
	})
}
