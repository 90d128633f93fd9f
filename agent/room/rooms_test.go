package room_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestOnePersonaInManyRooms has one identity asked in three rooms at once while there is one place:
// the first questions of all three are different work, so that none counts as another one's
// repetition, and the ledger says whose lease is whose.
func TestOnePersonaInManyRooms(t *testing.T) {
	server := fixture.NewScripted(t)
	var mu sync.Mutex
	var held [][]compute.LeaseInfo
	var models *engine.Models
	full := make(chan struct{})
	release := sync.OnceFunc(func() { close(full) })
	t.Cleanup(release)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) {
		if q.Text == "What is your name?" { // the probe
			fixture.Stream(w, "Iris.")
			return
		}
		<-full // the other two are in the queue
		mu.Lock()
		held = append(held, models.Machine().Compute().Leases)
		mu.Unlock()
		fixture.Stream(w, "Here I am.")
	}
	remote := fixture.Behind(server.URL)
	remote.Server.Queue = answerLimit
	models, err := fixture.Open(t, func(c *engine.Config) { c.Remote, c.Resolution.Sources = remote, nil })
	if err != nil {
		t.Fatal(err)
	}
	var stages []*stage
	for range 3 {
		s := setStageWith(t, models, participant.Config{})
		stages = append(stages, s)
		if err := s.session.Ask(t.Context(), "ada", "Where are you?"); err != nil {
			t.Fatal(err)
		}
	}
	for limit := time.Now().Add(answerLimit); waitingFor(models, "scripted") < 2; {
		if time.Now().After(limit) {
			t.Fatalf("%d answers wait for the place, want 2: %+v", waitingFor(models, "scripted"), models.Machine().Compute())
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
func waitingFor(models *engine.Models, provider string) int {
	n := 0
	for _, w := range models.Machine().Compute().Waiting {
		if w.Pool.Provider == provider {
			n++
		}
	}
	return n
}
