package scene

import (
	"fmt"
	"image/color"
	"math"
	"sort"
	"strconv"
)

// plan is everything that a seed decides about a picture, free of its size. Lengths are fractions
// of the shorter side, places fractions of the width and height.
type plan struct {
	ground  ground
	things  []thing
	panels  [4]shade
	split   [2]float64 // where the four panels meet
	number  *number
	jitters uint64 // seed of what is painted at random: noise
}

// shade is a colour word and the value that stands for it in this picture.
type shade struct {
	name  string
	value color.RGBA
}

type groundStyle int

const (
	groundFlat groundStyle = iota
	groundGradient
	groundNoise
	groundStripes
)

type ground struct {
	style     groundStyle
	shade     shade
	second    color.RGBA
	angle     float64 // gradient: direction in radians; stripes: 0, 1, 2 = upright, level, slanted
	period    float64 // stripes: width of one stripe
	amplitude float64 // noise: standard deviation in steps of 255
	lattice   int     // noise: cells per side
}

type thing struct {
	name    string
	sprite  int // index in the sheet, -1 for a shape
	shade   shade
	x, y    float64
	size    float64
	tilt    float64 // radians
	quarter int     // arrows: quarter turns
	inner   float64 // ring and cross: thickness, 0..1
}

type number struct {
	text   string
	shade  shade
	font   int
	width  float64 // of the picture's width
	height float64 // at most, of the shorter side
	x, y   float64 // share of the free room before the text
	card   *color.RGBA
}

func newPlan(r *random, kind Kind) (*plan, error) {
	p := &plan{jitters: r.source.Uint64()}
	p.ground = newGround(r, kind == KindPlain || kind == KindQuadrants)
	if kind == KindPlain {
		p.ground.shade = p.ground.shade.lit()
	}
	switch kind {
	case KindPlain:
	case KindShapes:
		p.addThings(r, 1+r.weighted(35, 40, 25), 0)
	case KindEmoji:
		p.addThings(r, 1, 1)
	case KindMixed:
		p.addThings(r, 1+r.weighted(15, 45, 40), 0.6)
	case KindDense:
		p.addThings(r, 3+r.intn(7), 0.5)
	case KindCount:
		p.addEqualThings(r, 1+r.intn(4))
	case KindQuadrants:
		p.addPanels(r)
	case KindNumber:
		p.addNumber(r)
	default:
		return nil, fmt.Errorf("%w: picture %q", ErrKind, kind)
	}
	return p, nil
}

func newGround(r *random, flat bool) ground {
	g := ground{shade: newShade(r, r.intn(len(colourNames)))}
	if !flat {
		g.style = groundStyle(r.weighted(45, 25, 15, 15))
	}
	g.second = jitter(r, g.shade.value, 60)
	g.angle = r.between(0, 2*math.Pi)
	if g.style == groundStripes {
		g.angle = float64(r.intn(3))
	}
	g.period = r.between(0.04, 0.15)
	g.amplitude = r.between(8, 28)
	g.lattice = pick(r, []int{4, 8, 16, 32})
	return g
}

// newShade is a colour of this name, up to 22 steps off its middle.
func newShade(r *random, colour int) shade {
	return shade{colourNames[colour], jitter(r, colourValues[colour], 22)}
}

// darkest is the least that one channel of a plain picture has: below it there is no telling it
// from a camera that sees nothing, which is a real picture.
const darkest = 16

// lit is the shade, no darker than a drawing is.
func (s shade) lit() shade {
	if c := &s.value; max(c.R, c.G, c.B) < 3*darkest {
		c.R, c.G, c.B = max(c.R, darkest), max(c.G, darkest), max(c.B, darkest)
	}
	return s
}

func jitter(r *random, c color.RGBA, by int) color.RGBA {
	move := func(v uint8) uint8 { return uint8(min(255, max(0, int(v)+r.intn(2*by+1)-by))) }
	return color.RGBA{move(c.R), move(c.G), move(c.B), 255}
}

// contrastingShade is a random colour that stands out from the background.
func (p *plan) contrastingShade(r *random) shade {
	two := p.ground.style == groundGradient || p.ground.style == groundStripes
	for {
		s := newShade(r, r.intn(len(colourNames)))
		if s.name == p.ground.shade.name || distance(s.value, p.ground.shade.value) < 115*115 {
			continue
		}
		if !two || distance(s.value, p.ground.second) >= 80*80 {
			return s
		}
	}
}

