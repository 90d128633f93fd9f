package api_test

import (
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestListRooms(t *testing.T) {
	s := serve(t, seated())
	got, err := sensoryv1connect.NewRoomServiceClient(http.DefaultClient, s.url).ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := &sensoryv1.ListRoomsResponse{Rooms: []*sensoryv1.Room{
		{Name: "attic", Personas: []string{"otto"}},
		{Name: "lobby", Open: true, Personas: []string{"iris", "max"}, Ready: 1},
	}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestRoomState(t *testing.T) {
	s := serve(t, seated())
	client := sensoryv1connect.NewRoomServiceClient(http.DefaultClient, s.url)
	got, err := client.GetRoomState(t.Context(), &sensoryv1.GetRoomStateRequest{Room: "lobby"})
	if err != nil {
		t.Fatal(err)
	}
	want := &sensoryv1.GetRoomStateResponse{
		Room: &sensoryv1.Room{Name: "lobby", Open: true, Personas: []string{"iris", "max"}, Ready: 1},
		Participants: []*sensoryv1.ParticipantState{
			{Identity: "ada", Name: "Ada", AudioPublished: true, VideoPublished: []string{"camera"}, TranscriptSegments: 3, State: "speaking"},
		},
		Personas: []*sensoryv1.PersonaState{
			{Name: "iris", Identity: "iris", Seat: "in", State: "thinking", Ready: true, AudioPublished: true, TranscriptSegments: 2},
			{Name: "max", Identity: "max-1", Seat: "in", State: "listening", Muted: true, Silence: &sensoryv1.Silence{Turn: 4, Reason: "muted"}},
		},
		Floor: &sensoryv1.Floor{},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	got, err = client.GetRoomState(t.Context(), &sensoryv1.GetRoomStateRequest{Room: "attic"}) // nobody has entered it
	want = &sensoryv1.GetRoomStateResponse{
		Room:     &sensoryv1.Room{Name: "attic", Personas: []string{"otto"}},
		Personas: []*sensoryv1.PersonaState{{Name: "otto", Identity: "otto-7", Seat: "failed", Error: "no such voice"}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Error(err, diff)
	}
	s.refused(t, "RoomService/GetRoomState", `{"room":"cellar"}`, connect.CodeNotFound, api.ReasonUnknownRoom, "")
}

func TestPublishStimulus(t *testing.T) {
	d := seated()
	s := serve(t, d)
	for _, body := range []string{
		`{"room":"lobby","from":"ada","text":"Who is there?"}`,
		`{"room":"lobby","from":"ada","text":"And you?\n","to":["max","iris","max-1"]}`,
	} {
		if status, text := s.post(t, "RoomService/PublishStimulus", body); status != http.StatusOK || text != "{}" {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	if diff := cmp.Diff([]string{"lobby|ada|Who is there?|", "lobby|ada|And you?\n|max-1,iris,max-1"}, d.told); diff != "" {
		t.Error(diff)
	}
	long := strings.Repeat("x", 16<<10)
	for body, want := range map[string]struct {
		code  connect.Code
		why   api.Reason
		field string
	}{
		`{"from":"ada","text":"x"}`:                                        {connect.CodeInvalidArgument, api.ReasonMissing, "room"},
		`{"room":"lobby","text":"x"}`:                                      {connect.CodeInvalidArgument, api.ReasonMissing, "from"},
		`{"room":"lobby","from":"ada","text":" \n"}`:                       {connect.CodeInvalidArgument, api.ReasonMissing, "text"},
		`{"room":"lobby","from":"ada\u0000","text":"x"}`:                   {connect.CodeInvalidArgument, api.ReasonBadText, "from"},
		`{"room":"lobby","from":" ada","text":"x"}`:                        {connect.CodeInvalidArgument, api.ReasonBadText, "from"},
		`{"room":"lobby","from":"ada","text":"x\u001b[2J"}`:                {connect.CodeInvalidArgument, api.ReasonBadText, "text"},
		`{"room":"lobby","from":"ada","text":"x\u202ey"}`:                  {connect.CodeInvalidArgument, api.ReasonBadText, "text"},
		`{"room":"lobby","from":"` + long[:513] + `","text":"x"}`:          {connect.CodeInvalidArgument, api.ReasonTooLong, "from"},
		`{"room":"lobby","from":"ada","text":"` + long + `x"}`:             {connect.CodeInvalidArgument, api.ReasonTooLong, "text"},
		`{"room":"lobby","from":"ada","text":"x","to":["otto"]}`:           {connect.CodeNotFound, api.ReasonUnknownPersona, "to"},
		`{"room":"lobby","from":"ada","text":"x","to":["iris",""]}`:        {connect.CodeInvalidArgument, api.ReasonMissing, "to"},
		`{"room":"cellar","from":"ada","text":"x"}`:                        {connect.CodeNotFound, api.ReasonUnknownRoom, ""},
		`{"room":"lobby","from":"ada","text":"x","to":[` + many(65) + `]}`: {connect.CodeInvalidArgument, api.ReasonTooMany, "to"},
	} {
		s.refused(t, "RoomService/PublishStimulus", body, want.code, want.why, want.field)
	}
	if len(d.told) != 2 {
		t.Errorf("what was refused was told: %q", d.told)
	}
	body := `{"room":"lobby","from":"ada","text":"` + long + `","to":[` + many(64) + `]}`
	if status, text := s.post(t, "RoomService/PublishStimulus", body); status != http.StatusOK {
		t.Errorf("at the bounds: %d %s", status, text)
	}
}

// many is a list of so many names in JSON.
func many(n int) string {
	return strings.TrimSuffix(strings.Repeat(`"iris",`, n), ",")
}

func TestListLeases(t *testing.T) {
	s := serve(t, seated())
	status, text := s.post(t, "MachineService/ListLeases", "{}")
	want := `{"pools":[{"silicon":"CLOUD","provider":"lab","slots":4,"usedSlots":1,"units":2147483647,"bytes":"1099511627776","held":1,"waiting":1,"tier":"normal"}],` +
		`"leases":[{"token":"1152921504606846976","artifact":"cognition.reply/lobby/1/iris","class":"CLOUD_PROVIDER","holder":"lobby/iris","silicon":"CLOUD","provider":"lab","heldForMs":1500}],` +
		`"waiting":[{"artifact":"b","class":"CLOUD_PROVIDER","holder":"lobby/max","silicon":"CLOUD","provider":"lab","waitingMs":20}],"noBudget":{"GPU":"3"}}`
	if got := strings.ReplaceAll(strings.ReplaceAll(text, `, "`, `,"`), `": `, `":`); status != http.StatusOK || strings.ReplaceAll(got, " ", "") != want {
		t.Errorf("%d %s\nwant %s", status, got, want)
	}
}

func TestResolveModel(t *testing.T) {
	s := serve(t, seated())
	client := sensoryv1connect.NewMachineServiceClient(http.DefaultClient, s.url)
	got, err := client.ResolveModel(t.Context(), &sensoryv1.ResolveModelRequest{Profile: "text", Voice: "piper:joe"})
	want := &sensoryv1.ResolveModelResponse{Profile: "text", Base: "base", Voice: "piper:joe", Why: "the first that fits", Silicon: "cpu", ExpectedBytes: 1 << 33}
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Error(err, diff)
	}
	s.refused(t, "MachineService/ResolveModel", `{"profile":"none"}`, connect.CodeFailedPrecondition, "no_model_matches", "profile")
	s.refused(t, "MachineService/ResolveModel", `{"profile":"a\tb"}`, connect.CodeInvalidArgument, api.ReasonBadText, "profile")
}

// TestBeforeTheProcessHasGotSoFar: what is not there yet is said so, and not taken for nothing.
func TestBeforeTheProcessHasGotSoFar(t *testing.T) {
	s := serve(t, nil)
	for call, body := range map[string]string{
		"RoomService/ListRooms": "{}", "RoomService/GetRoomState": `{"room":"lobby"}`,
		"RoomService/PublishStimulus": `{"room":"lobby","from":"ada","text":"x"}`, "MachineService/ListLeases": "{}",
	} {
		s.refused(t, call, body, connect.CodeUnavailable, api.ReasonLoading, "")
	}
}
