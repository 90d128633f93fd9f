package scene

import (
	"sync"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"github.com/go-fonts/dejavu/dejavuserifbold"
	"github.com/go-fonts/liberation/liberationmonobold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const fontCount = 13

// fontFiles returns the TrueType files that numbers are written in.
func fontFiles() [fontCount][]byte {
	return [...][]byte{
		goregular.TTF, gomedium.TTF, gobold.TTF, gomonobold.TTF,
		dejavusans.TTF, dejavusansbold.TTF, dejavusanscondensedbold.TTF, dejavusansmonobold.TTF, dejavuserifbold.TTF,
		liberationsansregular.TTF, liberationsansbold.TTF, liberationserifbold.TTF, liberationmonobold.TTF,
	}
}

// outlineScale is the size in pixels per em at which outlines are kept.
const outlineScale = 512

// outline is one digit: contours with the baseline at y = 0, y growing downwards.
type outline struct {
	segments []sfnt.Segment
	advance  float64
	left     float64
	right    float64
	top      float64
	bottom   float64
}

// digitOutlines reads the ten digits of every font once.
var digitOutlines = sync.OnceValues(func() (*[fontCount][10]outline, error) {
	var all [fontCount][10]outline
	for i, file := range fontFiles() {
		f, err := sfnt.Parse(file)
		if err != nil {
			return nil, err
		}
		for d := range all[i] {
			if all[i][d], err = readOutline(f, rune('0'+d)); err != nil {
				return nil, err
			}
		}
	}
	return &all, nil
})

func readOutline(f *sfnt.Font, char rune) (outline, error) {
	var buffer sfnt.Buffer
	ppem := fixed.I(outlineScale)
	index, err := f.GlyphIndex(&buffer, char)
	if err != nil {
		return outline{}, err
	}
	bounds, advance, err := f.GlyphBounds(&buffer, index, ppem, font.HintingNone)
	if err != nil {
		return outline{}, err
	}
	segments, err := f.LoadGlyph(&buffer, index, ppem, nil)
	if err != nil {
		return outline{}, err
	}
	return outline{
		segments: append([]sfnt.Segment(nil), segments...),
		advance:  fromFixed(advance),
		left:     fromFixed(bounds.Min.X), right: fromFixed(bounds.Max.X),
		top: fromFixed(bounds.Min.Y), bottom: fromFixed(bounds.Max.Y),
	}, nil
}

func fromFixed(v fixed.Int26_6) float64 { return float64(v) / 64 }

// extent is the ink box of a written number at outlineScale.
func extent(digits []outline) (left, right, top, bottom float64) {
	pen := 0.0
	for i, d := range digits {
		if i == 0 {
			left, top, bottom = d.left, d.top, d.bottom
		}
		right = pen + d.right
		top, bottom = min(top, d.top), max(bottom, d.bottom)
		pen += d.advance
	}
	return left, right, top, bottom
}
