package limits

import (
	"fmt"
	"time"
)

// Limits bounds what the participants of one room can send. A zero field means its default. Sizes
// are bytes.
type Limits struct {
	// ChatBytes of one message, chat or any other text stream that is read. A longer one is refused
	// whole: half a question has another meaning.
	ChatBytes int
	// ChatsPerMinute and ChatBurst of one participant: so many at once, then so many a minute.
	ChatsPerMinute, ChatBurst int
	// RoomChatsPerMinute and RoomChatBurst of all participants together.
	RoomChatsPerMinute, RoomChatBurst int

	// Streams are text streams open at the same time, of one participant and of all.
	Streams, RoomStreams int
	// StreamIdle ends a text stream to which nothing was added for so long, StreamLife any stream
	// that is so old.
	StreamIdle, StreamLife time.Duration

	// DataPackets and DataBytes that one participant may send a second, through both data channels;
	// twice as many at once.
	DataPackets, DataBytes int
	// UserBytes of one packet of user data, which older clients send chat in.
	UserBytes int

	// AudioTracks and VideoTracks that are attended to, of one participant and of all.
	AudioTracks, VideoTracks         int
	RoomAudioTracks, RoomVideoTracks int
	// Participants that are attended to. Of those beyond, nothing is heard, seen or read.
	Participants int
	// NameBytes kept of a participant's or track's name. Identities are keys and never cut: who has
	// a longer one than IdentityBytes is not attended to.
	NameBytes, IdentityBytes int
	// MetadataBytes and AttributeBytes kept of one participant; more than that is not kept at all.
	MetadataBytes, AttributeBytes int
	// Updates of attributes that one participant may make a minute, and at once. Later ones are
	// delivered together.
	UpdatesPerMinute, UpdateBurst int

	// LogLines a second of what the LiveKit SDK logs; the rest is counted.
	LogLines int
}

// Default returns the limits of a room of people who talk, with room to spare: a person types a few
// messages a minute, opens one stream at a time and has one microphone, camera and screen. Front
// ends send about ten data packets a second at most.
func Default() Limits {
	return Limits{
		ChatBytes: 16 << 10, ChatsPerMinute: 20, ChatBurst: 6, RoomChatsPerMinute: 120, RoomChatBurst: 24,
		Streams: 8, RoomStreams: 64, StreamIdle: 30 * time.Second, StreamLife: 10 * time.Minute,
		DataPackets: 100, DataBytes: 256 << 10, UserBytes: 32 << 10,
		AudioTracks: 2, VideoTracks: 2, RoomAudioTracks: 16, RoomVideoTracks: 16,
		Participants: 64, NameBytes: 256, IdentityBytes: 512, MetadataBytes: 4 << 10, AttributeBytes: 8 << 10,
		UpdatesPerMinute: 120, UpdateBurst: 20, LogLines: 20,
	}
}

// Field is one limit, for those who read and print them.
type Field struct {
	// Key is its name in a configuration, Doc one line for people.
	Key, Doc string
	// Int points to a number, Duration to a time; one of them is nil.
	Int      *int
	Duration *time.Duration
	// Bytes is true for sizes.
	Bytes bool
}

