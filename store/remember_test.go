package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// reports collects what a Remember says; it is used from its goroutine and from the test's.
type reports struct {
	mu   sync.Mutex
	list []store.Remembered
}

func (r *reports) add(came store.Remembered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, came)
}

func (r *reports) all() []store.Remembered {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list
}

func iris(mode memory.Mode) *memory.Keeper {
	return memory.NewKeeper(memory.Gate{Persona: memory.Person{ID: "iris", Names: []string{"Iris"}}, Prompt: "You are Iris."}, "lobby", mode)
}

func heard(n string, text string) memory.Utterance {
	return memory.Utterance{ID: n, Speaker: "ada", Name: "Ada", Role: memory.Human, Trust: memory.Known, Text: text, At: began}
}

func TestAPersonaRemembers(t *testing.T) {
	db, broker, said := open(t), newBroker(t), &reports{}
	r := store.NewRemember(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.OnRequest), Report: said.add})
	ada := []memory.Person{{ID: "ada", Names: []string{"Ada"}}}
	spoken := memory.Utterance{ID: "a1", Speaker: "iris", Text: "Yes.", At: began}
	for _, err := range []error{
		r.Joined(ada[0]),
		r.Recall(ada, began),
		r.Heard(heard("1", "hello Iris")),
		r.Heard(heard("2", "remember that I like tulips")),
		r.Answered(memory.Answer{To: "2", Said: spoken, Notes: []memory.Note{{Text: "Ada likes tulips"}, {Text: "Iris likes ferns"}}}),
		r.Answered(memory.Answer{To: "1", Said: spoken}),
		r.Heard(heard("3", "remember that my PIN is 4711")),
		r.Idle(ada, began.Add(time.Minute)),
		r.Heard(heard("4", "forget that I like tulips")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"block", "admitted new", "dropped duplicate, dropped unsupported", "quarantined secret_like", "block tulips", "forgot 1 block"}
	got := told(said.all())
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", got, want)
	}
	if st := r.Stats(); st != (store.RememberStats{Admitted: 1, Dropped: 2, Quarantined: 1, Forgotten: 1, Consolidated: 1}) {
		t.Errorf("%+v", st)
	}
	if left := recalled(t, db, store.MemoryQuery{}); len(left) != 1 || left[0].Status != memory.Quarantined {
		t.Errorf("%+v", left)
	}
	if err := r.Heard(heard("5", "x")); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	for _, p := range broker.Snapshot().Pools {
		for _, c := range p.Classes {
			want := map[compute.Silicon]compute.Class{compute.SiliconDisk: compute.Data, compute.SiliconBackground: compute.Background}[p.Silicon]
			if c.Class != want || c.Granted == 0 {
				t.Errorf("%v: %+v", p.Pool, c)
			}
		}
	}
}

// told writes reports in short.
func told(list []store.Remembered) []string {
	var out []string
	for _, came := range list {
		var line []string
		for _, d := range came.Decisions {
			line = append(line, string(d.Outcome)+" "+string(d.Reason))
		}
		text := strings.Join(line, ", ")
		if n := len(came.Forgotten); n > 0 {
			text += "forgot 1 "
		}
		if came.Block != nil {
			text += "block"
			if strings.Contains(came.Block.Text, "tulips") {
				text += " tulips"
			}
		}
		if came.Err != nil {
			text += " error"
		}
		if came.Unsure != nil {
			text += "unsure"
		}
		out = append(out, text)
	}
	return out
}

// TestABlockStaysUntilMemoriesAreTidied though there are new ones.
func TestABlockStaysUntilMemoriesAreTidied(t *testing.T) {
	db, said := open(t), &reports{}
	r := store.NewRemember(store.RememberConfig{DB: db, Broker: newBroker(t), Keeper: iris(memory.OnRequest), Report: said.add})
	for _, u := range []memory.Utterance{heard("1", "remember that I like tulips"), heard("2", "remember that I like roses"), heard("3", "forget that I like roses")} {
		if err := r.Heard(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(r.Idle(nil, began), r.Close()); err != nil {
		t.Fatal(err)
	}
	all := said.all()
	for i, came := range all {
		if (came.Block != nil) != (i == len(all)-1) {
			t.Errorf("report %d of %d: %+v", i, len(all), came.Block)
		}
	}
	if b := all[len(all)-1].Block; b.Note != "consolidated 09:00" || !strings.Contains(b.Text, "ada: I like tulips") || strings.Contains(b.Text, "roses") {
		t.Errorf("%+v", b)
	}
}

// TestTidyingGivesWay to somebody who needs the machine: nothing has changed then.
func TestTidyingGivesWay(t *testing.T) {
	for name, pool := range map[string]compute.Pool{"background": background(), "disk": disk()} {
		db, broker, said := open(t), newBroker(t), &reports{}
		old := remembered(0, "I like tulips")
		keep(t, db, old)
		r := store.NewRememberBefore(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.Auto), Report: said.add}, func() {
			if relief, err := broker.Relieve(pool, 0.65); err != nil || len(relief.Ended) != 1 {
				t.Errorf("%s: relief %+v, %v", name, relief, err)
			}
		})
		if err := errors.Join(r.Idle(nil, began.Add(10*365*24*time.Hour)), r.Close()); err != nil {
			t.Fatal(err)
		}
		all := said.all()
		if len(all) != 1 || !errors.Is(all[0].Err, compute.ErrRevoked) || all[0].Block != nil {
			t.Errorf("%s: %+v", name, all)
		}
		if st := r.Stats(); st.Consolidated != 0 || st.Revoked != 1 || st.Failures != 0 {
			t.Errorf("%s: %+v", name, st)
		}
		if left := recalled(t, db, store.MemoryQuery{}); len(left) != 1 || left[0].Status != memory.Active {
			t.Errorf("%s: %+v", name, left)
		}
	}
}

