package lk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/livekit/agent"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestSessionEvents: what each event is on the wire; all who watch get one stream.
func TestSessionEvents(t *testing.T) {
	r, at := counter(t), time.Unix(1700000000, 0)
	tell := func(e lk.SessionEvent) *agent.AgentSessionEvent {
		if err := r.TellSession([]string{"ada", "carol"}, at, e); err != nil {
			t.Fatal(err)
		}
		got := message(t, r, "ada", "carol").GetEvent()
		if !got.GetCreatedAt().AsTime().Equal(at) {
			t.Errorf("%T at %v", e, got.GetCreatedAt())
		}
		return got
	}
	if e := tell(lk.AgentStateChanged{Old: "thinking", New: "speaking"}).GetAgentStateChanged(); e.GetOldState() != agent.AgentState_AS_THINKING || e.GetNewState() != agent.AgentState_AS_SPEAKING {
		t.Errorf("%v", e)
	}
	if e := tell(lk.UserStateChanged{Old: lk.UserListening, New: lk.UserSpeaking}).GetUserStateChanged(); e.GetOldState() != agent.UserState_US_LISTENING || e.GetNewState() != agent.UserState_US_SPEAKING {
		t.Errorf("%v", e)
	}
	if e := tell(lk.ItemAdded{Item: lk.SessionItem{ID: "i", Text: "hi"}}).GetConversationItemAdded(); e.GetItem().GetMessage().GetId() != "i" {
		t.Errorf("%v", e)
	}
	if e := tell(lk.Transcribed{Text: "so far", Final: true}).GetUserInputTranscribed(); e.GetTranscript() != "so far" || !e.GetIsFinal() {
		t.Errorf("%v", e)
	}
	if e := tell(lk.Overlap{Stopped: true, Began: at, At: at.Add(300 * time.Millisecond)}).GetOverlappingSpeech(); !e.GetIsInterruption() || e.GetDetectionDelay() != 0.3 || !e.GetOverlapStartedAt().AsTime().Equal(at) {
		t.Errorf("%v", e)
	}
	if e := tell(lk.Overlap{At: at}).GetOverlappingSpeech(); e.GetIsInterruption() || e.GetDetectionDelay() != 0 || e.OverlapStartedAt != nil {
		t.Errorf("%v", e)
	}
	if e := tell(lk.FalseInterruption{Resumed: true}).GetAgentFalseInterruption(); !e.GetResumed() {
		t.Errorf("%v", e)
	}
	if e := tell(lk.UsageUpdated{Usage: lk.SessionUsage{Prompt: 3}}).GetSessionUsageUpdated(); e.GetUsage().GetModelUsage()[0].GetLlm().GetInputTokens() != 3 {
		t.Errorf("%v", e)
	}
	if e := tell(lk.SessionError{Text: strings.Repeat("x", 9<<10)}).GetError(); len(e.GetMessage()) != 8<<10 {
		t.Errorf("%d bytes", len(e.GetMessage()))
	}
}

// TestEarlyAudioIsHandedOn: with its track and form; without a track, or beyond bounds, it is
// counted.
func TestEarlyAudioIsHandedOn(t *testing.T) {
	r := counter(t)
	attributes := map[string]string{"trackId": "TR_1", "sampleRate": "48000", "channels": "1"}
	got := stream(t, r, "ada", "1", lk.TopicEarlyAudio, []byte("audio"), attributes)
	if len(got) != 2 || got[0] != (lk.EarlyBegun{From: "ada", Track: "TR_1"}) {
		t.Fatalf("%v", got)
	}
	a, ok := got[1].(lk.EarlyAudio)
	if !ok || a.From != "ada" || a.Track != "TR_1" || a.Mime != "audio/webm;codecs=opus" || a.Rate != "48000" || a.Channels != "1" || string(a.Data) != "audio" || a.Begun.IsZero() || a.Whole.Before(a.Begun) {
		t.Errorf("%+v", got[1])
	}
	told(t, "without a track", stream(t, r, "ada", "2", lk.TopicEarlyAudio, []byte("audio"), nil), refused("ada", limits.EarlyAudio))
	for i := range 6 {
		stream(t, r, "ada", strings.Repeat("x", i+3), lk.TopicEarlyAudio, nil, attributes)
	}
	if n := r.Stats().Refused[limits.StreamRate]; n != 4 {
		t.Errorf("%d of eight at once were refused", n)
	}
	length := uint64(lk.EarlyAudioBytes + 1)
	long := &livekit.DataStream_Header{StreamId: "l", Topic: lk.TopicEarlyAudio, TotalLength: &length, ContentHeader: &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{}}}
	told(t, "too long", receive(t, r, from("carol", func(p *livekit.DataPacket) { p.Value = &livekit.DataPacket_StreamHeader{StreamHeader: long} })), refused("carol", limits.StreamBytes))
}

