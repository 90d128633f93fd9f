package lk

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// legacyChat is the topic of user data in which components of 2023 and 2024 send chat, as JSON.
const legacyChat = "lk-chat-topic"

// listenForData takes data packets off the connection before the SDK, which does not pass on who
// sent a piece of a stream. It is called when the connection has been made and nothing has come
// through it yet.
func (c *Connection) listenForData() {
	pc := c.sdk.LocalParticipant.GetSubscriberPeerConnection()
	if pc == nil {
		c.fail(fmt.Errorf("%w: there is no connection to receive on", ErrSDK))
		return
	}
	if err := errors.Join(c.offerCopies(pc), takeOrientation(pc), c.findWays(pc)); err != nil {
		c.fail(err)
		return
	}
	pc.OnDataChannel(func(dc *webrtc.DataChannel) {
		defer c.fence("OnDataChannel")
		switch dc.Label() {
		case reliableLabel, lossyLabel:
			c.seam.received(dc)
			dc.OnMessage(c.onData)
		}
	})
}

// offerCopies takes redundant audio on the connection that receives, and sends it where that is
// wanted. Errors: ErrSDK.
func (c *Connection) offerCopies(receives *webrtc.PeerConnection) error {
	if err := takeCopies(receives); err != nil || !c.cfg.Redundant {
		return err
	}
	sends := c.sdk.LocalParticipant.GetPublisherPeerConnection()
	if sends == nil {
		return fmt.Errorf("%w: there is no connection to send on", ErrSDK)
	}
	return takeCopies(sends)
}

// findWays says how the ways of media are looked for, on both connections. Errors: ErrSDK.
func (c *Connection) findWays(receives *webrtc.PeerConnection) error {
	sends := c.sdk.LocalParticipant.GetPublisherPeerConnection()
	if sends == nil {
		return fmt.Errorf("%w: there is no connection to send on", ErrSDK)
	}
	return errors.Join(c.cfg.Transport.apply(receives), c.cfg.Transport.apply(sends))
}

// onData runs in a goroutine of each channel.
func (c *Connection) onData(msg webrtc.DataChannelMessage) {
	defer c.fence("data packet")
	var packet livekit.DataPacket
	if msg.IsString || proto.Unmarshal(msg.Data, &packet) != nil {
		c.deliver(c.locked(func() []Event { return c.refusedLocked("", limits.Malformed) }))
		return
	}
	now := time.Now()
	c.deliver(c.locked(func() []Event { return c.take(&packet, len(msg.Data), now) }))
}

func (c *Connection) locked(f func() []Event) []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f()
}

func (c *Connection) deliver(events []Event) {
	for _, e := range events {
		c.push(e)
	}
}

// take judges one packet. What nobody here reads is counted, and not measured.
func (c *Connection) take(p *livekit.DataPacket, size int, now time.Time) []Event {
	s := c.sender(p)
	if p.ParticipantSid == c.self.SID && c.self.SID != "" {
		return nil
	}
	switch v := p.Value.(type) {
	case *livekit.DataPacket_StreamHeader:
		h := v.StreamHeader
		if !c.reads(h) {
			return c.unread(s, h.GetTopic())
		}
		return c.measured(s, size, now, func() []streams.Event { return c.header(s, h, now) })
	case *livekit.DataPacket_StreamChunk:
		piece := streams.Piece{ID: v.StreamChunk.GetStreamId(), Index: v.StreamChunk.GetChunkIndex(), Content: v.StreamChunk.GetContent()}
		add := func() []streams.Event { return c.streams.Add(s, piece, now) }
		if !c.streams.Has(s.SID, piece.ID) {
			return c.translate(add()) // a piece of somebody else's, or of a stream that nobody reads
		}
		return c.measured(s, size, now, add)
	case *livekit.DataPacket_StreamTrailer:
		t := v.StreamTrailer
		return c.translate(c.streams.Finish(s, streams.End{ID: t.GetStreamId(), Reason: t.GetReason(), Attributes: t.GetAttributes()}, now))
	case *livekit.DataPacket_ChatMessage:
		m := v.ChatMessage
		if m.GetDeleted() || m.EditTimestamp != nil || !c.streams.Reads(TopicChat) {
			return nil
		}
		return c.measured(s, size, now, func() []streams.Event {
			return c.streams.Message(s, m.GetId(), m.GetMessage(), streams.AsPacket, now)
		})
	case *livekit.DataPacket_User:
		if v.User.GetTopic() != legacyChat || !c.streams.Reads(TopicChat) {
			return c.unread(s, v.User.GetTopic())
		}
		return c.measured(s, size, now, func() []streams.Event { return c.legacy(s, v.User.GetPayload(), now) })
	case *livekit.DataPacket_EncryptedPacket:
		return c.refusedLocked(s.Who, limits.Encrypted)
	case *livekit.DataPacket_RpcRequest:
		return c.called(s, v.RpcRequest, now)
	}
	return nil
}

