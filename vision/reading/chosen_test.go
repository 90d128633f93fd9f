package reading_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/go-fonts/dejavu/dejavuserifbold"
	"github.com/go-fonts/liberation/liberationmonobold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationserifbold"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// reads is what was read of one sign.
type reads struct {
	text  string
	lines []reading.Line
}

// signs of a side: what README.md says was measured.
const signs = 150

// BenchmarkWhatWasChosen measures the thresholds of text on generated signs: words and numbers in
// eight fonts, of which the held side has three that the other has not, 10 to 60 points high,
// tilted, blurred, on boards of ten colours, after VP8 at 640×480. With -v it prints the figures of
// README.md; on the held side 95 of 100 lines that are certain have to be right.
func BenchmarkWhatWasChosen(b *testing.B) {
	r := reader(b)
	camera, err := evaluate.NewCamera(codec.VP8, 640, 480)
	if err != nil {
		b.Fatal(err)
	}
	defer camera.Close()
	sure, least := prompt.SeenText.Sure()
	for side, fonts := range [][][]byte{
		{goregular.TTF, dejavusans.TTF, dejavusanscondensedbold.TTF, liberationsansbold.TTF, liberationserifbold.TTF},
		{dejavuserifbold.TTF, liberationmonobold.TTF, gomonobold.TTF},
	} {
		var all []reads
		for i := range signs {
			text, picture := generated(b, rand.New(rand.NewPCG(uint64(i), 100+uint64(side))), fonts)
			frame, err := camera.Film(picture)
			if err != nil {
				b.Fatal(err)
			}
			lines, err := r.Read(b.Context(), frame.Image())
			frame.Release()
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, reads{text, lines})
		}
		name := []string{"chosen on", "held"}[side]
		for _, at := range []float64{0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98} {
			told, right, found := counted(all, at, 2)
			b.Logf("%s, from %.2f on: %d of %d lines told are right (%.3f), %d of %d signs (%.3f)", name, at,
				right, told, float64(right)/float64(max(told, 1)), found, signs, float64(found)/float64(signs))
		}
		told, right, _ := counted(all, sure, 2)
		doubtful, half, _ := counted(all, least, sure)
		b.Logf("%s: certain of %d lines, %d right; not sure of %d, %d right", name, told, right, doubtful, half)
		if side == 1 && (told == 0 || right*100 < told*95) {
			b.Errorf("of what is told as certain %d of %d are right", right, told)
		}
	}
}

// counted counts the lines that are told with a certainty from low to high, how many of them are
// right, and of how many signs the text is.
func counted(all []reads, low, high float64) (told, right, found int) {
	for _, x := range all {
		want, whole := strings.ReplaceAll(x.text, " ", ""), ""
		for _, l := range x.lines {
			if l.Sure < low || l.Sure >= high {
				continue
			}
			got := strings.ReplaceAll(l.Text, " ", "")
			whole += got
			told++
			if strings.Contains(want, got) && len(got) > 1 {
				right++
			}
		}
		if whole == want {
			found++
		}
	}
	return told, right, found
}

// generated draws a sign: two thirds words, the rest letters and numbers that nobody can guess.
func generated(tb testing.TB, r *rand.Rand, fonts [][]byte) (string, *image.RGBA) {
	tb.Helper()
	words := []string{"OPEN", "Bakery", "EXIT", "Platform", "PARKING", "Museum", "No entry", "LIBRARY", "Hotel", "TAXI", "Push", "Welcome", "SALE", "Toilets", "STOP", "Garden"}
	text := words[r.IntN(len(words))]
	switch r.IntN(3) {
	case 0:
		text += " " + strconv.Itoa(r.IntN(1000))
	case 1:
		text = ""
		for range 3 + r.IntN(6) {
			text += string("ABCDEFGHIJKLMNPQRSTUVWXYZ23456789"[r.IntN(33)])
		}
	}
	parsed, err := opentype.Parse(fonts[r.IntN(len(fonts))])
	if err != nil {
		tb.Fatal(err)
	}
	height := 10 * math.Pow(6, r.Float64())
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: height, DPI: 72})
	if err != nil {
		tb.Fatal(err)
	}
	dark, light := uint8(r.IntN(100)), uint8(170+r.IntN(86))
	ink, ground := color.RGBA{dark, uint8(r.IntN(90)), dark / 2, 255}, color.RGBA{light, uint8(150 + r.IntN(106)), light, 255}
	if r.IntN(2) == 0 {
		ink, ground = ground, ink
	}
	board := image.NewRGBA(image.Rect(0, 0, font.MeasureString(face, text).Ceil()+int(height), int(height*2)))
	draw.Draw(board, board.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	d := font.Drawer{Dst: board, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(int(height/2), int(height*1.35))}
	d.DrawString(text)
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range out.Pix {
		out.Pix[i] = uint8(100 + r.IntN(20))
		if i%4 == 3 {
			out.Pix[i] = 255
		}
	}
	scale := min(1, 600/float64(board.Rect.Dx()))
	sin, cos := math.Sincos((r.Float64()*20 - 10) * math.Pi / 180)
	bx, by := float64(board.Rect.Dx())/2, float64(board.Rect.Dy())/2
	m := f64.Aff3{scale * cos, -scale * sin, 0, scale * sin, scale * cos, 0}
	m[2], m[5] = 320-m[0]*bx-m[1]*by, 240+float64(r.IntN(200)-100)-m[3]*bx-m[4]*by
	xdraw.BiLinear.Transform(out, m, board, board.Rect, draw.Over, nil)
	if by := 1 + 2*r.Float64(); by > 1.5 { // out of focus: what is smaller than that is lost
		small := image.NewRGBA(image.Rect(0, 0, int(640/by), int(480/by)))
		xdraw.BiLinear.Scale(small, small.Rect, out, out.Rect, draw.Src, nil)
		xdraw.BiLinear.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
	}
	return text, out
}
