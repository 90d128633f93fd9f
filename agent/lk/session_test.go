package lk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/livekit/agent"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// counter is a desk that serves sessions and calls; carol may manage sessions.
func counter(t testing.TB, methods ...string) *lk.Connection {
	t.Helper()
	_, r := lk.ServedFront(quiet{}, methods...)
	carol := info("carol", 1, func(p *person) {
		p.Permission = &livekit.ParticipantPermission{CanManageAgentSession: true}
		p.ClientProtocol = 3
	})
	lk.Enter(r, info("me", 1, nil), info("ada", 1, nil), carol)
	if got := lk.Told(r); len(got) != 2 {
		t.Fatalf("told %v", got)
	}
	return r
}

// stream sends bytes as participants do.
func stream(t testing.TB, r *lk.Connection, who, id, topic string, data []byte, attributes map[string]string) (out []lk.Event) {
	t.Helper()
	head := &livekit.DataStream_Header{
		StreamId: id, Topic: topic, MimeType: "audio/webm;codecs=opus", Attributes: attributes,
		ContentHeader: &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{Name: "x"}},
	}
	packets := []*livekit.DataPacket{{Value: &livekit.DataPacket_StreamHeader{StreamHeader: head}}}
	for i := uint64(0); len(data) > 0; i++ {
		n := min(len(data), 15_000)
		packets = append(packets, &livekit.DataPacket{Value: &livekit.DataPacket_StreamChunk{StreamChunk: &livekit.DataStream_Chunk{StreamId: id, ChunkIndex: i, Content: data[:n]}}})
		data = data[n:]
	}
	packets = append(packets, &livekit.DataPacket{Value: &livekit.DataPacket_StreamTrailer{StreamTrailer: &livekit.DataStream_Trailer{StreamId: id}}})
	for _, p := range packets {
		p.ParticipantIdentity, p.ParticipantSid = who, "PA_"+who
		out = append(out, receive(t, r, p)...)
	}
	return out
}

