package streams_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

var (
	start = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	ada   = streams.Sender{SID: "S_ada", Who: "ada", As: "ada"}
	eve   = streams.Sender{SID: "S_eve", Who: "eve", As: "eve"}
)

// blobs reads byte streams of one topic, of 20 bytes; a sender may begin two, then one a second.
func blobs() *streams.Machine {
	return streams.New(streams.Config{
		Limits: small(), Topics: []string{"chat", "other"}, Chat: "chat",
		Bytes: map[string]streams.ByteTopic{"blob": {Most: 20, Rate: limits.Rate{Burst: 2, Per: 60, Every: time.Minute}}},
	})
}

func blob(id string) streams.Header {
	return streams.Header{ID: id, Topic: "blob", Binary: true, Mime: "audio/webm", Total: -1, Attributes: map[string]string{"a": "1"}}
}

func is(t *testing.T, what string, got []streams.Event, want ...streams.Event) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestBytes: a stream of bytes is reported when it begins and when it is whole, as it was sent.
func TestBytes(t *testing.T) {
	m, a := blobs(), map[string]string{"a": "1"}
	is(t, "it begins", m.Begin(ada, blob("1"), start), streams.Begun{SID: "S_ada", From: "ada", Topic: "blob", ID: "1", Attributes: a})
	is(t, "a piece", m.Add(ada, streams.Piece{ID: "1", Content: []byte("\xff\x00")}, start))
	is(t, "a stranger's", m.Add(eve, streams.Piece{ID: "1", Index: 1, Content: []byte("x")}, start), streams.Refused{Who: "eve", Kind: limits.StreamForeign})
	is(t, "a piece", m.Add(ada, streams.Piece{ID: "1", Index: 1, Content: []byte("\xfe")}, start))
	is(t, "it ends", m.Finish(ada, streams.End{ID: "1", Attributes: map[string]string{"b": "2"}}, start.Add(time.Second)), streams.Bytes{
		SID: "S_ada", From: "ada", Topic: "blob", ID: "1", Mime: "audio/webm", Data: []byte("\xff\x00\xfe"), Attributes: map[string]string{"a": "1", "b": "2"}, Opened: start,
	})
	whole := blob("2")
	whole.Inline = []byte("in one packet")
	is(t, "in one packet", m.Begin(ada, whole, start), streams.Begun{SID: "S_ada", From: "ada", Topic: "blob", ID: "2", Attributes: a},
		streams.Bytes{SID: "S_ada", From: "ada", Topic: "blob", ID: "2", Mime: "audio/webm", Data: whole.Inline, Attributes: a, Opened: start})
	is(t, "given up", append(m.Begin(eve, blob("3"), start)[1:], m.Finish(eve, streams.End{ID: "3", Reason: "gone"}, start)...))
	if m.Open() != 0 || streams.Kept(m) != 0 {
		t.Errorf("%d streams are open, %d names are kept", m.Open(), streams.Kept(m))
	}
}

// TestBytesAreBounded: by length, declared or not, by rate, by time, and by who is there.
func TestBytesAreBounded(t *testing.T) {
	m, now := blobs(), start
	refused := func(what string, kind limits.Kind, got []streams.Event) {
		t.Helper()
		now = now.Add(time.Minute) // which fills the rates again
		is(t, what, got, streams.Refused{Who: "eve", Kind: kind})
	}
	begin := func(id string) {
		t.Helper()
		if got := m.Begin(eve, blob(id), now); len(got) != 1 || !m.Has("S_eve", id) {
			t.Fatalf("%s: %+v", id, got)
		}
	}
	long := blob("1")
	long.Total = 21
	refused("declared too long", limits.StreamBytes, m.Begin(eve, long, now))
	begin("2")
	is(t, "20 bytes", m.Add(eve, streams.Piece{ID: "2", Content: make([]byte, 20)}, now))
	refused("one more", limits.StreamBytes, m.Add(eve, streams.Piece{ID: "2", Index: 1, Content: []byte("x")}, now))
	begin("3")
	refused("a gap", limits.StreamBroken, m.Add(eve, streams.Piece{ID: "3", Index: 1}, now))
	begin("4")
	refused("nothing comes", limits.StreamIdle, m.Tick(now.Add(small().StreamIdle)))
	begin("5")
	var over []streams.Event
	for i := uint64(0); len(over) == 0 && i < 100; i++ { // pieces of nothing keep it alive
		now = now.Add(time.Second)
		is(t, "a piece of nothing", m.Add(eve, streams.Piece{ID: "5", Index: i}, now))
		over = m.Tick(now)
	}
	refused("it does not end", limits.StreamLife, over)
	begin("6")
	begin("7")
	refused("three at once", limits.Streams, m.Begin(eve, blob("8"), now.Add(time.Hour)))
	m.Left("S_eve")
	is(t, "its end comes late", m.Finish(eve, streams.End{ID: "6"}, now))
	for _, id := range []string{"9", "10"} {
		begin(id)
		m.Finish(eve, streams.End{ID: id}, now)
	}
	refused("more than the rate", limits.StreamRate, m.Begin(eve, blob("11"), now))
	is(t, "a topic whose texts are read", m.Begin(eve, streams.Header{ID: "12", Topic: "chat", Binary: true, Total: -1}, now))
	is(t, "a topic whose bytes are read", m.Begin(eve, streams.Header{ID: "13", Topic: "blob", Total: -1}, now))
	if m.Open() != 0 || streams.Kept(m) != 0 {
		t.Errorf("%d streams are open, %d names are kept", m.Open(), streams.Kept(m))
	}
}

