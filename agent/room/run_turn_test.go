package room_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// lane is a provider of its own, and what it was asked.
type lane struct {
	*fixture.Scripted
	models *engine.Models
	mu     sync.Mutex
	asked  []asked
}

// about are the questions that a persona was asked, with what stood before them.
func (l *lane) about(who string) (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.asked {
		if a.who == who {
			out = append(out, strings.Join(append(a.Before, "user: "+a.Text), "\n"))
		}
	}
	return out
}

// openLanes opens a model at each of several providers on one machine. Each persona answers that it
// says so, with its name.
func openLanes(t *testing.T, names ...string) map[string]*lane {
	t.Helper()
	fixture.Installed(t)
	places := map[string]int64{}
	for _, name := range names {
		places[name] = 4
	}
	machine, err := fixture.OpenMachine(t.Context(), func(c *engine.MachineConfig) { c.Places = places })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := machine.Close(); err != nil {
			t.Error(err)
		}
	})
	out := map[string]*lane{}
	for _, name := range names {
		l := &lane{Scripted: fixture.NewScripted(t)}
		l.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) {
			<-l.Questions
			if len(q.Before) == 0 { // the probe
				fixture.Stream(w, "Yes.")
				return
			}
			_, who, _ := strings.Cut(q.Before[0], "You are ")
			who = strings.TrimSuffix(who, ".")
			l.mu.Lock()
			l.asked = append(l.asked, asked{who, q})
			l.mu.Unlock()
			fixture.Stream(w, who+" says so.")
		}
		remote := fixture.Behind(l.URL)
		remote.Server.Concurrency, remote.Server.Provider = 4, name
		cfg, free, err := fixture.Config(func(c *engine.Config) { c.Remote, c.Resolution.Sources = remote, nil })
		if err != nil {
			t.Fatal(err)
		}
		l.models, err = machine.Open(context.WithoutCancel(t.Context()), cfg)
		free()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := l.models.Close(); err != nil {
				t.Error(err)
			}
		})
		out[name] = l
	}
	return out
}

// planned plans a question of grace, who is not in the room.
func (s *table) planned(t *testing.T, text string, given map[string]room.Given) (turn.Plan, turn.Request) {
	t.Helper()
	request, err := s.session.PlanRequest(t.Context(), turn.Trigger{ID: fmt.Sprint(shared.rooms.Add(1)), Kind: turn.KindAPI, From: "grace", Text: text}, given)
	if err != nil {
		t.Fatal(err)
	}
	p, err := request.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p, request
}

// saidOf is what personas said, each as "name in lane: text".
func saidOf(r turn.Result) (out []string) {
	for _, x := range r.Replies {
		out = append(out, fmt.Sprintf("%s in %s: %s", x.Persona, x.Lane, x.Text))
	}
	return out
}

