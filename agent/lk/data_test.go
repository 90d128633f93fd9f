package lk_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// quiet is an SDK room that does nothing.
type quiet struct{ lk.SDKHandler }

func (quiet) OnParticipantUpdate([]*person) {}
func (quiet) OnRestarting()                 {}

// desk is a room without a connection: ada and bob are there, bot is an agent, me is the own
// participant.
func desk(t *testing.T, topics ...string) (lk.SDKHandler, *lk.Connection) {
	t.Helper()
	h, r := lk.Front(quiet{}, topics...)
	bot := info("bot", 1, func(p *person) { p.Kind = livekit.ParticipantInfo_AGENT })
	lk.Enter(r, info("me", 1, nil), info("ada", 1, nil), info("bob", 1, nil), bot)
	if got := lk.Told(r); len(got) != 3 {
		t.Fatalf("told %v", got)
	}
	return h, r
}

// from is a packet as the server passes it on.
func from(who string, value func(*livekit.DataPacket)) *livekit.DataPacket {
	p := &livekit.DataPacket{ParticipantIdentity: who, ParticipantSid: "PA_" + who}
	value(p)
	return p
}

func header(id, topic string, change func(*livekit.DataStream_Header)) func(*livekit.DataPacket) {
	h := &livekit.DataStream_Header{
		StreamId: id, Topic: topic, ContentHeader: &livekit.DataStream_Header_TextHeader{TextHeader: &livekit.DataStream_TextHeader{}},
	}
	if change != nil {
		change(h)
	}
	return func(p *livekit.DataPacket) { p.Value = &livekit.DataPacket_StreamHeader{StreamHeader: h} }
}

func piece(id string, index uint64, text string) func(*livekit.DataPacket) {
	return func(p *livekit.DataPacket) {
		p.Value = &livekit.DataPacket_StreamChunk{StreamChunk: &livekit.DataStream_Chunk{StreamId: id, ChunkIndex: index, Content: []byte(text)}}
	}
}

func trailer(id, reason string) func(*livekit.DataPacket) {
	return func(p *livekit.DataPacket) {
		p.Value = &livekit.DataPacket_StreamTrailer{StreamTrailer: &livekit.DataStream_Trailer{StreamId: id, Reason: reason}}
	}
}

func chat(m *livekit.ChatMessage) func(*livekit.DataPacket) {
	return func(p *livekit.DataPacket) { p.Value = &livekit.DataPacket_ChatMessage{ChatMessage: m} }
}

func user(topic, payload string) func(*livekit.DataPacket) {
	return func(p *livekit.DataPacket) {
		p.Value = &livekit.DataPacket_User{User: &livekit.UserPacket{Topic: &topic, Payload: []byte(payload)}}
	}
}

func call(id string) func(*livekit.DataPacket) {
	return func(p *livekit.DataPacket) {
		p.Value = &livekit.DataPacket_RpcRequest{RpcRequest: &livekit.RpcRequest{Id: id, Method: "m", Version: 1}}
	}
}

func receive(t testing.TB, r *lk.Connection, p *livekit.DataPacket) []lk.Event {
	t.Helper()
	data, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return lk.Receive(r, webrtc.DataChannelMessage{Data: data})
}

func told(t *testing.T, what string, got []lk.Event, want ...lk.Event) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func refused(who string, kind limits.Kind) lk.Event {
	return lk.Refused{Identity: who, Kind: kind}
}

