package lk_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// again starts a server in the place of one that has ended.
func again(t *testing.T, s *livekit.Server) *livekit.Server {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	next, err := livekit.Start(t.Context(), livekit.Config{Port: port, APIKey: s.APIKey, APISecret: s.APISecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := next.Stop(); err != nil {
			t.Error(err)
		}
	})
	return next
}

// TestAServerThatComesBackIsEnteredAtOnce: it dies, is away for some seconds and knows nobody then.
// Everybody who comes back is there, who does not is gone, own attributes are set and words and
// sound go through again.
func TestAServerThatComesBackIsEnteredAtOnce(t *testing.T) {
	s := startServer(t)
	agent, ada, bob := join(t, config(s, "agent", true)), join(t, config(s, "ada", false)), join(t, config(s, "bob", false))
	for here := 0; here < 2; here++ {
		next[lk.ParticipantJoined](t, agent)
	}
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateSpeaking})
	voice, err := agent.PublishVoice("voice")
	if err != nil {
		t.Fatal(err)
	}
	stop := sending(func(n uint32) error { return voice.WriteOpus([]byte{0xf8, 0xff, 0xfe}, 960*(n+1), 20*time.Millisecond) })
	defer stop()
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := bob.Close(); err != nil {
		t.Error(err)
	}
	for _, c := range []*lk.Connection{agent, ada} {
		if next[lk.ConnectionChanged](t, c).Up {
			t.Error("the connection is up without a server")
		}
	}
	time.Sleep(5 * time.Second) // the outage
	again(t, s)
	back := time.Now()
	left, joined := map[string]bool{}, map[string]bool{}
	for up := false; !up || !joined["ada"]; {
		switch e := next[lk.Event](t, agent).(type) {
		case lk.ParticipantLeft:
			left[e.Participant.Identity] = true
		case lk.ParticipantJoined:
			joined[e.Participant.Identity] = true
		case lk.ConnectionChanged:
			if up = e.Up; up {
				t.Logf("back %v after the server", time.Since(back))
			}
		}
	}
	if !left["ada"] || !left["bob"] || joined["bob"] {
		t.Errorf("left: %v, joined: %v", left, joined)
	}
	for next[lk.AttributesChanged](t, ada).Changed[lk.AttrState] != lk.StateSpeaking {
	}
	if got := reaches(t, ada, agent, "are you there?"); got.From != "ada" {
		t.Errorf("got %+v", got)
	}
	if got := reaches(t, agent, ada, "yes"); got.From != "agent" {
		t.Errorf("got %+v", got)
	}
}

// TestTheVoiceIsHeardAgainAfterAnOutage: it is published anew without anybody's doing.
func TestTheVoiceIsHeardAgainAfterAnOutage(t *testing.T) {
	s := startServer(t)
	agent, ada := join(t, config(s, "agent", true)), join(t, config(s, "ada", false))
	voice, err := agent.PublishVoice("voice")
	if err != nil {
		t.Fatal(err)
	}
	stop := sending(func(n uint32) error { return voice.WriteOpus([]byte{0xf8, 0xff, 0xfe}, 960*(n+1), 20*time.Millisecond) })
	defer stop()
	if got := listen(t, ada, 5); got.Stats.Packets < 5 {
		t.Fatalf("before the outage: %+v", got.Stats)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	next[lk.ConnectionChanged](t, ada)
	again(t, s)
	if got := listen(t, ada, 5); got.Stats.Packets < 5 {
		t.Errorf("after the outage: %+v", got.Stats)
	}
}

// TestAnswersOfAServer: whatever it says it is there, but for a proxy that says that nobody is.
func TestAnswersOfAServer(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusOK: true, http.StatusUnauthorized: true, http.StatusNotFound: true, http.StatusInternalServerError: true,
		http.StatusBadGateway: false, http.StatusServiceUnavailable: false, http.StatusGatewayTimeout: false,
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Error("a token is shown")
			}
			w.WriteHeader(status)
		}))
		if got := lk.Answers(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")); got != want {
			t.Errorf("%d: there %v", status, got)
		}
		s.Close()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if lk.Answers(t.Context(), "ws://"+l.Addr().String()) {
		t.Error("nobody listens, and is there")
	}
}
