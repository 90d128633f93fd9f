package api_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestAnAnswerOfPlanTurnIsARequestOfRunTurn: what was planned comes back as it was, whichever of
// its fields are set, so that its plan is still its own.
func TestAnAnswerOfPlanTurnIsARequestOfRunTurn(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "cognition", "turn", "testdata", "plan", "*.json"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%q, %v", files, err)
	}
	requests := map[string]turn.Request{"every field": everyField(t)}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		requests[filepath.Base(name)], err = turn.ReadRequest(f)
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	for name, want := range requests {
		d := seated()
		want.Room, want.Contexts = "lobby", nil // what was given is sent by key
		if d.request, d.plan = want, (turn.Plan{}); name != "every field" {
			if d.plan, err = want.Plan(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		s := serve(t, d)
		status, planned := s.post(t, "TurnService/PlanTurn", `{"room":"lobby","trigger":{"from":"ada","text":"Who is there?"}}`)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, planned)
		}
		if status, text := s.post(t, "TurnService/RunTurn", planned); status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, text)
		}
		if diff := cmp.Diff(want, d.ran.request, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: the request: %s", name, diff)
		}
		if diff := cmp.Diff(d.plan, d.ran.plan, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: the plan: %s", name, diff)
		}
		if name != "every field" {
			if err := d.ran.request.Verify(d.ran.plan); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// everyField is a request in which nothing is empty.
func everyField(t *testing.T) turn.Request {
	t.Helper()
	var r turn.Request
	n := 0
	fill(reflect.ValueOf(&r).Elem(), &n)
	r.Trigger.From, r.Trigger.Text = "ada", "Who is there?"
	return r
}

// fill sets every field to something of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("x", *n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(int64(*n))
	}
}

// TestWhatIsAskedOfAPlanner gets there.
func TestWhatIsAskedOfAPlanner(t *testing.T) {
	d := seated()
	s := serve(t, d)
	body := `{"room":"lobby","trigger":{"id":"q1","kind":"typed","from":"ada","text":"x","to":["max"],"hop":2},"contexts":{"max-1":"k"},"inputBudget":3,"firstBudgetMs":4,"allBudgetMs":5}`
	if status, text := s.post(t, "TurnService/PlanTurn", body); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	want := agent.TurnRequest{
		Room: "lobby", Trigger: turn.Trigger{ID: "q1", Kind: turn.KindTyped, From: "ada", Text: "x", To: []string{"max-1"}, Hop: 2},
		Contexts: map[string]string{"max-1": "k"}, InputBudget: 3, FirstBudget: 4, AllBudget: 5,
	}
	if diff := cmp.Diff([]string{"plan|" + fmt.Sprintf("%+v", want)}, d.told); diff != "" {
		t.Error(diff)
	}
}

