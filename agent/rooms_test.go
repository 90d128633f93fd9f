package agent_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestOnePersonaInManyRooms has one identity asked in three rooms at once while there is one place: the first questions of all three are
// different work, so that none counts as another one's repetition, and the ledger says whose lease is whose.
func TestOnePersonaInManyRooms(t *testing.T) {
	server := newScripted(t)
	var mu sync.Mutex
	var held [][]compute.LeaseInfo
	var engine *agent.Engine
	full := make(chan struct{})
	release := sync.OnceFunc(func() { close(full) })
	t.Cleanup(release)
	server.answer = func(w http.ResponseWriter, _ *http.Request, q asked) {
		if q.text == "What is your name?" { // the probe
			stream(w, "Iris.")
			return
		}
		<-full // the other two are in the queue
		mu.Lock()
		held = append(held, engine.Compute().Leases)
		mu.Unlock()
		stream(w, "Here I am.")
	}
	remote := behind(server.URL)
	remote.Server.Queue = answerLimit
	engine, err := openWith(t, func(c *agent.EngineConfig) { c.Remote, c.NoVision = remote, true })
	if err != nil {
		t.Fatal(err)
	}
	var stages []*stage
	for range 3 {
		s := setStageWith(t, engine, participant.Config{})
		stages = append(stages, s)
		if err := s.session.Ask(t.Context(), "ada", "Where are you?"); err != nil {
			t.Fatal(err)
		}
	}
	for limit := time.Now().Add(answerLimit); waitingFor(engine, "scripted") < 2; {
		if time.Now().After(limit) {
			t.Fatalf("%d answers wait for the place, want 2: %+v", waitingFor(engine, "scripted"), engine.Compute())
		}
		<-time.After(10 * time.Millisecond)
	}
	release()
	var rooms []string
	for _, s := range stages {
		if trace := s.turn(t); trace.Err != nil || trace.Turn != 1 || trace.Answer != "Here I am." {
			t.Errorf("room %s: turn %d, %q, %v", s.room, trace.Turn, trace.Answer, trace.Err)
		}
		rooms = append(rooms, s.room)
	}
	mu.Lock()
	defer mu.Unlock()
	var replies []string
	for _, l := range slices.Concat(held...) {
		if strings.HasPrefix(l.Artifact, "cognition.reply/") {
			replies = append(replies, l.Artifact)
			room := strings.Split(l.Artifact, "/")[1]
			if !slices.Contains(rooms, room) || l.Artifact != "cognition.reply/"+room+"/1/iris" || l.Holder != room+"/iris" {
				t.Errorf("%s of %s", l.Artifact, l.Holder)
			}
		}
	}
	slices.Sort(replies)
	if len(slices.Compact(replies)) != 3 {
		t.Errorf("replies in the ledger: %v", replies)
	}
}

// waitingFor is how many demands wait for a provider.
func waitingFor(engine *agent.Engine, provider string) int {
	n := 0
	for _, w := range engine.Compute().Waiting {
		if w.Pool.Provider == provider {
			n++
		}
	}
	return n
}
