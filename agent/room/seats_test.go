package room_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// scriptedMind is a mind that answers as its function says, told who is asked by the persona's
// prompt.
type scriptedMind struct {
	mu    sync.Mutex
	asked []asked
}

// asked is a question as one persona's model got it.
type asked struct {
	who string
	fixture.Asked
}

func (s *scriptedMind) all(who string) (out []asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a.who == who {
			out = append(out, a)
		}
	}
	return out
}

// scripted opens models whose mind answers what answer says; who is asked is in the persona's
// prompt: "You are NAME." It is blind.
func scripted(t *testing.T, answer func(who, question string) string) (*scriptedMind, *engine.Models) {
	t.Helper()
	return scriptedMinds(t, false, answer)
}

// scriptedMinds opens them with eyes, where they are to see.
func scriptedMinds(t *testing.T, sees bool, answer func(who, question string) string) (*scriptedMind, *engine.Models) {
	t.Helper()
	server, s := fixture.NewScripted(t), &scriptedMind{}
	server.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) {
		<-server.Questions
		who := "probe"
		if len(q.Before) > 0 {
			_, who, _ = strings.Cut(q.Before[0], "You are ")
			who = strings.TrimSuffix(who, ".")
		}
		s.mu.Lock()
		s.asked = append(s.asked, asked{who, q})
		s.mu.Unlock()
		fixture.Stream(w, answer(who, q.Text))
	}
	remote := fixture.Behind(server.URL)
	remote.Server.Concurrency = 4
	models, err := busy.OpenModels(t, func(c *engine.Config) {
		c.Remote = remote
		if !sees {
			c.Resolution.Sources = nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, models
}

// table is a room of several personas and a human.
type table struct {
	*stage
	from   *origins
	models *engine.Models
}

// origins are the events with who they are of.
type origins struct {
	mu  sync.Mutex
	all []struct {
		room.Origin
		room.Event
	}
}

func (o *origins) of(who string) (out []room.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.all {
		if e.Persona == who {
			out = append(out, e.Event)
		}
	}
	return out
}

// seatThem seats personas that are told their names, all with the same models, and has ada come.
func seatThem(t *testing.T, models *engine.Models, mode turn.Mode, names ...string) *table {
	t.Helper()
	return seatThemIn(t, models, room.Config{}, mode, names...)
}

// seatThemIn does it with something else in the configuration.
func seatThemIn(t *testing.T, models *engine.Models, cfg room.Config, mode turn.Mode, names ...string) *table {
	t.Helper()
	at := openTable(t, models, cfg, mode)
	for _, name := range names {
		at.sit(t, name)
	}
	at.human = at.enter(t, "ada")
	return at
}

// openTable opens a room where nobody sits yet; one of its own unless cfg names it.
func openTable(t *testing.T, models *engine.Models, cfg room.Config, mode turn.Mode) *table {
	t.Helper()
	_, server := open(t)
	at := &table{stage: &stage{watch: newWatch(), room: cmp.Or(cfg.Room, fmt.Sprintf("table-%d", shared.rooms.Add(1)))}, from: &origins{}, models: models}
	policy := turn.Default()
	policy.Mode = mode
	policy.Responders.Group = 0
	cfg.URL, cfg.APIKey, cfg.APISecret, cfg.Room, cfg.Policy, cfg.Shared = server.URL, server.APIKey, server.APISecret, at.room, &policy, true
	cfg.Observe = func(o room.Origin, e room.Event) {
		at.from.mu.Lock()
		at.from.all = append(at.from.all, struct {
			room.Origin
			room.Event
		}{o, e})
		at.from.mu.Unlock()
		at.observe(o, e)
	}
	var err error
	at.session, err = room.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := at.session.Close(); err != nil {
			t.Errorf("room: %v", err)
		}
		// What is kept is written behind the room's back.
		until(t, "leases are given back", func() bool { return len(models.Machine().Compute().Leases) == 0 })
	})
	return at
}

func (s *table) sit(t *testing.T, name string) *room.Seat {
	t.Helper()
	seat, err := s.session.Sit(t.Context(), s.models, room.Persona{Identity: name, Prompt: "You are " + name + ".", History: persona.HistoryRoom})
	if err != nil {
		t.Fatal(err)
	}
	return seat
}

// chats waits for so many messages of personas, in the order in which they came.
func chats(t *testing.T, p *participant.Participant, n int) (out []string) {
	t.Helper()
	limit := time.After(answerLimit)
	for len(out) < n {
		select {
		case e := <-p.Events():
			if c, ok := e.(participant.Chat); ok {
				out = append(out, c.From+": "+c.Text)
			}
		case <-limit:
			t.Fatalf("%d of %d messages: %q", len(out), n, out)
		}
	}
	return out
}

