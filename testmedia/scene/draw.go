package scene

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// paint draws the plan and records where everything came to lie.
func paint(s *Scene, p *plan) error {
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	paintGround(s.Image, p)
	if p.ground.style == groundFlat && s.Kind != KindQuadrants {
		s.Background = p.ground.shade.name
	}
	if s.Kind == KindQuadrants {
		paintPanels(s, p)
	}
	for _, t := range p.things {
		side := t.size * min(w, h)
		hx, hy := side/w/2, side/h/2
		if err := paintThing(s.Image, t, t.x*w-side/2, t.y*h-side/2, side); err != nil {
			return err
		}
		s.Objects = append(s.Objects, Object{
			Name: t.name, Colour: t.shade.name, Position: positionNames[fieldOf(t.x, t.y)],
			Box: Box{t.x - hx, t.y - hy, t.x + hx, t.y + hy},
		})
	}
	if p.number != nil {
		return paintNumber(s, p.number)
	}
	return nil
}

func paintGround(m *image.RGBA, p *plan) {
	g := p.ground
	switch g.style {
	case groundGradient:
		paintGradient(m, g)
	case groundNoise:
		paintNoise(m, g, newRandom(p.jitters, 3))
	case groundStripes:
		paintStripes(m, g)
	default:
		fill(m, m.Rect, g.shade.value)
	}
}

func fill(m *image.RGBA, area image.Rectangle, c color.RGBA) {
	area = area.Intersect(m.Rect)
	if area.Empty() {
		return
	}
	first := m.Pix[m.PixOffset(area.Min.X, area.Min.Y):]
	for x := range area.Dx() {
		first[4*x], first[4*x+1], first[4*x+2], first[4*x+3] = c.R, c.G, c.B, 255
	}
	for y := area.Min.Y + 1; y < area.Max.Y; y++ {
		copy(m.Pix[m.PixOffset(area.Min.X, y):], first[:4*area.Dx()])
	}
}

func paintGradient(m *image.RGBA, g ground) {
	sin, cos := math.Sincos(g.angle)
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	low, high := min(cos, 0)+min(sin, 0), max(cos, 0)+max(sin, 0)
	a, b := g.shade.value, g.second
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:]
		for x := range m.Rect.Dx() {
			t := int(256 * (cos*(float64(x)+0.5)/w + sin*(float64(y)+0.5)/h - low) / (high - low))
			row[4*x] = mix(a.R, b.R, t)
			row[4*x+1] = mix(a.G, b.G, t)
			row[4*x+2] = mix(a.B, b.B, t)
			row[4*x+3] = 255
		}
	}
}

// mix goes from a to b as t goes from 0 to 256.
func mix(a, b uint8, t int) uint8 { return uint8((int(a)*(256-t) + int(b)*t) >> 8) }

func paintStripes(m *image.RGBA, g ground) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	scale := 1 / (g.period * float64(min(w, h)))
	dx, dy := 1.0, 0.0
	switch g.angle {
	case 1:
		dx, dy = 0, 1
	case 2:
		dx, dy = 0.7, 0.7
	}
	for y := range h {
		row := m.Pix[y*m.Stride:]
		for x := range w {
			c := g.shade.value
			if int((float64(x)*dx+float64(y)*dy)*scale)%2 == 1 {
				c = g.second
			}
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = c.R, c.G, c.B, 255
		}
	}
}

// paintNoise is smooth noise: a lattice of random colours, interpolated.
func paintNoise(m *image.RGBA, g ground, r *random) {
	n := g.lattice
	lattice := make([]int, n*n*3)
	base := [3]uint8{g.shade.value.R, g.shade.value.G, g.shade.value.B}
	for i := range lattice {
		lattice[i] = min(255, max(0, int(float64(base[i%3])+g.amplitude*r.normal())))
	}
	for y := range m.Rect.Dy() {
		y0, y1, fy := latticeAt(y, m.Rect.Dy(), n)
		row := m.Pix[y*m.Stride:]
		for x := range m.Rect.Dx() {
			x0, x1, fx := latticeAt(x, m.Rect.Dx(), n)
			for c := range 3 {
				a := lattice[(y0*n+x0)*3+c]*(256-fx) + lattice[(y0*n+x1)*3+c]*fx
				b := lattice[(y1*n+x0)*3+c]*(256-fx) + lattice[(y1*n+x1)*3+c]*fx
				row[4*x+c] = uint8((a*(256-fy) + b*fy) >> 16)
			}
			row[4*x+3] = 255
		}
	}
}

