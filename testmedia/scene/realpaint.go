package scene

import (
	"image"
	"math"
)

// realSorts are the real pictures that can be made without having one.
var realSorts = [...]string{"black", "covered", "noise", "blur", "texture", "wall"}

// RealSorts names the sorts of real pictures that Draw makes: a camera that is off, a covered lens,
// noise, something out of focus, a texture, a wall with light on it. The slice is the caller's.
func RealSorts() []string { return append([]string(nil), realSorts[:]...) }

// light is what falls onto a sensor, in steps of 255 by channel.
type light struct {
	base     [3]float64
	layers   []layer
	vignette float64 // how much darker a corner is, 0 to 1
	grain    float64 // standard deviation of the sensor's noise, the same in all channels
	speckle  float64 // and of its noise by channel
	block    int     // pixels per side that share their noise
}

// layer is smooth noise: random values on a lattice, interpolated.
type layer struct {
	across, down int
	values       [][3]float64
}

// newLayer draws values of this spread; tint is how much the channels differ, 0 to 1.
func newLayer(r *random, across, down int, spread, tint float64) layer {
	l := layer{across: across, down: down, values: make([][3]float64, across*down)}
	for i := range l.values {
		shared := r.normal()
		for c := range 3 {
			l.values[i][c] = spread * ((1-tint)*shared + tint*r.normal())
		}
	}
	return l
}

// paintReal paints a real picture and returns its sort.
func paintReal(m *image.RGBA, r *random) string {
	sort := pick(r, realSorts[:])
	newLight(r, sort).paint(m, r)
	return sort
}

func newLight(r *random, sort string) light {
	gray := func(low, high float64) [3]float64 {
		v := r.between(low, high)
		return [3]float64{v, v * r.between(0.75, 1.2), v * r.between(0.6, 1.25)}
	}
	switch sort {
	case "black":
		v := r.between(0, 3)
		return light{base: [3]float64{v, v, v}, grain: r.between(0, 1.2), block: 1}
	case "covered":
		l := light{vignette: r.between(0.2, 0.8), grain: r.between(1.5, 9), speckle: r.between(0.5, 5), block: 1 + r.intn(3)}
		v := r.between(14, 75)
		l.base = [3]float64{v, v * r.between(0.3, 0.95), v * r.between(0.25, 0.95)}
		l.layers = []layer{newLayer(r, 2, 2, v*0.3, 0.2), newLayer(r, 3, 3, v*0.15, 0.2)}
		return l
	case "noise":
		return light{
			base: gray(60, 190), grain: r.between(0, 80), speckle: r.between(35, 100), block: 1 + r.intn(7),
			layers: []layer{newLayer(r, 3, 3, r.between(0, 25), 0.5)},
		}
	case "blur":
		n := 3 + r.intn(5)
		return light{
			base: gray(70, 180), grain: r.between(0, 6), block: 1 + r.intn(2), vignette: r.between(0, 0.3),
			layers: []layer{newLayer(r, n, n, r.between(35, 70), r.between(0.3, 0.9)), newLayer(r, 2*n, 2*n, r.between(8, 25), 0.5)},
		}
	case "texture":
		return texture(r, gray(60, 200))
	}
	return light{ // a wall
		base: gray(90, 225), grain: r.between(1, 5), speckle: r.between(0, 3), block: 1 + r.intn(2), vignette: r.between(0.15, 0.45),
		layers: []layer{newLayer(r, 2, 2, r.between(14, 35), 0.2), newLayer(r, 5, 5, r.between(2, 8), 0.2)},
	}
}

// texture is noise at several scales at once, longer one way than the other as wood and cloth are.
func texture(r *random, base [3]float64) light {
	l := light{base: base, grain: r.between(2, 12), block: 1, vignette: r.between(0, 0.3)}
	longer := r.between(1, 5)
	if r.chance(0.5) {
		longer = 1 / longer
	}
	spread, fade := r.between(14, 32), r.between(0.65, 1)
	for n := 6.0; n < 150; n *= 2 {
		side := math.Sqrt(longer)
		l.layers = append(l.layers, newLayer(r, max(2, int(n*side)), max(2, int(n/side)), spread, 0.15))
		spread *= fade
	}
	return l
}

// paint fills the picture. Blocks of noise are of a picture 480 pixels high, and grow with it.
func (l light) paint(m *image.RGBA, r *random) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	block := max(1, l.block*h/480)
	noise := make([][3]float64, (w+block-1)/block)
	for y := range h {
		if y%block == 0 {
			l.sense(noise, r)
		}
		row := m.Pix[y*m.Stride:]
		v := 2*(float64(y)+0.5)/float64(h) - 1
		for x := range w {
			u := 2*(float64(x)+0.5)/float64(w) - 1
			shade := 1 - l.vignette*(u*u+v*v)/2
			lit := l.at(x, y, w, h)
			for c := range 3 {
				row[4*x+c] = uint8(min(255, max(0, lit[c]*shade+noise[x/block][c]+0.5)))
			}
			row[4*x+3] = 255
		}
	}
}

// sense draws the noise of one row of blocks.
func (l light) sense(row [][3]float64, r *random) {
	for i := range row {
		shared := 0.0
		if l.grain > 0 {
			shared = l.grain * r.normal()
		}
		for c := range 3 {
			row[i][c] = shared
			if l.speckle > 0 {
				row[i][c] += l.speckle * r.normal()
			}
		}
	}
}

// at is the light at a pixel.
func (l light) at(x, y, w, h int) [3]float64 {
	sum := l.base
	for _, n := range l.layers {
		x0, x1, fx := latticeAt(x, w, n.across)
		y0, y1, fy := latticeAt(y, h, n.down)
		u, v := float64(fx)/256, float64(fy)/256
		a, b := &n.values[y0*n.across+x0], &n.values[y0*n.across+x1]
		c, d := &n.values[y1*n.across+x0], &n.values[y1*n.across+x1]
		for k := range 3 {
			sum[k] += (a[k]*(1-u)+b[k]*u)*(1-v) + (c[k]*(1-u)+d[k]*u)*v
		}
	}
	return sum
}