func TestStreamsOfPackets(t *testing.T) {
	_, r := desk(t, lk.TopicChat, lk.TopicTranscription)
	send := func(who string, value func(*livekit.DataPacket)) []lk.Event {
		return receive(t, r, from(who, value))
	}
	told(t, "a topic nobody reads", send("ada", header("1", "files", nil)))
	told(t, "bytes", send("ada", header("1", lk.TopicChat, func(h *livekit.DataStream_Header) {
		h.ContentHeader = &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{}}
	})))
	told(t, "a piece of them", send("ada", piece("1", 0, "x")))
	told(t, "the end of them", send("ada", trailer("1", "")))
	told(t, "begins", send("ada", header("2", lk.TopicChat, func(h *livekit.DataStream_Header) { h.Attributes = map[string]string{"a": "b"} })))
	told(t, "goes on", send("ada", piece("2", 0, "hi")), lk.TextChunk{Topic: lk.TopicChat, From: "ada", StreamID: "2", Text: "hi"})
	told(t, "somebody else's piece", send("bob", piece("2", 1, "no")), refused("bob", limits.StreamForeign))
	told(t, "and once more: it was said", send("bob", trailer("2", "")))
	told(t, "ends", send("ada", trailer("2", "")),
		lk.TextReceived{Topic: lk.TopicChat, From: "ada", StreamID: "2", Text: "hi", Attributes: map[string]string{"a": "b"}})
	told(t, "compressed", send("ada", header("3", lk.TopicChat, func(h *livekit.DataStream_Header) {
		h.Compression = livekit.DataStream_CompressionType(1)
	})), refused("ada", limits.StreamBroken))
	for _, length := range []uint64{math.MaxUint64, math.MaxInt64, 16<<10 + 1} {
		told(t, "declared too long", send("bob", header("4", lk.TopicTranscription, func(h *livekit.DataStream_Header) { h.TotalLength = &length })),
			map[bool][]lk.Event{true: {refused("bob", limits.ChatBytes)}}[length == math.MaxUint64]...)
	}
	told(t, "in one packet", send("bob", header("5", lk.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("short") })),
		lk.TextChunk{Topic: lk.TopicChat, From: "bob", StreamID: "5", Text: "short"},
		lk.TextReceived{Topic: lk.TopicChat, From: "bob", StreamID: "5", Text: "short"})
	told(t, "given up", append(send("bob", header("6", lk.TopicChat, nil)), send("bob", trailer("6", "interrupted"))...))
	told(t, "our own", send("me", header("7", lk.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("echo") })))
	if got := r.Stats().Refused; got[limits.StreamForeign] != 2 || got[limits.ChatBytes] != 3 || got[limits.StreamBroken] != 1 || got[limits.Topic] != 2 || len(got) != 4 {
		t.Errorf("counted %v", got)
	}
}

func TestAnAgentMaySpeakForSomebody(t *testing.T) {
	_, r := desk(t, lk.TopicTranscription)
	begin := from("bot", header("1", lk.TopicTranscription, nil))
	begin.ParticipantIdentity = "ada" // as the server lets agents do, in headers only
	told(t, "begins", receive(t, r, begin))
	told(t, "goes on", receive(t, r, from("bot", piece("1", 0, "x"))),
		lk.TextChunk{Topic: lk.TopicTranscription, From: "ada", StreamID: "1", Text: "x", Agent: true})
	told(t, "ends", receive(t, r, from("bot", trailer("1", ""))),
		lk.TextReceived{Topic: lk.TopicTranscription, From: "ada", StreamID: "1", Text: "x", Agent: true})
	again := from("bot", header("2", lk.TopicTranscription, func(h *livekit.DataStream_Header) { h.Compression = 1 }))
	again.ParticipantIdentity = "ada"
	told(t, "who is to blame", receive(t, r, again), refused("bot", limits.StreamBroken))
}

func TestChatPackets(t *testing.T) {
	_, r := desk(t, lk.TopicChat)
	send := func(who string, value func(*livekit.DataPacket)) []lk.Event {
		return receive(t, r, from(who, value))
	}
	edit := int64(1)
	text := func(id, text string) lk.Event {
		return lk.TextReceived{Topic: lk.TopicChat, From: "ada", StreamID: id, Text: text}
	}
	told(t, "a message", send("ada", chat(&livekit.ChatMessage{Id: "1", Message: "one"})), text("1", "one"))
	told(t, "an edited one", send("ada", chat(&livekit.ChatMessage{Id: "2", Message: "two", EditTimestamp: &edit})))
	told(t, "a deleted one", send("ada", chat(&livekit.ChatMessage{Id: "3", Message: "three", Deleted: true})))
	told(t, "JSON", send("ada", user("lk-chat-topic", `{"id":"4","timestamp":4,"message":"four"}`)), text("4", "four"))
	told(t, "JSON beside a stream", send("ada", user("lk-chat-topic", `{"id":"5","message":"five","ignoreLegacy":true}`)))
	told(t, "the same in the other form", send("ada", user("lk-chat-topic", `{"id":"6","message":"one"}`)))
	told(t, "no JSON", send("ada", user("lk-chat-topic", `seven`)), refused("ada", limits.Malformed))
	told(t, "another topic", send("ada", user("lk-chat-update-topic", `{"id":"4","message":"eight"}`)))
	told(t, "much JSON", send("ada", user("lk-chat-topic", strings.Repeat(" ", 32<<10)+"{}")), refused("ada", limits.UserBytes))
	told(t, "as much as may be", send("bob", user("lk-chat-topic", `{"message":"9"}`+strings.Repeat(" ", 32<<10-15))),
		lk.TextReceived{Topic: lk.TopicChat, From: "bob", Text: "9"})
	_, deaf := desk(t, lk.TopicTranscription)
	told(t, "where nobody reads chat", receive(t, deaf, from("ada", chat(&livekit.ChatMessage{Id: "1", Message: "one"}))))
	told(t, "nor JSON", receive(t, deaf, from("ada", user("lk-chat-topic", `no JSON`))))
}