// reads tells whether a stream is read here.
func (c *Connection) reads(h *livekit.DataStream_Header) bool {
	if h.GetByteHeader() != nil {
		return c.streams.ReadsBytes(h.GetTopic())
	}
	return h.GetTextHeader() != nil && c.streams.Reads(h.GetTopic())
}

// unread counts what came on a topic that nobody here reads. It may be for other programs in the
// room, so nobody is told; what LiveKit's own clients and agents send each other is not counted
// either.
func (c *Connection) unread(s streams.Sender, topic string) []Event {
	if topic == TopicChat || !strings.HasPrefix(topic, "lk.") && !strings.HasPrefix(topic, "lk-") {
		c.ledger.Count(s.Who, limits.Topic)
	}
	return nil
}

// sender names who sent a packet. The server vouches for the id, and for the identity except where
// an agent speaks for somebody.
func (c *Connection) sender(p *livekit.DataPacket) streams.Sender {
	s := streams.Sender{SID: p.GetParticipantSid(), Who: p.GetParticipantIdentity(), As: p.GetParticipantIdentity()}
	if s.SID == "" {
		s.SID = s.As // a server that does not name ids
	}
	if m := c.roster.bySID[s.SID]; m != nil {
		s.Who = m.who.Identity
	}
	return s
}

// measured lets a packet through that is within the rates of its sender.
func (c *Connection) measured(s streams.Sender, size int, now time.Time, then func() []streams.Event) []Event {
	switch {
	case c.roster.bySID[s.SID] == nil && c.roster.full():
		return c.refusedLocked(s.Who, limits.Participants)
	case !c.packets.Take(s.Who, 1, now) || !c.bytes.Take(s.Who, size, now):
		return c.refusedLocked(s.Who, limits.DataRate)
	}
	return c.translate(then())
}

func (c *Connection) header(s streams.Sender, h *livekit.DataStream_Header, now time.Time) []streams.Event {
	if h.GetCompression() != livekit.DataStream_NONE {
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.StreamBroken}} // nobody was told that it could be read
	}
	total := int64(-1)
	if h.TotalLength != nil {
		total = int64(min(h.GetTotalLength(), math.MaxInt64)) // bounded
	}
	return c.streams.Begin(s, streams.Header{
		ID: h.GetStreamId(), Topic: h.GetTopic(), Attributes: h.GetAttributes(), Total: total, Inline: h.GetInlineContent(),
		Binary: h.GetByteHeader() != nil, Mime: h.GetMimeType(),
	}, now)
}

// legacy reads chat that came as user data.
func (c *Connection) legacy(s streams.Sender, payload []byte, now time.Time) []streams.Event {
	var msg struct {
		ID      string `json:"id"`
		Message string `json:"message"`
		// Ignore is set by clients that have sent the message as a stream too.
		Ignore bool `json:"ignoreLegacy"`
	}
	switch {
	case len(payload) > c.cfg.Limits.UserBytes:
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.UserBytes}}
	case json.Unmarshal(payload, &msg) != nil:
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.Malformed}}
	case msg.Ignore:
		return nil
	}
	return c.streams.Message(s, msg.ID, msg.Message, streams.AsData, now)
}

// translate turns what the machine of streams says into events.
func (c *Connection) translate(events []streams.Event) []Event {
	var out []Event
	for _, e := range events {
		switch e := e.(type) {
		case streams.Arrived:
			out = append(out, TextChunk{Topic: e.Topic, From: e.From, StreamID: e.ID, Text: e.Text, Agent: c.isAgent(e.SID)})
		case streams.Whole:
			out = append(out, TextReceived{
				Topic: e.Topic, From: e.From, StreamID: e.ID, Text: e.Text, Attributes: e.Attributes, Agent: c.isAgent(e.SID),
			})
		case streams.Begun:
			out = append(out, begun(e)...)
		case streams.Bytes:
			out = append(out, c.whole(e, time.Now())...)
		case streams.Refused:
			out = append(out, c.refusedLocked(e.Who, e.Kind)...)
		}
	}
	return out
}

func (c *Connection) isAgent(sid string) bool {
	m := c.roster.bySID[sid]
	return m != nil && m.who.Agent
}
