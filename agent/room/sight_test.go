package room_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// TestThePictureOfAnAnswerIsKept: what the model was given is the scene, pinned to the turn that
// used it, and described; the newest one goes with its track, the pinned one stays.
func TestThePictureOfAnAnswerIsKept(t *testing.T) {
	models, _ := open(t)
	var steps []room.Step
	s := setStageWith(t, models, participant.Config{}, func(c *room.Config, _ *room.Persona) {
		c.KeepSights = true
		c.Steps = func(_ string, x room.Step) { steps = append(steps, x) } // by one goroutine, read after its end
	})
	if _, err := s.session.Sight(t.Context(), "iris", 1, ""); !errors.Is(err, room.ErrNoSight) {
		t.Errorf("before anything is shown: %v", err)
	}
	drawn := s.show(t, 5, scene.KindQuadrants, participant.CameraConfig{})
	saw, _ := s.wait(t, "a picture", func(e room.Event) bool { _, ok := e.(room.Saw); return ok }).(room.Saw)
	if err := s.session.Ask(t.Context(), "ada", drawn.QA[0].Question); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	got, err := s.session.Sight(t.Context(), "iris", trace.Turn, "")
	if err != nil {
		t.Fatal(err)
	}
	if got.Key() != trace.Sight || got.Who != "ada" || got.Source != "camera" || got.Encoder != saw.Encoder || got.Width != saw.Width || got.Height != saw.Height || got.Captured.IsZero() {
		t.Errorf("%+v; the answer used %q", got, trace.Sight)
	}
	if got.Decoded < got.Sampled || got.Sampled == 0 || len(got.UsedBy) != 1 || got.UsedBy[0].Turn != trace.Turn || got.UsedBy[0].Seat != "iris" {
		t.Errorf("%+v, used by %v", got.Counts, got.UsedBy)
	}
	picture, err := got.Shown.Encode()
	if err != nil || picture.MIME != "image/png" {
		t.Fatalf("%s, %v", picture.MIME, err)
	}
	shown, err := png.Decode(bytes.NewReader(picture.Data))
	if err != nil || shown.Bounds().Dx() != picture.Width || shown.Bounds().Dy() != picture.Height {
		t.Fatalf("%v, %d×%d", err, picture.Width, picture.Height)
	}
	at, b := drawn.Image.Bounds(), shown.Bounds()
	for _, p := range [][2]int{{1, 1}, {3, 1}, {1, 3}, {3, 3}} { // the middle of each quarter
		want, is := drawn.Image.At(at.Dx()*p[0]/4, at.Dy()*p[1]/4), shown.At(b.Dx()*p[0]/4, b.Dy()*p[1]/4)
		wr, wg, wb, _ := want.RGBA()
		ir, ig, ib, _ := is.RGBA()
		if far(wr, ir) || far(wg, ig) || far(wb, ib) {
			t.Errorf("at %v: %v, the scene has %v", p, is, want)
		}
	}
	newest, err := s.session.Sight(t.Context(), "iris", 0, got.SID)
	if err != nil || newest.Captured.Before(got.Captured) || newest.SID != got.SID {
		t.Errorf("%v: %+v", err, newest)
	}
	for _, missing := range []struct {
		who, track string
		turn       uint64
	}{{"iris", "", 99}, {"max", "", trace.Turn}, {"iris", "TR_none", 0}, {"max", "", 0}} {
		if _, err := s.session.Sight(t.Context(), missing.who, missing.turn, missing.track); !errors.Is(err, room.ErrNoSight) {
			t.Errorf("%+v: %v", missing, err)
		}
	}
	here, err := s.session.Presence(t.Context())
	if err != nil || len(here.Sights) != 1 || here.Sights[0].SID != got.SID || here.Floor.HardLeft == 0 {
		t.Errorf("%v: %+v, %+v", err, here.Sights, here.Floor)
	}
	if err := s.session.SpeakNext(t.Context(), "iris"); !errors.Is(err, room.ErrNothingWaits) {
		t.Errorf("%v", err)
	}
	if n, err := s.session.StopSpeaking(t.Context(), ""); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if err := s.session.Close(); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 5 || steps[0].Event.Verb != "policy" || steps[0].At != 0 {
		t.Errorf("%d steps, the first %+v", len(steps), steps[0])
	}
}

// far tells colours apart that a codec and a resampler leave alike.
func far(a, b uint32) bool { return max(a, b)-min(a, b) > 48<<8 }

// TestLevelsAreMeasured: of a person who speaks and of a persona that answers, while somebody
// watches.
func TestLevelsAreMeasured(t *testing.T) {
	s := setStage(t, participant.Config{})
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	heard := map[string]float32{}
	work.Go(func() {
		if err := s.session.Levels(ctx, func(levels []room.Level) bool {
			for _, l := range levels {
				if l.Persona != (l.Identity == "iris") || l.RMS > l.Peak || l.Peak > 1 {
					t.Errorf("%+v", l)
				}
				heard[l.Identity] = max(heard[l.Identity], l.RMS)
			}
			return true
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	s.say(t, "What do you see?")
	s.turn(t)
	stop()
	work.Wait()
	if heard["ada"] < 0.005 || heard["iris"] < 0.005 || len(heard) != 2 {
		t.Errorf("%v", heard)
	}
	if err := s.session.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.session.Levels(t.Context(), func([]room.Level) bool { return true }); !errors.Is(err, room.ErrClosed) {
		t.Errorf("%v", err)
	}
}