// TestPersonasAnswerInOrder: each knows what those before it say; the question is heard, shown and
// kept once; everybody's words are in everybody's next prompt.
func TestPersonasAnswerInOrder(t *testing.T) {
	mind, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeAll, "iris", "max", "otto")
	if err := at.human.Chat("Who is there?"); err != nil {
		t.Fatal(err)
	}
	want := []string{"iris: I am iris.", "max: I am max.", "otto: I am otto."} // come by connections of their own
	if got := slices.Sorted(slices.Values(chats(t, at.human, 3))); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for range 3 {
		if trace := at.turn(t); trace.Err != nil || trace.Turn != 1 {
			t.Errorf("turn %d: %v", trace.Turn, trace.Err)
		}
	}
	heard := 0
	for _, e := range at.from.of("") {
		if h, ok := e.(room.Heard); ok && h.Final {
			heard++
		}
	}
	if heard != 1 {
		t.Errorf("the question was heard %d times", heard)
	}
	if last := mind.all("otto")[0]; !strings.Contains(last.Text, "iris: I am iris.") || !strings.Contains(last.Text, "max: I am max.") || !strings.Contains(last.Text, "ada: Who is there?") {
		t.Errorf("the last one is asked %q", last.Text)
	}
	if first := mind.all("iris")[0]; strings.Contains(first.Text, "max") {
		t.Errorf("the first one is asked %q", first.Text)
	}

	if err := at.human.Chat("Max, and you?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 1); got[0] != "max: I am max." {
		t.Errorf("asked by name: %q", got)
	}
	second := mind.all("max")[1]
	again := strings.Join(append(second.Before, "user: "+second.Text), "\n")
	for _, line := range []string{"user: ada: Who is there?\niris: I am iris.", "assistant: I am max.", "user: otto: I am otto.\nada: Max, and you?"} {
		if !strings.Contains(again, line) {
			t.Errorf("%q is not among\n%s", line, again)
		}
	}
	for _, who := range []string{"iris", "otto"} {
		silent := at.wait(t, who+" says why it is silent", func(e room.Event) bool { s, ok := e.(room.Silent); return ok && s.Turn == 2 }).(room.Silent)
		if silent.Why != turn.ReasonNotAddressed || silent.Who != "ada" {
			t.Errorf("%+v", silent)
		}
	}
}

// TestOnePersonaCallsAnother: what it says wakes the other one, once.
func TestOnePersonaCallsAnother(t *testing.T) {
	mind, models := scripted(t, func(who, _ string) string {
		if who == "iris" {
			return "I do not know. Max, what do you think?"
		}
		return "Iris, I think so."
	})
	at := seatThem(t, models, turn.ModeFront, "iris", "max")
	if err := at.human.Chat("Is it late?"); err != nil {
		t.Fatal(err)
	}
	want := []string{"iris: I do not know. Max, what do you think?", "max: Iris, I think so."}
	if got := chats(t, at.human, 2); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	at.wait(t, "the hop limit", func(e room.Event) bool { s, ok := e.(room.Silent); return ok && s.Why == turn.ReasonHopLimit })
	if q := mind.all("max")[0].Text; !strings.HasSuffix(q, "iris: I do not know. Max, what do you think?") {
		t.Errorf("max is asked %q", q)
	}
	if n := len(mind.all("iris")); n != 1 {
		t.Errorf("iris was asked %d times", n)
	}
}

// TestSpeechIsHeardOnce: with three personas in the room a microphone is opened, understood and
// shown once; one of them answers aloud.
func TestSpeechIsHeardOnce(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeAuto, "iris", "max", "otto")
	at.say(t, "What is your name?")
	at.wait(t, "an answer", func(e room.Event) bool {
		d, ok := e.(room.TurnDone)
		return ok && d.Trace.Err == nil && d.Trace.Answer == "I am iris."
	})
	opened, heard := 0, map[time.Time]int{}
	for _, e := range at.all() {
		switch e := e.(type) {
		case room.TrackOpened:
			opened++
		case room.Heard:
			if e.Final {
				heard[e.Start]++
			}
		case room.Problem:
			t.Errorf("%v", e.Err)
		}
	}
	if opened != 1 {
		t.Errorf("%d tracks were opened for one microphone", opened)
	}
	for at, n := range heard {
		if n != 1 {
			t.Errorf("what was said at %v was heard %d times", at, n)
		}
	}
	if len(heard) == 0 {
		t.Error("nothing was heard")
	}
}
