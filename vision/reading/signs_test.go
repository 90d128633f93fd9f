package reading_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// reader opens the installed one.
func reader(tb testing.TB) *reading.Reader {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	load := func(file string) *ort.Session {
		s, err := rt.Load(tb.Context(), ort.Source{Path: testmodels.Path(tb, "pp-ocr-v6-tiny", file)}, ort.Options{Threads: 1})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			if err := s.Close(); err != nil {
				tb.Error(err)
			}
		})
		return s
	}
	data, err := os.ReadFile(testmodels.Path(tb, "pp-ocr-v6-tiny", "PP-OCRv6_rec_tiny.onnx"))
	if err != nil {
		tb.Fatal(err)
	}
	about, err := onnx.Metadata(data)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := reading.New(load("PP-OCRv6_det_tiny.onnx"), load("PP-OCRv6_rec_tiny.onnx"), strings.Split(about["character"], "\n"))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// sign is a drawn sign: random words on a board, turned a little, as a camera's compressed picture
// shows it.
type sign struct {
	text    string
	height  float64 // of the letters, in points
	degrees float64
	quality int // of JPEG
	bold    bool
	ink     color.Color
	board   color.Color
}

func randomSign(seed uint64) sign {
	r := rand.New(rand.NewPCG(seed, 5))
	pairs := [][2]color.Color{
		{color.Black, color.White},
		{color.White, color.RGBA{180, 20, 20, 255}},
		{color.RGBA{250, 220, 40, 255}, color.RGBA{20, 40, 120, 255}},
		{color.RGBA{20, 90, 30, 255}, color.RGBA{235, 235, 220, 255}},
		{color.White, color.RGBA{30, 30, 30, 255}},
	}
	pair := pairs[r.IntN(len(pairs))]
	s := sign{height: 24 + 50*r.Float64(), degrees: 24*r.Float64() - 12, quality: 40 + r.IntN(50), bold: r.IntN(2) == 0, ink: pair[0], board: pair[1]}
	for n := range 1 + r.IntN(2) {
		if n > 0 {
			s.text += " "
		}
		for range 4 + r.IntN(5) {
			s.text += string(rune('A' + r.IntN(26)))
		}
	}
	return s
}

// draw draws it, and compresses it.
func (s sign) draw(tb testing.TB, width, height int) *image.RGBA {
	tb.Helper()
	data := goregular.TTF
	if s.bold {
		data = gobold.TTF
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: s.height, DPI: 72})
	if err != nil {
		tb.Fatal(err)
	}
	wide := font.MeasureString(face, s.text).Ceil()
	board := image.NewRGBA(image.Rect(0, 0, wide+int(s.height), int(s.height*2)))
	draw.Draw(board, board.Rect, image.NewUniform(s.board), image.Point{}, draw.Src)
	d := font.Drawer{Dst: board, Src: image.NewUniform(s.ink), Face: face, Dot: fixed.P(int(s.height/2), int(s.height*1.35))}
	d.DrawString(s.text)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{110, 130, 120, 255}), image.Point{}, draw.Src)
	scale := min(1, float64(width)*0.9/float64(board.Rect.Dx()))
	sin, cos := math.Sincos(s.degrees * math.Pi / 180)
	bx, by := float64(board.Rect.Dx())/2, float64(board.Rect.Dy())/2
	m := f64.Aff3{scale * cos, -scale * sin, 0, scale * sin, scale * cos, 0}
	m[2], m[5] = float64(width)/2-m[0]*bx-m[1]*by, float64(height)/2-m[3]*bx-m[4]*by
	xdraw.BiLinear.Transform(out, m, board, board.Rect, draw.Over, nil)
	var packed bytes.Buffer
	if err := jpeg.Encode(&packed, out, &jpeg.Options{Quality: s.quality}); err != nil {
		tb.Fatal(err)
	}
	seen, err := jpeg.Decode(&packed)
	if err != nil {
		tb.Fatal(err)
	}
	draw.Draw(out, out.Rect, seen, image.Point{}, draw.Src)
	return out
}

// all is a picture's text without spaces, and how sure its least certain line is.
func all(lines []reading.Line) (text string, sure float64) {
	sure = 1
	for _, l := range lines {
		text += strings.ReplaceAll(l.Text, " ", "")
		sure = min(sure, l.Sure)
	}
	return text, sure
}

// TestSignsAreRead: random words on drawn signs, tilted and compressed; of what the reader is sure
// of, nearly all is right.
func TestSignsAreRead(t *testing.T) {
	r := reader(t)
	const signs = 24
	right, sure, wrongSure := 0, 0, 0
	for seed := range uint64(signs) {
		s := randomSign(1000 + seed)
		lines, err := r.Read(t.Context(), s.draw(t, 640, 480))
		if err != nil {
			t.Fatal(err)
		}
		got, p := all(lines)
		ok := got == strings.ReplaceAll(s.text, " ", "")
		if ok {
			right++
		}
		if p >= 0.85 && len(lines) > 0 {
			sure++
			if !ok {
				wrongSure++
			}
		}
		if !ok {
			t.Logf("%q (%.0f points, %.0f°, quality %d) was read as %q, sure %.2f", s.text, s.height, s.degrees, s.quality, got, p)
		}
	}
	t.Logf("%d of %d right, sure of %d, %d of them wrong", right, signs, sure, wrongSure)
	if right < signs*8/10 || wrongSure > signs/10 {
		t.Errorf("%d of %d right, %d wrong of which the reader was sure", right, signs, wrongSure)
	}
}

// TestSidewaysAndEmpty: a picture that stands on its side is read, and one without text has none.
func TestSidewaysAndEmpty(t *testing.T) {
	r := reader(t)
	for _, degrees := range []float64{90, -90} {
		s := sign{text: "PLATFORM", height: 48, degrees: degrees, quality: 80, ink: color.Black, board: color.White}
		lines, err := r.Read(t.Context(), s.draw(t, 480, 640))
		if got, _ := all(lines); err != nil || got != "PLATFORM" {
			t.Errorf("%v°: %v, %v", degrees, lines, err)
		}
	}
	empty := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(empty, empty.Rect, image.NewUniform(color.RGBA{90, 100, 140, 255}), image.Point{}, draw.Src)
	if lines, err := r.Read(t.Context(), empty); err != nil || len(lines) != 0 {
		t.Errorf("on an empty wall: %v, %v", lines, err)
	}
	for _, none := range []*image.RGBA{nil, {}} {
		if _, err := r.Read(t.Context(), none); err == nil {
			t.Error("no picture was read")
		}
	}
}