func request(t testing.TB, r *agent.SessionRequest) []byte {
	t.Helper()
	b, err := proto.Marshal(&agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Request{Request: r}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// message puts together what was sent to somebody.
func message(t *testing.T, r *lk.Connection, to ...string) *agent.AgentSessionMessage {
	t.Helper()
	var data []byte
	packets := lk.Outbound(r)
	for _, p := range packets {
		if !slices.Equal(p.GetDestinationIdentities(), to) {
			t.Fatalf("sent to %v, not %v", p.GetDestinationIdentities(), to)
		}
		data = append(data, p.GetStreamChunk().GetContent()...)
	}
	if len(packets) < 3 || packets[0].GetStreamHeader().GetTopic() != "lk.agent.session" || packets[0].GetStreamHeader().GetTotalLength() != uint64(len(data)) ||
		packets[len(packets)-1].GetStreamTrailer() == nil {
		t.Fatalf("%d packets are no stream: %v", len(packets), packets)
	}
	var m agent.AgentSessionMessage
	if err := proto.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestSessionIsAsked: every request of the protocol, with who asks; what is none is counted.
func TestSessionIsAsked(t *testing.T) {
	r := counter(t)
	for _, c := range []struct {
		request *agent.SessionRequest
		want    lk.SessionAsk
	}{
		{&agent.SessionRequest{Request: &agent.SessionRequest_Ping_{Ping: &agent.SessionRequest_Ping{}}}, lk.AskPing},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetChatHistory_{GetChatHistory: &agent.SessionRequest_GetChatHistory{}}}, lk.AskHistory},
		{&agent.SessionRequest{Request: &agent.SessionRequest_RunInput_{RunInput: &agent.SessionRequest_RunInput{Text: "hi"}}}, lk.AskRun},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetAgentInfo_{GetAgentInfo: &agent.SessionRequest_GetAgentInfo{}}}, lk.AskInfo},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetSessionState_{GetSessionState: &agent.SessionRequest_GetSessionState{}}}, lk.AskState},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetRtcStats{GetRtcStats: &agent.SessionRequest_GetRTCStats{}}}, lk.AskStats},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetSessionUsage_{GetSessionUsage: &agent.SessionRequest_GetSessionUsage{}}}, lk.AskUsage},
		{&agent.SessionRequest{Request: &agent.SessionRequest_GetFrameworkInfo_{GetFrameworkInfo: &agent.SessionRequest_GetFrameworkInfo{}}}, lk.AskFramework},
		{&agent.SessionRequest{Request: &agent.SessionRequest_UpdateIo{UpdateIo: &agent.SessionRequest_UpdateIO{}}}, lk.AskIO},
		{&agent.SessionRequest{Request: &agent.SessionRequest_FinalizeSimulation_{FinalizeSimulation: &agent.SessionRequest_FinalizeSimulation{}}}, lk.AskSimulated},
		{&agent.SessionRequest{}, lk.AskUnknown},
	} {
		c.request.RequestId = "req_" + string(c.want)
		got := stream(t, r, "carol", "s-"+string(c.want), lk.TopicSession, request(t, c.request), nil)
		if len(got) != 1 {
			t.Fatalf("%s: %v", c.want, got)
		}
		asked, ok := got[0].(lk.SessionAsked)
		if !ok || asked.Ask != c.want || asked.ID != c.request.GetRequestId() || asked.Participant.Identity != "carol" || !asked.Participant.Manages || asked.Participant.Protocol != 3 {
			t.Errorf("%s: %+v", c.want, got[0])
		}
		if asked.Text != c.request.GetRunInput().GetText() {
			t.Errorf("%s: text %q", c.want, asked.Text)
		}
	}
	event, _ := proto.Marshal(&agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Event{Event: &agent.AgentSessionEvent{}}})
	for name, data := range map[string][]byte{
		"no message": []byte("\xff\xff\xff"), "an event": event, "nothing": nil,
		"a long id": request(t, &agent.SessionRequest{RequestId: strings.Repeat("x", 129)}),
	} {
		before := r.Stats().Refused[limits.Session]
		for _, e := range stream(t, r, "ada", "m-"+name, lk.TopicSession, data, nil) {
			if _, ok := e.(lk.Refused); !ok {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if got := r.Stats().Refused[limits.Session]; got != before+1 {
			t.Errorf("%s: counted %d", name, got)
		}
	}
	told(t, "from somebody who is not announced yet", stream(t, r, "eve", "e", lk.TopicSession, request(t, &agent.SessionRequest{RequestId: "1"}), nil),
		lk.SessionAsked{Participant: lk.Participant{Identity: "eve", SID: "PA_eve"}, ID: "1", Ask: lk.AskUnknown})
	told(t, "too long", stream(t, r, "ada", "l", lk.TopicSession, make([]byte, limits.Default().ChatBytes+1<<10+1), nil), refused("ada", limits.StreamBytes))
}

// TestSessionRequestsAreFew: a flood is counted, and whoever gives input too often is told so.
func TestSessionRequestsAreFew(t *testing.T) {
	r := counter(t)
	ping := request(t, &agent.SessionRequest{RequestId: "1", Request: &agent.SessionRequest_Ping_{}})
	asked := 0
	for i := range 60 {
		for _, e := range stream(t, r, "ada", strings.Repeat("i", i+1), lk.TopicSession, ping, nil) {
			if _, ok := e.(lk.SessionAsked); ok {
				asked++
			}
		}
	}
	if got := r.Stats().Refused[limits.StreamRate]; asked < 20 || asked > 25 || got != uint64(60-asked) {
		t.Errorf("%d of 60 at once were taken, %d counted", asked, got)
	}
	run := request(t, &agent.SessionRequest{RequestId: "r", Request: &agent.SessionRequest_RunInput_{RunInput: &agent.SessionRequest_RunInput{Text: "hi"}}})
	ran := 0
	for i := range limits.Default().ChatBurst + 1 {
		for _, e := range stream(t, r, "carol", strings.Repeat("c", i+1), lk.TopicSession, run, nil) {
			if _, ok := e.(lk.SessionAsked); ok {
				ran++
			}
		}
	}
	m := message(t, r, "carol").GetResponse()
	if ran != limits.Default().ChatBurst || m.GetRequestId() != "r" || !strings.HasPrefix(m.GetError(), "rate_limited: ") {
		t.Errorf("%d ran, then %v", ran, m)
	}
}

func ptr[T any](v T) *T { return &v }

// TestSessionAnswers: what each answer is on the wire, for whom, and with what.
func TestSessionAnswers(t *testing.T) {
	r, at := counter(t), time.Unix(1700000000, 500_000_000)
	item := lk.SessionItem{
		ID: "i", Own: true, Who: "iris", Text: strings.Repeat("é", 5<<10), Cut: true, At: at,
		Metrics: lk.SessionMetrics{FirstToken: ptr(120 * time.Millisecond), EndToEnd: ptr(time.Second), Started: at, TokensPerSecond: ptr(7.5)},
	}
	answer := func(a lk.SessionAnswer) *agent.SessionResponse {
		bytes, err := r.AnswerSession("ada", "q", a)
		m := message(t, r, "ada")
		if err != nil || bytes != proto.Size(m) || m.GetResponse().GetRequestId() != "q" {
			t.Fatalf("%T: %v, %d bytes, %v", a, err, bytes, m)
		}
		return m.GetResponse()
	}
	if answer(lk.Pong{}).GetPong() == nil {
		t.Error("no pong")
	}
	history := answer(lk.History{Items: []lk.SessionItem{item, {Who: "ada", Text: "hi"}}}).GetGetChatHistory().GetItems()
	own, theirs := history[0].GetMessage(), history[1].GetMessage()
	if own.GetRole() != agent.ChatRole_ASSISTANT || !own.GetInterrupted() || len(own.GetContent()[0].GetText()) != 8<<10 || own.GetExtra()["participant"] != "iris" ||
		!own.GetCreatedAt().AsTime().Equal(at) || theirs.GetRole() != agent.ChatRole_USER || theirs.GetContent()[0].GetText() != "hi" || theirs.GetCreatedAt() != nil {
		t.Errorf("history %v", history)
	}
	if m := own.GetMetrics(); m.GetLlmNodeTtft() != 0.12 || m.GetE2ELatency() != 1 || m.GetLlmNodeTps() != 7.5 || m.TranscriptionDelay != nil || m.GetStoppedSpeakingAt() != nil || !m.GetStartedSpeakingAt().AsTime().Equal(at) {
		t.Errorf("metrics %v", m)
	}
	if got := answer(lk.History{Run: true, Items: []lk.SessionItem{item}}).GetRunInput().GetItems(); len(got) != 1 {
		t.Errorf("a run: %v", got)
	}
	for state, want := range map[string]agent.AgentState{
		"speaking": agent.AgentState_AS_SPEAKING, "listening": agent.AgentState_AS_LISTENING, "thinking": agent.AgentState_AS_THINKING,
		"initializing": agent.AgentState_AS_INITIALIZING, "idle": agent.AgentState_AS_IDLE, "": agent.AgentState_AS_IDLE,
	} {
		s := answer(lk.SessionState{Agent: state, User: lk.UserAway, ID: "iris", Options: map[string]string{"a": "b"}, Since: at}).GetGetSessionState()
		if s.GetAgentState() != want || s.GetUserState() != agent.UserState_US_AWAY || s.GetAgentId() != "iris" || s.GetOptions()["a"] != "b" {
			t.Errorf("%s: %v", state, s)
		}
	}
	if i := answer(lk.SessionInfo{ID: "iris"}).GetGetAgentInfo(); i.GetId() != "iris" || i.Instructions != nil {
		t.Errorf("info %v", i)
	}
	if i := answer(lk.SessionInfo{ID: "iris", Instructions: ptr("You are Iris."), Items: []lk.SessionItem{item}}).GetGetAgentInfo(); i.GetInstructions() != "You are Iris." || len(i.GetChatCtx()) != 1 {
		t.Errorf("info %v", i)
	}
	usage := answer(lk.SessionUsage{Model: "m", Provider: "local", Prompt: 100, Reused: 90, Answer: 20, Characters: 5, Spoken: 1500 * time.Millisecond, Heard: 2 * time.Second, At: at}).GetGetSessionUsage()
	all := usage.GetUsage().GetModelUsage()
	if l := all[0].GetLlm(); l.GetModel() != "m" || l.GetInputTokens() != 100 || l.GetInputCachedTokens() != 90 || l.GetOutputTokens() != 20 {
		t.Errorf("usage %v", l)
	}
	if all[1].GetTts().GetAudioDuration() != 1.5 || all[1].GetTts().GetCharactersCount() != 5 || all[2].GetStt().GetAudioDuration() != 2 || !usage.GetCreatedAt().AsTime().Equal(at) {
		t.Errorf("usage %v", usage)
	}
	if f := answer(lk.FrameworkInfo{}).GetGetFrameworkInfo(); f.GetSdk() != "sensory-agent" || f.GetSdkVersion() == "" {
		t.Errorf("framework %v", f)
	}
	if e := answer(lk.Refusal{Reason: "unsupported", Text: "no"}).GetError(); e != "unsupported: no" {
		t.Errorf("refusal %q", e)
	}
}
