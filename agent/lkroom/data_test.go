package lkroom_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

// quiet is an SDK room that does nothing.
type quiet struct{ lkroom.SDKHandler }

func (quiet) OnParticipantUpdate([]*person) {}
func (quiet) OnRestarting()                 {}

// desk is a room without a connection: ada and bob are there, bot is an agent, me is the own participant.
func desk(t *testing.T, topics ...string) (lkroom.SDKHandler, *lkroom.Room) {
	t.Helper()
	h, r := lkroom.Front(quiet{}, topics...)
	bot := info("bot", 1, func(p *person) { p.Kind = livekit.ParticipantInfo_AGENT })
	lkroom.Enter(r, info("me", 1, nil), info("ada", 1, nil), info("bob", 1, nil), bot)
	if got := lkroom.Told(r); len(got) != 3 {
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

func receive(t *testing.T, r *lkroom.Room, p *livekit.DataPacket) []lkroom.Event {
	t.Helper()
	data, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return lkroom.Receive(r, webrtc.DataChannelMessage{Data: data})
}

func told(t *testing.T, what string, got []lkroom.Event, want ...lkroom.Event) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func refused(who string, kind limits.Kind) lkroom.Event {
	return lkroom.Refused{Identity: who, Kind: kind}
}

func TestStreamsOfPackets(t *testing.T) {
	_, r := desk(t, lkroom.TopicChat, lkroom.TopicTranscription)
	send := func(who string, value func(*livekit.DataPacket)) []lkroom.Event {
		return receive(t, r, from(who, value))
	}
	told(t, "a topic nobody reads", send("ada", header("1", "files", nil)))
	told(t, "bytes", send("ada", header("1", lkroom.TopicChat, func(h *livekit.DataStream_Header) {
		h.ContentHeader = &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{}}
	})))
	told(t, "a piece of them", send("ada", piece("1", 0, "x")))
	told(t, "the end of them", send("ada", trailer("1", "")))
	told(t, "begins", send("ada", header("2", lkroom.TopicChat, func(h *livekit.DataStream_Header) { h.Attributes = map[string]string{"a": "b"} })))
	told(t, "goes on", send("ada", piece("2", 0, "hi")), lkroom.TextChunk{Topic: lkroom.TopicChat, From: "ada", StreamID: "2", Text: "hi"})
	told(t, "somebody else's piece", send("bob", piece("2", 1, "no")), refused("bob", limits.StreamForeign))
	told(t, "and once more: it was said", send("bob", trailer("2", "")))
	told(t, "ends", send("ada", trailer("2", "")),
		lkroom.TextReceived{Topic: lkroom.TopicChat, From: "ada", StreamID: "2", Text: "hi", Attributes: map[string]string{"a": "b"}})
	told(t, "compressed", send("ada", header("3", lkroom.TopicChat, func(h *livekit.DataStream_Header) {
		h.Compression = livekit.DataStream_CompressionType(1)
	})), refused("ada", limits.StreamBroken))
	for _, length := range []uint64{math.MaxUint64, math.MaxInt64, 16<<10 + 1} {
		told(t, "declared too long", send("bob", header("4", lkroom.TopicTranscription, func(h *livekit.DataStream_Header) { h.TotalLength = &length })),
			map[bool][]lkroom.Event{true: {refused("bob", limits.ChatBytes)}}[length == math.MaxUint64]...)
	}
	told(t, "in one packet", send("bob", header("5", lkroom.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("short") })),
		lkroom.TextChunk{Topic: lkroom.TopicChat, From: "bob", StreamID: "5", Text: "short"},
		lkroom.TextReceived{Topic: lkroom.TopicChat, From: "bob", StreamID: "5", Text: "short"})
	told(t, "given up", append(send("bob", header("6", lkroom.TopicChat, nil)), send("bob", trailer("6", "interrupted"))...))
	told(t, "our own", send("me", header("7", lkroom.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("echo") })))
	if got := r.Stats().Refused; got[limits.StreamForeign] != 2 || got[limits.ChatBytes] != 3 || got[limits.StreamBroken] != 1 || len(got) != 3 {
		t.Errorf("counted %v", got)
	}
}

