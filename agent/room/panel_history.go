package room

import (
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// history is the conversation of a room as panels are shown it. It belongs to the actor.
type history struct {
	last  uint64 // numbers items
	items []lk.SessionItem
	bytes int
	// half are replies of which one part is known: what was heard of them, or how they went.
	half map[turn.Reply]*halfReply
}

// halfReply is a reply until both what was heard of it and how it went are known.
type halfReply struct {
	said  *turn.Said
	trace *reply.Trace
	at    time.Time
}

// add takes a message, and returns it with its id.
func (h *history) add(i lk.SessionItem) lk.SessionItem {
	h.last++
	i.ID = "item_" + strconv.FormatUint(h.last, 10)
	h.items = append(h.items, i)
	h.bytes += len(i.Text)
	for len(h.items) > historyItems || h.bytes > historyBytes && len(h.items) > 1 {
		h.bytes -= len(h.items[0].Text)
		h.items = h.items[1:]
	}
	return i
}

// of is the conversation as one persona had it.
func (h *history) of(s *Seat) []lk.SessionItem {
	out := make([]lk.SessionItem, len(h.items))
	for i, item := range h.items {
		item.Own = item.Who == s.holder.Persona
		out[i] = item
	}
	return out
}

// part is what is known of a reply so far.
func (h *history) part(r turn.Reply) *halfReply {
	if h.half == nil {
		h.half = map[turn.Reply]*halfReply{}
	}
	if h.half[r] == nil {
		h.half[r] = &halfReply{}
	}
	return h.half[r]
}

// whole takes a reply of which nothing more comes, where something was heard of it.
func (h *history) whole(r turn.Reply) (lk.SessionItem, bool) {
	p := h.half[r]
	delete(h.half, r)
	if p == nil || p.said == nil {
		return lk.SessionItem{}, false
	}
	i := lk.SessionItem{Who: r.Seat, Text: p.said.Text, Cut: p.said.Cut, At: p.at}
	if p.trace != nil {
		i.Metrics = replyMetrics(p.trace)
	}
	return h.add(i), true
}

// spokenMetrics are those of what somebody said.
func spokenMetrics(t hearing.Timing) lk.SessionMetrics {
	return lk.SessionMetrics{
		Started: t.SpeechStart, Stopped: t.SpeechEnd,
		TranscriptionDelay: span(t.SpeechEnd, t.STTEnd), EndOfTurnDelay: span(t.SpeechEnd, t.EndOfTurn),
	}
}

// replyMetrics are those of a reply.
func replyMetrics(t *reply.Trace) lk.SessionMetrics {
	m := lk.SessionMetrics{
		Started: t.FirstPacket, FirstToken: span(t.Features, t.FirstToken), FirstClause: span(t.Features, t.FirstClause),
		FirstSound: span(t.FirstClause, t.FirstPCM), EndToEnd: span(t.SpeechEnd, t.FirstPacket),
	}
	if !t.FirstPacket.IsZero() {
		m.Stopped = t.Done
	}
	return m
}

// span is from one time to a later one; nil where one of them is not known.
func span(from, to time.Time) *time.Duration {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return nil
	}
	d := to.Sub(from)
	return &d
}

// usage is what a persona has used so far.
func (s *Seat) usage(now time.Time) lk.SessionUsage {
	u := s.panel.used
	u.Model, u.Provider, u.At = s.models.Name(), s.models.Provider(), now
	if u.Provider == "" {
		u.Provider = "local"
	}
	u.SpeechProvider, u.VoiceProvider = "local", "local"
	return u
}
