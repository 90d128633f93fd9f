package room_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/room"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// agentToken makes the token of a persona with these rights.
func agentToken(t *testing.T, server *local.Server, room string, change func(*auth.VideoGrant)) string {
	t.Helper()
	grant := &auth.VideoGrant{RoomJoin: true, Room: room, Agent: true}
	change(grant)
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetVideoGrant(grant).SetIdentity("iris").
		SetKind(livekit.ParticipantInfo_AGENT).SetValidFor(time.Hour).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestTokenWithoutARightIsRefused: a persona that would be deaf, mute or without words says so
// instead of joining.
func TestTokenWithoutARightIsRefused(t *testing.T) {
	models, server := open(t)
	yes, no := true, false
	for name, c := range map[string]struct {
		change  func(*auth.VideoGrant)
		missing []room.Grant
	}{
		"subscribe": {func(g *auth.VideoGrant) { g.CanSubscribe = &no }, []room.Grant{room.GrantSubscribe}},
		"publish":   {func(g *auth.VideoGrant) { g.CanPublish, g.CanPublishData = &no, &yes }, []room.Grant{room.GrantPublish}},
		"camera only": {
			func(g *auth.VideoGrant) { g.CanPublishSources = []string{"camera"} }, []room.Grant{room.GrantPublish},
		},
		"data": {func(g *auth.VideoGrant) { g.CanPublishData = &no }, []room.Grant{room.GrantData}},
		"all": {func(g *auth.VideoGrant) { g.CanSubscribe, g.CanPublish, g.CanPublishData = &no, &no, &no }, []room.Grant{
			room.GrantSubscribe, room.GrantPublish, room.GrantData,
		}},
	} {
		cfg, who := room.Config{URL: server.URL, Room: "granted"}, room.Persona{Token: agentToken(t, server, "granted", c.change)}
		_, err := room.Join(t.Context(), models, cfg, who)
		var grant *room.GrantError
		var stage *room.StageError
		if !errors.As(err, &grant) || !slices.Equal(grant.Missing, c.missing) || grant.Revoked || !errors.Is(err, room.ErrGrant) {
			t.Errorf("%s: %v", name, err)
		}
		if !errors.As(err, &stage) || stage.Stage != room.StageRoom {
			t.Errorf("%s: %v is of no stage", name, err)
		}
		if name != "data" {
			continue
		}
		who.VoiceOnly = true
		session, err := room.Join(t.Context(), models, cfg, who)
		if err != nil {
			t.Errorf("%s, voice only: %v", name, err)
			continue
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}
}

// permit changes what the server lets the persona of a room do.
func permit(t *testing.T, server *local.Server, room string, publish bool) {
	t.Helper()
	client := lksdk.NewRoomServiceClient("http"+strings.TrimPrefix(server.URL, "ws"), server.APIKey, server.APISecret)
	if _, err := client.UpdateParticipant(t.Context(), &livekit.UpdateParticipantRequest{
		Room: room, Identity: "iris",
		Permission: &livekit.ParticipantPermission{
			CanSubscribe: true, CanPublish: publish, CanPublishData: true, CanUpdateMetadata: true,
			Agent: true, //nolint:staticcheck // a server of today takes the kind away with it
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRightToPublishIsTakenAndGivenBack: a persona that nobody can hear says so, reports nothing as
// said, and goes on when it is let.
func TestRightToPublishIsTakenAndGivenBack(t *testing.T) {
	_, server := open(t)
	s, path := keptStage(t, nil)
	s.wait(t, "readiness", func(e room.Event) bool { r, ok := e.(room.ReadyChanged); return ok && r.Ready && r.Err == nil })
	if !s.session.Ready() {
		t.Error("the session is not ready")
	}
	permit(t, server, s.room, false)
	s.wait(t, "the loss of readiness", func(e room.Event) bool {
		r, ok := e.(room.ReadyChanged)
		return ok && !r.Ready && errors.Is(r.Err, room.ErrGrant)
	})
	s.wait(t, "a problem that names the right", func(e room.Event) bool {
		p, ok := e.(room.Problem)
		var grant *room.GrantError
		return ok && errors.As(p.Err, &grant) && grant.Revoked && slices.Equal(grant.Missing, []room.Grant{room.GrantPublish})
	})
	if s.session.Ready() {
		t.Error("the session is ready although nobody can hear it")
	}
	if err := s.human.Chat(describe); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "the question", func(e room.Event) bool { h, ok := e.(room.Heard); return ok && h.Text == describe })
	until(t, "the question waits", func() bool { return s.session.Limits().Questions.Waiting == 1 })
	for _, e := range s.all() {
		if said, ok := e.(room.Said); ok {
			t.Errorf("said %+v while nobody could hear it", said)
		}
	}
	permit(t, server, s.room, true)
	trace := s.turn(t)
	if trace.Err != nil || trace.FirstPacket.IsZero() || trace.Question != describe {
		t.Errorf("after the right was given back: %+v", trace)
	}
	s.wait(t, "readiness again", func(e room.Event) bool {
		r, ok := e.(room.ReadyChanged)
		return ok && r.Ready && r.At.After(trace.Begin.Add(-answerLimit)) && s.session.Ready()
	})
	got := kept(t, path, 2)
	if got[0].Text != describe || got[1].Text != trace.Answer {
		t.Errorf("kept %+v", got)
	}
	s.checkVoice(t, trace.Answer)
}

// TestAnswerThatIsCutOffByTheServerIsNotKeptAsSaid: the right is taken while the persona speaks.
func TestAnswerThatIsCutOffByTheServerIsNotKeptAsSaid(t *testing.T) {
	_, server := open(t)
	s, path := keptStage(t, nil)
	s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.wait(t, "a frame", func(e room.Event) bool { _, ok := e.(room.Saw); return ok })
	if err := s.session.Ask(t.Context(), "ada", describe); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "speech", func(e room.Event) bool { _, ok := e.(room.Said); return ok })
	permit(t, server, s.room, false)
	trace := s.turn(t)
	if !errors.Is(trace.Err, room.ErrUnheard) {
		t.Fatalf("the answer ended with %v", trace.Err)
	}
	var said []string
	for _, e := range s.all() {
		if e, ok := e.(room.Said); ok {
			said = append(said, e.Text)
		}
	}
	got := kept(t, path, 2)
	if got[1].Text != strings.Join(said, " ") || got[1].Text == trace.Answer {
		t.Errorf("kept %q, said %q of %q", got[1].Text, said, trace.Answer)
	}
}

// TestReadinessFollowsTheConnection: with the server gone the persona is not ready, at once and
// without anybody waiting for it.
func TestReadinessFollowsTheConnection(t *testing.T) {
	models, _ := open(t)
	server, err := local.Start(t.Context(), local.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWatch()
	session, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Observe: w.observe,
	}, room.Persona{})
	if err != nil {
		t.Fatal(err)
	}
	w.wait(t, "readiness", func(e room.Event) bool { r, ok := e.(room.ReadyChanged); return ok && r.Ready })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the loss of readiness", func(e room.Event) bool {
		r, ok := e.(room.ReadyChanged)
		return ok && !r.Ready && errors.Is(r.Err, room.ErrUnheard)
	})
	if session.Ready() {
		t.Error("ready without a server")
	}
	if err := session.Ask(t.Context(), "ada", describe); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the question", func(e room.Event) bool { h, ok := e.(room.Heard); return ok && h.Text == describe })
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if e := w.all()[len(w.all())-1]; e.(room.Ended).Err != nil {
		t.Errorf("the last event is %+v", e)
	}
}