func TestAnAgentMaySpeakForSomebody(t *testing.T) {
	_, r := desk(t, lkroom.TopicTranscription)
	begin := from("bot", header("1", lkroom.TopicTranscription, nil))
	begin.ParticipantIdentity = "ada" // as the server lets agents do, in headers only
	told(t, "begins", receive(t, r, begin))
	told(t, "goes on", receive(t, r, from("bot", piece("1", 0, "x"))),
		lkroom.TextChunk{Topic: lkroom.TopicTranscription, From: "ada", StreamID: "1", Text: "x", Agent: true})
	told(t, "ends", receive(t, r, from("bot", trailer("1", ""))),
		lkroom.TextReceived{Topic: lkroom.TopicTranscription, From: "ada", StreamID: "1", Text: "x", Agent: true})
	again := from("bot", header("2", lkroom.TopicTranscription, func(h *livekit.DataStream_Header) { h.Compression = 1 }))
	again.ParticipantIdentity = "ada"
	told(t, "who is to blame", receive(t, r, again), refused("bot", limits.StreamBroken))
}

func TestChatPackets(t *testing.T) {
	_, r := desk(t, lkroom.TopicChat)
	send := func(who string, value func(*livekit.DataPacket)) []lkroom.Event {
		return receive(t, r, from(who, value))
	}
	edit := int64(1)
	text := func(id, text string) lkroom.Event {
		return lkroom.TextReceived{Topic: lkroom.TopicChat, From: "ada", StreamID: id, Text: text}
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
		lkroom.TextReceived{Topic: lkroom.TopicChat, From: "bob", Text: "9"})
	_, deaf := desk(t, lkroom.TopicTranscription)
	told(t, "where nobody reads chat", receive(t, deaf, from("ada", chat(&livekit.ChatMessage{Id: "1", Message: "one"}))))
	told(t, "nor JSON", receive(t, deaf, from("ada", user("lk-chat-topic", `no JSON`))))
}

