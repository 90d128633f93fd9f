package lk_test

import (
	"context"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

func TestPermissionsOf(t *testing.T) {
	all := func(change func(*livekit.ParticipantPermission)) *livekit.ParticipantPermission {
		p := &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: true, CanPublishData: true, CanUpdateMetadata: true}
		change(p)
		return p
	}
	full := lk.Permissions{CanSubscribe: true, CanPublish: true, CanPublishData: true, CanUpdateOwnMetadata: true}
	less := func(change func(*lk.Permissions)) lk.Permissions {
		p := full
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		in   *livekit.ParticipantPermission
		want lk.Permissions
	}{
		"nothing":   {nil, lk.Permissions{}},
		"all":       {all(func(*livekit.ParticipantPermission) {}), full},
		"deaf":      {all(func(p *livekit.ParticipantPermission) { p.CanSubscribe = false }), less(func(p *lk.Permissions) { p.CanSubscribe = false })},
		"mute":      {all(func(p *livekit.ParticipantPermission) { p.CanPublish = false }), less(func(p *lk.Permissions) { p.CanPublish = false })},
		"wordless":  {all(func(p *livekit.ParticipantPermission) { p.CanPublishData = false }), less(func(p *lk.Permissions) { p.CanPublishData = false })},
		"stateless": {all(func(p *livekit.ParticipantPermission) { p.CanUpdateMetadata = false }), less(func(p *lk.Permissions) { p.CanUpdateOwnMetadata = false })},
		"camera only": {all(func(p *livekit.ParticipantPermission) {
			p.CanPublishSources = []livekit.TrackSource{livekit.TrackSource_CAMERA}
		}), less(func(p *lk.Permissions) { p.CanPublish = false })},
		"microphone too": {all(func(p *livekit.ParticipantPermission) {
			p.CanPublishSources = []livekit.TrackSource{livekit.TrackSource_CAMERA, livekit.TrackSource_MICROPHONE}
		}), full},
	} {
		if got := lk.PermissionsOf(c.in); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestGrantsAreKnownAtJoin is B12: tokens that servers accept and that make a persona deaf, mute or
// wordless.
func TestGrantsAreKnownAtJoin(t *testing.T) {
	s := startServer(t)
	yes, no := true, false
	for name, c := range map[string]struct {
		grant auth.VideoGrant
		want  lk.Permissions
	}{
		"deaf":     {auth.VideoGrant{CanSubscribe: &no}, lk.Permissions{CanPublish: true, CanPublishData: true}},
		"wordless": {auth.VideoGrant{CanPublishData: &no, CanUpdateOwnMetadata: &yes}, lk.Permissions{CanSubscribe: true, CanPublish: true, CanUpdateOwnMetadata: true}},
		"mute":     {auth.VideoGrant{CanPublish: &no}, lk.Permissions{CanSubscribe: true}},
		"camera":   {auth.VideoGrant{CanPublishSources: []string{"camera"}}, lk.Permissions{CanSubscribe: true, CanPublishData: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c.grant.RoomJoin, c.grant.Room = true, "r"
			token, err := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity("p").SetValidFor(time.Hour).
				SetVideoGrant(&c.grant).SetKind(livekit.ParticipantInfo_AGENT).ToJWT()
			if err != nil {
				t.Fatal(err)
			}
			r := join(t, lk.Config{URL: s.URL, Token: token})
			if got := r.Permissions(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestRevokedPermissionsAreReported is the part of F15 that the edge owns.
func TestRevokedPermissionsAreReported(t *testing.T) {
	s := startServer(t)
	r := join(t, config(s, "persona", true))
	full := lk.Permissions{CanSubscribe: true, CanPublish: true, CanPublishData: true, CanUpdateOwnMetadata: true}
	if got := r.Permissions(); got != full {
		t.Fatalf("at first %+v", got)
	}
	service := lksdk.NewRoomServiceClient("http"+s.URL[len("ws"):], s.APIKey, s.APISecret)
	change := func(p *livekit.ParticipantPermission) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := service.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{Room: "r", Identity: "persona", Permission: p})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(&livekit.ParticipantPermission{CanSubscribe: true, CanPublishData: true, CanUpdateMetadata: true})
	want := full
	want.CanPublish = false
	if got := next[lk.PermissionsChanged](t, r).Permissions; got != want || r.Permissions() != want {
		t.Errorf("after the right to publish was taken: %+v, %+v", got, r.Permissions())
	}
	r.SetAttributes(map[string]string{"unrelated": "update"})
	change(&livekit.ParticipantPermission{CanSubscribe: true, CanPublish: true, CanPublishData: true, CanUpdateMetadata: true})
	if got := next[lk.PermissionsChanged](t, r).Permissions; got != full {
		t.Errorf("after it was given back: %+v", got)
	}
}
