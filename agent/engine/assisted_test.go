package engine_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// assisted are models behind a scripted server, whose persona is told what a reader sees.
func assisted(t *testing.T, answer func(q fixture.Asked) string) (*engine.Models, *fixture.Scripted) {
	t.Helper()
	files := []string{"PP-OCRv6_det_tiny.onnx", "PP-OCRv6_rec_tiny.onnx"}
	for _, f := range files {
		testmodels.Path(t, "pp-ocr-v6-tiny", f)
	}
	m := machine(t)
	server := fixture.NewScripted(t)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) { fixture.Stream(w, answer(q)) }
	loaded, err := calibrated(t, m, func(c *engine.Config) {
		c.Resolution.Base.ID, c.Files, c.Remote = "far", nil, fixture.Behind(server.URL)
		c.Resolution.Reader = model.Part{ID: "pp-ocr-v6-tiny", Family: "pp-ocr", Files: files}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := loaded.Close(); err != nil {
			t.Error(err)
		}
	})
	<-server.Questions // the probe's, which shows no picture
	return loaded, server
}

// board is a sign.
func board(t *testing.T, text string) image.Image {
	t.Helper()
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 56, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{230, 220, 60, 255}), image.Point{}, draw.Src)
	d := font.Drawer{Dst: out, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(60, 120)}
	d.DrawString(text)
	return out
}

// TestASignIsToldInWords: a model without eyes gets no picture but what the reader has read, where it stands, and the question behind it.
func TestASignIsToldInWords(t *testing.T) {
	m, server := assisted(t, func(q fixture.Asked) string {
		_, rest, _ := strings.Cut(q.Text, `: "`)
		word, _, _ := strings.Cut(rest, `"`)
		return "It says " + word + "."
	})
	if !m.Sees() || m.Eyes() == nil || !m.Eyes().Assisted() || m.Eyes().Remote() || m.Eyes().Takes() == 0 || m.Sight() != nil {
		t.Errorf("eyes %+v", m.Eyes())
	}
	said, _, err := m.Ask(t.Context(), "What does the sign say?", board(t, "BAKERY 58"), nil, 16)
	if err != nil || said != "It says BAKERY 58." {
		t.Errorf("said %q, %v", said, err)
	}
	q := <-server.Questions
	if q.Picture != nil || !strings.HasSuffix(q.Text, "]\nWhat does the sign say?") || !strings.Contains(q.Text, `Text at the top`) {
		t.Errorf("asked %q, picture %v", q.Text, q.Picture != nil)
	}
	if _, _, err := m.Ask(t.Context(), "And here?", plain(color.RGBA{30, 60, 220, 255}), nil, 16); err != nil {
		t.Error(err)
	}
	if q := <-server.Questions; !strings.Contains(q.Text, "No written text can be read in it.") {
		t.Errorf("of an empty wall it is told %q", q.Text)
	}
}

// broken fails, or waits for ever.
type broken struct{ err error }

func (b broken) Read(ctx context.Context, _ *image.RGBA) ([]reading.Line, error) {
	if b.err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, b.err
}

// TestAReaderThatFailsIsMissed: the answer goes on, and the model is told what is not known; nobody waits for a reader longer than it may
// take.
func TestAReaderThatFailsIsMissed(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for why, r := range map[string]broken{"could not be read": {errors.New("torn")}, "took too long": {}} {
		seen, err := engine.PerceiveWith(t.Context(), r, 20*time.Millisecond, picture)
		if err != nil || len(seen.List) != 0 || !slices.ContainsFunc(seen.Missing, func(m string) bool { return strings.Contains(m, why) }) {
			t.Errorf("%s: %+v, %v", why, seen, err)
		}
		if text := seen.Text(0); strings.Contains(text, "No written text") || !strings.Contains(text, "Not known: text") || strings.Contains(text, "torn") {
			t.Errorf("%s: told %q", why, text)
		}
	}
	over, end := context.WithCancel(t.Context())
	end()
	if _, err := engine.PerceiveWith(over, broken{}, time.Hour, picture); !errors.Is(err, context.Canceled) {
		t.Errorf("once nobody wants it any more: %v", err)
	}
}