func TestOtherPackets(t *testing.T) {
	_, r := desk(t, lkroom.TopicChat)
	told(t, "no packet", lkroom.Receive(r, webrtc.DataChannelMessage{Data: []byte{0xff, 0xff}}), refused("", limits.Malformed))
	told(t, "text", lkroom.Receive(r, webrtc.DataChannelMessage{IsString: true, Data: []byte(`{}`)}))
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
	_, r := desk(t, lkroom.TopicTranscription)
	told(t, "begins", receive(t, r, from("ada", header("1", lkroom.TopicTranscription, nil))))
	n := 0
	for i := range uint64(1000) {
		for _, e := range receive(t, r, from("ada", piece("1", i, "x"))) {
			if _, ok := e.(lkroom.TextChunk); ok {
				n++
			}
		}
	}
	if burst := 2 * limits.Default().DataPackets; n < burst-1 || n > burst+limits.Default().DataPackets {
		t.Errorf("%d pieces of 1000 were taken at once", n)
	}
	told(t, "bob is not concerned", receive(t, r, from("bob", header("2", lkroom.TopicTranscription, nil))))
	for i := range uint64(60) {
		receive(t, r, from("bob", piece("2", 99+i, strings.Repeat("x", 12<<10))))
		receive(t, r, from("bob", header(fmt.Sprint(i), lkroom.TopicTranscription, func(h *livekit.DataStream_Header) {
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

// TestWhoIsNotAttendedToIsNotRead: where all places are taken, packets of others are refused; where not, they may come before the news
// of their sender.
func TestWhoIsNotAttendedToIsNotRead(t *testing.T) {
	h, r := desk(t, lkroom.TopicChat)
	hello := func(who string) []lkroom.Event {
		return receive(t, r, from(who, header("1", lkroom.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("hi") })))
	}
	if got := hello("early"); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	var crowd []*person
	for i := range limits.Default().Participants {
		crowd = append(crowd, info(fmt.Sprint(i), 1, nil))
	}
	h.OnParticipantUpdate(crowd)
	lkroom.Told(r)
	told(t, "a stranger", hello("stranger"), refused("stranger", limits.Participants))
	if got := hello("0"); len(got) != 2 {
		t.Errorf("one of the crowd: %v", got)
	}
}

func TestServersThatNameNoIDs(t *testing.T) {
	_, r := desk(t, lkroom.TopicChat)
	plain := func(who string, value func(*livekit.DataPacket)) []lkroom.Event {
		p := from(who, value)
		p.ParticipantSid = ""
		return receive(t, r, p)
	}
	plain("ada", header("1", lkroom.TopicChat, nil))
	told(t, "somebody else", plain("bob", trailer("1", "")), refused("bob", limits.StreamForeign))
	told(t, "the owner", plain("ada", trailer("1", "")), lkroom.TextReceived{Topic: lkroom.TopicChat, From: "ada", StreamID: "1"})
}

func TestComingGoingAndChanging(t *testing.T) {
	h, r := desk(t, lkroom.TopicChat)
	ada := func(attrs map[string]string) lkroom.Participant {
		return lkroom.Participant{Identity: "ada", SID: "PA_ada", Attributes: attrs}
	}
	h.OnParticipantUpdate([]*person{
		info("ada", 2, func(p *person) { p.Attributes = map[string]string{"k": "v"} }),
		info("dan", 1, func(p *person) { p.Name = "Dan" }),
	})
	told(t, "an update", lkroom.Told(r),
		lkroom.AttributesChanged{Participant: ada(map[string]string{"k": "v"}), Changed: map[string]string{"k": "v"}},
		lkroom.ParticipantJoined{Participant: lkroom.Participant{Identity: "dan", Name: "Dan", SID: "PA_dan"}})
	receive(t, r, from("ada", header("1", lkroom.TopicChat, nil)))
	receive(t, r, from("bob", header("1", lkroom.TopicChat, nil)))
	h.OnParticipantUpdate([]*person{info("ada", 3, func(p *person) { p.State = livekit.ParticipantInfo_DISCONNECTED })})
	told(t, "ada leaves", lkroom.Told(r), lkroom.ParticipantLeft{Participant: ada(map[string]string{"k": "v"})})
	if n := lkroom.OpenStreams(r); n != 1 {
		t.Errorf("%d streams are open", n)
	}
	h.OnRestarting()
	var left []string
	for _, e := range lkroom.Told(r) {
		left = append(left, e.(lkroom.ParticipantLeft).Participant.Identity)
	}
	if fmt.Sprint(left) != "[bob bot dan]" || lkroom.OpenStreams(r) != 0 {
		t.Errorf("a new connection: %v left, %d streams", left, lkroom.OpenStreams(r))
	}
}

func TestStreamsOfARoomEndInTime(t *testing.T) {
	_, r := desk(t, lkroom.TopicChat)
	receive(t, r, from("ada", header("1", lkroom.TopicChat, nil)))
	told(t, "soon", lkroom.Expire(r, time.Now()))
	told(t, "later", lkroom.Expire(r, time.Now().Add(time.Minute)), refused("ada", limits.StreamIdle))
}

func TestOwnPermissions(t *testing.T) {
	h, r := lkroom.Front(quiet{})
	mine := func(version uint32, p *livekit.ParticipantPermission) *person {
		return info("me", version, func(i *person) { i.Permission = p })
	}
	lkroom.Enter(r, mine(1, nil))
	lkroom.Enter(r, mine(1, &livekit.ParticipantPermission{CanPublish: true, CanSubscribe: true}))
	told(t, "the first are no change", lkroom.Told(r))
	h.OnParticipantUpdate([]*person{mine(2, nil)})
	h.OnParticipantUpdate([]*person{mine(3, &livekit.ParticipantPermission{CanPublish: true, CanSubscribe: true})})
	told(t, "nothing new", lkroom.Told(r))
	want := lkroom.Permissions{CanSubscribe: true}
	h.OnParticipantUpdate([]*person{mine(4, &livekit.ParticipantPermission{CanSubscribe: true})})
	told(t, "a right is taken", lkroom.Told(r), lkroom.PermissionsChanged{Permissions: want})
	if r.Permissions() != want {
		t.Errorf("now %+v", r.Permissions())
	}
	byID := mine(5, &livekit.ParticipantPermission{})
	byID.Identity = "renamed"
	h.OnParticipantUpdate([]*person{byID})
	told(t, "known by id alone", lkroom.Told(r), lkroom.PermissionsChanged{})
}

// FuzzPacket hands anything to a room as a message of a data channel.
func FuzzPacket(f *testing.F) {
	for _, p := range []*livekit.DataPacket{
		from("ada", header("1", lkroom.TopicChat, nil)), from("ada", piece("1", 0, "x")), from("ada", trailer("1", "")),
		from("bob", chat(&livekit.ChatMessage{Id: "1", Message: "x"})), from("bob", user("lk-chat-topic", `{"message":"x"}`)), from("ada", call("1")),
	} {
		data, err := proto.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, r := lkroom.Front(quiet{}, lkroom.TopicChat)
		lkroom.Enter(r, info("me", 1, nil), info("ada", 1, nil))
		for range 3 {
			for _, e := range lkroom.Receive(r, webrtc.DataChannelMessage{Data: data}) {
				if end, ok := e.(lkroom.Disconnected); ok {
					t.Fatalf("the room ended: %v", end.Err)
				}
				if text, ok := e.(lkroom.TextReceived); ok && len(text.Text) > 3*limits.Default().ChatBytes {
					t.Fatalf("a text of %d bytes", len(text.Text))
				}
			}
		}
	})
}
