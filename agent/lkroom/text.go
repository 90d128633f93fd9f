package lkroom

import (
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
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

// TextStream is an outgoing text stream whose chunks are deltas. Its methods are safe from any goroutine; after Close they
// return ErrClosed.
type TextStream struct {
	room *Room
	id   string
	as   string

	mu     sync.Mutex
	next   uint64
	closed bool
}

// OpenText starts a text stream. as is the identity shown as its sender, empty for the own one; the server lets agents only
// set another.
func (r *Room) OpenText(topic, as string, attrs map[string]string) (*TextStream, error) {
	s := &TextStream{room: r, id: uuid.NewString(), as: as}
	header := &livekit.DataStream_Header{
		StreamId: s.id, MimeType: "text/plain", Topic: topic, Timestamp: time.Now().UnixMilli(), Attributes: attrs,
		ContentHeader: &livekit.DataStream_Header_TextHeader{
			TextHeader: &livekit.DataStream_TextHeader{OperationType: livekit.DataStream_CREATE},
		},
	}
	packet := &livekit.DataPacket{ParticipantIdentity: as, Value: &livekit.DataPacket_StreamHeader{StreamHeader: header}}
	if err := r.send(packet); err != nil {
		return nil, fmt.Errorf("open text stream on %s: %w", topic, err)
	}
	return s, nil
}

// Write appends text to the stream.
func (s *TextStream) Write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	for len(text) > 0 {
		n := cut(text, maxChunk)
		chunk := &livekit.DataStream_Chunk{StreamId: s.id, ChunkIndex: s.next, Content: []byte(text[:n])}
		packet := &livekit.DataPacket{ParticipantIdentity: s.as, Value: &livekit.DataPacket_StreamChunk{StreamChunk: chunk}}
		if err := s.room.send(packet); err != nil {
			return fmt.Errorf("write text stream: %w", err)
		}
		s.next++
		text = text[n:]
	}
	return nil
}

// Close ends the stream; attrs replace those of the header for receivers that read them.
func (s *TextStream) Close(attrs map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	trailer := &livekit.DataStream_Trailer{StreamId: s.id, Attributes: attrs}
	packet := &livekit.DataPacket{ParticipantIdentity: s.as, Value: &livekit.DataPacket_StreamTrailer{StreamTrailer: trailer}}
	if err := s.room.send(packet); err != nil {
		return fmt.Errorf("close text stream: %w", err)
	}
	return nil
}

// SendText sends a whole text as one stream.
func (r *Room) SendText(topic, as, text string, attrs map[string]string) error {
	s, err := r.OpenText(topic, as, attrs)
	if err != nil {
		return err
	}
	if err := s.Write(text); err != nil {
		return err
	}
	return s.Close(nil)
}

// SendTranscription sends the packet that older front ends read beside the text stream.
func (r *Room) SendTranscription(identity, trackID string, seg *livekit.TranscriptionSegment) error {
	return r.send(&livekit.DataPacket{Value: &livekit.DataPacket_Transcription{Transcription: &livekit.Transcription{
		TranscribedParticipantIdentity: identity, TrackId: trackID, Segments: []*livekit.TranscriptionSegment{seg},
	}}})
}

func (r *Room) send(packet *livekit.DataPacket) error {
	select {
	case <-r.done:
		return ErrClosed
	default:
	}
	return r.sdk.LocalParticipant.PublishDataPacket(rawPacket{packet}, lksdk.WithDataPublishReliable(true))
}

// cut returns the length of the longest prefix of at most limit bytes that ends between runes.
func cut(text string, limit int) int {
	if len(text) <= limit {
		return len(text)
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return limit
}