// TestPlansAreCarriedOut plans turns of three personas in two lanes, and has them carried out:
// twice as they were planned; once more with a plan that is old; with a context that somebody gave,
// and one that has gone; after a persona has changed; and with a lane that is dead.
func TestPlansAreCarriedOut(t *testing.T) {
	lanes := openLanes(t, "north", "south")
	kept, path := keepAll(t, lanes["north"].models)
	at := openTable(t, lanes["north"].models, room.Config{Transcripts: kept}, turn.ModeAll)
	sit := func(name, lane, prompt string) *room.Seat {
		seat, err := at.session.Sit(t.Context(), lanes[lane].models, room.Persona{Identity: name, Prompt: prompt, History: persona.HistoryRoom})
		if err != nil {
			t.Fatal(err)
		}
		return seat
	}
	sit("iris", "north", "You are iris.")
	sit("max", "north", "You are max.")
	otto := sit("otto", "south", "You are otto.")
	at.human = at.enter(t, "ada")
	run := func(p turn.Plan, r turn.Request, given map[string]room.Given) turn.Result {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), answerLimit)
		defer cancel()
		got, err := at.session.RunTurn(ctx, p, r, given)
		if err != nil {
			t.Fatal(err)
		}
		if got.Turn != p.Turn || got.Fingerprint != p.Fingerprint || len(got.Replies)+len(got.Silences) != 3 {
			t.Errorf("%+v", got)
		}
		return got
	}
	all := []string{"iris in north: iris says so.", "max in north: max says so.", "otto in south: otto says so."}
	first, firstRequest := at.planned(t, "Who says so?", nil)
	for i := range 2 {
		p, r := at.planned(t, "Who says so?", nil)
		got := run(p, r, nil)
		if diff := cmp.Diff(all, saidOf(got)); diff != "" || len(got.Divergences) > 0 {
			t.Errorf("run %d: %+v (-want +got):\n%s", i, got.Divergences, diff)
		}
		for j, x := range got.Replies {
			if x.Finish < x.Start || x.ContextKey == "" || x.ContextKey != p.Replies[j].ContextKey {
				t.Errorf("run %d: %+v", i, x)
			}
		}
	}
	if q := lanes["south"].about("otto"); len(q) != 2 || !strings.Contains(q[1], "grace: Who says so?\niris: iris says so.\nmax: max says so.") {
		t.Errorf("otto was asked %q", q)
	}
	read := chats(t, at.human, 8) // of two turns; another connection shows what grace asked
	slices.Sort(read)
	if want := []string{"grace: Who says so?", "iris: iris says so.", "max: max says so.", "otto: otto says so."}; !slices.Equal(slices.Compact(read), want) {
		t.Errorf("people read %q, want %q", read, want)
	}
	planned := at.wait(t, "the plan", func(e room.Event) bool { _, is := e.(room.Planned); return is }).(room.Planned)
	if planned.Plan.Plan == "" || planned.Plan.Fingerprint == "" {
		t.Errorf("%+v", planned.Plan)
	}

	old := run(first, firstRequest, nil)
	if kinds := kindsOf(old); !slices.Equal(kinds, []string{"context iris", "context max", "context otto"}) || len(saidOf(old)) != 3 {
		t.Errorf("an old plan: %v, %v", kinds, saidOf(old))
	}

	segments := []prompt.Segment{{Kind: prompt.KindTranscript, Role: prompt.User, Text: "Eve: The word is fern."}}
	given := map[string]room.Given{"max": {Key: string(keys.KeyOf(segments)), Segments: segments}}
	p, r := at.planned(t, "What is the word?", given)
	got := run(p, r, given)
	if len(got.Divergences) > 0 || got.Replies[1].ContextKey != given["max"].Key {
		t.Errorf("with a context: %+v", got)
	}
	if q := lanes["north"].about("max"); !strings.Contains(q[len(q)-1], "system: You are max.\nuser: Eve: The word is fern.\ngrace: Who says so?") {
		t.Errorf("max was asked %q", q[len(q)-1])
	}
	if q := lanes["north"].about("iris"); strings.Contains(q[len(q)-1], "fern") {
		t.Errorf("iris was asked %q", q[len(q)-1])
	}
	gone := map[string]room.Given{"max": {Key: given["max"].Key, Err: &keys.EvictedError{Keys: []keys.Key{keys.Key(given["max"].Key)}}}}
	got = run(p, r, gone)
	if kinds := kindsOf(got); !slices.Contains(kinds, "context_evicted max") || !slices.Equal(saidOf(got), []string{all[0], all[2]}) {
		t.Errorf("without it: %v, %v", kinds, saidOf(got))
	}
	at.wait(t, "the trace of it", func(e room.Event) bool {
		d, is := e.(room.TurnDone)
		return is && errors.Is(d.Trace.Err, keys.ErrEvicted) && d.Trace.Plan == p.Fingerprint && d.Trace.Left[0].Kind == turn.DeviationEvicted
	})

	p, r = at.planned(t, "Who is left?", nil)
	if err := otto.Leave(); err != nil {
		t.Fatal(err)
	}
	questions := len(lanes["north"].about("iris"))
	refused := func(what, persona, field string) {
		t.Helper()
		_, err := at.session.RunTurn(t.Context(), p, r, nil)
		var changed *turn.ChangedError
		if !errors.As(err, &changed) || changed.Persona != persona || changed.Field != field {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("one has left", "otto", "presence")
	sit("otto", "south", "You are not otto.")
	refused("another prompt", "otto", "persona_key")
	if n := len(lanes["north"].about("iris")); n != questions {
		t.Errorf("iris was asked %d times by plans that do not fit", n-questions)
	}

	p, r = at.planned(t, "Who is there?", nil)
	lanes["south"].Close()
	got = run(p, r, nil)
	if kinds := kindsOf(got); !slices.Equal(kinds, []string{"lane_failed otto"}) || !slices.Equal(saidOf(got), all[:2]) {
		t.Errorf("with a dead lane: %v, %v", kinds, saidOf(got))
	}
	done := at.wait(t, "its outcome", func(e room.Event) bool { o, is := e.(room.Outcome); return is && len(o.Result.Divergences) == 1 }).(room.Outcome)
	if diff := cmp.Diff(got, done.Result); diff != "" || !done.Planned || done.Who != "grace" {
		t.Errorf("%+v (-returned +reported):\n%s", done, diff)
	}
	rows := ended(t, path, 6)
	row := rows[len(rows)-1]
	if diff := cmp.Diff(got.Divergences, row.Divergences); diff != "" || row.Fingerprint != p.Fingerprint || len(row.Outcomes) != 2 || row.Participant != "grace" {
		t.Errorf("%+v (-returned +kept):\n%s", row, diff)
	}
}

// kindsOf are the points in which a result leaves its plan, each as "kind persona".
func kindsOf(r turn.Result) (out []string) {
	for _, d := range r.Divergences {
		out = append(out, fmt.Sprintf("%s %s", d.Kind, d.Persona))
	}
	return out
}
