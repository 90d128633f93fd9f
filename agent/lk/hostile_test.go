package lk_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// attack lets eve into the room, and waits until the victim knows of her.
func attack(t *testing.T, s *livekit.Server, victim *lk.Connection) *hostile.Attacker {
	t.Helper()
	a, err := hostile.Join(t.Context(), enemy(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	for next[lk.ParticipantJoined](t, victim).Participant.Identity != "eve" {
	}
	return a
}

func enemy(s *livekit.Server) hostile.Config {
	return hostile.Config{URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Room: "r", Identity: "eve"}
}

// refusal waits for the report that something of eve's was refused.
func refusal(t *testing.T, r *lk.Connection, kind limits.Kind) {
	t.Helper()
	for {
		if e := next[lk.Refused](t, r); e.Kind == kind && e.Identity == "eve" {
			return
		}
	}
}

// TestThreePacketsDoNotEndTheProcess is F1: a stream without attributes whose end has some.
func TestThreePacketsDoNotEndTheProcess(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	if err := eve.Kill(lk.TopicChat); err != nil {
		t.Fatal(err)
	}
	got := next[lk.TextReceived](t, agent)
	if got.From != "eve" || got.Text != "x" || got.Attributes["a"] != "b" || got.Agent {
		t.Errorf("got %+v", got)
	}
}

// TestStreamsThatNeverEndAreBounded is the first half of F2.
func TestStreamsThatNeverEndAreBounded(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	if err := errors.Join(eve.Kill(lk.TopicChat), agent.SendText(lk.TopicChat, "", "every connection is made", nil)); err != nil {
		t.Fatal(err)
	}
	next[lk.TextReceived](t, agent)
	before := runtime.NumGoroutine()
	if n := eve.OpenStreams(t.Context(), lk.TopicTranscription, 1000, 2*time.Millisecond); n != 1000 {
		t.Fatalf("%d opened", n)
	}
	refusal(t, agent, limits.Streams)
	if n := lk.OpenStreams(agent); n != limits.Default().Streams {
		t.Errorf("%d streams are open, the limit is %d", n, limits.Default().Streams)
	}
	if n := runtime.NumGoroutine(); n > before+20 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	eve.Close()
	for {
		if left := next[lk.ParticipantLeft](t, agent); left.Participant.Identity == "eve" {
			break
		}
	}
	if n := lk.OpenStreams(agent); n != 0 {
		t.Errorf("%d streams outlive their sender", n)
	}
}

// TestABigStreamIsCutOff is the second half of F2, and F16 where text is received.
func TestABigStreamIsCutOff(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	eve.BigStream(t.Context(), lk.TopicChat, 2<<20, 2*time.Millisecond)
	refusal(t, agent, limits.ChatBytes)
	if err := eve.Kill(lk.TopicChat); err != nil { // an ordinary message now
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); len(got.Text) != 1 {
		t.Errorf("a text of %d bytes was handed out", len(got.Text))
	}
}

// TestNobodySpeaksInAnothersStream is F10.
func TestNobodySpeaksInAnothersStream(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	ada := join(t, config(s, "ada", false))
	eve := attack(t, s, agent)
	stream, err := ada.OpenText(lk.TopicChat, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Write("the password is "); err != nil {
		t.Fatal(err)
	}
	id := next[lk.TextChunk](t, agent).StreamID
	if err := eve.Intrude(id, 1); err != nil {
		t.Fatal(err)
	}
	refusal(t, agent, limits.StreamForeign)
	if err := stream.Write("secret"); err != nil {
		t.Fatal(err)
	}
	if err := stream.Close(nil); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); got.From != "ada" || got.Text != "the password is secret" || len(got.Attributes) != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestWhatParticipantsWeighIsBounded: metadata and attributes of 60 KB, and 60 tracks (F18).
func TestWhatParticipantsWeighIsBounded(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	eve.Weight(t.Context(), 1, time.Millisecond)
	refusal(t, agent, limits.Attributes)
	if n := eve.Tracks(t.Context(), 12); n != 12 {
		t.Fatalf("the server took %d tracks", n)
	}
	refusal(t, agent, limits.VideoTracks)
	size := 0
	for name, value := range lk.AttributesOf(agent, "eve") {
		size += len(name) + len(value)
	}
	if l := limits.Default(); size == 0 || size > l.AttributeBytes || lk.MetadataOf(agent, "eve") != "" {
		t.Errorf("%d bytes of attributes and %d of metadata are kept", size, len(lk.MetadataOf(agent, "eve")))
	}
	l := limits.Default()
	if n := lk.Publications(agent); n != l.AudioTracks+l.VideoTracks {
		t.Errorf("%d tracks are known", n)
	}
	eve.Close()
	for next[lk.ParticipantLeft](t, agent).Participant.Identity != "eve" {
	}
	if n := lk.Publications(agent); n != 0 {
		t.Errorf("%d tracks outlive their owner, who did not take them back", n)
	}
}

// TestLegacyChatIsHeardOnce: old clients send packets, middle-aged ones both forms.
func TestLegacyChatIsHeardOnce(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	payloads := []string{
		`{"id":"1","timestamp":1,"message":"as data"}`,
		`{"id":"1","timestamp":1,"message":"as data"}`,
		`{"id":"2","timestamp":1,"message":"sent as a stream too","ignoreLegacy":true}`,
		`no JSON`,
	}
	for _, p := range payloads {
		if err := eve.Data("lk-chat-topic", []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := eve.Data("elsewhere", []byte("not for us")); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); got.From != "eve" || got.Text != "as data" || got.Topic != lk.TopicChat {
		t.Errorf("got %+v", got)
	}
	refusal(t, agent, limits.Malformed)
	if err := eve.Kill(lk.TopicChat); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, agent); got.Text != "x" {
		t.Errorf("%q was handed out twice, or though it came as a stream", got.Text)
	}
}

// TestEncryptedPacketsAndCallsAreNamed: they are counted, and told once.
func TestEncryptedPacketsAndCallsAreNamed(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	eve := attack(t, s, agent)
	eve.Encrypted(t.Context(), 50, time.Millisecond)
	refusal(t, agent, limits.Encrypted)
	eve.Calls(t.Context(), "agent", 20, time.Millisecond)
	refusal(t, agent, limits.Calls)
	if err := eve.Kill(lk.TopicChat); err != nil {
		t.Fatal(err)
	}
	next[lk.TextReceived](t, agent) // all before it has been judged
	stats := agent.Stats()
	if stats.Refused[limits.Encrypted] != 50 || stats.Refused[limits.Calls] != 20 {
		t.Errorf("counted %v", stats.Refused)
	}
	if len(stats.Participants) != 1 || stats.Participants[0].Identity != "eve" {
		t.Errorf("counted for %+v", stats.Participants)
	}
}