// TestWhatComesOfAPlan is shown whole.
func TestWhatComesOfAPlan(t *testing.T) {
	d := seated()
	d.result = turn.Result{
		Turn: "t", Fingerprint: "f",
		Replies:     []turn.Told{{Persona: "iris", Text: "I am.", Lane: "lab", ContextKey: "k", Start: 1, Finish: 2, Heard: 3, Cut: turn.ReasonInterrupted, SourceKeys: []string{"cam/42"}}},
		Silences:    []turn.Quiet{{Seat: "max", Why: turn.ReasonMuted}},
		Divergences: []turn.Deviation{{Kind: turn.DeviationLane, Persona: "iris", Planned: "a", Was: "b"}},
	}
	s := serve(t, d)
	got, err := sensoryv1connect.NewTurnServiceClient(http.DefaultClient, s.url).RunTurn(t.Context(), &sensoryv1.RunTurnRequest{
		Plan: &sensoryv1.Plan{}, Request: &sensoryv1.TurnRequest{Room: "lobby", Trigger: &sensoryv1.Trigger{From: "ada", Text: "x"}},
	})
	want := &sensoryv1.RunTurnResponse{
		Turn: "t", Fingerprint: "f",
		Replies: []*sensoryv1.RunReply{{
			Persona: "iris", Text: "I am.", Lane: "lab", ContextKey: "k", StartMs: 1, FinishMs: 2, HeardMs: 3, Cut: "interrupted", SourceKeys: []string{"cam/42"},
		}},
		Silences:    []*sensoryv1.PlannedSilence{{Persona: "max", Reason: "muted"}},
		Divergences: []*sensoryv1.Divergence{{Kind: "lane", Persona: "iris", Planned: "a", Was: "b"}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// TestATurnEndsWithItsCall: where the client goes, and where its time is over, the host is told.
func TestATurnEndsWithItsCall(t *testing.T) {
	for name, c := range map[string]struct {
		goes func(ctx context.Context) (context.Context, context.CancelFunc)
		code connect.Code
	}{
		"gone": {context.WithCancel, connect.CodeCanceled},
		"late": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}, connect.CodeDeadlineExceeded},
	} {
		d := seated()
		d.runs, d.left = make(chan struct{}), make(chan error, 1)
		s := serve(t, d)
		ctx, cancel := c.goes(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := sensoryv1connect.NewTurnServiceClient(http.DefaultClient, s.url).RunTurn(ctx, &sensoryv1.RunTurnRequest{
				Plan: &sensoryv1.Plan{}, Request: &sensoryv1.TurnRequest{Room: "lobby", Trigger: &sensoryv1.Trigger{From: "ada", Text: "x"}},
			})
			ended <- err
		}()
		select {
		case <-d.runs:
			if name == "gone" {
				cancel()
			}
			if err := <-d.left; err == nil {
				t.Errorf("%s: the host was told nothing", name)
			}
		case err := <-ended: // a machine so slow that the time was over before the call
			ended <- err
		}
		if err := <-ended; connect.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

func TestContexts(t *testing.T) {
	d := seated()
	s := serve(t, d)
	if status, text := s.post(t, "TurnService/MissingContextKeys", `{"keys":["a","kept","b"]}`); status != http.StatusOK || text != `{"missing":["a","b"]}` {
		t.Errorf("%d %s", status, text)
	}
	body := `{"contexts":[{"key":"k","segments":[{"kind":"transcript","role":"user","text":"one"}]},{"segments":[{"kind":"memory","role":"user","text":"two"}]}]}`
	status, text := s.post(t, "TurnService/CacheContext", body)
	if status != http.StatusOK || text != `{"keys":["key of one","key of two"],"bytes":6}` {
		t.Errorf("%d %s", status, text)
	}
	want := []string{
		"context|{Key:k Segments:[{Kind:transcript Role:user Text:one}]}", "context|{Key: Segments:[{Kind:memory Role:user Text:two}]}",
	}
	if diff := cmp.Diff(want, d.told); diff != "" {
		t.Error(diff)
	}
	segment := func(bytes int) string { return `{"segments":[{"text":"` + strings.Repeat("x", bytes) + `"}]}` }
	s.refused(t, "TurnService/CacheContext", `{"contexts":[`+segment(8<<20)+","+segment(8<<20+1)+`]}`, connect.CodeInvalidArgument, api.ReasonTooLong, "contexts")
	s.refused(t, "TurnService/CacheContext", `{"contexts":[`+segment(17<<20)+`]}`, connect.CodeResourceExhausted, api.ReasonBodyTooBig, "")
	s.refused(t, "TurnService/CacheContext", `{}`, connect.CodeInvalidArgument, api.ReasonTooMany, "contexts")
	s.refused(t, "TurnService/CacheContext", `{"contexts":[{}]}`, connect.CodeInvalidArgument, api.ReasonMissing, "contexts[0].segments")
	s.refused(t, "TurnService/MissingContextKeys", `{"keys":[`+many(257)+`]}`, connect.CodeInvalidArgument, api.ReasonTooMany, "keys")
	s.refused(t, "TurnService/MissingContextKeys", `{"keys":["a",""]}`, connect.CodeInvalidArgument, api.ReasonMissing, "keys[1]")
}

// TestTurnsThatAreRefused: before the host is asked, and by it.
func TestTurnsThatAreRefused(t *testing.T) {
	for call, bodies := range map[string]map[string]string{
		"PlanTurn": {
			`{"trigger":{"from":"ada","text":"x"}}`:                                    "room",
			`{"room":"lobby"}`:                                                         "trigger.from",
			`{"room":"lobby","trigger":{"from":"ada"}}`:                                "trigger.text",
			`{"room":"lobby","trigger":{"from":"ada","text":"x"},"contexts":{"":"k"}}`: "contexts",
		},
		"RunTurn": {
			`{}`:                           "request.room",
			`{"request":{"room":"lobby"}}`: "request.trigger.from",
			`{"request":{"room":"lobby","trigger":{"from":"ada","text":"x"}}}`: "plan",
		},
	} {
		for body, field := range bodies {
			serve(t, seated()).refused(t, "TurnService/"+call, body, connect.CodeInvalidArgument, api.ReasonMissing, field)
		}
	}
	for name, c := range map[string]struct {
		err   error
		code  connect.Code
		why   api.Reason
		field string
	}{
		"a field":     {&turn.RequestError{Field: "personas[0].window", Problem: "is -1"}, connect.CodeInvalidArgument, api.ReasonBadValue, "request.personas[0].window"},
		"another":     {&turn.PlanError{Field: "turn"}, connect.CodeInvalidArgument, api.ReasonBadPlan, "plan"},
		"changed":     {&turn.ChangedError{Persona: "max"}, connect.CodeFailedPrecondition, api.ReasonPlanChanged, ""},
		"gone":        {&keys.EvictedError{Keys: []keys.Key{"k"}}, connect.CodeFailedPrecondition, api.ReasonContextEvicted, ""},
		"not taken":   {prompt.ErrGiven, connect.CodeInvalidArgument, api.ReasonBadContext, ""},
		"too long":    {&prompt.TooLongError{Tokens: 2, Limit: 1}, connect.CodeInvalidArgument, api.ReasonTooLong, ""},
		"not open":    {agent.ErrNoRoom, connect.CodeFailedPrecondition, api.ReasonRoomClosed, ""},
		"another key": {&keys.KeyError{Given: "a", Own: "b"}, connect.CodeInvalidArgument, api.ReasonBadKey, ""},
		"no room":     {&keys.BudgetError{Need: 2, Budget: 1}, connect.CodeResourceExhausted, api.ReasonContextBudget, ""},
		"large":       {agent.ErrContextSize, connect.CodeInvalidArgument, api.ReasonTooLong, ""},
	} {
		d := seated()
		d.fails = c.err
		s := serve(t, d)
		t.Log(name)
		for call, body := range map[string]string{
			"PlanTurn": `{"room":"lobby","trigger":{"from":"ada","text":"x"}}`,
			"RunTurn":  `{"plan":{},"request":{"room":"lobby","trigger":{"from":"ada","text":"x"}}}`,
		} {
			s.refused(t, "TurnService/"+call, body, c.code, c.why, c.field)
		}
		s.refused(t, "TurnService/CacheContext", `{"contexts":[{"segments":[{"text":"x"}]}]}`, c.code, c.why, "contexts[0]")
	}
}
