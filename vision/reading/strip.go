package reading

import (
	"image"
	"math"
)

const (
	stripHeight = 48   // pixels, of what the recogniser takes
	stripWide   = 1600 // pixels at most: longer lines are squeezed
	stripLeast  = 16   // pixels, of what is recognised
	sampleMost  = 4    // samples a side for a pixel of a strip that is made smaller
)

// strip is a line of text in a picture: a rectangle around its middle, as wide and high as half and
// rise say, turned by an angle.
type strip struct {
	x, y       float64 // its middle, in pixels of the picture
	half, rise float64 // half its length along the text, and half its height
	cos, sin   float64 // of the direction of the text
}

// upright tells whether the text runs to the right rather than up or down: else nothing says which
// end comes first.
func (s strip) upright() bool { return s.cos > 0.5 }

// turned is the same strip, upside down.
func (s strip) turned() strip {
	s.cos, s.sin = -s.cos, -s.sin
	return s
}

// box is the rectangle around it, within the picture.
func (s strip) box(within image.Rectangle) image.Rectangle {
	w := math.Abs(s.half*s.cos) + math.Abs(s.rise*s.sin)
	h := math.Abs(s.half*s.sin) + math.Abs(s.rise*s.cos)
	return image.Rect(int(s.x-w), int(s.y-h), int(math.Ceil(s.x+w)), int(math.Ceil(s.y+h))).Intersect(within)
}

// pixels are the strip as the recogniser takes it: 3 planes, blue first, from -1 to 1.
func (s strip) pixels(picture *image.RGBA) []float32 {
	width := int(math.Ceil(stripHeight * s.half / max(s.rise, 1)))
	width = min(max(width, stripLeast), stripWide)
	area := width * stripHeight
	out := make([]float32, 3*area)
	scale := 2 * s.rise / stripHeight // pixels of the picture for one of the strip
	many := min(max(int(math.Ceil(scale)), 1), sampleMost)
	for row := range stripHeight {
		for col := range width {
			var sum [3]float64
			for i := range many {
				for k := range many {
					u := (float64(col)+(float64(k)+0.5)/float64(many))/float64(width)*2 - 1
					v := (float64(row)+(float64(i)+0.5)/float64(many))/stripHeight*2 - 1
					sample(picture, s.x+u*s.half*s.cos-v*s.rise*s.sin, s.y+u*s.half*s.sin+v*s.rise*s.cos, &sum)
				}
			}
			at := row*width + col
			for c, value := range sum { // red, green, blue
				out[(2-c)*area+at] = float32(value/float64(many*many)/127.5 - 1)
			}
		}
	}
	return out
}

// sample adds the colour of a place, between pixels in proportion; outside is what stands at the
// edge.
func sample(picture *image.RGBA, x, y float64, sum *[3]float64) {
	r := picture.Rect
	x, y = x-0.5, y-0.5
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := x-x0, y-y0
	clampX := func(x int) int { return min(max(x, 0), r.Dx()-1) }
	clampY := func(y int) int { return min(max(y, 0), r.Dy()-1) }
	left, right := 4*clampX(int(x0)), 4*clampX(int(x0)+1)
	up, down := picture.Stride*clampY(int(y0)), picture.Stride*clampY(int(y0)+1)
	for c := range sum {
		above := float64(picture.Pix[up+left+c])*(1-fx) + float64(picture.Pix[up+right+c])*fx
		below := float64(picture.Pix[down+left+c])*(1-fx) + float64(picture.Pix[down+right+c])*fx
		sum[c] += above*(1-fy) + below*fy
	}
}
