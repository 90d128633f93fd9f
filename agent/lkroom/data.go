package lkroom

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lkroom/streams"
)

// Labels of the data channels, as server and SDKs name them.
const (
	reliableLabel = "_reliable"
	lossyLabel    = "_lossy"
)

// legacyChat is the topic of user data in which components of 2023 and 2024 send chat, as JSON.
const legacyChat = "lk-chat-topic"

// maxCall bounds the id of a remote procedure call that is answered, in bytes.
const maxCall = 128

// listenForData takes data packets off the connection before the SDK, which does not pass on who sent a piece of a stream. It is called
// when the connection has been made and nothing has come through it yet.
func (r *Room) listenForData() {
	pc := r.sdk.LocalParticipant.GetSubscriberPeerConnection()
	if pc == nil {
		r.fail(fmt.Errorf("%w: there is no connection to receive on", ErrSDK))
		return
	}
	pc.OnDataChannel(func(dc *webrtc.DataChannel) {
		defer r.fence("OnDataChannel")
		switch dc.Label() {
		case reliableLabel, lossyLabel:
			r.seam.received(dc)
			dc.OnMessage(r.onData)
		}
	})
}

// onData runs in a goroutine of each channel.
func (r *Room) onData(msg webrtc.DataChannelMessage) {
	defer r.fence("data packet")
	var packet livekit.DataPacket
	if msg.IsString || proto.Unmarshal(msg.Data, &packet) != nil {
		r.deliver(r.locked(func() []Event { return r.refusedLocked("", limits.Malformed) }))
		return
	}
	now := time.Now()
	r.deliver(r.locked(func() []Event { return r.take(&packet, len(msg.Data), now) }))
}

func (r *Room) locked(f func() []Event) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f()
}

func (r *Room) deliver(events []Event) {
	for _, e := range events {
		r.push(e)
	}
}

// take judges one packet. What nobody here reads, and nobody sends in order to do harm, is neither counted nor measured.
func (r *Room) take(p *livekit.DataPacket, size int, now time.Time) []Event {
	s := r.sender(p)
	if p.ParticipantSid == r.self.SID && r.self.SID != "" {
		return nil
	}
	switch v := p.Value.(type) {
	case *livekit.DataPacket_StreamHeader:
		h := v.StreamHeader
		if h.GetTextHeader() == nil || !r.streams.Reads(h.GetTopic()) {
			return nil
		}
		return r.measured(s, size, now, func() []streams.Event { return r.header(s, h, now) })
	case *livekit.DataPacket_StreamChunk:
		piece := streams.Piece{ID: v.StreamChunk.GetStreamId(), Index: v.StreamChunk.GetChunkIndex(), Content: v.StreamChunk.GetContent()}
		add := func() []streams.Event { return r.streams.Add(s, piece, now) }
		if !r.streams.Has(s.SID, piece.ID) {
			return r.translate(add()) // a piece of somebody else's, or of a stream that nobody reads
		}
		return r.measured(s, size, now, add)
	case *livekit.DataPacket_StreamTrailer:
		t := v.StreamTrailer
		return r.translate(r.streams.Finish(s, streams.End{ID: t.GetStreamId(), Reason: t.GetReason(), Attributes: t.GetAttributes()}, now))
	case *livekit.DataPacket_ChatMessage:
		m := v.ChatMessage
		if m.GetDeleted() || m.EditTimestamp != nil || !r.streams.Reads(TopicChat) {
			return nil
		}
		return r.measured(s, size, now, func() []streams.Event {
			return r.streams.Message(s, m.GetId(), m.GetMessage(), streams.AsPacket, now)
		})
	case *livekit.DataPacket_User:
		if v.User.GetTopic() != legacyChat || !r.streams.Reads(TopicChat) {
			return nil
		}
		return r.measured(s, size, now, func() []streams.Event { return r.legacy(s, v.User.GetPayload(), now) })
	case *livekit.DataPacket_EncryptedPacket:
		return r.refusedLocked(s.Who, limits.Encrypted)
	case *livekit.DataPacket_RpcRequest:
		return r.call(s, v.RpcRequest, now)
	}
	return nil
}

