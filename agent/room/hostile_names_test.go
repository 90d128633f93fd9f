package room_test

import (
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// enemy enters the room of the stage.
func (s *stage) enemy(t *testing.T, cfg hostile.Config) *hostile.Attacker {
	t.Helper()
	_, server := open(t)
	cfg.URL, cfg.APIKey, cfg.APISecret, cfg.Room = server.URL, server.APIKey, server.APISecret, s.room
	a, err := hostile.Join(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// TestHostileNames: people whose names, identities and attributes are long, or hold what moves a
// cursor, are there; what is kept of them is bounded, and the others are answered.
func TestHostileNames(t *testing.T) {
	s := setStage(t, participant.Config{})
	const odd = "\x1b[2J\u202eeve\x00\r\n\u2028"
	many := map[string]string{}
	for i := range 40 {
		many[strings.Repeat("k", i+1)] = odd + strings.Repeat("v", 1400) // some 57 KB: near what servers take
	}
	first := s.enemy(t, hostile.Config{Identity: "eve", Name: odd + strings.Repeat("n", 60_000), Attributes: many})
	second := s.enemy(t, hostile.Config{Identity: "mal" + odd, Name: odd})
	long := s.enemy(t, hostile.Config{Identity: strings.Repeat("i", 256)})
	for _, a := range []*hostile.Attacker{first, second, long} {
		if err := a.Data("lk-chat-topic", []byte(`{"id":"`+a.Identity()[:3]+`","message":"`+strings.Repeat("x", 10)+`"}`)); err != nil {
			t.Error(err)
		}
	}
	if trace := s.insist(t, describe); trace.Question != describe {
		t.Errorf("asked %q", trace.Question)
	}
	for _, p := range presence(t, s.session).Participants {
		if len(p.Identity) > 256 || len(p.Name) > 256 {
			t.Errorf("somebody is kept as %.80q, called %.80q", p.Identity, p.Name)
		}
	}
	for _, e := range s.all() {
		if h, ok := e.(room.Heard); ok && (len(h.Who) > 256 || len(h.Text) > 1<<14) {
			t.Errorf("%.80q is heard with %d bytes", h.Who, len(h.Text))
		}
	}
}

// TestFloodOfData: thousands of large packets of topics that nobody reads here are left unread:
// they may be of other programs in the room. Meanwhile one person is answered.
func TestFloodOfData(t *testing.T) {
	s := setStage(t, participant.Config{})
	eve := s.enemy(t, hostile.Config{Identity: "eve"})
	sent := make(chan int, 1)
	go func() { sent <- eve.Flood(t.Context(), 3000, 8000) }()
	if trace := s.insist(t, describe); trace.Question != describe {
		t.Errorf("asked %q", trace.Question)
	}
	if n := <-sent; n != 3000 {
		t.Errorf("%d of 3000 packets were sent", n)
	}
	until(t, "the persona is ready", s.session.Ready)
	for _, e := range s.all() {
		if h, ok := e.(room.Heard); ok && h.Who == "eve" {
			t.Errorf("eve is heard with %d bytes", len(h.Text))
		}
	}
}