func latticeAt(i, size, n int) (low, high, fraction int) {
	at := max(0, (2*i+1)*n*128/size-128)
	low = min(at>>8, n-1)
	return low, min(low+1, n-1), at & 255
}

func paintPanels(s *Scene, p *plan) {
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	mx, my := p.split[0], p.split[1]
	boxes := [4]Box{{0, 0, mx, my}, {mx, 0, 1, my}, {0, my, mx, 1}, {mx, my, 1, 1}}
	for i, b := range boxes {
		area := image.Rect(int(math.Round(b.X0*w)), int(math.Round(b.Y0*h)), int(math.Round(b.X1*w)), int(math.Round(b.Y1*h)))
		fill(s.Image, area, p.panels[i].value)
		s.Panels = append(s.Panels, Panel{Colour: p.panels[i].name, Position: positionNames[[4]int{0, 2, 6, 8}[i]], Box: b})
	}
}

func paintThing(m *image.RGBA, t thing, x0, y0, side float64) error {
	if t.sprite >= 0 {
		sheet, err := spriteSheet()
		if err != nil {
			return err
		}
		sheet[t.sprite].blend(m, x0, y0, side)
		return nil
	}
	canvas := newCanvas(m, x0, y0, x0+side, y0+side)
	half := side / 2
	for _, outline := range contours(t) {
		for i, q := range outline {
			x, y := canvas.at(x0+half+q.x*half, y0+half+q.y*half)
			if i == 0 {
				canvas.MoveTo(x, y)
			} else {
				canvas.LineTo(x, y)
			}
		}
		canvas.ClosePath()
	}
	canvas.fill(m, t.shade.value)
	return nil
}

// canvas fills paths inside one part of a picture.
type canvas struct {
	vector.Rasterizer
	area image.Rectangle
}

func newCanvas(m *image.RGBA, x0, y0, x1, y1 float64) *canvas {
	area := image.Rect(int(math.Floor(x0))-1, int(math.Floor(y0))-1, int(math.Ceil(x1))+1, int(math.Ceil(y1))+1)
	c := &canvas{area: area.Intersect(m.Rect)}
	c.Reset(c.area.Dx(), c.area.Dy())
	return c
}

// at turns picture coordinates into the canvas's own.
func (c *canvas) at(x, y float64) (float32, float32) {
	return float32(x - float64(c.area.Min.X)), float32(y - float64(c.area.Min.Y))
}

func (c *canvas) fill(m *image.RGBA, with color.RGBA) {
	c.Draw(m, c.area, image.NewUniform(with), image.Point{})
}

func paintNumber(s *Scene, n *number) error {
	fonts, err := digitOutlines()
	if err != nil {
		return err
	}
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	digits := make([]outline, len(n.text))
	for i := range digits {
		digits[i] = fonts[n.font][n.text[i]-'0']
	}
	left, right, top, bottom := extent(digits)
	scale := min(n.width*w/(right-left), n.height*min(w, h)/(bottom-top))
	tw, th := (right-left)*scale, (bottom-top)*scale
	x0, y0 := 0.03*w+n.x*(0.94*w-tw), 0.05*h+n.y*(0.9*h-th)
	s.Text, s.TextColour = n.text, n.shade.name
	if n.card != nil {
		s.Background = ""
		pad := 0.06 * min(w, h)
		fill(s.Image, image.Rect(int(x0-pad), int(y0-pad), int(x0+tw+pad), int(y0+th+pad)), *n.card)
	}
	pen := x0 - left*scale
	for i, d := range digits {
		canvas := newCanvas(s.Image, pen+d.left*scale, y0, pen+d.right*scale, y0+th)
		canvas.digit(d, pen, y0-top*scale, scale)
		canvas.fill(s.Image, n.shade.value)
		s.Glyphs = append(s.Glyphs, Glyph{
			Digit: int(n.text[i] - '0'),
			Box:   Box{(pen + d.left*scale) / w, y0 / h, (pen + d.right*scale) / w, (y0 + th) / h},
		})
		pen += d.advance * scale
	}
	return nil
}

// digit adds an outline with its origin at (x, baseline).
func (c *canvas) digit(d outline, x, baseline, scale float64) {
	to := func(s sfnt.Segment, i int) (float32, float32) {
		return c.at(x+fromFixed(s.Args[i].X)*scale, baseline+fromFixed(s.Args[i].Y)*scale)
	}
	for _, s := range d.segments {
		ax, ay := to(s, 0)
		bx, by := to(s, 1)
		cx, cy := to(s, 2)
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			c.ClosePath()
			c.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			c.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			c.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			c.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	c.ClosePath()
}
