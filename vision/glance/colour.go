package glance

import (
	"cmp"
	"image"
	"math"
	"slices"
)

const (
	gridMost   = 96   // samples along the longer side
	shareLeast = 0.1  // of the picture, for a colour to be told
	coloursMax = 3    // colours told
	cellFull   = 0.3  // share of a ninth that a colour fills there
	cellsWide  = 6    // ninths that it fills where it is spread widely
	margin     = 0.75 // of the distance to the next other colour: nearer than that a sample is sure
)

// names are the colour words, in the order of their numbers.
var names = [...]string{"black", "gray", "white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"} // a table

// shades are colours that have a name beyond doubt, several for each: light ones, full ones, deep
// ones.
var shades = [...]struct { // a table
	r, g, b uint8
	name    uint8
}{
	{12, 12, 12, 0},
	{42, 42, 42, 0},
	{85, 85, 85, 1},
	{130, 130, 130, 1},
	{175, 175, 175, 1},
	{222, 222, 222, 2},
	{248, 248, 248, 2},
	{220, 30, 30, 3},
	{150, 20, 25, 3},
	{235, 80, 70, 3},
	{250, 135, 20, 4},
	{225, 110, 30, 4},
	{255, 165, 70, 4},
	{245, 225, 40, 5},
	{215, 190, 50, 5},
	{255, 240, 140, 5},
	{30, 160, 50, 6},
	{20, 85, 40, 6},
	{130, 205, 100, 6},
	{80, 110, 50, 6},
	{0, 130, 105, 6},
	{30, 60, 220, 7},
	{20, 35, 105, 7},
	{85, 145, 230, 7},
	{150, 200, 240, 7},
	{30, 175, 195, 7},
	{130, 40, 170, 8},
	{85, 35, 115, 8},
	{170, 120, 215, 8},
	{250, 150, 195, 9},
	{255, 195, 210, 9},
	{235, 75, 150, 9},
	{120, 70, 30, 10},
	{80, 50, 35, 10},
	{160, 110, 70, 10},
	{190, 150, 110, 10},
}

// palette are the shades in L*a*b*, and how much light each value of a channel is.
type palette struct {
	shades [len(shades)][3]float64
	light  [256]float64
}

func newPalette() *palette {
	p := &palette{}
	for i := range p.light {
		c := float64(i) / 255
		p.light[i] = c / 12.92
		if c > 0.04045 {
			p.light[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	for i, s := range shades {
		p.shades[i] = p.lab(s.r, s.g, s.b)
	}
	return p
}

// name is the colour of a sample, and whether it is far from any other.
func (p *palette) name(r, g, b uint8) (name uint8, sure bool) {
	at := p.lab(r, g, b)
	var nearest [len(names)]float64
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for i := range p.shades {
		s := &p.shades[i]
		l, u, v := at[0]-s[0], at[1]-s[1], at[2]-s[2]
		d := l*l + u*u + v*v
		nearest[shades[i].name] = min(nearest[shades[i].name], d)
	}
	best, second := 0, math.Inf(1)
	for i, d := range nearest {
		if d < nearest[best] {
			best = i
		}
	}
	for i, d := range nearest {
		if i != best {
			second = min(second, d)
		}
	}
	return uint8(best), nearest[best] < margin*margin*second
}

// count is what was found of one colour.
type count struct {
	all, sure int
	cells     [9]int
}

// colours are the widespread ones of a picture.
func colours(picture *image.RGBA) []Colour {
	size := picture.Rect.Size()
	step := max((max(size.X, size.Y)+gridMost-1)/gridMost, 1)
	p := newPalette()
	var counts [len(names)]count
	var cells [9]int
	total := 0
	for y := min(step/2, size.Y-1); y < size.Y; y += step {
		for x := min(step/2, size.X-1); x < size.X; x += step {
			at := picture.Pix[y*picture.Stride+4*x:]
			name, sure := p.name(at[0], at[1], at[2])
			c, cell := &counts[name], 3*y/size.Y*3+3*x/size.X
			c.all++
			c.cells[cell]++
			cells[cell]++
			total++
			if sure {
				c.sure++
			}
		}
	}
	var out []Colour
	for i := range counts {
		c := &counts[i]
		if total == 0 || float64(c.all) < shareLeast*float64(total) {
			continue
		}
		out = append(out, Colour{
			Name: names[i], Share: float64(c.all) / float64(total), Sure: float64(c.sure) / float64(c.all), Box: c.box(&cells, picture.Rect),
		})
	}
	slices.SortStableFunc(out, func(a, b Colour) int { return cmp.Compare(b.Share, a.Share) })
	return out[:min(len(out), coloursMax)]
}

// box is the part of the picture that a colour fills: the ninths that have much of it, or the one
// that has most; all of it where that are many.
func (c *count) box(cells *[9]int, whole image.Rectangle) image.Rectangle {
	most, filled := 0, []int{}
	for i, n := range c.cells {
		if n > c.cells[most] {
			most = i
		}
		if cells[i] > 0 && float64(n) >= cellFull*float64(cells[i]) {
			filled = append(filled, i)
		}
	}
	if len(filled) >= cellsWide {
		return whole
	}
	if len(filled) == 0 {
		filled = append(filled, most)
	}
	part := func(i, size int) int { return i * size / 3 }
	var out image.Rectangle
	for _, i := range filled {
		x, y := i%3, i/3
		out = out.Union(image.Rect(part(x, whole.Dx()), part(y, whole.Dy()), part(x+1, whole.Dx()), part(y+1, whole.Dy())))
	}
	return out.Add(whole.Min)
}

// lab is an sRGB colour in CIE L*a*b* under daylight (D65).
func (p *palette) lab(r, g, b uint8) [3]float64 {
	curve := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	lr, lg, lb := p.light[r], p.light[g], p.light[b]
	x := curve((0.4124*lr + 0.3576*lg + 0.1805*lb) / 0.9505)
	y := curve(0.2126*lr + 0.7152*lg + 0.0722*lb)
	z := curve((0.0193*lr + 0.1192*lg + 0.9505*lb) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
