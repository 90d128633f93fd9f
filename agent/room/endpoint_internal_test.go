package room

import (
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestEndpointFollowsThePolicy: a room that says nothing hears as the ears judge.
func TestEndpointFollowsThePolicy(t *testing.T) {
	p := turn.Default()
	usual, err := endpoint(&p)
	if err != nil || usual.PatientSilence <= 0 || usual.MaxSilence != 3*time.Second || usual.EndSilence != 500*time.Millisecond || usual.StrangeSilence != 800*time.Millisecond {
		t.Fatalf("%+v, %v", usual, err)
	}
	if marks := []time.Duration{96 * time.Millisecond, 500 * time.Millisecond, 1200 * time.Millisecond}; !slices.Equal(usual.Marks, marks) {
		t.Errorf("marks at %v", usual.Marks)
	}
	p.Endpointing = turn.Endpointing{Min: time.Second, Max: 2 * time.Second}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	slow, err := endpoint(&p)
	if err != nil || slow.PatientSilence >= 0 || slow.StrangeSilence != 0 || slow.CompleteSilence != time.Second || slow.EndSilence != time.Second || slow.MaxSilence != 2*time.Second {
		t.Fatalf("%+v, %v", slow, err)
	}
	p.Endpointing = turn.Endpointing{Max: 200 * time.Millisecond, Adapt: true}
	hasty, err := endpoint(&p)
	if err != nil || p.Validate() != nil || hasty.EndSilence != 200*time.Millisecond || hasty.CompleteSilence != hasty.EndSilence || hasty.PatientSilence > hasty.EndSilence || hasty.StrangeSilence > hasty.EndSilence {
		t.Fatalf("%+v, %v", hasty, err)
	}
	for _, bad := range []turn.Endpointing{{}, {Min: -1, Max: time.Second}, {Min: 2 * time.Second, Max: time.Second}, {Max: 2 * time.Minute}} {
		if p.Endpointing = bad; p.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
