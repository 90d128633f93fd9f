//go:build !race

package lk_test

import (
	"slices"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// These tests resume a connection, during which Pion (ice v4.4.0) writes its list of servers while
// its gathering goroutines read it. scripts/check runs them without the race detector.

// TestAResumedConnectionIsAsBefore: as after a new one.
func TestAResumedConnectionIsAsBefore(t *testing.T) {
	asBefore(t, func(r *lk.Connection) { lk.Simulate(r, lksdk.SimulateSignalReconnect) }, false)
}

// TestAWayThatSwallowsEverythingIsNoticed: nothing comes through the connection of the signals, and
// nothing ends it. The media go another way here, so that only the pings can tell.
func TestAWayThatSwallowsEverythingIsNoticed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	m := amid(t, s)
	cfg := config(s, "agent", true)
	cfg.URL = m.url
	agent, ada := join(t, cfg), join(t, config(s, "ada", false))
	m.swallow()
	downAndUp(t, agent)
	reaches(t, ada, agent, "are you there?")
}

func downAndUp(t *testing.T, agent *lk.Connection) {
	t.Helper()
	if next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not go down first")
	}
	if !next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not come back")
	}
}

// TestAnOfferThatIsLostIsMadeAgain: the first thing that somebody sends begins with an offer, and
// the signals are interrupted before it is answered. It is made again over the connection that
// continues them; later ones are not.
func TestAnOfferThatIsLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	m := amid(t, s)
	m.deaf = 1
	cfg := config(s, "agent", true)
	cfg.URL = m.url
	agent, ada := join(t, cfg), join(t, config(s, "ada", false))
	if err := agent.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(20 * time.Second); len(m.offered()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("nothing is offered")
		}
	}
	m.cut()
	downAndUp(t, agent)
	reaches(t, agent, ada, "here I am")
	offers := m.offered()
	if len(offers) < 2 || offers[1] != offers[0] {
		t.Fatalf("the first of %d offers was not made again", len(offers))
	}
	m.cut()
	downAndUp(t, agent)
	reaches(t, agent, ada, "and still")
	again := m.offered()
	for i, offer := range again[2:] {
		if slices.Contains(again[:i+2], offer) {
			t.Errorf("offer %d was made before", i+2)
		}
	}
}

// TestSignalsThatEndWhileTheSDKLooksAwayAreMissed: it takes a connection without signals for one
// that is up.
func TestSignalsThatEndWhileTheSDKLooksAwayAreMissed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	m := amid(t, s)
	cfg := config(s, "agent", true)
	cfg.URL = m.url
	agent, ada := join(t, cfg), join(t, config(s, "ada", false))
	lk.Overlook(agent)
	m.cut()
	downAndUp(t, agent)
	reaches(t, ada, agent, "are you there?")
}
