package api_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestAPictureIsShown: the one that a model's server was sent, as it was sent, with all that is
// known of it and of its track.
func TestAPictureIsShown(t *testing.T) {
	d := seated()
	d.sight = room.Sighted{
		Who: "ada", SID: "TR_1", Source: "camera", Encoder: "jpeg-768-q85", Number: 41, Captured: time.Now().Add(-time.Minute), Reason: "first", Width: 640, Height: 480,
		Texture: 3 * time.Millisecond, Features: 90 * time.Millisecond, Counts: senses.Counts{Decoded: 900, Sampled: 41, Dropped: 2},
		UsedBy: []turn.Reply{{Turn: 3, Seat: "iris"}}, Shown: engine.Sent(&remote.Picture{Data: []byte("jpeg"), MIME: "image/jpeg", Width: 768, Height: 576}),
	}
	c := serve(t, d).caller(t)
	got, err := c.Rooms.GetSight(t.Context(), &sensoryv1.GetSightRequest{Room: "lobby", Persona: "max", Turn: 3, Track: "TR_1"})
	if err != nil {
		t.Fatal(err)
	}
	s := got.GetSight()
	if string(got.GetImage()) != "jpeg" || got.GetMediaType() != "image/jpeg" || got.GetWidth() != 768 || got.GetHeight() != 576 || s.GetTrack() != "TR_1" || s.GetNumber() != 41 ||
		s.GetWho() != "ada" || s.GetSource() != "camera" || s.GetEncoder() != "jpeg-768-q85" || s.GetReason() != "first" || s.GetFrameWidth() != 640 || s.GetFrameHeight() != 480 ||
		s.GetFramesDecoded() != 900 || s.GetFramesSampled() != 41 || s.GetFramesDropped() != 2 || s.GetTextureMs() != 3 || s.GetFeaturesMs() != 90 ||
		s.GetUsedBy()[0].GetPersona() != "iris" || s.GetUsedBy()[0].GetTurn() != 3 {
		t.Errorf("%v", got)
	}
	if age := s.GetAgeMs(); age < 60_000 || age > 600_000 || time.Since(s.GetCaptured().AsTime()) < time.Minute {
		t.Errorf("age %d ms, captured %v", age, s.GetCaptured().AsTime())
	}
	if told := strings.Join(d.told, " "); told != "sight|lobby|max-1|3|TR_1" {
		t.Errorf("asked for %s", told)
	}
}

// TestTheFloorIsShownAndSteered: who has it, who waits, what is left; and who is to be next, or
// silent.
func TestTheFloorIsShownAndSteered(t *testing.T) {
	d := seated()
	here := d.here["lobby"]
	here.Floor = turn.FloorState{
		Holder: turn.Reply{Turn: 3, Seat: "iris"}, Held: 1500 * time.Millisecond, Audible: true, Busy: []string{"robot"}, SoftLeft: 6, HardLeft: 18,
		Replies:   []turn.WaitingReply{{Reply: turn.Reply{Turn: 3, Seat: "max-1"}, Ready: true, Waiting: 900 * time.Millisecond}},
		Questions: []turn.WaitingQuestion{{Who: "bob", Waiting: 2 * time.Second}},
	}
	here.Sights = []room.Sighted{{Who: "ada", SID: "TR_1", Source: "camera", Number: 41, Captured: time.Now()}}
	d.here["lobby"] = here
	srv := serve(t, d)
	_, text := srv.post(t, "RoomService/GetRoomState", `{"room":"lobby"}`)
	if want := `"floor":{"holder":"iris","turn":3,"heldMs":1500,"audible":true,"replies":[{"persona":"max-1","turn":3,"ready":true,"waitingMs":900}],` +
		`"questions":[{"who":"bob","waitingMs":2000}],"busy":["robot"],"turnsSoftLeft":6,"turnsHardLeft":18},"sights":[{"track":"TR_1","number":41,"who":"ada","source":"camera"`; !strings.Contains(text, want) {
		t.Errorf("%s\nwant %s", text, want)
	}
	if _, text = srv.post(t, "RoomService/GetRoomState", `{"room":"attic"}`); strings.Contains(text, "floor") {
		t.Errorf("of a room where nobody is: %s", text)
	}
	if _, text = srv.post(t, "PersonaService/SpeakNext", `{"room":"lobby","persona":"max"}`); text != "{}" {
		t.Errorf("%s", text)
	}
	if _, text = srv.post(t, "PersonaService/StopSpeaking", `{"room":"lobby","persona":"max"}`); text != `{"stopped":2}` {
		t.Errorf("%s", text)
	}
	if _, text = srv.post(t, "PersonaService/StopSpeaking", `{"room":"lobby"}`); text != `{"stopped":2}` {
		t.Errorf("%s", text)
	}
	if told := strings.Join(d.told, " "); told != "next|lobby|max-1 stop|lobby|max-1 stop|lobby|" {
		t.Errorf("told %s", told)
	}
	for body, field := range map[string]string{
		`{"room":"lobby","persona":"otto"}`:  "persona",
		`{"room":"cellar","persona":"iris"}`: "",
	} {
		why := api.ReasonUnknownPersona
		if field == "" {
			why = api.ReasonUnknownRoom
		}
		for _, call := range []string{"PersonaService/SpeakNext", "PersonaService/StopSpeaking", "RoomService/GetSight"} {
			srv.refused(t, call, body, connect.CodeNotFound, why, field)
		}
	}
	srv.refused(t, "RoomService/GetSight", `{"room":"lobby"}`, connect.CodeInvalidArgument, api.ReasonMissing, "persona")
	srv.refused(t, "RoomService/GetSight", `{"room":"lobby","persona":"iris","turn":-1}`, connect.CodeInvalidArgument, api.ReasonBadValue, "turn")
	d.fails = room.ErrNothingWaits
	srv.refused(t, "PersonaService/SpeakNext", `{"room":"lobby","persona":"iris"}`, connect.CodeFailedPrecondition, api.ReasonNothingWaits, "")
	d.fails = room.ErrNoSight
	srv.refused(t, "RoomService/GetSight", `{"room":"lobby","persona":"iris"}`, connect.CodeNotFound, api.ReasonNoSight, "")
}

