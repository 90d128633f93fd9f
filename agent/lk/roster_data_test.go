package lk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestWhoIsNotAttendedToIsNotRead: where all places are taken, packets of others are refused; where
// not, they may come before the news of their sender.
func TestWhoIsNotAttendedToIsNotRead(t *testing.T) {
	h, r := desk(t, lk.TopicChat)
	hello := func(who string) []lk.Event {
		return receive(t, r, from(who, header("1", lk.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("hi") })))
	}
	if got := hello("early"); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	var crowd []*person
	for i := range limits.Default().Participants {
		crowd = append(crowd, info(fmt.Sprint(i), 1, nil))
	}
	h.OnParticipantUpdate(crowd)
	lk.Told(r)
	told(t, "a stranger", hello("stranger"), refused("stranger", limits.Participants))
	if got := hello("0"); len(got) != 2 {
		t.Errorf("one of the crowd: %v", got)
	}
}

func TestServersThatNameNoIDs(t *testing.T) {
	_, r := desk(t, lk.TopicChat)
	plain := func(who string, value func(*livekit.DataPacket)) []lk.Event {
		p := from(who, value)
		p.ParticipantSid = ""
		return receive(t, r, p)
	}
	plain("ada", header("1", lk.TopicChat, nil))
	told(t, "somebody else", plain("bob", trailer("1", "")), refused("bob", limits.StreamForeign))
	told(t, "the owner", plain("ada", trailer("1", "")), lk.TextReceived{Topic: lk.TopicChat, From: "ada", StreamID: "1"})
}

func TestComingGoingAndChanging(t *testing.T) {
	h, r := desk(t, lk.TopicChat)
	ada := func(attrs map[string]string) lk.Participant {
		return lk.Participant{Identity: "ada", SID: "PA_ada", Attributes: attrs}
	}
	h.OnParticipantUpdate([]*person{
		info("ada", 2, func(p *person) { p.Attributes = map[string]string{"k": "v"} }),
		info("dan", 1, func(p *person) { p.Name = "Dan" }),
	})
	told(t, "an update", lk.Told(r),
		lk.AttributesChanged{Participant: ada(map[string]string{"k": "v"}), Changed: map[string]string{"k": "v"}},
		lk.ParticipantJoined{Participant: lk.Participant{Identity: "dan", Name: "Dan", SID: "PA_dan"}})
	receive(t, r, from("ada", header("1", lk.TopicChat, nil)))
	receive(t, r, from("bob", header("1", lk.TopicChat, nil)))
	h.OnParticipantUpdate([]*person{info("ada", 3, func(p *person) { p.State = livekit.ParticipantInfo_DISCONNECTED })})
	told(t, "ada leaves", lk.Told(r), lk.ParticipantLeft{Participant: ada(map[string]string{"k": "v"})})
	if n := lk.OpenStreams(r); n != 1 {
		t.Errorf("%d streams are open", n)
	}
	h.OnRestarting()
	var left []string
	for _, e := range lk.Told(r) {
		left = append(left, e.(lk.ParticipantLeft).Participant.Identity)
	}
	if fmt.Sprint(left) != "[bob bot dan]" || lk.OpenStreams(r) != 0 {
		t.Errorf("a new connection: %v left, %d streams", left, lk.OpenStreams(r))
	}
}

func TestStreamsOfARoomEndInTime(t *testing.T) {
	_, r := desk(t, lk.TopicChat)
	receive(t, r, from("ada", header("1", lk.TopicChat, nil)))
	told(t, "soon", lk.Expire(r, time.Now()))
	told(t, "later", lk.Expire(r, time.Now().Add(time.Minute)), refused("ada", limits.StreamIdle))
}

func TestOwnPermissions(t *testing.T) {
	h, r := lk.Front(quiet{})
	mine := func(version uint32, p *livekit.ParticipantPermission) *person {
		return info("me", version, func(i *person) { i.Permission = p })
	}
	lk.Enter(r, mine(1, nil))
	lk.Enter(r, mine(1, &livekit.ParticipantPermission{CanPublish: true, CanSubscribe: true}))
	told(t, "the first are no change", lk.Told(r))
	h.OnParticipantUpdate([]*person{mine(2, nil)})
	h.OnParticipantUpdate([]*person{mine(3, &livekit.ParticipantPermission{CanPublish: true, CanSubscribe: true})})
	told(t, "nothing new", lk.Told(r))
	want := lk.Permissions{CanSubscribe: true}
	h.OnParticipantUpdate([]*person{mine(4, &livekit.ParticipantPermission{CanSubscribe: true})})
	told(t, "a right is taken", lk.Told(r), lk.PermissionsChanged{Permissions: want})
	if r.Permissions() != want {
		t.Errorf("now %+v", r.Permissions())
	}
	byID := mine(5, &livekit.ParticipantPermission{})
	byID.Identity = "renamed"
	h.OnParticipantUpdate([]*person{byID})
	told(t, "known by id alone", lk.Told(r), lk.PermissionsChanged{})
}

// FuzzPacket hands anything to a room as a message of a data channel.
func FuzzPacket(f *testing.F) {
	for _, p := range []*livekit.DataPacket{
		from("ada", header("1", lk.TopicChat, nil)), from("ada", piece("1", 0, "x")), from("ada", trailer("1", "")),
		from("bob", chat(&livekit.ChatMessage{Id: "1", Message: "x"})), from("bob", user("lk-chat-topic", `{"message":"x"}`)), from("ada", call("1")),
	} {
		data, err := proto.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, r := lk.Front(quiet{}, lk.TopicChat)
		lk.Enter(r, info("me", 1, nil), info("ada", 1, nil))
		for range 3 {
			for _, e := range lk.Receive(r, webrtc.DataChannelMessage{Data: data}) {
				if end, ok := e.(lk.Disconnected); ok {
					t.Fatalf("the room ended: %v", end.Err)
				}
				if text, ok := e.(lk.TextReceived); ok && len(text.Text) > 3*limits.Default().ChatBytes {
					t.Fatalf("a text of %d bytes", len(text.Text))
				}
			}
		}
	})
}