// Fields lists every limit of l in the order of the documentation. The pointers reach into l.
func (l *Limits) Fields() []Field {
	number := func(key string, at *int, doc string) Field { return Field{Key: key, Doc: doc, Int: at} }
	size := func(key string, at *int, doc string) Field { return Field{Key: key, Doc: doc, Int: at, Bytes: true} }
	span := func(key string, at *time.Duration, doc string) Field { return Field{Key: key, Doc: doc, Duration: at} }
	return []Field{
		size("chat_bytes", &l.ChatBytes, "of one chat message or other text; a longer one is refused"),
		number("chats_per_minute", &l.ChatsPerMinute, "chat messages of one participant a minute"),
		number("chat_burst", &l.ChatBurst, "chat messages of one participant at once"),
		number("room_chats_per_minute", &l.RoomChatsPerMinute, "chat messages of all participants a minute"),
		number("room_chat_burst", &l.RoomChatBurst, "chat messages of all participants at once"),
		number("streams", &l.Streams, "open text streams of one participant"),
		number("room_streams", &l.RoomStreams, "open text streams of all participants"),
		span("stream_idle", &l.StreamIdle, "after which a text stream without a new piece ends"),
		span("stream_life", &l.StreamLife, "after which any text stream ends"),
		number("data_packets", &l.DataPackets, "data packets of one participant a second"),
		size("data_bytes", &l.DataBytes, "of data packets of one participant a second"),
		size("user_bytes", &l.UserBytes, "of one packet of user data, as older clients send chat"),
		number("audio_tracks", &l.AudioTracks, "audio tracks of one participant that are attended to"),
		number("video_tracks", &l.VideoTracks, "video tracks of one participant that are attended to"),
		number("room_audio_tracks", &l.RoomAudioTracks, "audio tracks of all participants that are attended to"),
		number("room_video_tracks", &l.RoomVideoTracks, "video tracks of all participants that are attended to"),
		number("participants", &l.Participants, "participants that are attended to"),
		size("name_bytes", &l.NameBytes, "kept of the name of a participant or track"),
		size("identity_bytes", &l.IdentityBytes, "of an identity; who has a longer one is not attended to"),
		size("metadata_bytes", &l.MetadataBytes, "of a participant's metadata; longer ones are not kept"),
		size("attribute_bytes", &l.AttributeBytes, "of a participant's attributes; those beyond are not kept"),
		number("updates_per_minute", &l.UpdatesPerMinute, "changes of one participant's attributes a minute"),
		number("update_burst", &l.UpdateBurst, "changes of one participant's attributes at once"),
		number("log_lines", &l.LogLines, "lines a second of the LiveKit SDK's log; the rest is counted"),
	}
}

// MaxNumber is the largest number that a limit may be: what is larger is a slip of the pen, and
// arithmetic on it might overflow.
const MaxNumber = 1 << 20

const ( // the same of bytes and of lengths of time
	maxBytes = 64 << 20
	maxSpan  = 24 * time.Hour
)

// Validate puts defaults into zero fields and refuses what contradicts itself. Errors: *FieldError,
// which wraps ErrLimits.
func (l *Limits) Validate() error {
	std := Default()
	defaults := std.Fields()
	for i, f := range l.Fields() {
		if err := f.fill(defaults[i]); err != nil {
			return err
		}
	}
	for _, pair := range []struct {
		key      string
		low, all int
	}{
		{"room_streams", l.Streams, l.RoomStreams},
		{"room_chats_per_minute", l.ChatsPerMinute, l.RoomChatsPerMinute},
		{"room_chat_burst", l.ChatBurst, l.RoomChatBurst},
		{"room_audio_tracks", l.AudioTracks, l.RoomAudioTracks},
		{"room_video_tracks", l.VideoTracks, l.RoomVideoTracks},
	} {
		if pair.all < pair.low {
			return &FieldError{Key: pair.key, Problem: fmt.Sprintf("is %d, must be at least that of one participant, %d", pair.all, pair.low)}
		}
	}
	if l.StreamLife < l.StreamIdle {
		return &FieldError{Key: "stream_life", Problem: fmt.Sprintf("is %s, must be at least stream_idle, %s", l.StreamLife, l.StreamIdle)}
	}
	return nil
}

// fill puts the default into an empty field and looks at the range of a full one.
func (f Field) fill(std Field) error {
	if f.Duration != nil {
		if *f.Duration == 0 {
			*f.Duration = *std.Duration
		}
		if *f.Duration < time.Millisecond || *f.Duration > maxSpan {
			return &FieldError{Key: f.Key, Problem: fmt.Sprintf("is %s, must be between 1ms and %s", *f.Duration, maxSpan)}
		}
		return nil
	}
	if *f.Int == 0 {
		*f.Int = *std.Int
	}
	most := MaxNumber
	if f.Bytes {
		most = maxBytes
	}
	if *f.Int < 1 || *f.Int > most {
		return &FieldError{Key: f.Key, Problem: fmt.Sprintf("is %d, must be between 1 and %d", *f.Int, most)}
	}
	return nil
}
