package lkroom_test

import (
	"errors"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

type handler interface{ Handle() }

type one struct{ n int }

func (*one) Handle() {}

type owner struct {
	handler handler
	number  int
}

// TestTheSDKIsTheOneThatIsKnown fails when an SDK comes that this package was not made for.
func TestTheSDKIsTheOneThatIsKnown(t *testing.T) {
	room := lksdk.NewRoom(nil)
	if err := lkroom.OpenSeam(room); err != nil {
		t.Fatal(err)
	}
	if err := lkroom.OpenSeam(room); !errors.Is(err, lkroom.ErrSDK) {
		t.Errorf("a second handler was put before the first: %v", err)
	}
}

func TestAnotherSDKIsRefused(t *testing.T) {
	inner, next := &one{1}, &one{2}
	o := &owner{handler: inner, number: 7}
	for name, err := range map[string]error{
		"no such field":   lkroom.ReplaceHandler(o, "engineHandler", inner, next),
		"no interface":    lkroom.ReplaceHandler(o, "number", inner, next),
		"more methods":    lkroom.ReplaceHandler(o, "handler", inner, &owner{}),
		"another handler": lkroom.ReplaceHandler(o, "handler", &one{3}, next),
		"another type":    lkroom.ReplaceHandler(o, "handler", &owner{}, next),
		"none":            lkroom.ReplaceHandler(&owner{}, "handler", inner, next),
	} {
		if !errors.Is(err, lkroom.ErrSDK) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if o.handler != inner {
		t.Fatal("a refused handler was set")
	}
	if err := lkroom.ReplaceHandler(o, "handler", inner, next); err != nil || o.handler != next {
		t.Errorf("a handler that fits was not set: %v", err)
	}
	if n, err := lkroom.PrivateField[int](o, "number"); err != nil || *n != 7 {
		t.Errorf("got %v, %v", n, err)
	}
	if _, err := lkroom.PrivateField[string](o, "number"); !errors.Is(err, lkroom.ErrSDK) {
		t.Errorf("a field of another type: %v", err)
	}
	if _, err := lkroom.PrivateField[int](o, "absent"); !errors.Is(err, lkroom.ErrSDK) {
		t.Errorf("a field that is not there: %v", err)
	}
}

// broken is an SDK room each method of which panics.
type broken struct{ lkroom.SDKHandler }

// TestNoPanicLeavesTheHandler calls every method on a room that panics in all of them, and reads how the room ended.
func TestNoPanicLeavesTheHandler(t *testing.T) {
	calls := map[string]func(lkroom.SDKHandler){
		"OnLocalTrackUnpublished":      func(h lkroom.SDKHandler) { h.OnLocalTrackUnpublished(nil) },
		"OnTrackRemoteMuted":           func(h lkroom.SDKHandler) { h.OnTrackRemoteMuted(nil) },
		"OnDisconnected":               func(h lkroom.SDKHandler) { h.OnDisconnected(0) },
		"OnMediaTrack":                 func(h lkroom.SDKHandler) { h.OnMediaTrack(nil, nil) },
		"OnParticipantUpdate":          func(h lkroom.SDKHandler) { h.OnParticipantUpdate(nil) },
		"OnRoomUpdate":                 func(h lkroom.SDKHandler) { h.OnRoomUpdate(nil) },
		"OnRoomMoved":                  func(h lkroom.SDKHandler) { h.OnRoomMoved(&livekit.RoomMovedResponse{}) },
		"OnRestarting":                 func(h lkroom.SDKHandler) { h.OnRestarting() },
		"OnRestarted":                  func(h lkroom.SDKHandler) { h.OnRestarted(nil, nil, nil) },
		"OnResuming":                   func(h lkroom.SDKHandler) { h.OnResuming() },
		"OnResumed":                    func(h lkroom.SDKHandler) { h.OnResumed() },
		"OnLocalTrackSubscribed":       func(h lkroom.SDKHandler) { h.OnLocalTrackSubscribed(nil) },
		"OnSubscribedQualityUpdate":    func(h lkroom.SDKHandler) { h.OnSubscribedQualityUpdate(nil) },
		"OnSubscribedAudioCodecUpdate": func(h lkroom.SDKHandler) { h.OnSubscribedAudioCodecUpdate(nil) },
		"OnMediaSectionsRequirement":   func(h lkroom.SDKHandler) { h.OnMediaSectionsRequirement(nil) },
	}
	for name, call := range calls {
		h, room := lkroom.Front(broken{})
		call(h)
		var fault *lkroom.PanicError
		end, ok := (<-room.Events()).(lkroom.Disconnected)
		if !ok || !errors.As(end.Err, &fault) || fault.Where != name || end.Reason == "" || len(fault.Stack) == 0 {
			t.Errorf("%s: the room ended with %+v", name, end)
		}
		call(h) // the second panic changes nothing
		if n := len(room.Events()); n != 0 {
			t.Errorf("%s: %d events after the end", name, n)
		}
	}
	h, room := lkroom.Front(broken{})
	h.OnRoomJoined(&livekit.Room{}, &livekit.ParticipantInfo{}, nil, nil, nil) // without a connection to receive on
	if end, ok := (<-room.Events()).(lkroom.Disconnected); !ok || !errors.Is(end.Err, lkroom.ErrSDK) {
		t.Errorf("got %+v", end)
	}
}

// TestWhatNobodyUsesIsKeptBack: none of these reaches the SDK's room, which would panic here.
func TestWhatNobodyUsesIsKeptBack(t *testing.T) {
	h, room := lkroom.Front(broken{})
	h.OnSpeakersChanged(nil)
	h.OnConnectionQuality(nil)
	h.OnDataPacket("x", nil)
	h.OnTranscription(nil)
	h.OnRpcRequest("a", "b", "c", "d", time.Second, 1)
	h.OnRpcAck("x")
	h.OnRpcResponse("x", nil, nil)
	h.OnStreamHeader(nil, "x")
	h.OnStreamChunk(nil)
	h.OnStreamTrailer(nil)
	if n := len(room.Events()); n != 0 {
		t.Errorf("%d events", n)
	}
}

// TestAFaultEndsOneRoomOnly: the room says why and is left; another room of the process goes on.
func TestAFaultEndsOneRoomOnly(t *testing.T) {
	s := startServer(t)
	first, second := config(s, "first", true), config(s, "second", true)
	a, b := join(t, first), join(t, second)
	lkroom.Panic(a, "assignment to entry in nil map")
	end := next[lkroom.Disconnected](t, a)
	var fault *lkroom.PanicError
	if !errors.As(end.Err, &fault) || fault.Value != "assignment to entry in nil map" || end.Requested {
		t.Errorf("got %+v", end)
	}
	if err := a.SendText(lkroom.TopicChat, "", "x", nil); !errors.Is(err, lkroom.ErrClosed) {
		t.Errorf("the room that ended takes text: %v", err)
	}
	for next[lkroom.ParticipantLeft](t, b).Participant.Identity != "first" {
	}
	c := join(t, config(s, "third", false))
	if err := c.SendText(lkroom.TopicChat, "", "still there?", nil); err != nil {
		t.Fatal(err)
	}
	if got := next[lkroom.TextReceived](t, b); got.Text != "still there?" || got.Agent {
		t.Errorf("got %+v", got)
	}
}

// TestTextOfAnAgentIsMarked is what the ban on agents talking to each other (F3) needs.
func TestTextOfAnAgentIsMarked(t *testing.T) {
	s := startServer(t)
	a, b := join(t, config(s, "a", true)), join(t, config(s, "b", true))
	for next[lkroom.ParticipantJoined](t, a).Participant.Identity != "b" {
	}
	if err := b.SendText(lkroom.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	if chunk := next[lkroom.TextChunk](t, a); !chunk.Agent || chunk.From != "b" {
		t.Errorf("got %+v", chunk)
	}
	if whole := next[lkroom.TextReceived](t, a); !whole.Agent || whole.From != "b" {
		t.Errorf("got %+v", whole)
	}
}
