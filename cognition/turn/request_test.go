package turn_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	turncontext "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

func TestRequestsThatCannotBePlanned(t *testing.T) {
	good := func() turn.Request {
		return turn.Request{
			Trigger: turn.Trigger{ID: "1", Kind: turn.KindTyped, From: "ada", Text: "hello"}, Humans: []turn.Human{{Identity: "ada"}},
			Personas: []turn.Candidate{{Name: "iris", Window: 100, Speed: &turn.Speed{P50: 1, P95: 1}}, {Name: "max", Window: 100}},
			Sources:  []turn.Material{{ID: "a", Kind: turn.MaterialText, Key: "k"}, {ID: "b", Kind: turn.MaterialCamera, Owner: "ada", Key: "k"}},
		}
	}
	if _, err := good().Plan(); err != nil {
		t.Fatal(err)
	}
	nine := 9
	long := strings.Repeat("x", 513)
	for field, change := range map[string]func(*turn.Request){
		"room":                       func(r *turn.Request) { r.Room = long },
		"trigger.id":                 func(r *turn.Request) { r.Trigger.ID = " " },
		"trigger.kind":               func(r *turn.Request) { r.Trigger.Kind = "sung" },
		"trigger.from":               func(r *turn.Request) { r.Trigger.From = "" },
		"trigger.text":               func(r *turn.Request) { r.Trigger.Text = strings.Repeat("x", 1<<16+1) },
		"trigger.follow_up":          func(r *turn.Request) { r.Trigger.FollowUp = "otto" },
		"trigger.to":                 func(r *turn.Request) { r.Trigger.To = make([]string, 257) },
		"trigger.to[1]":              func(r *turn.Request) { r.Trigger.To = []string{"Iris", "otto"} },
		"trigger.tokens":             func(r *turn.Request) { r.Trigger.Tokens = -1 },
		"trigger.hop":                func(r *turn.Request) { r.Trigger.Hop = 9 },
		"humans":                     func(r *turn.Request) { r.Humans = make([]turn.Human, 1025) },
		"humans[0].identity":         func(r *turn.Request) { r.Humans[0].Identity = "" },
		"humans[0].name":             func(r *turn.Request) { r.Humans[0].Name = long },
		"personas":                   func(r *turn.Request) { r.Personas = make([]turn.Candidate, 257) },
		"personas[1].name":           func(r *turn.Request) { r.Personas[1].Name = "IRIS" },
		"personas[0].name":           func(r *turn.Request) { r.Personas[0].Name = "" },
		"personas[0].aliases":        func(r *turn.Request) { r.Personas[0].Aliases = make([]string, 65) },
		"personas[0].aliases[0]":     func(r *turn.Request) { r.Personas[0].Aliases = []string{""} },
		"personas[0].specialty":      func(r *turn.Request) { r.Personas[0].Specialty = make([]string, 65) },
		"personas[0].specialty[0]":   func(r *turn.Request) { r.Personas[0].Specialty = []string{long} },
		"personas[0].capabilities":   func(r *turn.Request) { r.Personas[0].Capabilities = make([]string, 65) },
		"personas[0].model":          func(r *turn.Request) { r.Personas[0].Model = long },
		"personas[0].provider":       func(r *turn.Request) { r.Personas[0].Provider = long },
		"personas[0].context_key":    func(r *turn.Request) { r.Personas[0].ContextKey = long },
		"personas[0].last_heard_ms":  func(r *turn.Request) { r.Personas[0].LastHeard = -1 },
		"personas[0].window":         func(r *turn.Request) { r.Personas[0].Window = 0 },
		"personas[0].context_tokens": func(r *turn.Request) { r.Personas[0].ContextTokens = -1 },
		"personas[0].answer_tokens":  func(r *turn.Request) { r.Personas[0].AnswerTokens = 1<<24 + 1 },
		"personas[0].speed.p50_ms":   func(r *turn.Request) { r.Personas[0].Speed.P50 = -1 },
		"personas[0].speed.p95_ms":   func(r *turn.Request) { r.Personas[0].Speed.P95 = 0 },
		"sources":                    func(r *turn.Request) { r.Sources = make([]turn.Material, 257) },
		"sources[1].id":              func(r *turn.Request) { r.Sources[1].ID = "a" },
		"sources[0].id":              func(r *turn.Request) { r.Sources[0].ID = "" },
		"sources[0].key":             func(r *turn.Request) { r.Sources[0].Key = "" },
		"sources[1].owner":           func(r *turn.Request) { r.Sources[1].Owner = "" },
		"sources[0].kind":            func(r *turn.Request) { r.Sources[0].Kind = "smell" },
		"sources[0].tokens":          func(r *turn.Request) { r.Sources[0].Tokens = -1 },
		"input_budget":               func(r *turn.Request) { r.InputBudget = -1 },
		"capacity":                   func(r *turn.Request) { r.Capacity = -1 },
		"lane_cap":                   func(r *turn.Request) { r.LaneCap = -1 },
		"first_budget_ms":            func(r *turn.Request) { r.FirstBudget = -1 },
		"all_budget_ms":              func(r *turn.Request) { r.AllBudget = -1 },
		"lanes":                      func(r *turn.Request) { r.Lanes = make([]turn.Lane, 257) },
		"policy.lanes":               func(r *turn.Request) { r.Lanes = []turn.Lane{{Name: "far", Cap: 1}, {Name: "far", Cap: 1}} },
		"policy.mode":                func(r *turn.Request) { r.Policy.Mode = "some" },
		"policy.context":             func(r *turn.Request) { r.Policy.Context = "none" },
		"policy.hops":                func(r *turn.Request) { r.Policy.Hops = &nine },
		"policy.responders.named":    func(r *turn.Request) { r.Policy.Responders = &turn.Responders{Named: -1} },
	} {
		r := good()
		change(&r)
		_, err := r.Plan()
		var which *turn.RequestError
		if !errors.As(err, &which) || !errors.Is(err, turn.ErrRequest) || which.Field != field || !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "(all): ends too early",
		"{":                          "(all): ends too early",
		`{"room": "x`:                "room: ends too early",
		`{"personas": [{"name": }]}`: "personas[0].name: not JSON: ",
		"[]":                         "(all): must be an object",
		"null":                       "(all): is null; leave it out, or give an object",
		`{"rooms": "demo"}`:          `"rooms": is not known; there are room, trigger, humans, personas`,
		`{"Room": "demo"}`:           `"Room": is not known`,
		`{"": 1}`:                    `"": is not known`,
		`{"` + strings.Repeat("k", 1<<20) + `": 1}`:      `"` + strings.Repeat("k", 48) + `…": is not known`,
		`{"room": "a", "room": "b"}`:                     "room: is there twice",
		`{"room": 1}`:                                    "room: must be a text",
		`{"room": null}`:                                 "room: is null; leave it out, or give a text",
		`{"personas": {}}`:                               "personas: must be a list",
		`{"personas": [{}, {"window": "big"}]}`:          "personas[1].window: must be a whole number",
		`{"personas": [{"window": 1.5}]}`:                "personas[0].window: must be a whole number",
		`{"personas": [{"window": 1e2}]}`:                "personas[0].window: must be a whole number",
		`{"personas": [{"muted": "yes"}]}`:               "personas[0].muted: must be true or false",
		`{"personas": [{"speed": {"p51_ms": 1}}]}`:       `personas[0].speed."p51_ms": is not known; there are p50_ms, p95_ms`,
		`{"trigger": {"to": ["iris", 3]}}`:               "trigger.to[1]: must be a text",
		`{"trigger": [}`:                                 "trigger: must be an object",
		`{"policy": {"hops": 99999999999999999999}}`:     "policy.hops: must be a whole number",
		`{"policy": {"hops": 1, "hops": 1}}`:             "policy.hops: is there twice",
		`{"room": "demo"} {}`:                            "(all): something stands behind it",
		"{\"room\": \"\xff\"}":                           "(all): is not UTF-8",
		`{"room": "` + strings.Repeat("x", 4<<20) + `"}`: "(all): longer than 4194304 bytes",
		`{"room": ` + strings.Repeat("[", 1<<20):         "room: must be a text",
	} {
		_, err := turn.ReadRequest(strings.NewReader(text))
		var which *turn.RequestError
		if !errors.As(err, &which) || !errors.Is(err, turn.ErrRequest) || !strings.HasPrefix(err.Error(), "plan request: "+want) {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
	torn := errors.New("the wire is torn")
	if _, err := turn.ReadRequest(iotest.ErrReader(torn)); !errors.Is(err, torn) || errors.Is(err, turn.ErrRequest) {
		t.Errorf("of a reader that fails: %v", err)
	}
}

// TestContextsHashToTheirKeys: what is given for a key is what package context calls so.
func TestContextsHashToTheirKeys(t *testing.T) {
	segments := []prompt.Segment{
		{Kind: prompt.KindPersona, Role: prompt.System, Text: "You are Iris."},
		{Kind: prompt.KindTranscript, Role: prompt.User, Text: "Ada: hello"},
	}
	key := string(turncontext.ChainOf(segments, turncontext.Chain{}).Prefix())
	given := turn.Given{Key: key}
	for _, s := range segments {
		given.Segments = append(given.Segments, turn.Segment{Kind: string(s.Kind), Role: string(s.Role), Text: s.Text})
	}
	for name, c := range map[string]struct {
		change func(*turn.Request)
		want   string
	}{
		"as it is":         {func(*turn.Request) {}, ""},
		"another text":     {func(r *turn.Request) { r.Contexts[0].Segments[0].Text = "You are Max." }, "contexts[0].key: \"" + key + "\" is not the key of its segments, which is "},
		"another order":    {func(r *turn.Request) { slices.Reverse(r.Contexts[0].Segments) }, "contexts[0].key: "},
		"another speaker":  {func(r *turn.Request) { r.Contexts[0].Segments[1].Role = "assistant" }, "contexts[0].key: "},
		"no key":           {func(r *turn.Request) { r.Contexts[0].Key = "" }, "contexts[0].key: \"\" is not the key of its segments, which is " + key},
		"a long key":       {func(r *turn.Request) { r.Contexts[0].Key = strings.Repeat("k", 1<<20) }, "contexts[0].key: \"" + strings.Repeat("k", 48) + "…\" is not"},
		"nothing given":    {func(r *turn.Request) { r.Contexts[0].Segments = nil }, "contexts[0].segments: is missing"},
		"given twice":      {func(r *turn.Request) { r.Contexts = append(r.Contexts, given) }, "contexts[1].key: \"" + key + "\" is there twice"},
		"too many":         {func(r *turn.Request) { r.Contexts = make([]turn.Given, 257) }, "contexts: 257 are too many; at most 256"},
		"too many of them": {func(r *turn.Request) { r.Contexts[0].Segments = make([]turn.Segment, 4097) }, "contexts[0].segments: 4097 are too many"},
	} {
		r := turn.Request{
			Trigger:  turn.Trigger{ID: "1", Kind: turn.KindTyped, From: "ada", Text: "hello"},
			Personas: []turn.Candidate{{Name: "iris", Window: 100, ContextKey: key}},
			Contexts: []turn.Given{{Key: key, Segments: slices.Clone(given.Segments)}},
		}
		c.change(&r)
		_, err := r.Plan()
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, turn.ErrRequest) || !strings.HasPrefix(err.Error(), "plan request: "+c.want)) {
			t.Errorf("%s: %.200v, want %s", name, err, c.want)
		}
	}
}

// FuzzRequest plans whatever it is given.
func FuzzRequest(f *testing.F) {
	files, err := filepath.Glob("testdata/plan/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := turn.ReadRequest(bytes.NewReader(text))
		if err != nil {
			return
		}
		p, err := r.Plan()
		if err != nil {
			if !errors.Is(err, turn.ErrRequest) {
				t.Fatal(err)
			}
			return
		}
		there := map[string]bool{}
		for _, x := range p.Replies {
			there[x.Persona] = true
		}
		for _, x := range p.Silences {
			there[x.Seat] = true
			if x.Why.Meaning() == "" {
				t.Fatalf("%s is silent for %q", x.Seat, x.Why)
			}
		}
		if len(p.Replies)+len(p.Silences) != len(r.Personas) || len(there) != len(r.Personas) {
			t.Fatalf("%d replies and %d silences of %d personas", len(p.Replies), len(p.Silences), len(r.Personas))
		}
		slices.Reverse(r.Personas)
		slices.Reverse(r.Sources)
		slices.Reverse(r.Humans)
		if again, err := r.Plan(); err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("in another order it is another plan: %+v, %v; was %+v", again, err, p)
		}
	})
}