// TestNothingIsServedUnasked: who does not serve reads no bytes, as the hidden listener.
func TestNothingIsServedUnasked(t *testing.T) {
	_, r := desk(t, lk.TopicChat)
	ping, err := proto.Marshal(&agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Request{Request: &agent.SessionRequest{RequestId: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	told(t, "a session", stream(t, r, "ada", "1", lk.TopicSession, ping, nil))
	told(t, "audio", stream(t, r, "ada", "2", lk.TopicEarlyAudio, ping, map[string]string{"trackId": "TR_1"}))
}

// TestCalls: a method that is served is handed on when it has been acknowledged, others get
// LiveKit's codes.
func TestCalls(t *testing.T) {
	r := counter(t, "sensory.state")
	ask := func(id, method string, version uint32, payload string) []lk.Event {
		return receive(t, r, from("carol", func(p *livekit.DataPacket) {
			p.Value = &livekit.DataPacket_RpcRequest{RpcRequest: &livekit.RpcRequest{Id: id, Method: method, Version: version, Payload: payload, ResponseTimeoutMs: 8000}}
		}))
	}
	got := ask("1", "sensory.state", 1, strings.Repeat("x", lk.MaxPayload))
	c, ok := got[0].(lk.Called)
	if !ok || c.ID != "1" || c.Method != "sensory.state" || len(c.Payload) != lk.MaxPayload || c.Within != 8*time.Second || c.Participant.Identity != "carol" {
		t.Errorf("%+v", got)
	}
	if sent := lk.Outbound(r); len(sent) != 1 || sent[0].GetRpcAck().GetRequestId() != "1" || sent[0].GetDestinationIdentities()[0] != "carol" {
		t.Errorf("acknowledged by %v", sent)
	}
	for _, c := range []struct {
		method, payload string
		version         uint32
		code            uint32
	}{
		{"sensory.none", "", 1, 1400}, {strings.Repeat("m", 65), "", 1, 1400}, {"sensory.state", "", 2, 1404}, {"sensory.state", strings.Repeat("x", lk.MaxPayload+1), 1, 1402},
	} {
		for _, e := range ask("2", c.method, c.version, c.payload) {
			if _, ok := e.(lk.Refused); !ok {
				t.Errorf("%+v", e)
			}
		}
		sent := lk.Outbound(r)
		if len(sent) != 2 || sent[1].GetRpcResponse().GetError().GetCode() != c.code || sent[1].GetRpcResponse().GetRequestId() != "2" {
			t.Errorf("%.20s: %v", c.method, sent)
		}
	}
	if n := r.Stats().Refused[limits.Calls]; n != 4 {
		t.Errorf("counted %d", n)
	}
	answered := func(payload string) *livekit.RpcResponse {
		if err := r.AnswerCall("carol", "3", payload); err != nil {
			t.Fatal(err)
		}
		return lk.Outbound(r)[0].GetRpcResponse()
	}
	if a := answered("{}"); a.GetPayload() != "{}" || a.GetRequestId() != "3" {
		t.Errorf("%v", a)
	}
	if a := answered(strings.Repeat("x", lk.MaxPayload+1)); a.GetError().GetCode() != 1504 {
		t.Errorf("%v", a)
	}
	if err := r.RefuseCall("carol", "4", lk.Failed("forbidden: "+strings.Repeat("x", 300))); err != nil {
		t.Fatal(err)
	}
	if e := lk.Outbound(r)[0].GetRpcResponse().GetError(); e.GetCode() != 1500 || len(e.GetMessage()) != 256 {
		t.Errorf("%v", e)
	}
}

// FuzzSession: no bytes on the topic bring down whoever reads them; what is handed on can be
// answered.
func FuzzSession(f *testing.F) {
	f.Add([]byte("\xff\xff"))
	f.Add(request(f, &agent.SessionRequest{RequestId: "1", Request: &agent.SessionRequest_Ping_{Ping: &agent.SessionRequest_Ping{}}}))
	f.Add(request(f, &agent.SessionRequest{RequestId: "2", Request: &agent.SessionRequest_RunInput_{RunInput: &agent.SessionRequest_RunInput{Text: "hi"}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := counter(t)
		for _, e := range stream(t, r, "ada", "1", lk.TopicSession, data, nil) {
			switch e := e.(type) {
			case lk.SessionAsked:
				if e.Participant.Identity != "ada" || len(e.ID) > 128 || e.Ask == "" {
					t.Fatalf("%+v", e)
				}
			case lk.Refused:
			default:
				t.Fatalf("%+v", e)
			}
		}
	})
}
