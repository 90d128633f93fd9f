package streams_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// FuzzMachine lets any sequence of packets of four senders and five ids loose on the machine, three
// bytes a packet, and holds what must hold whatever they send.
func FuzzMachine(f *testing.F) {
	f.Add([]byte{0x00, 0, 0, 0x10, 0, 3, 0x20, 0, 0})                   // one message
	f.Add([]byte{0x00, 0, 0, 0x11, 0, 3, 0x21, 0, 0})                   // somebody else's piece and end
	f.Add([]byte{0x00, 0, 0, 0x10, 0, 250, 0x10, 0, 250, 0x20, 0, 0})   // cut characters
	f.Add([]byte{0x00, 1, 0, 0x00, 2, 0, 0x00, 3, 0, 0x50, 0, 200})     // many, then time
	f.Add([]byte{0x30, 0, 1, 0x40, 0, 0, 0x60, 0, 0, 0x70, 0, 0, 0, 0}) // packets, leaving
	f.Add([]byte{0x80, 0, 0, 0x10, 0, 3, 0x20, 0, 0})                   // bytes
	f.Fuzz(func(t *testing.T, data []byte) {
		l := small()
		m := blobs()
		now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
		opened := map[[2]string]bool{}
		for ; len(data) >= 3; data = data[3:] {
			who, id, x := string(rune('a'+data[0]&3)), string(rune('0'+data[1]%5)), data[2]
			s := streams.Sender{SID: "S_" + who, Who: who, As: who}
			now = now.Add(time.Duration(x) * 20 * time.Millisecond)
			var events []streams.Event
			switch data[0] >> 4 {
			case 0:
				had := m.Has(s.SID, id)
				topic := []string{"chat", "other", "files"}[x%3]
				events = m.Begin(s, streams.Header{ID: id, Topic: topic, Total: -1}, now)
				if !had && m.Has(s.SID, id) {
					opened[[2]string{s.SID, id}] = true
				}
			case 1:
				events = m.Add(s, streams.Piece{ID: id, Index: uint64(data[1] / 5 % 3), Content: data[:1+int(x)%len(data)]}, now)
			case 2:
				events = m.Finish(s, streams.End{ID: id}, now)
			case 3:
				events = m.Message(s, id, string(data), streams.AsPacket, now)
			case 4:
				m.Left(s.SID)
			case 8:
				had := m.Has(s.SID, id)
				events = m.Begin(s, blob(id), now)
				if !had && m.Has(s.SID, id) {
					opened[[2]string{s.SID, id}] = true
				}
			default:
				events = m.Tick(now)
			}
			for _, e := range events {
				hold(t, l, e, opened)
			}
			if m.Open() > l.RoomStreams {
				t.Fatalf("%d open", m.Open())
			}
		}
		m.Tick(now.Add(l.StreamLife))
		if m.Open() != 0 || streams.Kept(m) != 0 {
			t.Fatalf("%d streams outlive their time, %d names are kept", m.Open(), streams.Kept(m))
		}
	})
}

func hold(t *testing.T, l limits.Limits, e streams.Event, opened map[[2]string]bool) {
	t.Helper()
	switch e := e.(type) {
	case streams.Arrived:
		if !opened[[2]string{e.SID, e.ID}] || e.SID != "S_"+e.From || !utf8.ValidString(e.Text) || e.Text == "" {
			t.Fatalf("%+v of a stream that its sender did not open, or no text", e)
		}
	case streams.Whole:
		if e.SID != "S_"+e.From || !utf8.ValidString(e.Text) || len(e.Text) > 3*l.ChatBytes {
			t.Fatalf("%+v", e)
		}
	case streams.Begun:
		if e.SID != "S_"+e.From || e.Topic != "blob" || len(e.Attributes) != 1 {
			t.Fatalf("%+v", e)
		}
	case streams.Bytes:
		if !opened[[2]string{e.SID, e.ID}] || e.SID != "S_"+e.From || len(e.Data) > 20 || e.Mime != "audio/webm" {
			t.Fatalf("%+v", e)
		}
	case streams.Refused:
		if e.Kind == "" || e.Who == "" {
			t.Fatalf("%+v", e)
		}
	}
}
