package lk_test

import (
	"testing"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestAddressesWaitForTheirOffer to be answered, in order, and only those of the direction that the
// server makes offers for.
func TestAddressesWaitForTheirOffer(t *testing.T) {
	address := func(target livekit.SignalTarget, what string) *livekit.SignalResponse {
		return &livekit.SignalResponse{Message: &livekit.SignalResponse_Trickle{Trickle: &livekit.TrickleRequest{Target: target, CandidateInit: what}}}
	}
	offer := &livekit.SignalResponse{Message: &livekit.SignalResponse_Offer{Offer: &livekit.SessionDescription{}}}
	answer := &livekit.SignalRequest{Message: &livekit.SignalRequest_Answer{Answer: &livekit.SessionDescription{}}}
	own := &livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{Offer: &livekit.SessionDescription{}}}
	var e lk.Early
	for _, step := range []struct {
		what  string
		comes *livekit.SignalResponse
		held  bool
	}{
		{"before any offer", address(livekit.SignalTarget_SUBSCRIBER, "1"), false},
		{"the offer", offer, false},
		{"an address behind it", address(livekit.SignalTarget_SUBSCRIBER, "2"), true},
		{"one of the other direction", address(livekit.SignalTarget_PUBLISHER, "3"), false},
		{"an offer that replaces it", offer, false},
		{"another address", address(livekit.SignalTarget_SUBSCRIBER, "4"), true},
	} {
		if got := e.Holds(step.comes); got != step.held {
			t.Errorf("%s: held back %v", step.what, got)
		}
	}
	if got := e.Answered(own); got != nil {
		t.Errorf("an own offer lets %v go", got)
	}
	got := e.Answered(answer)
	if len(got) != 2 || got[0].GetTrickle().GetCandidateInit() != "2" || got[1].GetTrickle().GetCandidateInit() != "4" {
		t.Errorf("let go: %v", got)
	}
	if e.Holds(address(livekit.SignalTarget_SUBSCRIBER, "5")) || len(e.Answered(answer)) != 0 {
		t.Error("an address is held back after the answer")
	}
}
