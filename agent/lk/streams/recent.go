package streams

import (
	"crypto/sha256"
	"strings"
	"time"
)

const (
	recentMessages = 256             // more than the room's rate lets through within bothForms
	bothForms      = 5 * time.Second // clients send the forms of a message in one go; no person repeats it that fast in another form
)

// Form is how a chat message was sent.
type Form int

// Forms of chat messages.
const (
	// AsStream is a text stream, as clients of 2025 and later send it.
	AsStream Form = iota
	// AsPacket is the protocol's own chat packet.
	AsPacket
	// AsData is JSON in a packet of user data, as components of 2023 and 2024 send it.
	AsData
)

// message is what is remembered of one that was handed out. The texts are compared where a client
// gives the forms different ids.
type message struct {
	sid, id string
	text    [sha256.Size]byte
	form    Form
	at      time.Time
}

func newMessage(sid, id, text string, form Form, now time.Time) message {
	return message{sid: sid, id: id, text: sha256.Sum256([]byte(strings.TrimSpace(text))), form: form, at: now}
}

// again tells whether m is old once more.
func (m message) again(old message) bool {
	if m.sid != old.sid || m.at.Sub(old.at) > bothForms {
		return false
	}
	return m.id != "" && m.id == old.id || m.form != old.form && m.text == old.text
}

// recent remembers the last messages, so that one which a client sends in several forms is handed
// out once.
type recent struct{ last []message }

// fresh remembers a message, and tells whether it is not one of the last once more.
func (r *recent) fresh(m message) bool {
	if r.has(m) {
		return false
	}
	n := 0
	for n < len(r.last) && (m.at.Sub(r.last[n].at) > bothForms || len(r.last)-n >= recentMessages) {
		n++
	}
	r.last = append(r.last[:copy(r.last, r.last[n:])], m)
	return true
}

func (r *recent) has(m message) bool {
	for _, old := range r.last {
		if m.again(old) {
			return true
		}
	}
	return false
}
