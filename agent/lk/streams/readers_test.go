package streams_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// TestWithoutAChatTopicMessagesAreNotForUs: a participant that reads transcripts only is not asked
// anything.
func TestWithoutAChatTopicMessagesAreNotForUs(t *testing.T) {
	m := streams.New(streams.Config{Limits: limits.Default(), Topics: []string{"other"}, Chat: "chat"})
	if got := m.Message(streams.Sender{SID: "S", Who: "w", As: "w"}, "", "hello", streams.AsPacket, time.Now()); got != nil {
		t.Errorf("got %v", got)
	}
	if m.Reads("chat") || !m.Reads("other") {
		t.Error("topics are confused")
	}
}

// TestWhatIsRememberedIsBounded sends more messages than are remembered within their time, then the
// first and the last once more in the other form.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	l := limits.Default()
	l.ChatBurst, l.RoomChatBurst = 1000, 1000
	m := streams.New(streams.Config{Limits: l, Topics: []string{"chat"}, Chat: "chat"})
	s, now := streams.Sender{SID: "S", Who: "w", As: "w"}, time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for i := range 300 {
		if got := m.Message(s, strconv.Itoa(i), "text "+strconv.Itoa(i), streams.AsPacket, now); len(got) != 1 {
			t.Fatalf("message %d: %v", i, got)
		}
	}
	again := func(i int) int { return len(m.Message(s, "", "text "+strconv.Itoa(i), streams.AsData, now)) }
	if again(299) != 0 || again(44) != 0 {
		t.Error("a message of the last 256 is handed out twice")
	}
	if again(43) != 1 {
		t.Error("more than 256 messages are remembered")
	}
}

// TestTheMapsOfASenderAreNotKept: attributes belong to whoever decoded them.
func TestTheMapsOfASenderAreNotKept(t *testing.T) {
	m := streams.New(streams.Config{Limits: limits.Default(), Topics: []string{"chat"}, Chat: "chat"})
	s, now := streams.Sender{SID: "S", Who: "w", As: "w"}, time.Now()
	mine := map[string]string{"a": "1"}
	m.Begin(s, streams.Header{ID: "1", Topic: "chat", Total: -1, Attributes: mine}, now)
	mine["a"] = "2"
	m.Begin(s, streams.Header{ID: "2", Topic: "chat", Total: -1}, now) // no attributes at all, then some: the packets that ended the process
	for id, want := range map[string]string{"1": "1", "2": "z"} {
		var end map[string]string
		if id == "2" {
			end = map[string]string{"a": "z"}
		}
		events := m.Finish(s, streams.End{ID: id, Attributes: end}, now)
		if whole, ok := events[len(events)-1].(streams.Whole); !ok || whole.Attributes["a"] != want {
			t.Errorf("stream %s: %+v", id, events)
		}
	}
}
