package lk_test

import (
	"slices"
	"testing"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestTracksAreLostWithTheirLink: only those that it was told over, and that the server has neither
// confirmed nor refused.
func TestTracksAreLostWithTheirLink(t *testing.T) {
	answer := func(reason livekit.RequestResponse_Reason, cid string) *livekit.SignalResponse {
		return &livekit.SignalResponse{Message: &livekit.SignalResponse_RequestResponse{RequestResponse: &livekit.RequestResponse{
			Reason: reason, Request: &livekit.RequestResponse_AddTrack{AddTrack: &livekit.AddTrackRequest{Cid: cid}},
		}}}
	}
	var a lk.Adds
	for i, cid := range []string{"confirmed", "refused", "queued", "early", "late"} {
		a.Told(cid, i/4)
	}
	a.Says(&livekit.SignalResponse{Message: &livekit.SignalResponse_TrackPublished{TrackPublished: &livekit.TrackPublishedResponse{Cid: "confirmed"}}})
	a.Says(answer(livekit.RequestResponse_NOT_ALLOWED, "refused"))
	a.Says(answer(livekit.RequestResponse_QUEUED, "queued"))
	a.Says(&livekit.SignalResponse{Message: &livekit.SignalResponse_PongResp{PongResp: &livekit.Pong{}}})
	if a.Broken() {
		t.Error("a new connection is needed before anything is lost")
	}
	for over, want := range [][]string{{"early", "queued"}, {"late"}} {
		if got := a.Lost(over); !slices.Equal(got, want) {
			t.Errorf("with link %d %v are lost, want %v", over, got, want)
		}
		if got := a.Lost(over); got != nil {
			t.Errorf("%v are lost twice", got)
		}
	}
	if !a.Broken() {
		t.Error("no new connection is needed")
	}
}
