package stream

import (
	"math"
	"strconv"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// Cells is how many label cells a picture has per side.
const Cells = 8

// maxOrder is the largest order label: the sixth thing and all later ones share it.
const maxOrder = 6

// Labels say for each cell, row by row, what covers its middle. Zero means nothing.
type Labels struct {
	Class    [Cells * Cells]uint8 `json:"class"`    // index in Classes
	Colour   [Cells * Cells]uint8 `json:"colour"`   // 1 + index in scene.Colours; of the flat background where nothing lies
	Order    [Cells * Cells]uint8 `json:"order"`    // 1 + the object's place in reading order or the digit's in the number
	Position [Cells * Cells]uint8 `json:"position"` // 1 + index in scene.Positions
}

// real is the class of every cell of a picture that was not drawn.
const real = "real"

// Classes names the class labels in order; the first is the background, the last a picture that was
// not drawn. The slice is the caller's.
func Classes() []string {
	all := append([]string{"background"}, scene.Shapes()...)
	all = append(append(all, scene.Emojis()...), "panel")
	for d := range 10 {
		all = append(all, strconv.Itoa(d))
	}
	return append(all, real)
}

// painter writes one box after the other into the labels.
type painter struct {
	labels *Labels
	window window
	index  map[string]uint8
}

// window is the part of the picture that is shown, in fractions of it; it may reach beyond the
// picture.
type window struct{ x0, y0, x1, y1 float64 }

// label describes a scene as seen through a window.
func label(s *scene.Scene, w window) *Labels {
	p := painter{labels: &Labels{}, window: w, index: map[string]uint8{}}
	for i, name := range Classes() {
		p.index[name] = uint8(i)
	}
	if s.Kind == scene.KindReal {
		for i := range p.labels.Class {
			p.labels.Class[i] = p.index[real]
		}
		return p.labels
	}
	p.background(s.Background)
	for i, o := range s.Objects {
		p.box(p.index[o.Name], colourLabel(o.Colour), i, positionLabel(o.Position), o.Box, 0.06)
	}
	for i, q := range s.Panels {
		p.box(p.index["panel"], colourLabel(q.Colour), i, positionLabel(q.Position), q.Box, 0)
	}
	if len(s.Glyphs) > 0 {
		first, last := s.Glyphs[0].Box, s.Glyphs[len(s.Glyphs)-1].Box
		at := positionAt((first.X0+last.X1)/2, (first.Y0+first.Y1)/2)
		for i, g := range s.Glyphs {
			p.box(p.index[strconv.Itoa(g.Digit)], colourLabel(s.TextColour), i, at, g.Box, 0)
		}
	}
	return p.labels
}

func colourLabel(name string) uint8   { return 1 + find(scene.Colours(), name) }
func positionLabel(name string) uint8 { return 1 + find(scene.Positions(), name) }

func positionAt(x, y float64) uint8 {
	return uint8(1 + min(2, max(0, int(y*3)))*3 + min(2, max(0, int(x*3))))
}

// find returns the index of a name, or 255 when it is not there, so that one more is zero.
func find(names []string, name string) uint8 {
	for i, n := range names {
		if n == name {
			return uint8(i)
		}
	}
	return math.MaxUint8
}

func (p *painter) background(name string) {
	for y := range Cells {
		for x := range Cells {
			if px, py := p.middle(x, y); px > 0 && px < 1 && py > 0 && py < 1 {
				p.labels.Colour[y*Cells+x] = colourLabel(name)
			}
		}
	}
}

// middle returns the place in the picture of a cell's middle.
func (p *painter) middle(x, y int) (float64, float64) {
	w := p.window
	return w.x0 + (float64(x)+0.5)/Cells*(w.x1-w.x0), w.y0 + (float64(y)+0.5)/Cells*(w.y1-w.y0)
}

// box labels the cells whose middle lies in the box less a rim, or the nearest one when there is
// none.
func (p *painter) box(class, colour uint8, order int, position uint8, b scene.Box, rim float64) {
	dx, dy := (b.X1-b.X0)*rim, (b.Y1-b.Y0)*rim
	cx, cy := b.Centre()
	nearest, least, covered := 0, math.Inf(1), false
	for i := range Cells * Cells {
		x, y := p.middle(i%Cells, i/Cells)
		if x > b.X0+dx && x < b.X1-dx && y > b.Y0+dy && y < b.Y1-dy {
			p.set(i, class, colour, order, position)
			covered = true
		}
		if d := math.Abs(x-cx) + math.Abs(y-cy); d < least {
			nearest, least = i, d
		}
	}
	if !covered {
		p.set(nearest, class, colour, order, position)
	}
}

func (p *painter) set(i int, class, colour uint8, order int, position uint8) {
	l := p.labels
	l.Class[i], l.Colour[i], l.Order[i], l.Position[i] = class, colour, uint8(min(order+1, maxOrder)), position
}
