package agent_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// cyclesEnv says how often people and personas come and go; TestComingAndGoingLeavesNothingBehind
// says what it finds. 200 take some minutes.
const cyclesEnv = "SENSORY_AGENT_TEST_CYCLES"

const (
	fewCycles = 16
	// warmCycles are so many that what is made once, and what is kept for the next one, is there
	// after a quarter of them; with fewer, memory tells nothing.
	warmCycles = 100
	quiet      = 4 * time.Second // what ends a while after it was told to has ended then
	// passing goroutines may be there still, or be there just then: fewer than one that each time
	// leaves.
	passing = 8
	// heldBack is how much memory may be resident after all cycles beyond that after the first
	// quarter.
	heldBack = 12 << 20
)

func cycles(t *testing.T) int {
	t.Helper()
	text := os.Getenv(cyclesEnv)
	if text == "" {
		return fewCycles
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 4 {
		t.Fatalf("%s=%q: not a number from 4 on", cyclesEnv, text)
	}
	return n
}

// TestComingAndGoingLeavesNothingBehind: a room lives on with one persona and the connection that
// listens, while people come, speak into a microphone, ask, are answered and go, and while other
// personas are spawned, answer and are removed; each has a name of its own. Goroutines, descriptors
// and memory are then what they were after the first of them; memory counts from 100 times on.
func TestComingAndGoingLeavesNothingBehind(t *testing.T) {
	n := cycles(t)
	for _, c := range []struct {
		name string
		once func(h *house, t *testing.T, i int) error
	}{{"people", (*house).visit}, {"personas", (*house).lodge}} {
		t.Run(c.name, func(t *testing.T) {
			h := openCanned(t)
			set := persona.Set{Personas: []persona.Persona{{Name: "iris"}}, Rooms: []persona.Room{{Name: "lobby", Personas: []string{"iris"}, Mode: persona.ModeMentions}}}
			if err := h.Apply(set); err != nil {
				t.Fatal(err)
			}
			if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: "zoe"}); err != nil { // two: a hidden connection listens
				t.Fatal(err)
			}
			h.until(t, "two are ready", full(2))
			host, err := patient.Join(t.Context(), participant.Join, participant.Config{ // a server closes a room in which nobody but agents is
				URL: h.server.URL, APIKey: h.server.APIKey, APISecret: h.server.APISecret, Room: "lobby", Identity: "host",
				Hear: func(string, rtpin.Frame) {}, // a recording would grow
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := host.Close(); err != nil {
					t.Error(err)
				}
			}()
			run := func(from, to int) {
				for i := from; i < to; i++ {
					err := c.once(h, t, i)
					for try := 1; try < tries && starved(err); try++ {
						err = c.once(h, t, i)
					}
					if err != nil {
						t.Fatalf("%d: %v", i, err)
					}
				}
			}
			run(0, 2) // what the process opens once
			goroutines := least(runtime.NumGoroutine)
			runtime.GC()
			descriptors := files(t)
			run(2, n/4)
			settles(t, "goroutines", goroutines+passing, runtime.NumGoroutine)
			before := resident(t)
			run(n/4, n)
			settles(t, "goroutines", goroutines+passing, runtime.NumGoroutine)
			settles(t, fmt.Sprintf("file descriptors, of %q,", descriptors), len(descriptors), func() int { runtime.GC(); return len(files(t)) })
			after := resident(t)
			t.Logf("%d times: %d goroutines, %d before; %d descriptors, %d before; %.1f MB resident, %.1f after a quarter",
				n, runtime.NumGoroutine(), goroutines, len(files(t)), len(descriptors), float64(after)/1e6, float64(before)/1e6)
			if n >= warmCycles && after-before > heldBack {
				t.Errorf("%d times left %.1f MB behind", n-n/4, float64(after-before)/1e6)
			}
			h.until(t, "the two are there still, and were all the time", func(all []agent.SeatStatus) bool {
				return full(2)(all) && all[0].Entered == 1 && all[1].Entered == 1
			})
		})
	}
}

// least is the smallest of a count that falls, once it has not fallen any more for a while.
func least(count func() int) int {
	out := count()
	for since := time.Now(); time.Since(since) < quiet; time.Sleep(50 * time.Millisecond) {
		if n := count(); n < out {
			out, since = n, time.Now()
		}
	}
	return out
}

// visit has a human come, be heard, ask, be answered and go.
func (h *house) visit(t *testing.T, i int) (err error) {
	before := h.count("iris")
	guest, err := patient.Join(t.Context(), participant.Join, participant.Config{
		URL: h.server.URL, APIKey: h.server.APIKey, APISecret: h.server.APISecret, Room: "lobby", Identity: fmt.Sprint("guest-", i),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guest.Close()) }()
	if err := guest.OpenMicrophone(t.Context()); err != nil {
		return err
	}
	if ask := "Iris, are you there?"; i%8 > 0 { // a room takes so many messages of its chat a minute, and no more
		err = h.Rooms()[0].Ask(t.Context(), guest.Identity(), ask)
	} else {
		err = guest.Chat(ask)
	}
	if err != nil {
		return err
	}
	h.answers(t, "lobby", "iris", before+1)
	return nil
}

// lodge has a persona come, be asked, answer and go. The one who asks is a call of the API.
func (h *house) lodge(t *testing.T, i int) error {
	name := fmt.Sprint("lodger", i)
	if err := h.Spawn(t.Context(), "lobby", persona.Persona{Name: name}); err != nil {
		return err
	}
	if err := h.Rooms()[0].Ask(t.Context(), "ada", name+", are you there?"); err != nil {
		return err
	}
	h.answers(t, "lobby", name, 1)
	return h.Remove(t.Context(), "lobby", name)
}

// count is how often a persona of the lobby has answered.
func (h *house) count(who string) (n int) {
	for _, e := range h.in("lobby", who) {
		if _, done := e.(room.TurnDone); done {
			n++
		}
	}
	return n
}
