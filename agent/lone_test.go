package agent_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent"
)

// TestALonePersona: what others do, and what it gets over, is no end; the first reason is the one.
func TestALonePersona(t *testing.T) {
	t.Parallel()
	gone, later := errors.New("gone"), errors.New("later")
	l := agent.NewLone("iris")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.Report(agent.SeatStatus{Identity: "max", State: agent.SeatFailed, Err: later})
	for _, s := range []agent.SeatState{agent.SeatLoading, agent.SeatJoining, agent.SeatIn, agent.SeatLeft, agent.SeatEnded} {
		l.Report(agent.SeatStatus{Identity: "iris", State: s, Err: later})
	}
	if err := l.Wait(ctx); err != nil {
		t.Errorf("ended by %v", err)
	}
	l.Report(agent.SeatStatus{Identity: "iris", State: agent.SeatWaiting, Err: gone})
	l.Report(agent.SeatStatus{Identity: "iris", State: agent.SeatFailed, Err: later})
	if err := l.Wait(t.Context()); !errors.Is(err, gone) {
		t.Errorf("ended by %v", err)
	}
}
