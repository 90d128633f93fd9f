package room_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit/agent"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const sessionTopic = "lk.agent.session"

// debugger is a panel on LiveKit's SDK, which knows nothing of this program.
type debugger struct {
	room *lksdk.Room
	mu   sync.Mutex
	all  []*agent.AgentSessionMessage
}

// debug has a panel enter a room; manages is the right to control sessions.
func debug(t *testing.T, at *table, who string, manages bool) *debugger {
	t.Helper()
	_, server := open(t)
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetIdentity(who).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: at.room, CanManageAgentSession: &manages}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	d := &debugger{room: lksdk.NewRoom(nil)}
	err = d.room.RegisterByteStreamHandler(sessionTopic, func(r *lksdk.ByteStreamReader, _ string) {
		data, err := io.ReadAll(r)
		var m agent.AgentSessionMessage
		if err == nil {
			err = proto.Unmarshal(data, &m)
		}
		if err != nil {
			t.Errorf("no message: %v", err)
		}
		d.mu.Lock()
		d.all = append(d.all, &m)
		d.mu.Unlock()
	})
	if err == nil {
		err = d.room.JoinWithContextAndToken(t.Context(), server.URL, token, lksdk.WithAutoSubscribe(false))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.room.Disconnect)
	until(t, who+" is announced", func() bool { // the server takes its time with people who publish nothing
		return slices.ContainsFunc(presence(t, at.session).Participants, func(p room.Present) bool { return p.Identity == who })
	})
	return d
}

func (d *debugger) send(persona string, data []byte) {
	w := d.room.LocalParticipant.StreamBytes(lksdk.StreamBytesOptions{Topic: sessionTopic, DestinationIdentities: []string{persona}})
	sent := make(chan struct{})
	done := func() { close(sent) }
	w.Write(data, &done)
	<-sent
	w.Close()
}

// got are the messages so far.
func (d *debugger) got() []*agent.AgentSessionMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[:len(d.all):len(d.all)]
}

// ask asks a persona's session and returns the answer.
func (d *debugger) ask(t *testing.T, persona, id string, r *agent.SessionRequest) *agent.SessionResponse {
	t.Helper()
	r.RequestId = id
	data, err := proto.Marshal(&agent.AgentSessionMessage{Message: &agent.AgentSessionMessage_Request{Request: r}})
	if err != nil {
		t.Fatal(err)
	}
	d.send(persona, data)
	var answer *agent.SessionResponse
	until(t, "an answer to "+id, func() bool {
		for _, m := range d.got() {
			if m.GetResponse().GetRequestId() == id {
				answer = m.GetResponse()
			}
		}
		return answer != nil
	})
	return answer
}

// events are those that a panel was told.
func (d *debugger) events() (out []*agent.AgentSessionEvent) {
	for _, m := range d.got() {
		if m.GetEvent() != nil {
			out = append(out, m.GetEvent())
		}
	}
	return out
}

func textOf(i *agent.ChatContext_ChatItem) string {
	return i.GetMessage().GetRole().String() + " " + i.GetMessage().GetContent()[0].GetText()
}

// TestPanels: a debug panel asks a persona for everything that LiveKit's protocol has, gives it
// input and is told what happens; the other persona tells it nothing.
func TestPanels(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := openTable(t, models, room.Config{}, turn.ModeMentions)
	at.sit(t, "iris")
	at.sit(t, "max")
	d, plain := debug(t, at, "dora", true), debug(t, at, "paul", false)
	if d.ask(t, "iris", "1", &agent.SessionRequest{Request: &agent.SessionRequest_Ping_{Ping: &agent.SessionRequest_Ping{}}}).GetPong() == nil {
		t.Error("no pong")
	}
	ran := d.ask(t, "iris", "2", &agent.SessionRequest{Request: &agent.SessionRequest_RunInput_{RunInput: &agent.SessionRequest_RunInput{Text: "Who are you?"}}})
	items := ran.GetRunInput().GetItems()
	if ran.GetError() != "" || len(items) != 2 || textOf(items[0]) != "USER Who are you?" || textOf(items[1]) != "ASSISTANT I am iris." {
		t.Fatalf("input came to %v", ran)
	}
	if m := items[1].GetMessage().GetMetrics(); m.GetLlmNodeTtft() <= 0 || m.GetTtsNodeTtfb() <= 0 || m.GetLlmNodeTtfs() < m.GetLlmNodeTtft() || m.GetStartedSpeakingAt() == nil || m.E2ELatency != nil {
		t.Errorf("metrics %v", m)
	}
	history := d.ask(t, "max", "3", &agent.SessionRequest{Request: &agent.SessionRequest_GetChatHistory_{GetChatHistory: &agent.SessionRequest_GetChatHistory{}}}).GetGetChatHistory().GetItems()
	if len(history) != 2 || textOf(history[1]) != "USER I am iris." || history[1].GetMessage().GetExtra()["participant"] != "iris" {
		t.Errorf("max's history: %v", history)
	}
	state := d.ask(t, "iris", "4", &agent.SessionRequest{Request: &agent.SessionRequest_GetSessionState_{GetSessionState: &agent.SessionRequest_GetSessionState{}}}).GetGetSessionState()
	if state.GetAgentState() != agent.AgentState_AS_LISTENING || state.GetUserState() != agent.UserState_US_LISTENING || state.GetAgentId() != "iris" || state.GetOptions()["personas"] != "2" || time.Since(state.GetCreatedAt().AsTime()) > time.Hour {
		t.Errorf("state %v", state)
	}
	usage := d.ask(t, "iris", "5", &agent.SessionRequest{Request: &agent.SessionRequest_GetSessionUsage_{GetSessionUsage: &agent.SessionRequest_GetSessionUsage{}}}).GetGetSessionUsage().GetUsage().GetModelUsage()
	if usage[1].GetTts().GetCharactersCount() != int32(len("I am iris.")) || usage[1].GetTts().GetAudioDuration() <= 0 {
		t.Errorf("usage %v", usage)
	}
	for client, want := range map[*debugger]string{d: "You are iris.", plain: ""} {
		info := client.ask(t, "iris", "6", &agent.SessionRequest{Request: &agent.SessionRequest_GetAgentInfo_{GetAgentInfo: &agent.SessionRequest_GetAgentInfo{}}}).GetGetAgentInfo()
		if info.GetInstructions() != want || info.GetId() != "iris" || len(info.GetChatCtx()) != 2 {
			t.Errorf("info %v", info)
		}
	}
	for id, r := range map[string]*agent.SessionRequest{
		"7": {Request: &agent.SessionRequest_GetRtcStats{GetRtcStats: &agent.SessionRequest_GetRTCStats{}}}, "8": {},
		"9": {Request: &agent.SessionRequest_UpdateIo{UpdateIo: &agent.SessionRequest_UpdateIO{}}},
	} {
		if e := d.ask(t, "iris", id, r).GetError(); !strings.HasPrefix(e, "unsupported: ") {
			t.Errorf("%v: %q", r, e)
		}
	}
	if e := d.ask(t, "iris", "10", &agent.SessionRequest{Request: &agent.SessionRequest_RunInput_{RunInput: &agent.SessionRequest_RunInput{Text: "\x00"}}}).GetError(); !strings.HasPrefix(e, "bad_text: ") {
		t.Errorf("bad input: %q", e)
	}
	d.send("iris", []byte("\xff\xff\xff"))
	until(t, "what is no message is counted", func() bool { return at.session.Limits().Asked[limits.Session] == 1 })
	toldPanel(t, d)
}

