package lk

import (
	"runtime/debug"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit/agent"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk/streams"
)

// Framework is what this program calls itself to those who ask.
const Framework = "sensory-agent"

// SessionAsk is what a participant may ask a persona's session for, in LiveKit's words.
type SessionAsk string

// Everything that can be asked for. What is none of these is AskUnknown.
const (
	AskPing      SessionAsk = "ping"
	AskHistory   SessionAsk = "get_chat_history"
	AskState     SessionAsk = "get_session_state"
	AskUsage     SessionAsk = "get_session_usage"
	AskInfo      SessionAsk = "get_agent_info"
	AskFramework SessionAsk = "get_framework_info"
	AskRun       SessionAsk = "run_input"
	AskStats     SessionAsk = "get_rtc_stats"
	AskIO        SessionAsk = "update_io"
	AskSimulated SessionAsk = "finalize_simulation"
	AskUnknown   SessionAsk = "unknown"
)

// SessionAsked is a request to the persona's session. It is answered with AnswerSession.
type SessionAsked struct {
	Participant Participant
	ID          string
	Ask         SessionAsk
	// Text is that of AskRun.
	Text string
}

func (SessionAsked) roomEvent() {}

// whole turns a stream of bytes into an event.
func (c *Connection) whole(e streams.Bytes, now time.Time) []Event {
	switch e.Topic {
	case TopicSession:
		return c.asked(e, now)
	case TopicEarlyAudio:
		a := e.Attributes
		if a[attrEarlyTrack] == "" {
			return c.refusedLocked(e.From, limits.EarlyAudio)
		}
		return []Event{EarlyAudio{
			From: e.From, Track: a[attrEarlyTrack], Mime: strings.ToLower(e.Mime), Rate: a[attrEarlyRate], Channels: a[attrEarlyChannels],
			Data: e.Data, Begun: e.Opened, Whole: now,
		}}
	}
	return nil
}

// asked reads a message on the topic of sessions. Who runs input too often is told so here.
func (c *Connection) asked(e streams.Bytes, now time.Time) []Event {
	var m agent.AgentSessionMessage
	if proto.Unmarshal(e.Data, &m) != nil || m.GetRequest() == nil || len(m.GetRequest().GetRequestId()) > maxCall {
		return c.refusedLocked(e.From, limits.Session)
	}
	r, who := m.GetRequest(), c.sends(e.SID, e.From)
	out := SessionAsked{Participant: who, ID: r.GetRequestId(), Ask: askOf(r), Text: r.GetRunInput().GetText()}
	if out.Ask == AskRun && !c.calls.Take(who.Identity, 1, now) {
		_, _ = c.AnswerSession(who.Identity, out.ID, Refusal{"rate_limited", "more input than one participant may send; try again later"}) // the room may be closing
		return c.refusedLocked(e.From, limits.ChatRate)
	}
	return []Event{out}
}

func askOf(r *agent.SessionRequest) SessionAsk {
	switch r.GetRequest().(type) {
	case *agent.SessionRequest_Ping_:
		return AskPing
	case *agent.SessionRequest_GetChatHistory_:
		return AskHistory
	case *agent.SessionRequest_GetSessionState_:
		return AskState
	case *agent.SessionRequest_GetSessionUsage_:
		return AskUsage
	case *agent.SessionRequest_GetAgentInfo_:
		return AskInfo
	case *agent.SessionRequest_GetFrameworkInfo_:
		return AskFramework
	case *agent.SessionRequest_RunInput_:
		return AskRun
	case *agent.SessionRequest_GetRtcStats:
		return AskStats
	case *agent.SessionRequest_UpdateIo:
		return AskIO
	case *agent.SessionRequest_FinalizeSimulation_:
		return AskSimulated
	}
	return AskUnknown
}

// SessionAnswer answers a request. The set is closed: the types of this file and Refusal.
type SessionAnswer interface {
	message(id string) *agent.AgentSessionMessage
}

// Pong answers AskPing.
type Pong struct{}

// History answers AskHistory, and AskRun where Run is set: then it is what came of the input.
type History struct {
	Items []SessionItem
	Run   bool
}

// SessionState answers AskState.
type SessionState struct {
	Agent   string // one of the states of AttrState
	User    UserState
	ID      string
	Options map[string]string
	Since   time.Time
}

// SessionInfo answers AskInfo.
type SessionInfo struct {
	ID           string
	Instructions *string // nil: they are not for whoever asks
	Items        []SessionItem
}

// FrameworkInfo answers AskFramework.
type FrameworkInfo struct{}

// Refusal answers what is not done: Reason is one stable word, Text says more.
type Refusal struct{ Reason, Text string }

func respond(id string, r *agent.SessionResponse) *agent.AgentSessionMessage {
	r.RequestId = id
	return &agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Response{Response: r}}
}

func (Pong) message(id string) *agent.AgentSessionMessage {
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_Pong_{Pong: &agent.SessionResponse_Pong{}}})
}

func (h History) message(id string) *agent.AgentSessionMessage {
	items := wireItems(h.Items)
	if h.Run {
		return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_RunInput{RunInput: &agent.SessionResponse_RunInputResponse{Items: items}}})
	}
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_GetChatHistory{
		GetChatHistory: &agent.SessionResponse_GetChatHistoryResponse{Items: items},
	}})
}

func (s SessionState) message(id string) *agent.AgentSessionMessage {
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_GetSessionState{GetSessionState: &agent.SessionResponse_GetSessionStateResponse{
		AgentState: agentState(s.Agent), UserState: s.User.wire(), AgentId: s.ID, Options: s.Options, CreatedAt: stamp(s.Since),
	}}})
}

func (i SessionInfo) message(id string) *agent.AgentSessionMessage {
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_GetAgentInfo{GetAgentInfo: &agent.SessionResponse_GetAgentInfoResponse{
		Id: i.ID, Instructions: i.Instructions, ChatCtx: wireItems(i.Items),
	}}})
}

func (u SessionUsage) message(id string) *agent.AgentSessionMessage {
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_GetSessionUsage{
		GetSessionUsage: &agent.SessionResponse_GetSessionUsageResponse{Usage: u.wire(), CreatedAt: stamp(u.At)},
	}})
}

func (FrameworkInfo) message(id string) *agent.AgentSessionMessage {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return respond(id, &agent.SessionResponse{Response: &agent.SessionResponse_GetFrameworkInfo{
		GetFrameworkInfo: &agent.SessionResponse_GetFrameworkInfoResponse{Sdk: Framework, SdkVersion: version},
	}})
}

func (r Refusal) message(id string) *agent.AgentSessionMessage {
	text := r.Reason + ": " + r.Text
	return respond(id, &agent.SessionResponse{Error: &text})
}

// AnswerSession answers a request of a participant, who alone gets it. It returns at once, with how
// many bytes the answer has. Errors: ErrClosed.
func (c *Connection) AnswerSession(to, id string, answer SessionAnswer) (bytes int, err error) {
	m := answer.message(id)
	return proto.Size(m), c.sendMessage(TopicSession, []string{to}, m)
}

// TellSession tells participants what happens in the session. It returns at once. Errors:
// ErrClosed.
func (c *Connection) TellSession(to []string, at time.Time, event SessionEvent) error {
	e := event.wire()
	e.CreatedAt = stamp(at)
	return c.sendMessage(TopicSession, to, &agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Event{Event: e}})
}
