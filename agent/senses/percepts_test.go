package senses_test

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/vision/naming"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// assisted are models without eyes, whose adapters see what they are told to.
func assisted(t *testing.T, change func(*engine.CannedConfig)) *engine.Models {
	t.Helper()
	machine, _ := shared.Open(t)
	store, err := models.Open("", models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	cfg := engine.CannedConfig{Detector: fixture.Detector(), Path: store.Path, Tone: 20 * time.Millisecond}
	cfg.Names = func(context.Context, *image.RGBA) (naming.Name, bool, error) {
		return naming.Name{What: "coffee mug", Sure: 0.77}, true, nil
	}
	change(&cfg)
	out, err := machine.OpenCanned(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	return out
}

// TestPerceptsAreOfTheNewestPicture: a picture is copied under one lease and looked at under
// another, which is the only one left of it; the next one takes its place, and what is told says
// how old it is.
func TestPerceptsAreOfTheNewestPicture(t *testing.T) {
	var s *studio
	var read atomic.Int64
	held := make(chan []string, 1)
	sightless := assisted(t, func(c *engine.CannedConfig) {
		c.Reads = func(_ context.Context, p *image.RGBA) ([]reading.Line, error) {
			if p.Rect.Dx() != 64 || p.Rect.Dy() != 48 {
				return nil, fmt.Errorf("a picture of %v", p.Rect)
			}
			n := read.Add(1)
			if n == 3 {
				held <- s.holding("")
			}
			return []reading.Line{{Text: fmt.Sprintf("SIGN %d", n), Sure: 0.9, Box: p.Rect}}, nil
		}
	})
	s = newStudio(t, func(*engine.Models) []*engine.Eyes { return []*engine.Eyes{sightless.Eyes()} })
	gaze := s.eye.Gaze(sightless.Eyes())
	var first *engine.Sight
	for n := range uint64(3) {
		s.eye.Request()
		s.cam.shot()
		if got := s.saw(1); got["canned reader"] != n+1 {
			t.Fatalf("picture %d was seen as %v", n+1, got)
		}
		if n == 0 {
			first = gaze.Newest(t.Context(), time.Time{})
		}
	}
	if got, want := <-held, []string{
		"vision.percepts/cam/2/canned reader of studio", "vision.percepts/cam/3/canned reader of studio", "vision.raster/cam/3/canned reader of studio",
	}; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("while the third is read: %q", got)
	}
	if got := s.holding(""); !slices.Equal(got, []string{"vision.percepts/cam/3/canned reader of studio"}) {
		t.Errorf("held: %q", got)
	}
	newest := gaze.Newest(t.Context(), time.Time{})
	if newest.Key != "cam/3" || newest.Features != nil || newest.Picture != nil || newest.Lease.Err() != nil || first.Lease.Err() == nil || !gaze.Replaced(first) {
		t.Fatalf("newest %+v", newest)
	}
	told := engine.Look(newest.Captured.Add(7*time.Second), newest).Told(prompt.Room{})
	for _, want := range []string{"\nThe picture is 7 seconds old.\n", "\nText: \"SIGN 3\" (90 %).\n", "\nThe picture shows: coffee mug (77 %).\n", "\nColour"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %q", want, told)
		}
	}
	if strings.Contains(told, "SIGN 1") || strings.Contains(told, "SIGN 2") || strings.Contains(told, "Not known") {
		t.Errorf("told %q", told)
	}
	if told := engine.Look(newest.Captured.Add(900*time.Millisecond), newest).Told(prompt.Room{}); strings.Contains(told, "old") {
		t.Errorf("of a picture of now it is told %q", told)
	}
}

