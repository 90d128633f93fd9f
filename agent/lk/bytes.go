package lk

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// Topics of byte streams that LiveKit's front ends send to an agent.
const (
	TopicSession    = "lk.agent.session"
	TopicEarlyAudio = "lk.agent.pre-connect-audio-buffer"
)

// Attributes of the audio from before connecting.
const (
	attrEarlyTrack    = "trackId"
	attrEarlyRate     = "sampleRate"
	attrEarlyChannels = "channels"
)

// EarlyAudioBytes bounds what somebody said while connecting: 10 s of what browsers record it with,
// Opus at 128 kbit/s, twice.
const EarlyAudioBytes = 320 << 10

// Rates at which one participant may begin byte streams of a topic. A debug panel asks for some
// things when it is opened, and polls; a microphone is published once in a while.
func byteTopics(l limits.Limits) map[string]streams.ByteTopic {
	return map[string]streams.ByteTopic{
		TopicSession:    {Most: l.ChatBytes + 1<<10, Rate: limits.Rate{Burst: 20, Per: 10, Every: time.Second}},
		TopicEarlyAudio: {Most: EarlyAudioBytes, Rate: limits.Rate{Burst: 4, Per: 12, Every: time.Minute}},
	}
}

// EarlyAudio is what somebody said while they were connecting, as their client recorded it.
type EarlyAudio struct {
	// From is the sender, and Track the server's id of the microphone that it belongs to.
	From, Track string
	// Mime says what the data are: audio/webm;codecs=opus, audio/ogg, audio/opus; raw 16 bit
	// samples where it is empty.
	Mime string
	// Rate and Channels are as the client says; they may be nonsense.
	Rate, Channels string
	Data           []byte
	// Begun is when the first of it arrived, Whole when the last did.
	Begun, Whole time.Time
}

// EarlyBegun reports that what somebody said while connecting has begun to arrive. Their client
// goes on recording until somebody subscribes to the microphone, and then ends the stream:
// EarlyAudio. LiveKit's client for pages misses a subscription that comes before this.
type EarlyBegun struct{ From, Track string }

// begun turns a stream of bytes that was opened into an event.
func begun(e streams.Begun) []Event {
	if track := e.Attributes[attrEarlyTrack]; e.Topic == TopicEarlyAudio && track != "" {
		return []Event{EarlyBegun{From: e.From, Track: track}}
	}
	return nil
}

// Refuse counts something of a participant that could not be used, beside what this package finds.
// It tells whether it is the first of its kind.
func (c *Connection) Refuse(who string, kind limits.Kind) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.Count(who, kind)
}

// SendBytes sends a whole stream of bytes to those participants only. It returns at once. Errors:
// ErrClosed.
func (c *Connection) SendBytes(topic string, to []string, data []byte) error {
	id, total := uuid.NewString(), uint64(len(data))
	packets := []*livekit.DataPacket{{Value: &livekit.DataPacket_StreamHeader{StreamHeader: &livekit.DataStream_Header{
		StreamId: id, MimeType: "application/octet-stream", Topic: topic, Timestamp: time.Now().UnixMilli(), TotalLength: &total,
		ContentHeader: &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{Name: topic}},
	}}}}
	for i := uint64(0); len(data) > 0; i++ {
		n := min(len(data), maxChunk)
		chunk := &livekit.DataStream_Chunk{StreamId: id, ChunkIndex: i, Content: data[:n]}
		packets = append(packets, &livekit.DataPacket{Value: &livekit.DataPacket_StreamChunk{StreamChunk: chunk}})
		data = data[n:]
	}
	packets = append(packets, &livekit.DataPacket{Value: &livekit.DataPacket_StreamTrailer{StreamTrailer: &livekit.DataStream_Trailer{StreamId: id}}})
	for _, p := range packets {
		p.DestinationIdentities = to
		sent, err := c.send(topic, p)
		if err != nil {
			return fmt.Errorf("send bytes on %s: %w", topic, err)
		}
		if !sent {
			return nil // it is counted; what would follow is of no use
		}
	}
	return nil
}

// sendMessage sends a message as a stream of bytes.
func (c *Connection) sendMessage(topic string, to []string, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return fmt.Errorf("send bytes on %s: %w", topic, err)
	}
	return c.SendBytes(topic, to, data)
}