// sender names who sent a packet. The server vouches for the id, and for the identity except where an agent speaks for somebody.
func (r *Room) sender(p *livekit.DataPacket) streams.Sender {
	s := streams.Sender{SID: p.GetParticipantSid(), Who: p.GetParticipantIdentity(), As: p.GetParticipantIdentity()}
	if s.SID == "" {
		s.SID = s.As // a server that does not name ids
	}
	if m := r.roster.bySID[s.SID]; m != nil {
		s.Who = m.who.Identity
	}
	return s
}

// measured lets a packet through that is within the rates of its sender.
func (r *Room) measured(s streams.Sender, size int, now time.Time, then func() []streams.Event) []Event {
	switch {
	case r.roster.bySID[s.SID] == nil && r.roster.full():
		return r.refusedLocked(s.Who, limits.Participants)
	case !r.packets.Take(s.Who, 1, now) || !r.bytes.Take(s.Who, size, now):
		return r.refusedLocked(s.Who, limits.DataRate)
	}
	return r.translate(then())
}

func (r *Room) header(s streams.Sender, h *livekit.DataStream_Header, now time.Time) []streams.Event {
	if h.GetCompression() != livekit.DataStream_NONE {
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.StreamBroken}} // nobody was told that it could be read
	}
	total := int64(-1)
	if h.TotalLength != nil {
		total = int64(min(h.GetTotalLength(), math.MaxInt64)) //nolint:gosec // bounded
	}
	return r.streams.Begin(s, streams.Header{
		ID: h.GetStreamId(), Topic: h.GetTopic(), Attributes: h.GetAttributes(), Total: total, Inline: h.GetInlineContent(),
	}, now)
}

// legacy reads chat that came as user data.
func (r *Room) legacy(s streams.Sender, payload []byte, now time.Time) []streams.Event {
	var msg struct {
		ID      string `json:"id"`
		Message string `json:"message"`
		// Ignore is set by clients that have sent the message as a stream too.
		Ignore bool `json:"ignoreLegacy"`
	}
	switch {
	case len(payload) > r.cfg.Limits.UserBytes:
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.UserBytes}}
	case json.Unmarshal(payload, &msg) != nil:
		return []streams.Event{streams.Refused{Who: s.Who, Kind: limits.Malformed}}
	case msg.Ignore:
		return nil
	}
	return r.streams.Message(s, msg.ID, msg.Message, streams.AsData, now)
}

// call refuses a remote procedure call, and says so to the caller as far as the rate of chat allows: none is served here.
func (r *Room) call(s streams.Sender, req *livekit.RpcRequest, now time.Time) []Event {
	if s.As != "" && len(req.GetId()) <= maxCall && r.calls.Take(s.Who, 1, now) {
		to := []string{s.As}
		r.out.put("rpc", &livekit.DataPacket{DestinationIdentities: to, Value: &livekit.DataPacket_RpcAck{
			RpcAck: &livekit.RpcAck{RequestId: req.GetId()},
		}})
		r.out.put("rpc", &livekit.DataPacket{DestinationIdentities: to, Value: &livekit.DataPacket_RpcResponse{
			RpcResponse: &livekit.RpcResponse{RequestId: req.GetId(), Value: &livekit.RpcResponse_Error{
				Error: &livekit.RpcError{Code: uint32(lksdk.RpcUnsupportedMethod), Message: "Method not supported at destination"},
			}},
		}})
	}
	return r.refusedLocked(s.Who, limits.Calls)
}

// translate turns what the machine of streams says into events.
func (r *Room) translate(events []streams.Event) []Event {
	var out []Event
	for _, e := range events {
		switch e := e.(type) {
		case streams.Arrived:
			out = append(out, TextChunk{Topic: e.Topic, From: e.From, StreamID: e.ID, Text: e.Text, Agent: r.isAgent(e.SID)})
		case streams.Whole:
			out = append(out, TextReceived{
				Topic: e.Topic, From: e.From, StreamID: e.ID, Text: e.Text, Attributes: e.Attributes, Agent: r.isAgent(e.SID),
			})
		case streams.Refused:
			out = append(out, r.refusedLocked(e.Who, e.Kind)...)
		}
	}
	return out
}

func (r *Room) isAgent(sid string) bool {
	m := r.roster.bySID[sid]
	return m != nil && m.who.Agent
}
