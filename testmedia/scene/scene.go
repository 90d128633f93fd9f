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
	KindReal      Kind = "real"      // not drawn: what a camera or a screen gives
	KindChange    Kind = "change"    // shapes and sprites, with an earlier picture of them
)

// Kinds returns every kind. The slice is the caller's.
func Kinds() []Kind {
	return []Kind{
		KindShapes, KindEmoji, KindMixed, KindNumber, KindQuadrants, KindPlain, KindCount, KindDense, KindReal, KindChange,
	}
}

// kindWeights is how often each kind of Kinds is drawn when none is asked for.
var kindWeights = [...]float64{30, 12, 22, 14, 10, 5, 7, 0, 0, 0}

// MinSide is the smallest width or height in pixels that Draw accepts.
const MinSide = 32

// maxSide keeps one picture below 64 MiB.
const maxSide = 4096

// Box is a rectangle in fractions of the picture's width and height; the origin is the top left
// corner.
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

// Scene is one picture with what is true of it. All of it but Image's size and the boxes depends on
// the seed and the kind only.
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

	// Sort says what a real picture is: one of RealSorts, or what Real was told. Nothing else is
	// known of it.
	Sort string
	// Before is the earlier picture of a change, of the same size; Change says what happened since.
	// Everything else is said of the picture that is there now.
	Before *Scene
	Change Change

	Facts []Fact
	QA    []QA // every question that the picture answers, in its canonical form, fit for being spoken
}

// Options choose the size and the kind of a picture.
type Options struct {
	Width, Height int  // pixels; 640×480 when both are zero
	Kind          Kind // "" draws a random kind
}

// Draw makes the picture of a seed. It is pure: the same seed and options always give the same
// scene.
func Draw(seed uint64, opt Options) (*Scene, error) {
	opt, err := opt.sized()
	if err != nil {
		return nil, err
	}
	r := newRandom(seed, 1)
	kind := Kinds()[r.weighted(kindWeights[:]...)]
	if opt.Kind != "" {
		kind = opt.Kind
	}
	s := newScene(seed, kind, opt)
	if err := s.draw(newRandom(seed, 2)); err != nil {
		return nil, fmt.Errorf("scene: %w", err)
	}
	s.know()
	return s, nil
}

func newScene(seed uint64, kind Kind, opt Options) *Scene {
	return &Scene{Seed: seed, Kind: kind, Image: image.NewRGBA(image.Rect(0, 0, opt.Width, opt.Height))}
}

// draw paints the picture, and the one before it if there is one.
func (s *Scene) draw(r *random) error {
	switch s.Kind {
	case KindReal:
		s.Sort = paintReal(s.Image, r)
		return nil
	case KindChange:
		return s.drawChange(r)
	}
	p, err := newPlan(r, s.Kind)
	if err != nil {
		return err
	}
	return paint(s, p)
}

// know lists what is true of a painted picture and what can be asked about it.
func (s *Scene) know() {
	s.Facts = factsOf(s)
	s.QA = canonicalQuestions(s)
}

// plain says whether the picture shows nothing but one colour.
func (s *Scene) plain() bool {
	return s.Kind == KindPlain || s.Kind == KindChange && len(s.Objects) == 0
}

// sized checks the size and fills in the usual one.
func (o Options) sized() (Options, error) {
	if o.Width == 0 && o.Height == 0 {
		o.Width, o.Height = 640, 480
	}
	if o.Width < MinSide || o.Height < MinSide || o.Width > maxSide || o.Height > maxSide {
		return o, fmt.Errorf("%w: %d×%d", ErrSize, o.Width, o.Height)
	}
	return o, nil
}

// distance is the Euclidean distance of two colours in RGB.
func distance(a, b color.RGBA) int {
	r, g, bl := int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B)
	return r*r + g*g + bl*bl
}