// addThings places n things of different names; each is a sprite with the given chance.
func (p *plan) addThings(r *random, n int, sprites float64) {
	used := map[string]bool{}
	var things []thing
	for len(things) < n {
		if t := p.newThing(r, r.chance(sprites)); !used[t.name] {
			used[t.name] = true
			things = append(things, t)
		}
	}
	p.placeAll(r, things)
}

// addEqualThings places n things of one name and colour.
func (p *plan) addEqualThings(r *random, n int) {
	things := []thing{p.newThing(r, r.chance(0.4))}
	for len(things) < n {
		things = append(things, things[0])
	}
	p.placeAll(r, things)
}

// placeAll gives every thing a field of its own; when the last ones find no room it starts over,
// smaller.
func (p *plan) placeAll(r *random, things []thing) {
	for attempt := 0; ; attempt++ {
		p.things = p.things[:0]
		for i, field := range r.permutation(9)[:len(things)] {
			if !p.place(r, things[i], field, len(things), attempt) {
				break
			}
		}
		if len(p.things) == len(things) {
			break
		}
	}
	sort.SliceStable(p.things, func(i, j int) bool {
		return fieldOf(p.things[i].x, p.things[i].y) < fieldOf(p.things[j].x, p.things[j].y)
	})
}

func (p *plan) newThing(r *random, sprite bool) thing {
	if sprite {
		i := r.intn(len(emojiNames))
		return thing{name: emojiNames[i], sprite: i}
	}
	return thing{
		name: pick(r, shapeNames[:]), sprite: -1, shade: p.contrastingShade(r),
		tilt: r.between(-0.21, 0.21), quarter: r.intn(4), inner: r.float(),
	}
}

// place puts a thing into a field so that it is inside the picture, clear of its neighbours at any
// aspect ratio, and its centre clear of the field's borders.
func (p *plan) place(r *random, t thing, field, of, attempt int) bool {
	middle := func(i int) float64 { return (float64(i) + 0.5) / 3 }
	for range 40 {
		t.size = newSize(r, field, of, attempt)
		margin := t.size / 2 * 0.97
		t.x = min(max(middle(field%3)+r.between(-0.05, 0.05), margin), 1-margin)
		t.y = min(max(middle(field/3)+r.between(-0.05, 0.05), margin), 1-margin)
		if math.Abs(t.x-middle(field%3)) < 0.13 && math.Abs(t.y-middle(field/3)) < 0.13 && p.isFree(t) {
			p.things = append(p.things, t)
			return true
		}
	}
	return false
}

// newSize gives few things much room and many things little.
func newSize(r *random, field, of, attempt int) float64 {
	switch {
	case of == 1 && field == centre:
		return r.between(0.28, 0.85)
	case of == 1:
		return r.between(0.26, 0.55)
	case of <= 4 && attempt < 3 && r.chance(0.35):
		return r.between(0.36, 0.5)
	case of <= 4 && attempt < 12:
		return r.between(0.27, 0.36)
	case attempt < 6:
		return r.between(0.2, 0.34)
	}
	return r.between(0.2, 0.24)
}

func (p *plan) isFree(t thing) bool {
	for _, o := range p.things {
		gap := (t.size+o.size)/2 + 0.015
		if math.Abs(t.x-o.x) < gap && math.Abs(t.y-o.y) < gap {
			return false
		}
	}
	return true
}

func (p *plan) addPanels(r *random) {
	for i, c := range r.permutation(len(colourNames))[:4] {
		p.panels[i] = newShade(r, c)
	}
	p.split = [2]float64{r.between(0.46, 0.54), r.between(0.46, 0.54)}
}

func (p *plan) addNumber(r *random) {
	digits := 1 + r.weighted(20, 35, 30, 15)
	low := int(math.Pow10(digits - 1))
	if digits == 1 {
		low = 0
	}
	n := &number{text: strconv.Itoa(low + r.intn(int(math.Pow10(digits))-low))}
	n.shade = p.contrastingShade(r)
	n.font = r.intn(fontCount)
	least := 0.14 + 0.12*float64(digits)
	n.width, n.height = r.between(least, min(0.92, least+0.35)), r.between(0.45, 0.8)
	n.x, n.y = r.float(), r.float()
	if r.chance(0.25) {
		card := jitter(r, colourValues[9], 10)
		if black := jitter(r, colourValues[8], 10); distance(black, n.shade.value) > distance(card, n.shade.value) {
			card = black
		}
		n.card = &card
	}
	p.number = n
}
