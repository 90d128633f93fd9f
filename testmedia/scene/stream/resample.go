package stream

import (
	"image"
	"math"
)

// kernel is a symmetric filter that is zero beyond its radius.
type kernel struct {
	radius float64
	weight func(x float64) float64
}

var (
	boxKernel      = kernel{0.5, func(float64) float64 { return 1 }}
	triangleKernel = kernel{1, func(x float64) float64 { return 1 - math.Abs(x) }}
	lanczosKernel  = kernel{3, func(x float64) float64 { return sinc(x) * sinc(x/3) }}
)

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// taps are the source pixels of one output pixel. Weights of pixels outside the source are dropped:
// outside is black.
type taps struct {
	first   int
	weights []float32
}

// newTaps maps size output pixels onto the source's part from start to end, in pixels; blur widens
// the filter.
func newTaps(k kernel, source, size int, start, end, blur float64) []taps {
	step := (end - start) / float64(size)
	width := max(step, 1) * blur
	all := make([]taps, size)
	for i := range all {
		middle := start + (float64(i)+0.5)*step
		low, high := int(math.Ceil(middle-k.radius*width-0.5)), int(math.Floor(middle+k.radius*width-0.5))
		var sum float64
		t := taps{first: min(max(low, 0), source-1)}
		for at := low; at <= high; at++ {
			w := k.weight((float64(at) + 0.5 - middle) / width)
			sum += w
			if at >= 0 && at < source {
				t.weights = append(t.weights, float32(w))
			}
		}
		for j := range t.weights {
			t.weights[j] /= float32(sum)
		}
		all[i] = t
	}
	return all
}

// plane is a picture of interleaved red, green and blue, 0 to 255, not clipped.
type plane []float32

// resample scales the window of a picture to a square.
func resample(m *image.RGBA, side int, w window, k kernel, blur float64) plane {
	sw, sh := m.Rect.Dx(), m.Rect.Dy()
	across := newTaps(k, sw, side, w.x0*float64(sw), w.x1*float64(sw), blur)
	down := newTaps(k, sh, side, w.y0*float64(sh), w.y1*float64(sh), blur)
	middle := make(plane, sh*side*3)
	for y := range sh {
		row := m.Pix[y*m.Stride:]
		for x, t := range across {
			var r, g, b float32
			p := row[4*t.first:]
			for i, w := range t.weights {
				r += w * float32(p[4*i])
				g += w * float32(p[4*i+1])
				b += w * float32(p[4*i+2])
			}
			o := (y*side + x) * 3
			middle[o], middle[o+1], middle[o+2] = r, g, b
		}
	}
	out := make(plane, side*side*3)
	for y, t := range down {
		to := out[y*side*3 : (y+1)*side*3]
		for i, w := range t.weights {
			from := middle[(t.first+i)*side*3:]
			for x := range to {
				to[x] += w * from[x]
			}
		}
	}
	return out
}
