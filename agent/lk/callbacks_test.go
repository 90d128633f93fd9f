package lk_test

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestTheEndSaysWhy: the room was closed, or somebody put the participant out. Sending is held up;
// an end that was asked for is told by whoever asked.
func TestTheEndSaysWhy(t *testing.T) {
	for reason, want := range map[lksdk.DisconnectionReason]lk.Disconnected{
		lksdk.RoomClosed:         {Closed: true},
		lksdk.DuplicateIdentity:  {Removed: true},
		lksdk.ParticipantRemoved: {Removed: true},
		lksdk.GetDisconnectionReason(livekit.DisconnectReason_SERVER_SHUTDOWN): {},
	} {
		want.Reason = string(reason)
		_, r := desk(t)
		lk.Callbacks(r).OnDisconnectedWithReason(reason)
		told(t, string(reason), lk.Told(r), want)
		if lk.Up(r) {
			t.Errorf("%s: sending goes on", reason)
		}
	}
	_, r := desk(t)
	lk.Leaving(r)
	lk.Callbacks(r).OnDisconnectedWithReason(lksdk.RoomClosed)
	told(t, "while leaving", lk.Told(r))
}

func TestALostConnectionHoldsSendingUp(t *testing.T) {
	_, r := desk(t)
	call := lk.Callbacks(r)
	for _, up := range []bool{false, true} {
		if call.OnReconnecting(); up {
			lk.Told(r)
			call.OnReconnected()
		}
		told(t, "the connection", lk.Told(r), lk.ConnectionChanged{Up: up})
		if lk.Up(r) != up {
			t.Errorf("up %v: sending is %v", up, lk.Up(r))
		}
	}
	for range 2 { // the SDK tries again, and says nothing
		lk.Attempted(r)
	}
	if told(t, "another attempt", lk.Told(r), lk.ConnectionChanged{}); lk.Up(r) {
		t.Error("sending goes on during another attempt")
	}
}

// TestTracksThatWereNotOfferedAreNotTold: the SDK may be late, or speak of one that was cut off.
func TestTracksThatWereNotOfferedAreNotTold(t *testing.T) {
	_, r := desk(t)
	call, pub, other := lk.Callbacks(r), &lksdk.RemoteTrackPublication{}, &lksdk.RemoteTrackPublication{}
	ada := lk.Participant{Identity: "ada", SID: "PA_ada"}
	all := func(pub *lksdk.RemoteTrackPublication) {
		call.OnTrackSubscribed(nil, pub, nil)
		call.OnTrackUnsubscribed(nil, pub, nil)
		call.OnTrackUnpublished(pub, nil)
	}
	lk.Offer(r, pub, ada)
	all(other)
	told(t, "one that was not offered", lk.Told(r))
	call.OnTrackUnsubscribed(nil, pub, nil)
	told(t, "unsubscribed", lk.Told(r), lk.TrackGone{Participant: ada})
	call.OnTrackSubscribed(nil, pub, nil)
	if got := lk.Told(r); len(got) != 1 || got[0].(lk.TrackSubscribed).Participant.Identity != "ada" {
		t.Errorf("subscribed: %v", got)
	}
	call.OnTrackUnpublished(pub, nil)
	told(t, "unpublished", lk.Told(r), lk.TrackGone{Participant: ada})
	all(pub)
	told(t, "once it is gone", lk.Told(r))
}
