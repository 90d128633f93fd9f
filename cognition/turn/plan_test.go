package turn_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestPlans holds plans of requests as files, and what results of them leave.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/plan/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".json")
		t.Run(filepath.Base(name), func(t *testing.T) {
			plan := planOf(t, file)
			golden(t, name+".plan", plan)
			f, err := os.Open(name + ".result")
			if errors.Is(err, os.ErrNotExist) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			result, err := turn.ReadResult(f)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".divergences", turn.Compare(plan, result, turn.Budgets{}))
		})
	}
}

func planOf(t *testing.T, file string) turn.Plan {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	request, err := turn.ReadRequest(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := request.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// golden compares what JSON a value has with a file, or writes it.
func golden(t *testing.T, file string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func drawRequest(t *rapid.T) turn.Request {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"iris", "max", "otto", "pia", "quin", "rosa", "tom"}), 0, 7, rapid.ID).Draw(t, "names")
	r := turn.Request{
		Room: "demo",
		Trigger: turn.Trigger{
			ID: "1", Kind: rapid.SampledFrom([]turn.Kind{turn.KindSpoken, turn.KindTyped, turn.KindPersona}).Draw(t, "kind"),
			From: rapid.SampledFrom([]string{"ada", "iris"}).Draw(t, "from"),
			Text: rapid.SampledFrom([]string{"What is on the screen?", "Iris and Max, what is this?", "Everybody, hello!", "Bob, hello.", "Otto!"}).Draw(t, "text"),
			Hop:  rapid.IntRange(0, 2).Draw(t, "hop"),
		},
		Humans:   []turn.Human{{Identity: "ada"}, {Identity: "bob"}},
		Capacity: rapid.IntRange(0, 3).Draw(t, "capacity"),
		LaneCap:  rapid.IntRange(0, 2).Draw(t, "lane cap"),
		Policy: turn.PlanPolicy{
			Mode:    rapid.SampledFrom([]turn.Mode{"", turn.ModeAll, turn.ModeFront, turn.ModeMentions, turn.ModeSpecialty}).Draw(t, "mode"),
			Context: rapid.SampledFrom([]turn.Context{turn.Sequential, turn.Parallel}).Draw(t, "context"),
		},
		InputBudget: rapid.SampledFrom([]int{0, 100}).Draw(t, "input"),
	}
	for _, n := range names {
		c := turn.Candidate{
			Name: n, Muted: rapid.IntRange(0, 5).Draw(t, "muted") == 0, Window: rapid.IntRange(1, 600).Draw(t, "window"),
			ContextTokens: rapid.IntRange(0, 200).Draw(t, "context tokens"), Provider: rapid.SampledFrom([]string{"", "far", "near"}).Draw(t, "provider"),
			LastHeard: int64(rapid.IntRange(0, 3).Draw(t, "heard")), Capabilities: []string{turn.CapabilityVision, turn.CapabilitySound}[:rapid.IntRange(0, 2).Draw(t, "can")],
		}
		if rapid.Bool().Draw(t, "measured") {
			p50 := int64(rapid.IntRange(0, 9000).Draw(t, "p50"))
			c.Speed = &turn.Speed{P50: p50, P95: p50 + int64(rapid.IntRange(0, 9000).Draw(t, "more"))}
		}
		r.Personas = append(r.Personas, c)
	}
	for i, kind := range []turn.MaterialKind{turn.MaterialCamera, turn.MaterialScreen, turn.MaterialSound, turn.MaterialText} {
		for _, owner := range []string{"ada", "bob"} {
			if rapid.Bool().Draw(t, "source") {
				id := owner + string(kind)
				r.Sources = append(r.Sources, turn.Material{ID: id, Kind: kind, Owner: owner, Key: id + "/1", Tokens: 30 * (i + 1)})
			}
		}
	}
	return r
}

// TestPlansHold: every persona is in one place, the order of the lists does not matter, no lane
// takes more at once than it may, windows are kept, and what meets a budget meets a larger one.
func TestPlansHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		p, err := r.Plan()
		if err != nil {
			t.Fatal(err)
		}
		onePlace(t, r, p)
		lanesHold(t, r, p)
		shuffled := r
		shuffled.Personas = rapid.Permutation(r.Personas).Draw(t, "personas")
		shuffled.Sources = rapid.Permutation(r.Sources).Draw(t, "sources")
		again, err := shuffled.Plan()
		if err != nil || cmp.Diff(p, again) != "" {
			t.Fatalf("%v, in another order (-was +is):\n%s", err, cmp.Diff(p, again))
		}
		more := r
		more.AllBudget, more.FirstBudget = drawBudget(t, 30_000), drawBudget(t, 10_000)
		longer, err := more.Plan()
		if err != nil || longer.Fingerprint != p.Fingerprint {
			t.Fatalf("%v, or another plan for the sake of a budget", err)
		}
		better(t, "first", p.First, longer.First)
		better(t, "all", p.All, longer.All)
		for i, x := range p.Replies {
			better(t, x.Persona, x.Verdict, longer.Replies[i].Verdict)
		}
		if d := turn.Compare(p, asPlanned(p), turn.Budgets{}); len(d) != 0 {
			t.Fatalf("carried out as planned: %+v", d)
		}
	})
}

