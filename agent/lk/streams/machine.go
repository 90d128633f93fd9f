package streams

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// maxID bounds the id of a stream, in bytes: clients use UUIDs of 36.
const maxID = 128

// Config says which streams are read.
type Config struct {
	Limits limits.Limits
	// Topics are read, others are ignored: they are for somebody else.
	Topics []string
	// Chat is the topic to which the rates of chat messages apply.
	Chat string
	// Bytes are the topics of byte streams that are read.
	Bytes map[string]ByteTopic
}

type key struct{ sid, id string }

// stream is one that is open.
type stream struct {
	from, who, topic string
	binary           bool
	mime             string
	bound
	attributes   map[string]string
	total        int64
	next         uint64
	text         []byte // valid UTF-8 up to the last character, which may be cut
	told         int    // bytes of text that have been handed out
	opened, last time.Time
}

// Machine keeps the open streams of one room.
type Machine struct {
	cfg   Config
	open  map[key]*stream
	count map[string]int // open streams by sender
	ids   map[string]int // open streams by id
	chats *limits.Meter
	bytes byteTopics
	all   limits.Bucket
	seen  recent
}

// New makes a machine without streams. The limits must be valid.
func New(cfg Config) *Machine {
	return &Machine{
		bytes: newByteTopics(cfg.Bytes, cfg.Limits.Participants), cfg: cfg, open: map[key]*stream{}, count: map[string]int{}, ids: map[string]int{},
		chats: limits.NewMeter(cfg.Limits.ChatRate(), cfg.Limits.Participants),
	}
}

// Reads tells whether streams of that topic are read.
func (m *Machine) Reads(topic string) bool { return slices.Contains(m.cfg.Topics, topic) }

// ReadsBytes tells whether byte streams of that topic are read.
func (m *Machine) ReadsBytes(topic string) bool { return m.bytes.reads(topic) }

// boundOf is that of a stream, and whether it is read at all.
func (m *Machine) boundOf(h Header) (bound, bool) {
	if h.Binary {
		return m.bytes[h.Topic].bound, m.ReadsBytes(h.Topic)
	}
	return bound{m.cfg.Limits.ChatBytes, limits.ChatBytes}, m.Reads(h.Topic)
}

// begins applies the rates of a topic.
func (m *Machine) begins(who string, h Header, now time.Time) (limits.Kind, bool) {
	switch {
	case h.Binary:
		return m.bytes.begin(h.Topic, who, now)
	case h.Topic == m.cfg.Chat:
		return m.admit(who, now)
	}
	return "", true
}

// Has tells whether the sender has a stream of that id open.
func (m *Machine) Has(sid, id string) bool { return m.open[key{sid, id}] != nil }

// Open is the number of open streams.
func (m *Machine) Open() int { return len(m.open) }

// Begin opens a stream.
func (m *Machine) Begin(s Sender, h Header, now time.Time) []Event {
	b, reads := m.boundOf(h)
	if !reads {
		return nil
	}
	k := key{s.SID, h.ID}
	switch {
	case h.ID == "" || len(h.ID) > maxID || m.open[k] != nil:
		return refuse(s, limits.StreamBroken)
	case h.Total > int64(b.most) || len(h.Inline) > b.most:
		return refuse(s, b.over)
	case m.count[s.SID] >= m.cfg.Limits.Streams:
		return refuse(s, limits.Streams)
	case len(m.open) >= m.cfg.Limits.RoomStreams:
		return refuse(s, limits.RoomStreams)
	}
	if kind, ok := m.begins(s.Who, h, now); !ok {
		return refuse(s, kind)
	}
	st := &stream{
		from: s.As, who: s.Who, topic: h.Topic, binary: h.Binary, mime: limits.Cut(h.Mime, maxID), bound: b, total: h.Total, opened: now, last: now,
	}
	var events []Event
	st.attributes, events = m.merge(s, nil, h.Attributes)
	events = append(events, st.begun(s.SID, h.ID)...)
	m.open[k] = st
	m.count[s.SID]++
	m.ids[h.ID]++
	if h.Inline != nil {
		events = append(events, m.Add(s, Piece{ID: h.ID, Content: h.Inline}, now)...)
		events = append(events, m.Finish(s, End{ID: h.ID}, now)...)
	}
	return events
}

// admit applies the rates of messages.
func (m *Machine) admit(who string, now time.Time) (limits.Kind, bool) {
	if !m.chats.Take(who, 1, now) {
		return limits.ChatRate, false
	}
	if !m.all.Take(m.cfg.Limits.RoomChatRate(), 1, now) {
		return limits.RoomChatRate, false
	}
	return "", true
}