// toldPanel checks what a panel was told of one answer of iris.
func toldPanel(t *testing.T, d *debugger) {
	t.Helper()
	var states, items []string
	usages := 0
	for _, e := range d.events() {
		if c := e.GetAgentStateChanged(); c != nil {
			states = append(states, c.GetNewState().String())
		}
		if i := e.GetConversationItemAdded(); i != nil {
			items = append(items, textOf(i.GetItem()))
		}
		if e.GetSessionUsageUpdated() != nil {
			usages++
		}
		if e.GetCreatedAt() == nil {
			t.Errorf("no time: %v", e)
		}
	}
	// max's history was asked for, so what max sees of the room is told too: iris's words are USER
	// there.
	if got := strings.Join(states, " "); got != "AS_THINKING AS_SPEAKING AS_LISTENING" {
		t.Errorf("states %s", got)
	}
	if got := strings.Join(items, ", "); got != "USER Who are you?, ASSISTANT I am iris." || usages != 1 {
		t.Errorf("items %s; usage %d times", got, usages)
	}
}

// TestCallsOfPages: a page calls a persona; to have it silent takes a right.
func TestCallsOfPages(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeMentions, "iris")
	d, plain := debug(t, at, "dora", true), debug(t, at, "paul", false)
	call := func(from *debugger, method, payload string) (string, *lksdk.RpcError) {
		answer, err := from.room.LocalParticipant.PerformRpc(lksdk.PerformRpcParams{DestinationIdentity: "iris", Method: method, Payload: payload})
		var failed *lksdk.RpcError
		if err != nil {
			if !errors.As(err, &failed) {
				t.Fatalf("%s: %v", method, err)
			}
			return "", failed
		}
		return *answer, nil
	}
	var state struct {
		Identity, State string
		Ready, Muted    bool
	}
	text, _ := call(plain, "sensory.state", "")
	if err := json.Unmarshal([]byte(text), &state); err != nil || state.Identity != "iris" || state.State != "listening" || !state.Ready || state.Muted {
		t.Errorf("%s, %v", text, err)
	}
	if text, failed := call(plain, "sensory.ask", `{"text": "Who are you?"}`); failed != nil || text != `{"turn":1}` {
		t.Errorf("%s, %v", text, failed)
	}
	if got := chats(t, at.human, 1); got[0] != "iris: I am iris." {
		t.Errorf("answered %q", got)
	}
	if text, failed := call(d, "sensory.mute", `{"on": true}`); failed != nil || text != `{"muted":true}` || !at.session.Seats()[0].Muted() {
		t.Errorf("%s, %v", text, failed)
	}
	for _, c := range []struct {
		from            *debugger
		method, payload string
		code            lksdk.RpcErrorCode
		says            string
	}{
		{plain, "sensory.mute", `{"on": false}`, lksdk.RpcApplicationError, "forbidden: "},
		{d, "sensory.mute", `{}`, lksdk.RpcApplicationError, "bad_payload: "},
		{plain, "sensory.ask", `{"text": ""}`, lksdk.RpcApplicationError, "bad_payload: "},
		{plain, "sensory.ask", `no JSON`, lksdk.RpcApplicationError, "bad_payload: "},
		{plain, "sensory.none", ``, lksdk.RpcUnsupportedMethod, ""},
	} {
		if text, failed := call(c.from, c.method, c.payload); failed == nil || failed.Code != c.code || !strings.HasPrefix(failed.Message, c.says) {
			t.Errorf("%s %s: %s, %+v", c.method, c.payload, text, failed)
		}
	}
}
