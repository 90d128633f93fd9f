package room_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// TestBackchannelOverAnAnswerIsNoQuestion: "yes, yes" has an answer pause, neither stops it nor is
// answered, and is heard all the same.
func TestBackchannelOverAnAnswerIsNoQuestion(t *testing.T) {
	s := setStage(t, participant.Config{})
	s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	said, _ := s.wait(t, "speech", func(e room.Event) bool { _, ok := e.(room.Said); return ok }).(room.Said)
	s.say(t, "yes, yes.")
	heard, ok := s.wait(t, "the backchannel", func(e room.Event) bool {
		h, ok := e.(room.Heard)
		return ok && h.Final && strings.Contains(strings.ToLower(h.Text), "yes")
	}).(room.Heard)
	if !ok || heard.Turn != 0 {
		t.Errorf("%+v: it begins a turn", heard)
	}
	trace := answered(t, s)
	if trace.Err != nil || trace.Turn != said.Turn {
		t.Fatalf("turn %d ended with %v, want the whole answer of turn %d", trace.Turn, trace.Err, said.Turn)
	}
	var states []string // of the persona, while it answered
	for _, e := range s.all() {
		if c, ok := e.(room.StateChanged); ok && !c.At.Before(trace.FirstPacket.Add(-time.Second)) && !c.At.After(trace.Done) {
			states = append(states, c.State)
		}
	}
	// It paused, and went on where it was.
	if got := strings.Join(states, " "); !strings.Contains(got, "speaking listening speaking") {
		t.Errorf("states %q", got)
	}
	if length := trace.Done.Sub(trace.FirstPacket); length < 2*time.Second {
		t.Errorf("the answer was over after %v: nothing was said over it", length)
	}
}