// Add appends a piece. A piece of a stream that this sender has not open changes nothing; it is
// refused when somebody else has.
func (m *Machine) Add(s Sender, p Piece, now time.Time) []Event {
	k := key{s.SID, p.ID}
	st := m.open[k]
	switch {
	case st == nil:
		return m.stray(s, p.ID)
	case p.Index != st.next:
		return m.drop(k, limits.StreamBroken)
	case len(st.text)+len(p.Content) > st.most:
		return m.drop(k, st.over)
	}
	st.next++
	st.last = now
	st.text = append(st.text, p.Content...)
	if st.binary {
		return nil
	}
	whole := len(st.text) - cutLength(st.text)
	if whole <= st.told {
		return nil
	}
	text := strings.ToValidUTF8(string(st.text[st.told:whole]), string(utf8.RuneError))
	st.told = whole
	return []Event{Arrived{SID: s.SID, From: st.from, Topic: st.topic, ID: p.ID, Text: text}}
}

// Finish closes a stream. Its text is handed out when it is whole: nothing of the declared length
// is missing, the sender gives no reason for the end, and has not sent it before in another form.
func (m *Machine) Finish(s Sender, e End, now time.Time) []Event {
	k := key{s.SID, e.ID}
	st := m.open[k]
	if st == nil {
		return m.stray(s, e.ID)
	}
	if st.total >= 0 && int64(len(st.text)) != st.total {
		return m.drop(k, limits.StreamBroken)
	}
	m.close(k)
	if e.Reason != "" {
		return nil
	}
	attributes, events := m.merge(s, st.attributes, e.Attributes)
	if st.binary {
		return append(events, Bytes{
			SID: s.SID, From: st.from, Topic: st.topic, ID: e.ID, Mime: st.mime, Data: st.text, Attributes: attributes, Opened: st.opened,
		})
	}
	text := strings.ToValidUTF8(string(st.text), string(utf8.RuneError))
	if st.topic == m.cfg.Chat && !m.seen.fresh(newMessage(s.SID, e.ID, text, AsStream, now)) {
		return events
	}
	return append(events, Whole{SID: s.SID, From: st.from, Topic: st.topic, ID: e.ID, Text: text, Attributes: attributes})
}

// Message takes a chat message that came whole in one packet, as older clients send it. id is that
// of the message, the same as that of the stream of clients which send both; it may be empty.
func (m *Machine) Message(s Sender, id, text string, form Form, now time.Time) []Event {
	msg := newMessage(s.SID, id, text, form, now)
	switch {
	case !m.Reads(m.cfg.Chat):
		return nil
	case len(id) > maxID:
		return refuse(s, limits.StreamBroken)
	case len(text) > m.cfg.Limits.ChatBytes:
		return refuse(s, limits.ChatBytes)
	case m.seen.has(msg) || id != "" && m.Has(s.SID, id):
		return nil
	}
	if kind, ok := m.admit(s.Who, now); !ok {
		return refuse(s, kind)
	}
	m.seen.fresh(msg)
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	return []Event{Whole{SID: s.SID, From: s.As, Topic: m.cfg.Chat, ID: id, Text: text}}
}

// Left ends all streams of a sender who is gone. Nothing of them is handed out.
func (m *Machine) Left(sid string) {
	for k := range m.open {
		if k.sid == sid {
			m.close(k)
		}
	}
}

// Tick ends streams that are idle or too old.
func (m *Machine) Tick(now time.Time) []Event {
	var events []Event
	for _, k := range slices.SortedFunc(maps.Keys(m.open), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.sid, b.sid), cmp.Compare(a.id, b.id))
	}) {
		st := m.open[k]
		switch {
		case now.Sub(st.opened) >= m.cfg.Limits.StreamLife:
			events = append(events, m.drop(k, limits.StreamLife)...)
		case now.Sub(st.last) >= m.cfg.Limits.StreamIdle:
			events = append(events, m.drop(k, limits.StreamIdle)...)
		}
	}
	return events
}

// stray judges a packet of a stream that its sender has not open. The rest of one that was refused,
// or is not read here, looks like that, so only what aims at somebody else's stream is refused.
func (m *Machine) stray(s Sender, id string) []Event {
	if m.ids[id] == 0 {
		return nil
	}
	return refuse(s, limits.StreamForeign)
}

// drop ends a stream whose text is not handed out.
func (m *Machine) drop(k key, kind limits.Kind) []Event {
	who := m.open[k].who
	m.close(k)
	return []Event{Refused{Who: who, Kind: kind}}
}

func (m *Machine) close(k key) {
	delete(m.open, k)
	if m.count[k.sid]--; m.count[k.sid] == 0 {
		delete(m.count, k.sid)
	}
	if m.ids[k.id]--; m.ids[k.id] == 0 {
		delete(m.ids, k.id)
	}
}

// merge adds attributes to a copy as far as the limit of bytes reaches, in order of their names.
func (m *Machine) merge(s Sender, have, more map[string]string) (map[string]string, []Event) {
	if len(more) == 0 {
		return have, nil
	}
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	if left := limits.KeepAttributes(out, more, m.cfg.Limits.AttributeBytes); left > 0 {
		return out, refuse(s, limits.Attributes)
	}
	return out, nil
}

func refuse(s Sender, kind limits.Kind) []Event { return []Event{Refused{Who: s.Who, Kind: kind}} }

// cutLength returns how many bytes at the end begin a character that is not complete.
func cutLength(text []byte) int {
	for n := 1; n <= min(utf8.UTFMax, len(text)); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