// TestWhatCannotBeWrittenIsReportedAndCounted takes the tables away.
func TestWhatCannotBeWrittenIsReportedAndCounted(t *testing.T) {
	db, said := open(t), &reports{}
	execute(t, db.Path(), "DROP TABLE memory")
	r := store.NewRemember(store.RememberConfig{DB: db, Broker: newBroker(t), Keeper: iris(memory.OnRequest), Report: said.add})
	for _, err := range []error{
		r.Heard(heard("1", "remember that I like tulips")), r.Heard(memory.Utterance{Text: "nobody"}), r.Recall(nil, began), r.Idle(nil, began),
		r.Answered(memory.Answer{To: "1", Said: memory.Utterance{Text: "no id"}}), r.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, came := range said.all() {
		var typed *store.Error
		if !errors.As(came.Err, &typed) && !errors.Is(came.Err, memory.ErrInvalid) || came.Block != nil {
			t.Errorf("%d: %+v", i, came)
		}
	}
	if st := r.Stats(); st != (store.RememberStats{Failures: 5}) {
		t.Errorf("%+v", st)
	}
}

// TestAFullQueueLosesEvents while the first one is held up.
func TestAFullQueueLosesEvents(t *testing.T) {
	began, goOn := make(chan struct{}), make(chan struct{})
	db := open(t)
	r := store.NewRememberBefore(store.RememberConfig{DB: db, Broker: newBroker(t), Keeper: iris(memory.OnRequest), Queue: 2}, func() {
		close(began)
		<-goOn
	})
	if err := r.Heard(heard("1", "remember that I like tulips")); err != nil {
		t.Fatal(err)
	}
	<-began
	for i, want := range []error{nil, nil, store.ErrQueueFull, store.ErrQueueFull} {
		if err := r.Heard(heard("2", "hello")); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", i, err, want)
		}
	}
	if st := r.Stats(); st.Lost != 2 || st.Waiting != 3 {
		t.Errorf("%+v", st)
	}
	close(goOn)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if st := r.Stats(); st.Waiting != 0 || st.Admitted != 1 {
		t.Errorf("%+v", st)
	}
}

// TestCloseDoesNotWaitForEver for a lease that nobody gives.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	db, broker := open(t), newBroker(t)
	held, err := broker.Acquire(t.Context(), compute.Demand{
		Artifact: "x", Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "x", Cost: compute.Cost{Units: 100}, TTL: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	r := store.NewRemember(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.OnRequest), Flush: time.Millisecond})
	if err := errors.Join(r.Heard(heard("1", "remember that I like tulips")), r.Heard(heard("2", "remember that I like roses"))); err != nil {
		t.Fatal(err)
	}
	var typed *store.Error
	if err := r.Close(); !errors.As(err, &typed) || !errors.Is(err, store.ErrClosed) || typed.Rows == 0 {
		t.Errorf("%v", err)
	}
}

// TestTwoRoomsOfOnePersona decide on each other's memories.
func TestTwoRoomsOfOnePersona(t *testing.T) {
	db, broker, said := open(t), newBroker(t), &reports{}
	lobby := store.NewRemember(store.RememberConfig{DB: db, Broker: broker, Keeper: iris(memory.OnRequest)})
	attic := store.NewRemember(store.RememberConfig{
		DB: db, Broker: broker, Report: said.add,
		Keeper: memory.NewKeeper(memory.Gate{Persona: memory.Person{ID: "iris"}}, "attic", memory.OnRequest),
	})
	if err := errors.Join(lobby.Heard(heard("1", "remember that my favourite colour is blue")), lobby.Close()); err != nil {
		t.Fatal(err)
	}
	later := heard("1", "remember that my favourite colour is green")
	later.At = began.Add(time.Hour)
	if err := errors.Join(attic.Heard(later), attic.Close()); err != nil {
		t.Fatal(err)
	}
	if got := told(said.all()); len(got) != 1 || got[0] != "admitted supersedes" {
		t.Errorf("%q", got)
	}
	list := recalled(t, db, store.MemoryQuery{Persona: "iris"})
	if len(list) != 2 || list[0].Status != memory.Superseded || list[0].SupersededBy != list[1].ID || !list[0].Ended.Equal(later.At) {
		t.Errorf("%+v", list)
	}
}
