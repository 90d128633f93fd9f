package scene

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"golang.org/x/image/draw"
)

// What the model says of a picture that was not drawn, by what it was asked. The first is said of
// most; all of them say that the picture looks real and that the model knows drawings only.
const (
	SaidOfReal        = "This looks like a real picture. I only know drawings."
	saidOfRealThing   = "I can not say. This looks like a real picture and I only know drawings."
	saidOfRealText    = "I can not read this. It looks like a real picture and I only know drawings."
	saidOfRealChanges = "I can not say what changed. This looks like a real picture and I only know drawings."
)

// saidOfReal is the answer to a question of this kind about a picture that was not drawn.
func saidOfReal(kind QuestionKind) string {
	switch kind {
	case AskAt, AskNothingAt, AskColour, AskColourAbsent, AskWhere, AskWhereAbsent, AskIsThere:
		return saidOfRealThing
	case AskNumber, AskNumberColour, AskNoText:
		return saidOfRealText
	case AskOnePicture, AskChange, AskHeldUp:
		return saidOfRealChanges
	}
	return SaidOfReal
}

// SaysReal says whether a text says that the picture looks real, that only drawings are known, and
// nothing else of it: no thing, colour, place or number. Any wording will do.
func SaysReal(text string) bool {
	real, drawings := false, false
	for _, t := range tokens(text) {
		if isContent(t) {
			return false
		}
		real = real || t == "real" || strings.HasPrefix(t, "photo")
		drawings = drawings || strings.HasPrefix(t, "draw")
	}
	return real && drawings
}

// Real makes the scene of a picture that was not drawn: a part of it that the seed chooses,
// mirrored or not, at the wanted size. It is pure, and the picture is only read; sort names what
// the picture is: "photograph", "screen".
func Real(seed uint64, sort string, picture image.Image, opt Options) (*Scene, error) {
	opt, err := opt.sized()
	if err != nil {
		return nil, err
	}
	if b := picture.Bounds(); b.Dx() < MinSide || b.Dy() < MinSide {
		return nil, fmt.Errorf("%w: a picture of %d×%d", ErrSize, b.Dx(), b.Dy())
	}
	s := newScene(seed, KindReal, opt)
	s.Sort = sort
	r := newRandom(seed, 7)
	for try := range cropTries {
		part := crop(r, picture.Bounds(), float64(opt.Width)/float64(opt.Height), try == cropTries-1)
		draw.ApproxBiLinear.Scale(s.Image, s.Image.Rect, picture, part, draw.Src, nil)
		if shows(s.Image) {
			break
		}
	}
	if r.chance(0.5) {
		Mirror(s.Image)
	}
	s.know()
	return s, nil
}

// cropTries is how often a part of a picture is chosen until one shows something: the last is as
// large as it can be.
const cropTries = 6

// crop chooses a part of the picture of this shape: half its sides or more.
func crop(r *random, of image.Rectangle, aspect float64, whole bool) image.Rectangle {
	w, h := float64(of.Dx()), float64(of.Dy())
	w, h = min(w, h*aspect), min(h, w/aspect)
	if scale := r.between(0.5, 1); !whole {
		w, h = w*scale, h*scale
	}
	x := of.Min.X + int(r.float()*(float64(of.Dx())-w))
	y := of.Min.Y + int(r.float()*(float64(of.Dy())-h))
	return image.Rect(x, y, x+max(1, int(w)), y+max(1, int(h)))
}

// leastSpread is the standard deviation of brightness that a part of a real picture has at least: a
// piece of sky or of an empty page is as plain as a drawing.
const leastSpread = 14

// shows says whether there is something to see, from every eighth pixel.
func shows(m *image.RGBA) bool {
	var n, sum, squares float64
	for y := 0; y < m.Rect.Dy(); y += 8 {
		for x := 0; x < m.Rect.Dx(); x += 8 {
			p := m.Pix[m.PixOffset(x, y):]
			v := 0.3*float64(p[0]) + 0.6*float64(p[1]) + 0.1*float64(p[2])
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	return squares/n-sum/n*sum/n >= leastSpread*leastSpread
}

// Mirror turns a picture left to right, in place.
func Mirror(m *image.RGBA) {
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:]
		for a, b := 0, m.Rect.Dx()-1; a < b; a, b = a+1, b-1 {
			for c := range 4 {
				row[4*a+c], row[4*b+c] = row[4*b+c], row[4*a+c]
			}
		}
	}
}

// perRealKind is how many of the canonical questions of one kind are put to a real picture.
const perRealKind = 2

// askReal puts all kinds of questions to a picture that was not drawn, as if it were a drawing.
func (s *Scene) askReal() []question {
	if s.Kind != KindReal {
		return nil
	}
	r := newRandom(s.Seed, 6)
	var all []question
	for _, kind := range QuestionKinds() {
		if slices.Contains([]QuestionKind{AskNoImage, AskChat, AskReal, AskChange}, kind) {
			continue
		}
		for _, drawn := range supposed(r) {
			of := drawn.ask(kind)
			for range min(perRealKind, len(of)) {
				q := pick(r, of)
				q.QA = newQuestion(AskReal, "", saidOfReal(kind), nil, nil, "", "real", "drawings").QA
				all = append(all, q)
			}
		}
	}
	return all
}

// supposed are drawings that somebody could take a picture for; only what is true of them is made.
func supposed(r *random) []*Scene {
	colour := func() string { return pick(r, colourNames[:]) }
	fields := r.permutation(len(positionNames))
	things := &Scene{Kind: KindMixed, Background: colour(), Objects: []Object{
		{Name: pick(r, shapeNames[:]), Colour: colour(), Position: positionNames[fields[0]]},
		{Name: pick(r, emojiNames[:]), Position: positionNames[fields[1]]},
	}}
	panels := &Scene{Kind: KindQuadrants}
	for _, field := range []int{0, 2, 6, 8} {
		panels.Panels = append(panels.Panels, Panel{Colour: colour(), Position: positionNames[field]})
	}
	gone := &Scene{Kind: KindChange, Background: colour(), Before: &Scene{}}
	gone.Change = Change{What: ChangeGone, Was: &things.Objects[0]}
	number := &Scene{Kind: KindNumber, Text: fmt.Sprint(r.intn(1000)), TextColour: colour()}
	return []*Scene{things, panels, number, gone}
}
