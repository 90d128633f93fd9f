package smoke

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// signQuestion is what is asked about a sign.
const signQuestion = "What does the sign say?"

// Sign is a drawn sign with a word and a number on it, which nobody can guess. The same seed always
// gives the same sign.
type Sign struct {
	Word   string
	Number int
	ink    color.Color
	board  color.Color
	at     image.Point
}

// NewSign chooses the sign of a seed.
func NewSign(seed uint64) Sign {
	words := []string{
		"BAKERY", "HARBOR", "LIBRARY", "GARDEN", "STATION", "MARKET", "MUSEUM", "BRIDGE", "CASTLE", "FOREST", "KITCHEN", "LADDER",
		"MIRROR", "ORANGE", "PENCIL", "ROCKET", "SILVER", "TUNNEL", "VALLEY", "WINDOW", "BUTTER", "CANDLE", "DESERT", "FALCON",
	}
	pairs := [][2]color.Color{
		{color.Black, color.White},
		{color.White, color.RGBA{170, 20, 20, 255}},
		{color.RGBA{20, 30, 90, 255}, color.RGBA{240, 210, 60, 255}},
		{color.White, color.RGBA{20, 90, 50, 255}},
	}
	r := rand.New(rand.NewPCG(seed, 3)) // a sign, not a secret
	pair := pairs[r.IntN(len(pairs))]
	return Sign{Word: words[r.IntN(len(words))], Number: 10 + r.IntN(90), ink: pair[0], board: pair[1], at: image.Pt(40+r.IntN(60), 80+r.IntN(160))}
}

// Kind implements Held.
func (Sign) Kind() string { return "sign" }

// Question implements Held.
func (Sign) Question() string { return signQuestion }

// Expected implements Held.
func (s Sign) Expected() string { return s.Text() }

// Wanted implements Held: its word and its number.
func (Sign) Wanted() int { return 2 }

// Text is what stands on it.
func (s Sign) Text() string { return fmt.Sprintf("%s %d", s.Word, s.Number) }

// Facts are the parts of the sign's text that somebody states.
func (s Sign) Facts(text string) []string {
	out := []string{}
	upper := strings.ToUpper(text)
	for _, part := range strings.Fields(s.Text()) {
		if strings.Contains(upper, part) {
			out = append(out, "text ["+part+"]")
		}
	}
	return out
}

// Draw draws the sign as a camera shows it: 640 × 480 pixels.
func (s Sign) Draw() (*image.RGBA, error) {
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 60, DPI: 72})
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{96, 112, 104, 255}), image.Point{}, draw.Src)
	wide := font.MeasureString(face, s.Text()).Ceil()
	board := image.Rect(0, 0, wide+60, 130).Add(s.at)
	draw.Draw(out, board, image.NewUniform(s.board), image.Point{}, draw.Src)
	d := font.Drawer{Dst: out, Src: image.NewUniform(s.ink), Face: face, Dot: fixed.P(board.Min.X+30, board.Min.Y+86)}
	d.DrawString(s.Text())
	return out, nil
}
