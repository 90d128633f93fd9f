package lk

import (
	"time"

	"github.com/livekit/protocol/livekit/agent"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// UserState is what people do, as sessions tell it.
type UserState string

// States of people.
const (
	UserListening UserState = "listening"
	UserSpeaking  UserState = "speaking"
	UserAway      UserState = "away"
)

func (s UserState) wire() agent.UserState {
	switch s {
	case UserSpeaking:
		return agent.UserState_US_SPEAKING
	case UserAway:
		return agent.UserState_US_AWAY
	case UserListening:
	}
	return agent.UserState_US_LISTENING
}

func agentState(s string) agent.AgentState {
	switch s {
	case StateInitializing:
		return agent.AgentState_AS_INITIALIZING
	case StateListening:
		return agent.AgentState_AS_LISTENING
	case StateThinking:
		return agent.AgentState_AS_THINKING
	case StateSpeaking:
		return agent.AgentState_AS_SPEAKING
	}
	return agent.AgentState_AS_IDLE
}

// SessionItem is a message of a conversation.
type SessionItem struct {
	ID string
	// Own is true for what the persona said, Who is the identity of whoever did.
	Own bool
	Who string
	// Text is cut where it is longer than 8 KiB. Cut is true where it was not said to its end.
	Text    string
	Cut     bool
	At      time.Time
	Metrics SessionMetrics
}

// SessionMetrics are what a turn took, in LiveKit's terms. Zero times and nil are left out.
type SessionMetrics struct {
	Started, Stopped time.Time // of speaking
	// Of people: from the end of speech to the transcript, and to the decision that it was the end.
	TranscriptionDelay, EndOfTurnDelay *time.Duration
	// Of a persona: from the begin of thinking to the first token, and to the first clause; tokens
	// a second; from that clause to its first sound; from the end of speech to the first packet.
	FirstToken, FirstClause, FirstSound, EndToEnd *time.Duration
	TokensPerSecond                               *float64
}

// mostItem bounds the text of one item, in bytes.
const mostItem = 8 << 10

func (i SessionItem) wire() *agent.ChatContext_ChatItem {
	role := agent.ChatRole_USER
	if i.Own {
		role = agent.ChatRole_ASSISTANT
	}
	return &agent.ChatContext_ChatItem{Item: &agent.ChatContext_ChatItem_Message{Message: &agent.ChatMessage{
		Id: i.ID, Role: role, Interrupted: i.Cut, CreatedAt: stamp(i.At), Metrics: i.Metrics.wire(),
		Content: []*agent.ChatMessage_ChatContent{{Payload: &agent.ChatMessage_ChatContent_Text{Text: limits.Cut(i.Text, mostItem)}}},
		Extra:   map[string]string{"participant": i.Who},
	}}}
}

func wireItems(items []SessionItem) (out []*agent.ChatContext_ChatItem) {
	for _, i := range items {
		out = append(out, i.wire())
	}
	return out
}

func (m SessionMetrics) wire() *agent.MetricsReport {
	return &agent.MetricsReport{
		StartedSpeakingAt: stamp(m.Started), StoppedSpeakingAt: stamp(m.Stopped),
		TranscriptionDelay: seconds(m.TranscriptionDelay), EndOfTurnDelay: seconds(m.EndOfTurnDelay),
		LlmNodeTtft: seconds(m.FirstToken), LlmNodeTtfs: seconds(m.FirstClause), LlmNodeTps: m.TokensPerSecond,
		TtsNodeTtfb: seconds(m.FirstSound), E2ELatency: seconds(m.EndToEnd),
	}
}

// SessionUsage is what a persona has used since it came, and when that was counted. It answers
// AskUsage.
type SessionUsage struct {
	// Model and Provider of the language model; the provider is local where it runs here.
	Provider, Model               string
	Prompt, Reused, Answer        int // tokens
	Characters                    int // said
	Spoken, Heard                 time.Duration
	SpeechProvider, VoiceProvider string
	At                            time.Time
}

func (u SessionUsage) wire() *agent.AgentSessionUsage {
	return &agent.AgentSessionUsage{ModelUsage: []*agent.ModelUsage{
		{Usage: &agent.ModelUsage_Llm{Llm: &agent.LLMModelUsage{
			Provider: u.Provider, Model: u.Model, InputTokens: int32(u.Prompt), InputCachedTokens: int32(u.Reused), OutputTokens: int32(u.Answer),
		}}},
		{Usage: &agent.ModelUsage_Tts{Tts: &agent.TTSModelUsage{Provider: u.VoiceProvider, CharactersCount: int32(u.Characters), AudioDuration: u.Spoken.Seconds()}}},
		{Usage: &agent.ModelUsage_Stt{Stt: &agent.STTModelUsage{Provider: u.SpeechProvider, AudioDuration: u.Heard.Seconds()}}},
	}}
}

// SessionEvent is what happens in a session. The set is closed: the types of this file.
type SessionEvent interface {
	wire() *agent.AgentSessionEvent
}

type (
	// AgentStateChanged tells what the persona does.
	AgentStateChanged struct{ Old, New string }
	// UserStateChanged tells what people do.
	UserStateChanged struct{ Old, New UserState }
)

// ItemAdded tells a new message of the conversation.
type ItemAdded struct{ Item SessionItem }

// Transcribed tells what somebody says; a final one replaces those before.
type Transcribed struct {
	Text  string
	Final bool
}

// Overlap tells that somebody spoke while the persona did, and whether that stopped it.
type Overlap struct {
	Stopped bool
	Began   time.Time // zero where it is not known
	At      time.Time // when it was decided
}

// FalseInterruption tells that the persona held its voice back for nothing, and whether it went on.
type FalseInterruption struct{ Resumed bool }

// UsageUpdated tells what has been used.
type UsageUpdated struct{ Usage SessionUsage }

// SessionError tells what went wrong.
type SessionError struct{ Text string }

func (e AgentStateChanged) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_AgentStateChanged_{
		AgentStateChanged: &agent.AgentSessionEvent_AgentStateChanged{OldState: agentState(e.Old), NewState: agentState(e.New)},
	}}
}

