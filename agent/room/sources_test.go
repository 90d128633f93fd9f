package room_test

import (
	"context"
	"fmt"
	"image/color"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestANewerPictureLeavesThePlan: a plan names the picture that a reply is to be made from. Where
// the camera has shown another one since, the reply is made from that, and outcome, trace and store
// say so, with both; where it is the same one nothing is said.
func TestANewerPictureLeavesThePlan(t *testing.T) {
	_, models := scriptedMinds(t, true, func(string, string) string { return "I see a card." })
	kept, path := keepAll(t, models)
	at := seatThemIn(t, models, room.Config{Transcripts: kept}, turn.ModeAll, "iris")
	cam, err := at.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, plain(640, 360, color.RGBA{220, 30, 30, 255}))
	if err != nil {
		t.Fatal(err)
	}
	sees := func(width int) {
		at.wait(t, "a picture", func(e room.Event) bool { saw, is := e.(room.Saw); return is && saw.Width == width })
	}
	run := func(p turn.Plan, r turn.Request) (turn.Result, turn.Deviation) {
		t.Helper()
		if len(p.Replies) != 1 || len(p.Replies[0].SourceKeys) != 1 {
			t.Fatalf("the plan names no picture: %+v", p)
		}
		ctx, cancel := context.WithTimeout(t.Context(), answerLimit)
		defer cancel()
		got, err := at.session.RunTurn(ctx, p, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Replies) != 1 || len(got.Replies[0].SourceKeys) != 1 {
			t.Fatalf("nothing was seen: %+v", got)
		}
		return got, turn.Deviation{Kind: turn.DeviationSource, Persona: "iris", Planned: p.Replies[0].SourceKeys[0], Was: got.Replies[0].SourceKeys[0]}
	}
	sees(640)
	p, r := at.planned(t, "What is it?", nil)
	cam.Show(plain(320, 180, color.RGBA{30, 60, 220, 255}))
	sees(320)
	got, left := run(p, r)
	if left.Planned == left.Was || !slices.Equal(got.Divergences, []turn.Deviation{left}) {
		t.Errorf("%+v, want %+v", got.Divergences, left)
	}
	if trace := at.turn(t); trace.Sight != left.Was || !slices.Equal(trace.Left, []turn.Deviation{left}) || !trace.Picture {
		t.Errorf("%+v", trace)
	}
	var sides []string
	for _, e := range at.all() {
		if saw, is := e.(room.Saw); is && saw.SID == cam.SID() {
			sides = append(sides, fmt.Sprintf("%s/%d of %d", saw.SID, saw.Number, saw.Width))
		}
	}
	if !slices.Contains(sides, left.Planned+" of 640") || !slices.Contains(sides, left.Was+" of 320") {
		t.Errorf("%+v, of %v", left, sides)
	}

	p, r = at.planned(t, "And what is it now?", nil)
	again, left := run(p, r)
	if wants := left.Planned != left.Was; wants != (len(again.Divergences) == 1) || wants && again.Divergences[0] != left {
		t.Errorf("%+v, %+v", again, left)
	}
	rows := ended(t, path, 2)
	if row := rows[0]; !slices.Equal(row.Divergences, got.Divergences) || len(row.Outcomes) != 1 || !slices.Equal(row.Outcomes[0].Sources, got.Replies[0].SourceKeys) {
		t.Errorf("kept %+v", row)
	}

	if err := at.session.Ask(t.Context(), "ada", "What do you see?"); err != nil { // nobody plans which picture
		t.Fatal(err)
	}
	if row := ended(t, path, 3)[2]; len(row.Divergences) != 0 || len(row.Outcomes) != 1 || len(row.Outcomes[0].Sources) != 1 || row.Trigger != store.TriggerTyped {
		t.Errorf("kept %+v", row)
	}
}

// keepAll keeps what is said in rooms in a file.
func keepAll(t *testing.T, models *engine.Models) (*room.Transcripts, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rooms.db")
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return kept, path
}
