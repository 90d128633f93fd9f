package lk

import (
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// callVersion is that of remote procedure calls in packets. The newer form, in text streams, is
// sent only to those who say that they know it, which LiveKit's SDK for Go does not.
const callVersion = 1

// Bounds of remote procedure calls, in bytes. That of payloads is LiveKit's.
const (
	maxCall   = 128 // of an id that is answered
	maxMethod = 64
	// MaxPayload bounds what a call brings and what it is answered with.
	MaxPayload = lksdk.MaxPayloadBytes
)

// Called is a remote procedure call of a method that is served. It is acknowledged already, and
// answered with AnswerCall or RefuseCall.
type Called struct {
	Participant         Participant
	ID, Method, Payload string
	// Within is how long the caller waits, from when it was sent.
	Within time.Duration
}

func (Called) roomEvent() {}

// CallError is why a call is not answered: a code of LiveKit's, and a text of at most 256 bytes.
type CallError struct {
	Code uint32
	Text string
}

// callError is one of LiveKit's own reasons.
func callError(code lksdk.RpcErrorCode, text string) CallError { return CallError{uint32(code), text} }

// Failed is that of what a method itself refuses: LiveKit's code for it, with a text that begins
// with one stable word.
func Failed(text string) CallError { return callError(lksdk.RpcApplicationError, text) }

// called judges a call: acknowledges it, and refuses what is not served. Calls are bounded by the
// rate of chat; who calls more often is not answered.
func (c *Connection) called(s streams.Sender, req *livekit.RpcRequest, now time.Time) []Event {
	if s.As == "" || len(req.GetId()) > maxCall || !c.calls.Take(s.Who, 1, now) {
		return c.refusedLocked(s.Who, limits.Calls)
	}
	c.out.put("rpc", &livekit.DataPacket{DestinationIdentities: []string{s.As}, Value: &livekit.DataPacket_RpcAck{
		RpcAck: &livekit.RpcAck{RequestId: req.GetId()},
	}})
	var why CallError
	switch {
	case len(req.GetMethod()) > maxMethod || !slices.Contains(c.cfg.Methods, req.GetMethod()):
		why = callError(lksdk.RpcUnsupportedMethod, "Method not supported at destination")
	case req.GetVersion() != callVersion:
		why = callError(lksdk.RpcUnsupportedVersion, "Unsupported RPC version")
	case len(req.GetPayload()) > MaxPayload:
		why = callError(lksdk.RpcRequestPayloadTooLarge, "Request payload too large")
	default:
		return []Event{Called{
			Participant: c.sends(s.SID, s.As), ID: req.GetId(), Method: req.GetMethod(), Payload: req.GetPayload(),
			Within: time.Duration(req.GetResponseTimeoutMs()) * time.Millisecond,
		}}
	}
	c.out.put("rpc", callRefused(s.As, req.GetId(), why))
	return c.refusedLocked(s.Who, limits.Calls)
}

// AnswerCall answers a call. It returns at once. Errors: ErrClosed.
func (c *Connection) AnswerCall(to, id, payload string) error {
	if len(payload) > MaxPayload {
		return c.RefuseCall(to, id, callError(lksdk.RpcResponsePayloadTooLarge, "Response payload too large"))
	}
	_, err := c.send("rpc", &livekit.DataPacket{DestinationIdentities: []string{to}, Value: &livekit.DataPacket_RpcResponse{
		RpcResponse: &livekit.RpcResponse{RequestId: id, Value: &livekit.RpcResponse_Payload{Payload: payload}},
	}})
	return err
}

// RefuseCall says why a call is not done. It returns at once. Errors: ErrClosed.
func (c *Connection) RefuseCall(to, id string, why CallError) error {
	_, err := c.send("rpc", callRefused(to, id, why))
	return err
}

func callRefused(to, id string, why CallError) *livekit.DataPacket {
	return &livekit.DataPacket{DestinationIdentities: []string{to}, Value: &livekit.DataPacket_RpcResponse{
		RpcResponse: &livekit.RpcResponse{RequestId: id, Value: &livekit.RpcResponse_Error{
			Error: &livekit.RpcError{Code: why.Code, Message: limits.Cut(why.Text, 256)},
		}},
	}}
}
