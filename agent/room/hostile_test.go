package room_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// attack lets everything loose on the stage's room until the returned function is called, which
// reports what was done. It returns when the attack is felt.
func (s *stage) attack(t testing.TB) (end func() hostile.Report) {
	t.Helper()
	_, server := open(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var report hostile.Report
	go func() {
		var err error
		report, err = hostile.Everything(ctx, hostile.Config{
			URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Identity: "mallory",
		}, "iris", answerLimit)
		done <- err
	}()
	until(t, "the attack is felt", func() bool { return len(s.session.Limits().Room.Refused) > 3 })
	return func() hostile.Report {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return report
	}
}

// TestHostileParticipantsDoNotSilenceThePersona: while several do at once whatever can be sent,
// somebody else is answered, and when the attackers have gone nothing of them is left running.
func TestHostileParticipantsDoNotSilenceThePersona(t *testing.T) {
	s := setStage(t, participant.Config{})
	if err := s.human.Chat(describe); err != nil {
		t.Fatal(err)
	}
	s.answerTo(t, "ada")
	before := runtime.NumGoroutine()
	end := s.attack(t)
	for range 3 {
		if trace := s.insist(t, describe); trace.Question != describe || !strings.Contains(strings.ToLower(trace.Answer), "can not see") {
			t.Errorf("asked %q, answered %q", trace.Question, trace.Answer)
		}
	}
	if report := end(); report.Chats == 0 || report.Streams == 0 || report.Tracks == 0 {
		t.Errorf("the attack was none: %+v", report)
	}
	until(t, "nothing of the attackers is left", func() bool { return runtime.NumGoroutine() <= before })
	if !s.session.Ready() {
		t.Error("not ready after the attack")
	}
	for _, e := range s.all() {
		if h, ok := e.(room.Heard); ok && len(h.Text) > 16<<10 {
			t.Errorf("%d bytes of %s are reported", len(h.Text), h.Who)
		}
	}
}

// insist has ada ask until she is answered: on two processors that attackers, server and persona
// share, the persona's connection may be interrupted for a moment, and what it says then is given
// up.
func (s *stage) insist(t *testing.T, question string) reply.Trace {
	t.Helper()
	for try := 0; ; try++ {
		if err := s.human.Chat(question); err != nil {
			t.Fatal(err)
		}
		trace := s.turn(t)
		for trace.Who != "ada" || errors.Is(trace.Err, room.ErrSuperseded) {
			trace = s.turn(t)
		}
		switch {
		case trace.Err == nil:
			return trace
		case !errors.Is(trace.Err, room.ErrUnheard) || try == 3:
			t.Fatalf("the question of ada ended with %v", trace.Err)
		}
		t.Logf("asked again: %v", trace.Err)
		until(t, "the persona is back", s.session.Ready)
	}
}

// BenchmarkSpokenUnderAttack measures how long a spoken question waits for its answer before and
// during an attack. It needs a machine that does nothing else: the attackers, the human and the
// server run on it too.
func BenchmarkSpokenUnderAttack(b *testing.B) {
	s := setStage(b, participant.Config{})
	s.show(b, 4, scene.KindQuadrants, participant.CameraConfig{FPS: 5})
	measure := func() float64 {
		s.say(b, describe)
		return s.answerTo(b, "ada").Latency().Seconds()
	}
	var usual, attacked float64
	for range b.N {
		usual += measure()
	}
	end := s.attack(b)
	for range b.N {
		attacked += measure()
	}
	end()
	b.ReportMetric(usual/float64(b.N), "s/usual")
	b.ReportMetric(attacked/float64(b.N), "s/attacked")
}