func (e UserStateChanged) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_UserStateChanged_{
		UserStateChanged: &agent.AgentSessionEvent_UserStateChanged{OldState: e.Old.wire(), NewState: e.New.wire()},
	}}
}

func (e ItemAdded) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_ConversationItemAdded_{
		ConversationItemAdded: &agent.AgentSessionEvent_ConversationItemAdded{Item: e.Item.wire()},
	}}
}

func (e Transcribed) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_UserInputTranscribed_{
		UserInputTranscribed: &agent.AgentSessionEvent_UserInputTranscribed{Transcript: limits.Cut(e.Text, mostItem), IsFinal: e.Final},
	}}
}

func (e Overlap) wire() *agent.AgentSessionEvent {
	o := &agent.AgentSessionEvent_OverlappingSpeech{IsInterruption: e.Stopped, OverlapStartedAt: stamp(e.Began), DetectedAt: stamp(e.At)}
	if !e.Began.IsZero() {
		o.DetectionDelay = e.At.Sub(e.Began).Seconds()
	}
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_OverlappingSpeech_{OverlappingSpeech: o}}
}

func (e FalseInterruption) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_AgentFalseInterruption_{
		AgentFalseInterruption: &agent.AgentSessionEvent_AgentFalseInterruption{Resumed: e.Resumed},
	}}
}

func (e UsageUpdated) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_SessionUsageUpdated_{
		SessionUsageUpdated: &agent.AgentSessionEvent_SessionUsageUpdated{Usage: e.Usage.wire()},
	}}
}

func (e SessionError) wire() *agent.AgentSessionEvent {
	return &agent.AgentSessionEvent{Event: &agent.AgentSessionEvent_Error_{Error: &agent.AgentSessionEvent_Error{Message: limits.Cut(e.Text, mostItem)}}}
}

// stamp is a time for the wire; a zero one is left out.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func seconds(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	s := d.Seconds()
	return &s
}
