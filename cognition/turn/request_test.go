package turn_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		"trigger.follow_up":          func(r *turn.Request) { r.Trigger.FollowUp = long },
		"trigger.to":                 func(r *turn.Request) { r.Trigger.To = make([]string, 257) },
		"trigger.to[1]":              func(r *turn.Request) { r.Trigger.To = []string{"Iris", "otto"} },
		"trigger.tokens":             func(r *turn.Request) { r.Trigger.Tokens = -1 },
		"trigger.hop":                func(r *turn.Request) { r.Trigger.Hop = 5 },
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
		"":                                  "EOF",
		"{":                                 "unexpected EOF",
		`{"rooms": "demo"}`:                 `unknown field "rooms"`,
		`{"room": 1}`:                       "plan request: room: ",
		`{"personas": [{"window": "big"}]}`: "plan request: personas.window: ",
		`{"room": "demo"} {}`:               "something stands behind it",
		`{"room": "` + strings.Repeat("x", 4<<20) + `"}`: "longer than 4194304 bytes",
	} {
		if _, err := turn.ReadRequest(strings.NewReader(text)); err == nil || !errors.Is(err, turn.ErrRequest) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", text, err, want)
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
		if len(p.Replies)+len(p.Silences) != len(r.Personas) {
			t.Fatalf("%d replies and %d silences of %d personas", len(p.Replies), len(p.Silences), len(r.Personas))
		}
	})
}
