package room_test

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestAnAnswerIsMadeFromTwoPictures: what the camera showed before and what it shows, each behind
// its time, as trace, account and store say; of a camera that was just opened from one, and never
// from two tracks.
func TestAnAnswerIsMadeFromTwoPictures(t *testing.T) {
	open(t)
	files, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	mind, free := fixture.OpenCanned(t, func(c *engine.CannedConfig) {
		c.Tone, c.Eyes, c.Answers = 100*time.Millisecond, files, countsPictures
		c.Series = engine.Series{Pictures: 2, Spacing: 100 * time.Millisecond, Within: time.Hour}
	})
	t.Cleanup(func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	})
	kept, path := keepAll(t, mind)
	s := setStageWith(t, mind, participant.Config{}, func(c *room.Config, _ *room.Persona) { c.Transcripts = kept })
	sees := func(width int) {
		t.Helper()
		s.wait(t, "a picture", func(e room.Event) bool { saw, is := e.(room.Saw); return is && saw.Width == width })
	}
	asks := func(text string) reply.Trace {
		t.Helper()
		if err := s.session.Ask(t.Context(), "ada", text); err != nil {
			t.Fatal(err)
		}
		trace := s.turn(t)
		if trace.Err != nil || trace.Pictures != 2 {
			t.Errorf("%+v", trace)
		}
		return trace
	}
	cam, err := s.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, plain(640, 360, color.RGBA{220, 30, 30, 255}))
	if err != nil {
		t.Fatal(err)
	}
	sees(640)
	cam.Show(plain(320, 180, color.RGBA{30, 60, 220, 255}))
	sees(320)
	trace := asks("What changed?")
	if len(trace.Earlier) != 1 || !strings.HasPrefix(trace.Answer, "I was shown 2 pictures: ") || !strings.Contains(trace.Answer, string(prompt.SeenAgo(trace.Earlier[0].Age))) {
		t.Fatalf("%+v", trace)
	}
	var was, is int
	for _, e := range s.all() {
		if saw, ok := e.(room.Saw); ok {
			switch fmt.Sprintf("%s/%d", saw.SID, saw.Number) {
			case trace.Earlier[0].Key:
				was = saw.Width
			case trace.Sight:
				is = saw.Width
			}
		}
	}
	if was != 640 || is != 320 {
		t.Errorf("from a picture %d wide and one %d wide, want 640 and 320: %+v", was, is, trace)
	}
	if row := ended(t, path, 1)[0]; len(row.Outcomes) != 1 || !slices.Equal(row.Outcomes[0].Sources, []string{trace.Earlier[0].Key, trace.Sight}) {
		t.Errorf("kept %+v", row)
	}

	if err := cam.Close(); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "the end of the track", func(e room.Event) bool { end, is := e.(room.TrackClosed); return is && end.Source == "camera" })
	if _, err := s.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, plain(160, 90, color.RGBA{30, 160, 60, 255})); err != nil {
		t.Fatal(err)
	}
	sees(160)
	again := asks("And now?")
	old, _, _ := strings.Cut(trace.Sight, "/")
	for _, x := range append(again.Earlier, reply.Looked{Key: again.Sight}) {
		if strings.HasPrefix(x.Key, old+"/") || x.Key == "" {
			t.Errorf("a picture of the track that was closed: %+v", again)
		}
	}
	if len(again.Earlier) == 0 && again.Answer != "I was shown 1 pictures: ." {
		t.Errorf("%q", again.Answer)
	}
}

// countsPictures is a mind that counts the pictures it is shown and repeats their captions.
func countsPictures(asked prompt.Message) string {
	pictures := 0
	var captions []string
	for _, part := range asked.Parts {
		switch part := part.(type) {
		case generate.Image:
			pictures++
		case prompt.Caption:
			captions = append(captions, string(part))
		}
	}
	return fmt.Sprintf("I was shown %d pictures: %s.", pictures, strings.Join(captions, " "))
}