// TestASlowReaderHidesNothing: while the first picture of a track is read, an answer is made from
// what the other adapters have seen, and says that nothing is known of text; then the whole takes
// its place, and stays there while the next picture is read.
func TestASlowReaderHidesNothing(t *testing.T) {
	asked := make(chan string, 2)
	begun, leave := make(chan struct{}, 1), make(chan struct{})
	sightless := assisted(t, func(c *engine.CannedConfig) {
		c.Answers = func(q prompt.Message) string { asked <- q.Text; return "Yes." }
		c.Reads = func(_ context.Context, p *image.RGBA) ([]reading.Line, error) {
			begun <- struct{}{}
			<-leave // whatever its time is
			return []reading.Line{{Text: "BAKERY", Sure: 0.9, Box: p.Rect}}, nil
		}
	})
	s := newStudio(t, func(*engine.Models) []*engine.Eyes { return []*engine.Eyes{sightless.Eyes()} })
	gaze := s.eye.Gaze(sightless.Eyes())
	t.Cleanup(func() { close(leave) }) // of a test that has failed
	s.cam.shot()
	wait(t, begun, "nothing is read")
	wanted, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	early := gaze.Newest(wanted, time.Time{})
	if early == nil || early.Key != "cam/1" {
		t.Fatalf("while the first picture is read, %+v is shown", early)
	}
	if got, want := slices.Sorted(slices.Values(s.holding(""))), []string{
		"vision.percepts/cam/1/canned reader of studio", "vision.percepts/cam/1/canned reader/early of studio", "vision.raster/cam/1/canned reader of studio",
	}; !slices.Equal(got, want) {
		t.Errorf("while it is read: %q", got)
	}
	answer(t, sightless, gaze)
	told := <-asked
	for _, want := range []string{"\nColour", "\nThe picture shows: coffee mug (77 %).\n", "\nNot known: text in it, since a program is not ready yet.\n", "]\nWhat is it?"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %q", want, told)
		}
	}
	if strings.Contains(told, "No written text") || strings.Contains(told, "none was ready") {
		t.Errorf("asked %q", told)
	}
	leave <- struct{}{}
	if got := s.saw(1); got["canned reader"] != 1 || !gaze.Replaced(early) || early.Lease.Err() == nil {
		t.Errorf("seen as %v", got)
	}
	answer(t, sightless, gaze)
	if told := <-asked; !strings.Contains(told, `Text: "BAKERY" (90 %).`) || strings.Contains(told, "Not known") {
		t.Errorf("in the end, asked %q", told)
	}
	s.eye.Request()
	s.cam.shot()
	wait(t, begun, "nothing is read")
	if got, want := slices.Sorted(slices.Values(s.holding(""))), []string{
		"vision.percepts/cam/1/canned reader of studio", "vision.percepts/cam/2/canned reader of studio", "vision.raster/cam/2/canned reader of studio",
	}; !slices.Equal(got, want) {
		t.Errorf("while the second picture is read: %q", got)
	}
	leave <- struct{}{}
	if got := s.saw(1); got["canned reader"] != 2 {
		t.Errorf("then seen as %v", got)
	}
}

// answer asks what is seen, and returns when that has been answered.
func answer(t *testing.T, m *engine.Models, eye reply.Eye) {
	t.Helper()
	done := make(chan error, 1)
	replies := reply.New(t.Context(), reply.Deps{
		Mind: m, Voice: m.Voice(senses.Lab), Player: quiet{}, Holder: senses.Lab, Heard: func() bool { return true }, Log: slog.New(slog.DiscardHandler),
		Sink: func(_ context.Context, r reply.Report) bool {
			if end, is := r.(reply.Done); is {
				done <- end.Trace.Err
			}
			return true
		},
	})
	replies.Start(reply.Question{Turn: 1, Who: "ada", Text: "What is it?"}, reply.Target{Look: reply.Look{Eye: eye, Who: "ada", Assisted: true}}).GiveFloor()
	replies.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// quiet is a player that plays to nobody.
type quiet struct{}

func (quiet) Write(_ context.Context, _ []float32, mark playout.Mark) error {
	if mark != nil {
		mark(time.Now())
	}
	return nil
}

func (quiet) Finish()                         {}
func (quiet) FinishClause() (heard, cut bool) { return true, false }
func (quiet) Drain(context.Context) error     { return nil }
