package lk

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// Topics and attributes that LiveKit's front ends know.
const (
	TopicTranscription = "lk.transcription"
	TopicChat          = "lk.chat"

	AttrSegmentID = "lk.segment_id"
	AttrFinal     = "lk.transcription_final"
	AttrTrackID   = "lk.transcribed_track_id"
	AttrState     = "lk.agent.state"
)

const maxChunk = 15_000 // bytes of one data stream chunk, the size the SDKs use

// rawPacket sends a packet that the SDK has no constructor for.
type rawPacket struct{ packet *livekit.DataPacket }

// ToProto implements lksdk.DataPacket.
func (p rawPacket) ToProto() *livekit.DataPacket { return p.packet }

// TextStream is an outgoing text stream whose chunks are deltas. Its methods are safe from any
// goroutine and return at once: what is written waits in the outbox, and what cannot be sent is
// reported as SendFailed. After Close they return ErrClosed.
type TextStream struct {
	conn      *Connection
	id, topic string

	mu     sync.Mutex
	next   uint64
	broken bool // a piece is lost: what follows would be refused by whoever receives it
	closed bool
}

// OpenText starts a text stream. as is the identity shown as its sender, empty for the own one; the
// server lets agents only set another. Errors: ErrClosed.
func (c *Connection) OpenText(topic, as string, attrs map[string]string) (*TextStream, error) {
	s := &TextStream{conn: c, id: uuid.NewString(), topic: topic}
	header := &livekit.DataStream_Header{
		StreamId: s.id, MimeType: "text/plain", Topic: topic, Timestamp: time.Now().UnixMilli(), Attributes: attrs,
		ContentHeader: &livekit.DataStream_Header_TextHeader{
			TextHeader: &livekit.DataStream_TextHeader{OperationType: livekit.DataStream_CREATE},
		},
	}
	sent, err := c.send(topic, &livekit.DataPacket{ParticipantIdentity: as, Value: &livekit.DataPacket_StreamHeader{StreamHeader: header}})
	s.broken = !sent
	if err != nil {
		return nil, fmt.Errorf("open text stream on %s: %w", topic, err)
	}
	return s, nil
}

// Write appends text to the stream. Errors: ErrClosed.
func (s *TextStream) Write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	for len(text) > 0 && !s.broken {
		n := len(limits.Cut(text, maxChunk))
		chunk := &livekit.DataStream_Chunk{StreamId: s.id, ChunkIndex: s.next, Content: []byte(text[:n])}
		sent, err := s.conn.send(s.topic, &livekit.DataPacket{Value: &livekit.DataPacket_StreamChunk{StreamChunk: chunk}})
		if err != nil {
			return fmt.Errorf("write text stream: %w", err)
		}
		s.broken = !sent
		s.next++
		text = text[n:]
	}
	return nil
}

// Close ends the stream; attrs are added to those of the header, by receivers that read them.
// Errors: ErrClosed, when the room is left.
func (s *TextStream) Close(attrs map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	trailer := &livekit.DataStream_Trailer{StreamId: s.id, Attributes: attrs}
	if s.broken {
		trailer.Reason = "error"
	}
	_, err := s.conn.send(s.topic, &livekit.DataPacket{Value: &livekit.DataPacket_StreamTrailer{StreamTrailer: trailer}})
	if err != nil {
		return fmt.Errorf("close text stream: %w", err)
	}
	return nil
}

// SendText sends a whole text as one stream. It returns at once. Errors: ErrClosed.
func (c *Connection) SendText(topic, as, text string, attrs map[string]string) error {
	s, err := c.OpenText(topic, as, attrs)
	if err != nil {
		return err
	}
	if err := s.Write(text); err != nil {
		return err
	}
	return s.Close(nil)
}

// SendTranscription sends the packet that older front ends read beside the text stream. It returns
// at once. Errors: ErrClosed.
func (c *Connection) SendTranscription(identity, trackID string, seg *livekit.TranscriptionSegment) error {
	_, err := c.send(TopicTranscription, &livekit.DataPacket{Value: &livekit.DataPacket_Transcription{Transcription: &livekit.Transcription{
		TranscribedParticipantIdentity: identity, TrackId: trackID, Segments: []*livekit.TranscriptionSegment{seg},
	}}})
	return err
}

// SetAttributes changes own attributes. It returns at once; a later value replaces one that waits
// to be sent.
func (c *Connection) SetAttributes(attrs map[string]string) { c.out.attributes(attrs) }

// Sends returns what was sent so far, and what was not.
func (c *Connection) Sends() SendStats { return c.out.counts() }

// send puts a packet into the outbox, and tells whether there was room.
func (c *Connection) send(topic string, packet *livekit.DataPacket) (bool, error) {
	select {
	case <-c.done:
		return false, ErrClosed
	case <-c.broken:
		return false, ErrClosed
	default:
	}
	return c.out.put(topic, packet), nil
}

// publish hands a packet to the connection, in the outbox's goroutine. It waits up to 5 s for a
// connection that is being made.
func (c *Connection) publish(packet *livekit.DataPacket) error {
	return c.sdk.LocalParticipant.PublishDataPacket(
		rawPacket{packet}, lksdk.WithDataPublishReliable(true), lksdk.WithDataPublishDestination(packet.GetDestinationIdentities()),
	)
}

// congested tells whether the connection has not yet passed on what it was given.
func (c *Connection) congested() bool {
	dc := c.seam.engine.GetDataChannel(livekit.DataPacket_RELIABLE)
	return dc != nil && dc.BufferedAmount() > sentUnread
}