func TestOtherPackets(t *testing.T) {
	_, r := desk(t, lk.TopicChat)
	told(t, "no packet", lk.Receive(r, webrtc.DataChannelMessage{Data: []byte{0xff, 0xff}}), refused("", limits.Malformed))
	told(t, "text", lk.Receive(r, webrtc.DataChannelMessage{IsString: true, Data: []byte(`{}`)}))
	secret := func(p *livekit.DataPacket) {
		p.Value = &livekit.DataPacket_EncryptedPacket{EncryptedPacket: &livekit.EncryptedPacket{}}
	}
	told(t, "encrypted", receive(t, r, from("ada", secret)), refused("ada", limits.Encrypted))
	told(t, "encrypted again", receive(t, r, from("ada", secret)))
	told(t, "nothing at all", receive(t, r, from("ada", func(*livekit.DataPacket) {})))
	if got := r.Stats().Refused; got[limits.Malformed] != 2 || got[limits.Encrypted] != 2 {
		t.Errorf("counted %v", got)
	}
	told(t, "a call", receive(t, r, from("ada", call("1"))), refused("ada", limits.Calls))
	if got := r.Sends().Waiting; got != 2 {
		t.Errorf("%d packets answer a call", got)
	}
	receive(t, r, from("ada", call(strings.Repeat("x", 129))))
	receive(t, r, &livekit.DataPacket{Value: from("ada", call("2")).Value}) // from nobody: there is nobody to answer
	if got := r.Sends().Waiting; got != 2 {
		t.Errorf("%d packets wait, two answer the call", got)
	}
	for range 50 {
		receive(t, r, from("ada", call(strings.Repeat("x", 128))))
	}
	if got := r.Sends().Waiting; got != 2*limits.Default().ChatBurst {
		t.Errorf("%d packets answer a flood of calls", got)
	}
}

func TestPacketsBeyondTheRateAreDropped(t *testing.T) {
	_, r := desk(t, lk.TopicTranscription)
	told(t, "begins", receive(t, r, from("ada", header("1", lk.TopicTranscription, nil))))
	n := 0
	for i := range uint64(1000) {
		for _, e := range receive(t, r, from("ada", piece("1", i, "x"))) {
			if _, ok := e.(lk.TextChunk); ok {
				n++
			}
		}
	}
	if burst := 2 * limits.Default().DataPackets; n < burst-1 || n > burst+limits.Default().DataPackets {
		t.Errorf("%d pieces of 1000 were taken at once", n)
	}
	told(t, "bob is not concerned", receive(t, r, from("bob", header("2", lk.TopicTranscription, nil))))
	for i := range uint64(60) {
		receive(t, r, from("bob", piece("2", 99+i, strings.Repeat("x", 12<<10))))
		receive(t, r, from("bob", header(fmt.Sprint(i), lk.TopicTranscription, func(h *livekit.DataStream_Header) {
			h.Attributes = map[string]string{"a": strings.Repeat("x", 12<<10)}
		})))
	}
	kinds := map[string]map[limits.Kind]uint64{}
	for _, p := range r.Stats().Participants {
		kinds[p.Identity] = p.Refused
	}
	if kinds["ada"][limits.DataRate] == 0 || kinds["bob"][limits.DataRate] == 0 {
		t.Errorf("counted %v", kinds)
	}
}
