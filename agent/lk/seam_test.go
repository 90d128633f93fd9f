package lk_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lk"
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
	if err := lk.OpenSeam(room); err != nil {
		t.Fatal(err)
	}
	if err := lk.OpenSeam(room); !errors.Is(err, lk.ErrSDK) {
		t.Errorf("a second handler was put before the first: %v", err)
	}
}

func TestAnotherSDKIsRefused(t *testing.T) {
	inner, next := &one{1}, &one{2}
	o := &owner{handler: inner, number: 7}
	for name, err := range map[string]error{
		"no such field":   lk.ReplaceHandler(o, "engineHandler", inner, next),
		"no interface":    lk.ReplaceHandler(o, "number", inner, next),
		"more methods":    lk.ReplaceHandler(o, "handler", inner, &owner{}),
		"another handler": lk.ReplaceHandler(o, "handler", &one{3}, next),
		"another type":    lk.ReplaceHandler(o, "handler", &owner{}, next),
		"none":            lk.ReplaceHandler(&owner{}, "handler", inner, next),
	} {
		if !errors.Is(err, lk.ErrSDK) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if o.handler != inner {
		t.Fatal("a refused handler was set")
	}
	if err := lk.ReplaceHandler(o, "handler", inner, next); err != nil || o.handler != next {
		t.Errorf("a handler that fits was not set: %v", err)
	}
	if n, err := lk.PrivateField[int](o, "number"); err != nil || *n != 7 {
		t.Errorf("got %v, %v", n, err)
	}
	if _, err := lk.PrivateField[string](o, "number"); !errors.Is(err, lk.ErrSDK) {
		t.Errorf("a field of another type: %v", err)
	}
	if _, err := lk.PrivateField[int](o, "absent"); !errors.Is(err, lk.ErrSDK) {
		t.Errorf("a field that is not there: %v", err)
	}
}

// broken is an SDK room each method of which panics.
type broken struct{ lk.SDKHandler }

// TestNoPanicLeavesTheHandler calls every method on a room that panics in all of them, and reads
// how the room ended.
func TestNoPanicLeavesTheHandler(t *testing.T) {
	calls := map[string]func(lk.SDKHandler){
		"OnLocalTrackUnpublished":      func(h lk.SDKHandler) { h.OnLocalTrackUnpublished(nil) },
		"OnTrackRemoteMuted":           func(h lk.SDKHandler) { h.OnTrackRemoteMuted(nil) },
		"OnDisconnected":               func(h lk.SDKHandler) { h.OnDisconnected(0) },
		"OnMediaTrack":                 func(h lk.SDKHandler) { h.OnMediaTrack(nil, nil) },
		"OnParticipantUpdate":          func(h lk.SDKHandler) { h.OnParticipantUpdate(nil) },
		"OnRoomUpdate":                 func(h lk.SDKHandler) { h.OnRoomUpdate(nil) },
		"OnRoomMoved":                  func(h lk.SDKHandler) { h.OnRoomMoved(&livekit.RoomMovedResponse{}) },
		"OnRestarting":                 func(h lk.SDKHandler) { h.OnRestarting() },
		"OnRestarted":                  func(h lk.SDKHandler) { h.OnRestarted(nil, nil, nil) },
		"OnResuming":                   func(h lk.SDKHandler) { h.OnResuming() },
		"OnResumed":                    func(h lk.SDKHandler) { h.OnResumed() },
		"OnLocalTrackSubscribed":       func(h lk.SDKHandler) { h.OnLocalTrackSubscribed(nil) },
		"OnSubscribedQualityUpdate":    func(h lk.SDKHandler) { h.OnSubscribedQualityUpdate(nil) },
		"OnSubscribedAudioCodecUpdate": func(h lk.SDKHandler) { h.OnSubscribedAudioCodecUpdate(nil) },
		"OnMediaSectionsRequirement":   func(h lk.SDKHandler) { h.OnMediaSectionsRequirement(nil) },
	}
	for name, call := range calls {
		h, room := lk.Front(broken{})
		call(h)
		var fault *lk.PanicError
		end, ok := (<-room.Events()).(lk.Disconnected)
		if !ok || !errors.As(end.Err, &fault) || fault.Where != name || end.Reason == "" || len(fault.Stack) == 0 {
			t.Errorf("%s: the room ended with %+v", name, end)
		}
		call(h) // the second panic changes nothing
		if n := len(room.Events()); n != 0 {
			t.Errorf("%s: %d events after the end", name, n)
		}
	}
	h, room := lk.Front(broken{})
	h.OnRoomJoined(&livekit.Room{}, &livekit.ParticipantInfo{}, nil, nil, nil) // without a connection to receive on
	if end, ok := (<-room.Events()).(lk.Disconnected); !ok || !errors.Is(end.Err, lk.ErrSDK) {
		t.Errorf("got %+v", end)
	}
}

// TestWhatNobodyUsesIsKeptBack: none of these reaches the SDK's room, which would panic here.
func TestWhatNobodyUsesIsKeptBack(t *testing.T) {
	h, room := lk.Front(broken{})
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

// errorLines are the lines that a logger writes, as long as there is room for them.
type errorLines chan string

func (l errorLines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default:
	}
	return len(line), nil
}

// TestAFaultEndsOneRoomOnly: the room says why and is left; another room of the process goes on.
func TestAFaultEndsOneRoomOnly(t *testing.T) {
	s := startServer(t)
	log := make(errorLines, 100)
	first, second := config(s, "first", true), config(s, "second", true)
	first.Token = signed(s, fmt.Sprintf(`{"iss":%q,"sub":"first","exp":4000000000,"video":{"roomJoin":true,"room":"r"}}`, s.APIKey))
	first.Room, first.Identity, first.Logger = "", "", slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))
	a, b := join(t, first), join(t, second)
	lk.Panic(a, "assignment to entry in nil map")
	end := next[lk.Disconnected](t, a)
	var fault *lk.PanicError
	if !errors.As(end.Err, &fault) || fault.Value != "assignment to entry in nil map" || end.Requested {
		t.Errorf("got %+v", end)
	}
	if line := <-log; !strings.Contains(line, "room is left after a fault") || !strings.Contains(line, " room=r identity=first ") {
		t.Errorf("logged: %s", line)
	}
	if err := a.SendText(lk.TopicChat, "", "x", nil); !errors.Is(err, lk.ErrClosed) {
		t.Errorf("the room that ended takes text: %v", err)
	}
	for next[lk.ParticipantLeft](t, b).Participant.Identity != "first" {
	}
	c := join(t, config(s, "third", false))
	if err := c.SendText(lk.TopicChat, "", "still there?", nil); err != nil {
		t.Fatal(err)
	}
	if got := next[lk.TextReceived](t, b); got.Text != "still there?" || got.Agent {
		t.Errorf("got %+v", got)
	}
}

// TestTextOfAnAgentIsMarked is what the ban on agents talking to each other (F3) needs.
func TestTextOfAnAgentIsMarked(t *testing.T) {
	s := startServer(t)
	a, b := join(t, config(s, "a", true)), join(t, config(s, "b", true))
	for next[lk.ParticipantJoined](t, a).Participant.Identity != "b" {
	}
	if err := b.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	if chunk := next[lk.TextChunk](t, a); !chunk.Agent || chunk.From != "b" {
		t.Errorf("got %+v", chunk)
	}
	if whole := next[lk.TextReceived](t, a); !whole.Agent || whole.From != "b" {
		t.Errorf("got %+v", whole)
	}
}
