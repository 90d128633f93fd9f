package glance

import (
	"image"
	"math"
)

// Thresholds, chosen on photographs, screens and drawn pictures after VP8: see README.md.
const (
	darkSure  = 38 // of 255: the luma that only a hundredth of the picture exceeds
	darkMaybe = 60

	clippedSure  = 0.55 // share of pixels that are white in all three channels
	clippedMaybe = 0.4
	pageBlur     = 0.32 // sharper than that, and with more change than pageChange, it is a page of text
	pageChange   = 4

	blurSure    = 0.66 // 0 sharp, 1 without any detail
	blurMaybe   = 0.58
	changeLeast = 0.6 // mean difference of neighbours, in luma: below it there is nothing to be sharp

	sureOf = 0.95 // what stands for certain and for not sure; neither was measured as a rate, see README.md
	maybe  = 0.7
)

// sharpSide is the longer side in pixels at which sharpness is measured, and window how many
// neighbours are averaged there.
const (
	sharpSide = 640
	window    = 9
)

// clippedAt is from where on a channel counts as white.
const clippedAt = 250

// measures are what thresholds stand for.
type measures struct {
	high    float64 // luma that a hundredth exceeds
	clipped float64
	change  float64
	blur    float64
}

// measure measures a picture.
func measure(picture *image.RGBA) measures {
	luma, white, w, h := lumas(picture)
	var m measures
	var histogram [256]int
	clipped := 0
	for i, v := range luma {
		histogram[min(int(v), 255)]++
		if white[i] {
			clipped++
		}
	}
	m.clipped = float64(clipped) / float64(len(luma))
	for left, v := len(luma)/100, 255; v >= 0; v-- {
		if left -= histogram[v]; left < 0 {
			m.high = float64(v)
			break
		}
	}
	across, changeX := blur(luma, w, h, 1, w)
	down, changeY := blur(luma, h, w, w, 1)
	m.blur, m.change = max(across, down), (changeX+changeY)/2
	return m
}

// lumas is the brightness of a picture, 0 to 255, made smaller by whole steps to sharpSide, and
// which of its pixels are white.
func lumas(picture *image.RGBA) (luma []float32, white []bool, w, h int) {
	size := picture.Rect.Size()
	step := max((max(size.X, size.Y)+sharpSide-1)/sharpSide, 1)
	w, h = max(size.X/step, 1), max(size.Y/step, 1)
	luma, white = make([]float32, w*h), make([]bool, w*h)
	for y := range h {
		for x := range w {
			var r, g, b, n int
			for dy := range min(step, size.Y-y*step) {
				row := picture.Pix[(y*step+dy)*picture.Stride:]
				for dx := range min(step, size.X-x*step) {
					at := row[4*(x*step+dx):]
					r, g, b, n = r+int(at[0]), g+int(at[1]), b+int(at[2]), n+1
				}
			}
			i := y*w + x
			luma[i] = float32(299*r+587*g+114*b) / float32(1000*n)
			white[i] = min(r, g, b) >= clippedAt*n
		}
	}
	return luma, white, w, h
}

// blur is how little a picture loses by being blurred along one axis, 0 to 1, after Crété and
// others (The blur effect, 2007): what is sharp loses most of its change, what is blurred has
// little to lose. n is how many values stand along the axis, step from one to the next; lines and
// pitch are those across it. change is the mean difference of neighbours.
func blur(luma []float32, n, lines, step, pitch int) (blurred, change float64) {
	if n <= window {
		return 0, 0
	}
	var before, lost float64
	smooth := make([]float64, n)
	for line := range lines {
		at := luma[line*pitch:]
		var sum float64
		for i := range n + window/2 {
			if i < n {
				sum += float64(at[i*step])
			}
			if i >= window {
				sum -= float64(at[(i-window)*step])
			}
			if k := i - window/2; k >= 0 {
				smooth[k] = sum / float64(min(i+1, n)-max(i+1-window, 0))
			}
		}
		for i := 1; i < n; i++ {
			d := math.Abs(float64(at[i*step]) - float64(at[(i-1)*step]))
			before += d
			lost += max(0, d-math.Abs(smooth[i]-smooth[i-1]))
		}
	}
	if before == 0 {
		return 0, 0
	}
	return 1 - lost/before, before / float64(lines*(n-1))
}