// TestModelsAreListed: what is loaded, and where it came from.
func TestModelsAreListed(t *testing.T) {
	_, text := serve(t, seated()).post(t, "MachineService/ListModels", `{}`)
	if want := `{"places":[{"name":"cpu","usedBytes":"8589934592","limitBytes":"17179869184"}],` +
		`"loaded":[{"name":"decoder","place":"cpu","state":"idle","bytes":"8589934592","hits":4,"loadMs":1000,"closesInMs":60000}],` +
		`"models":[{"id":"smol","family":"idefics3","licence":"Apache-2.0","source":"hub","revision":"r1","unverified":"cuda","personas":["iris"],` +
		`"files":[{"name":"decoder.onnx","bytes":"8589934592","sha256":"ab"}]}],"counts":{}}`; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	serve(t, nil).refused(t, "MachineService/ListModels", `{}`, connect.CodeUnavailable, api.ReasonLoading, "")
}

// TestLevelsAreWatched: who is not silent, and a heartbeat where all are.
func TestLevelsAreWatched(t *testing.T) {
	d := seated()
	d.levels = append([][]room.Level{nil}, make([][]room.Level, 9)...)
	d.levels = append(d.levels, []room.Level{{Identity: "ada", RMS: 0.25, Peak: 0.5}, {Identity: "iris", Persona: true, RMS: 0.125, Peak: 1}}, nil, []room.Level{{Identity: "ada", Peak: 1}})
	c := serve(t, d).caller(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := c.Events.WatchLevels(ctx, &sensoryv1.WatchLevelsRequest{Room: "lobby"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "ada 0.25 0.5 false, iris 0.125 1 true", "ada 0 1 false"} {
		if !s.Receive() {
			t.Fatal(s.Err())
		}
		var got []string
		for _, l := range s.Msg().GetLevels() {
			got = append(got, fmt.Sprint(l.GetIdentity(), " ", l.GetRms(), " ", l.GetPeak(), " ", l.GetPersona()))
		}
		if strings.Join(got, ", ") != want || s.Msg().GetWindowMs() != 100 || s.Msg().GetAt() == nil {
			t.Errorf("answer %d: %v", i, s.Msg())
		}
	}
	other, err := c.Events.WatchLevels(ctx, &sensoryv1.WatchLevelsRequest{Room: "cellar"})
	if err != nil {
		t.Fatal(err)
	}
	var told *client.Error
	if other.Receive() || !errors.As(other.Err(), &told) || told.Reason != string(api.ReasonUnknownRoom) {
		t.Errorf("%v", other.Err())
	}
}
