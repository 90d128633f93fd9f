package scene

import (
	"fmt"
	"image"
	"image/color"
)

// Kind says what a picture shows.
type Kind string

// The kinds of pictures.
const (
	KindShapes    Kind = "shapes"    // one to three coloured shapes
	KindEmoji     Kind = "emoji"     // one sprite
	KindMixed     Kind = "mixed"     // one to three shapes and sprites
	KindNumber    Kind = "number"    // a written number of one to four digits
	KindQuadrants Kind = "quadrants" // four colours
	KindPlain     Kind = "plain"     // one colour
	KindCount     Kind = "count"     // one to four things of the same sort
	KindDense     Kind = "dense"     // three to nine shapes and sprites, for training
)

// Kinds returns every kind. The slice is the caller's.
func Kinds() []Kind {
	return []Kind{KindShapes, KindEmoji, KindMixed, KindNumber, KindQuadrants, KindPlain, KindCount, KindDense}
}

// kindWeights is how often each kind of Kinds is drawn when none is asked for.
var kindWeights = [...]float64{30, 12, 22, 14, 10, 5, 7, 0}

// MinSide is the smallest width or height in pixels that Draw accepts.
const MinSide = 32

// maxSide keeps one picture below 64 MiB.
const maxSide = 4096

// Box is a rectangle in fractions of the picture's width and height; the origin is the top left corner.
type Box struct{ X0, Y0, X1, Y1 float64 }

// Centre returns the middle of the box.
func (b Box) Centre() (x, y float64) { return (b.X0 + b.X1) / 2, (b.Y0 + b.Y1) / 2 }

// Object is one thing in a picture. Colour is empty for sprites, which have many colours.
type Object struct {
	Name     string
	Colour   string
	Position string // one of Positions, from the box's centre
	Box      Box
}

// Panel is one of the four coloured rectangles of a quadrants picture.
type Panel struct {
	Colour   string
	Position string
	Box      Box
}

// Glyph is one digit of a written number.
type Glyph struct {
	Digit int
	Box   Box
}

// Scene is one picture with what is true of it. All of it but Image's size and the boxes depends on the seed and the kind only.
type Scene struct {
	Seed  uint64
	Kind  Kind
	Image *image.RGBA // opaque; the caller's

	Objects    []Object // in reading order
	Panels     []Panel  // of a quadrants picture, in reading order
	Text       string   // the digits of a written number
	TextColour string
	Glyphs     []Glyph
	Background string // the background's colour word when it has one flat colour, else empty

	Facts []Fact
	QA    []QA // every question that the picture answers, in its canonical form, fit for being spoken
}

// Options choose the size and the kind of a picture.
type Options struct {
	Width, Height int  // pixels; 640×480 when both are zero
	Kind          Kind // "" draws a random kind
}

// Draw makes the picture of a seed. It is pure: the same seed and options always give the same scene.
func Draw(seed uint64, opt Options) (*Scene, error) {
	if opt.Width == 0 && opt.Height == 0 {
		opt.Width, opt.Height = 640, 480
	}
	if opt.Width < MinSide || opt.Height < MinSide || opt.Width > maxSide || opt.Height > maxSide {
		return nil, fmt.Errorf("%w: %d×%d", ErrSize, opt.Width, opt.Height)
	}
	r := newRandom(seed, 1)
	kind := Kinds()[r.weighted(kindWeights[:]...)]
	if opt.Kind != "" {
		kind = opt.Kind
	}
	p, err := newPlan(newRandom(seed, 2), kind)
	if err != nil {
		return nil, err
	}
	s := &Scene{Seed: seed, Kind: kind, Image: image.NewRGBA(image.Rect(0, 0, opt.Width, opt.Height))}
	if err := paint(s, p); err != nil {
		return nil, fmt.Errorf("scene: %w", err)
	}
	s.Facts = factsOf(s)
	s.QA = canonicalQuestions(s)
	return s, nil
}

// distance is the Euclidean distance of two colours in RGB.
func distance(a, b color.RGBA) int {
	r, g, bl := int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B)
	return r*r + g*g + bl*bl
}
