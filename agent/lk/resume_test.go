//go:build !race

package lk_test

import (
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
	s := startServer(t)
	m := amid(t, s)
	cfg := config(s, "agent", true)
	cfg.URL = m.url
	agent, ada := join(t, cfg), join(t, config(s, "ada", false))
	m.swallow()
	if next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not go down first")
	}
	if !next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not come back")
	}
	reaches(t, ada, agent, "are you there?")
}
