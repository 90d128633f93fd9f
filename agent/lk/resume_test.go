//go:build !race

package lk_test

import (
	"slices"
	"testing"

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
	m, agent, ada := meet(t, nil)
	m.swallow()
	downAndUp(t, agent)
	reaches(t, ada, agent, "are you there?")
}

// TestAnOfferThatIsLostIsMadeAgain: the first thing that somebody sends begins with an offer, and
// the signals are interrupted before it is answered. It is made again over the connection that
// continues them; later ones are not.
func TestAnOfferThatIsLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	first := true
	m, agent, ada := meet(t, func(msg passing) fate {
		lost := first && msg == passing{true, "offer"}
		first = first && !lost
		return fate{lost: lost}
	})
	if err := agent.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	settle(t, func() bool { return len(m.offered()) > 0 })
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
	m, agent, ada := meet(t, nil)
	lk.Overlook(agent)
	m.cut()
	downAndUp(t, agent)
	reaches(t, ada, agent, "are you there?")
}