// TestHostileWords: ids, topics, attributes and forms of 64 KB, and such with what moves a cursor,
// are refused or cut, and what is kept of them is bounded.
func TestHostileWords(t *testing.T) {
	const odd = "\x1b[2J\u202e\x00\r\n\u2028\xff"
	large := strings.Repeat("x", 64<<10)
	m := blobs()
	is(t, "a large id", m.Begin(eve, streams.Header{ID: large, Topic: "chat", Total: -1}, start), streams.Refused{Who: "eve", Kind: limits.StreamBroken})
	is(t, "a large id of a message", m.Message(eve, large, "x", streams.AsPacket, start), streams.Refused{Who: "eve", Kind: limits.StreamBroken})
	is(t, "a large message", m.Message(eve, "", large, streams.AsData, start), streams.Refused{Who: "eve", Kind: limits.ChatBytes})
	for _, topic := range []string{large, odd, "chat" + odd, "Chat", ""} {
		is(t, "a topic of "+topic[:min(8, len(topic))], m.Begin(eve, streams.Header{ID: "t", Topic: topic, Total: -1}, start))
	}
	is(t, "a piece of a large id", m.Add(eve, streams.Piece{ID: large, Content: []byte(large)}, start))
	is(t, "the end of a large id", m.Finish(eve, streams.End{ID: large, Reason: large}, start))
	h := blob(odd)
	h.Mime, h.Attributes = large, map[string]string{large: "", odd: large, "a": "1", "b\x00": "2"}
	is(t, "large attributes", m.Begin(eve, h, start), streams.Refused{Who: "eve", Kind: limits.Attributes},
		streams.Begun{SID: "S_eve", From: "eve", Topic: "blob", ID: odd, Attributes: map[string]string{"a": "1", "b\x00": "2"}})
	got := m.Finish(eve, streams.End{ID: odd, Attributes: map[string]string{"c": large}}, start)
	if len(got) != 2 || got[0] != (streams.Refused{Who: "eve", Kind: limits.Attributes}) {
		t.Fatalf("large attributes of the end: %.200v", got)
	}
	if b := got[1].(streams.Bytes); len(b.Mime) > 128 || len(b.Attributes) != 2 || b.ID != odd {
		t.Errorf("kept a form of %d bytes and %d attributes", len(b.Mime), len(b.Attributes))
	}
	if m.Open() != 0 || streams.Kept(m) != 0 {
		t.Errorf("%d streams are open, %d names are kept", m.Open(), streams.Kept(m))
	}
}

// TestEndlessTexts: a text that never ends is over at its bound of bytes, or of time where its
// pieces are empty.
func TestEndlessTexts(t *testing.T) {
	for content, want := range map[string]limits.Kind{"x": limits.ChatBytes, "": limits.StreamLife} {
		m, now := blobs(), start
		m.Begin(eve, streams.Header{ID: "e", Topic: "other", Total: -1}, now)
		var over []limits.Kind
		for i := range uint64(3000) {
			now = now.Add(20 * time.Millisecond)
			for _, e := range append(m.Add(eve, streams.Piece{ID: "e", Index: i, Content: []byte(content)}, now), m.Tick(now)...) {
				if r, ok := e.(streams.Refused); ok {
					over = append(over, r.Kind)
				}
			}
		}
		if len(over) != 1 || over[0] != want || m.Open() != 0 || streams.Kept(m) != 0 {
			t.Errorf("pieces of %q: ended by %v, %d are open", content, over, m.Open())
		}
	}
}