func drawBudget(t *rapid.T, least int) int64 {
	return int64(rapid.IntRange(least, 100_000).Draw(t, "budget"))
}

// better fails where a verdict is worse with more time. What is not known stays so, but that the
// first of several may become known to be in time.
func better(t *rapid.T, what string, was, is turn.Verdict) {
	if was == turn.Meets && is != turn.Meets || was == turn.Unknown && is == turn.Misses {
		t.Fatalf("%s: %v, with more time %v", what, was, is)
	}
}

// TestLanesOfAPlan: providers that are not listed take four at once, or as many as is said.
func TestLanesOfAPlan(t *testing.T) {
	for most, want := range map[int][]int{0: {1, 1, 1, 1, 2}, 1: {1, 2, 3, 4, 5}, 2: {1, 1, 2, 2, 3}} {
		r := turn.Request{
			Trigger: turn.Trigger{ID: "1", Kind: turn.KindTyped, From: "ada", Text: "hello"}, LaneCap: most,
			Policy: turn.PlanPolicy{Mode: turn.ModeAll},
		}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			r.Personas = append(r.Personas, turn.Candidate{Name: name, Window: 100, Provider: "far"})
		}
		p, err := r.Plan()
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, x := range p.Replies {
			got = append(got, x.Wave)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d at once: waves %v, want %v", most, got, want)
		}
	}
}

// TestTokensOfAQuestion: where they were not counted, three bytes are one.
func TestTokensOfAQuestion(t *testing.T) {
	for text, want := range map[string]int{"a": 1, "abc": 1, "abcd": 2, "abcdef": 2, "abcdefg": 3} {
		r := turn.Request{
			Trigger:  turn.Trigger{ID: "1", Kind: turn.KindTyped, From: "ada", Text: text},
			Personas: []turn.Candidate{{Name: "iris", Window: 100, ContextTokens: 10}},
		}
		p, err := r.Plan()
		if err != nil || len(p.Replies) != 1 || p.Replies[0].InputTokens != 10+want || p.Replies[0].OutputTokens != 50 {
			t.Errorf("%q: %+v, %v; want %d tokens", text, p.Replies, err, want)
		}
	}
}

func onePlace(t *rapid.T, r turn.Request, p turn.Plan) {
	var there []string
	for i, x := range p.Replies {
		there = append(there, x.Persona)
		if x.Order != i+1 {
			t.Fatalf("%+v stands at %d", x, i)
		}
	}
	for _, x := range p.Silences {
		there = append(there, x.Seat)
		if x.Why == "" {
			t.Fatalf("%s has no reason", x.Seat)
		}
	}
	var want []string
	for _, c := range r.Personas {
		want = append(want, c.Name)
	}
	slices.Sort(there)
	slices.Sort(want)
	if !slices.Equal(there, want) {
		t.Fatalf("%v, want %v", there, want)
	}
}

// lanesHold plays a plan by its own times.
func lanesHold(t *rapid.T, r turn.Request, p turn.Plan) {
	for _, x := range p.Replies {
		c := r.Personas[slices.IndexFunc(r.Personas, func(c turn.Candidate) bool { return c.Name == x.Persona })]
		if x.InputTokens+x.OutputTokens > c.Window || x.Lane != c.Provider {
			t.Fatalf("%+v does not fit %+v", x, c)
		}
		most := r.Capacity
		if x.Lane != "" {
			most = r.LaneCap
			if most == 0 {
				most = 4
			}
		}
		beside, before := 0, 0
		for _, y := range p.Replies {
			if y.Lane != x.Lane {
				continue
			}
			if y.Order < x.Order {
				before++
			}
			if x.Start != nil && y.Start != nil && y.Finish != nil && *y.Start <= *x.Start && *y.Finish > *x.Start {
				beside++
			}
		}
		if most > 0 && beside > most {
			t.Fatalf("%d in the lane of %+v at once; at most %d", beside, x, most)
		}
		want := 1
		if most > 0 {
			want += before / most
		}
		if x.Wave != want {
			t.Fatalf("%+v is in wave %d, want %d", x, x.Wave, want)
		}
	}
}

// asPlanned is a result that leaves the plan in nothing.
func asPlanned(p turn.Plan) turn.Result {
	r := turn.Result{Turn: p.Turn, Fingerprint: p.Fingerprint, Silences: p.Silences}
	for i, x := range p.Replies {
		r.Replies = append(r.Replies, turn.Told{Persona: x.Persona, Text: "So.", Lane: x.Lane, ContextKey: x.ContextKey, SourceKeys: x.SourceKeys, Finish: 10_000, Heard: int64(i + 1)})
	}
	return r
}
