package limits

import (
	"cmp"
	"maps"
	"slices"
)

// Kind is what was refused. The set is closed; values are stable and may be printed and stored.
type Kind string

// Kinds of refusals.
const (
	ChatBytes     Kind = "chat_bytes"     // a message longer than allowed
	ChatRate      Kind = "chat_rate"      // more messages than one participant may send
	RoomChatRate  Kind = "room_chat_rate" // more messages than all may send
	ChatText      Kind = "chat_text"      // a message with control characters, or that is not UTF-8
	Streams       Kind = "streams"        // more open text streams than one participant may have
	RoomStreams   Kind = "room_streams"   // more open text streams than all may have
	StreamIdle    Kind = "stream_idle"    // a text stream to which nothing was added
	StreamLife    Kind = "stream_life"    // a text stream that did not end
	StreamForeign Kind = "stream_foreign" // a piece or the end of somebody else's text stream
	StreamBroken  Kind = "stream_broken"  // a text stream with a gap, without sense, or with an id in use
	StreamBytes   Kind = "stream_bytes"   // a byte stream longer than allowed
	StreamRate    Kind = "stream_rate"    // more byte streams of a topic than one participant may begin
	Session       Kind = "session"        // a message to a persona's session that is no request
	EarlyAudio    Kind = "early_audio"    // what was said while connecting, and could not be used
	DataRate      Kind = "data_rate"      // more data packets or bytes than allowed
	UserBytes     Kind = "user_bytes"     // a packet of user data longer than allowed
	Encrypted     Kind = "encrypted"      // a data packet encrypted end to end: this program has no key
	Malformed     Kind = "malformed"      // a data packet that is none
	Topic         Kind = "topic"          // data, or a stream, of a topic that nobody here reads: counted, and reported to nobody
	Calls         Kind = "calls"          // a remote procedure call of a method that is not served, or more calls than allowed
	AudioTracks   Kind = "audio_tracks"   // more audio tracks than one participant, or all, may have
	VideoTracks   Kind = "video_tracks"   // more video tracks than one participant, or all, may have
	Participants  Kind = "participants"   // a participant beyond those attended to
	Identity      Kind = "identity"       // an identity longer than allowed
	Names         Kind = "names"          // a name longer than is kept
	Metadata      Kind = "metadata"       // metadata longer than is kept
	Attributes    Kind = "attributes"     // attributes beyond those that are kept
	Updates       Kind = "updates"        // attributes that change more often than is delivered one by one
)

// listed bounds the participants that a Ledger keeps apart: the first who had something refused.
const listed = 32

// Stats are the refusals so far.
type Stats struct {
	// Refused counts them by kind, over everybody.
	Refused map[Kind]uint64 `json:"refused,omitempty"`
	// Participants are at most 32 of those concerned, the most refused first. They stay listed when
	// they leave.
	Participants []ParticipantStats `json:"participants,omitempty"`
	// Others is how much was refused of participants that are not listed.
	Others uint64 `json:"others,omitempty"`
}

// ParticipantStats are the refusals of one participant.
type ParticipantStats struct {
	Identity string          `json:"identity"`
	Refused  map[Kind]uint64 `json:"refused"`
}

// Ledger counts refusals.
type Ledger struct {
	all    map[Kind]uint64
	byName map[string]map[Kind]uint64
	others map[Kind]uint64
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{all: map[Kind]uint64{}, byName: map[string]map[Kind]uint64{}, others: map[Kind]uint64{}}
}

// Count adds one refusal and tells whether it is the first of its kind for that participant, so
// that it is worth a line. Participants that are not listed count as one.
func (l *Ledger) Count(who string, kind Kind) (first bool) {
	l.all[kind]++
	mine := l.byName[who]
	if mine == nil {
		mine = l.others
		if len(l.byName) < listed {
			mine = map[Kind]uint64{}
			l.byName[who] = mine
		}
	}
	mine[kind]++
	return mine[kind] == 1
}

// Stats returns a copy of the counts.
func (l *Ledger) Stats() Stats {
	s := Stats{}
	if len(l.all) > 0 {
		s.Refused = maps.Clone(l.all)
	}
	for who, refused := range l.byName {
		s.Participants = append(s.Participants, ParticipantStats{Identity: who, Refused: maps.Clone(refused)})
	}
	slices.SortFunc(s.Participants, func(a, b ParticipantStats) int {
		return cmp.Or(cmp.Compare(total(b.Refused), total(a.Refused)), cmp.Compare(a.Identity, b.Identity))
	})
	s.Others = total(l.others)
	return s
}

func total(counts map[Kind]uint64) uint64 {
	var sum uint64
	for _, n := range counts {
		sum += n
	}
	return sum
}
