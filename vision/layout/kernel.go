package layout

import "math"

// Filter is a resampling filter, numbered as the field resample of preprocessor_config.json numbers
// it.
type Filter int

// The filters of the reference processor (Pillow's numbering).
const (
	FilterNearest  Filter = 0
	FilterLanczos  Filter = 1
	FilterBilinear Filter = 2
	FilterBicubic  Filter = 3
	FilterBox      Filter = 4
	FilterHamming  Filter = 5
)

func (f Filter) valid() bool { return f >= FilterNearest && f <= FilterHamming }

// String returns the filter's usual name.
func (f Filter) String() string {
	switch f {
	case FilterNearest:
		return "nearest"
	case FilterLanczos:
		return "lanczos"
	case FilterBilinear:
		return "bilinear"
	case FilterBicubic:
		return "bicubic"
	case FilterBox:
		return "box"
	case FilterHamming:
		return "hamming"
	default:
		return "unknown"
	}
}

// support returns the radius of the filter in source pixels at scale 1.
func (f Filter) support() float64 {
	switch f {
	case FilterLanczos:
		return 3
	case FilterBicubic:
		return 2
	case FilterBilinear, FilterHamming:
		return 1
	default:
		return 0.5
	}
}

// weight evaluates the filter at distance x from the centre.
func (f Filter) weight(x float64) float64 {
	switch f {
	case FilterLanczos:
		if x < -3 || x >= 3 {
			return 0
		}
		return sinc(x) * sinc(x/3)
	case FilterBilinear:
		return max(1-math.Abs(x), 0)
	case FilterBicubic:
		return cubic(math.Abs(x))
	case FilterHamming:
		x = math.Abs(x)
		if x >= 1 {
			return 0
		}
		return sinc(x) * (0.54 + 0.46*math.Cos(math.Pi*x))
	default:
		if x > -0.5 && x <= 0.5 {
			return 1
		}
		return 0
	}
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// cubic is Keys' kernel with a = -0.5.
func cubic(x float64) float64 {
	const a = -0.5
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	default:
		return 0
	}
}

// WeightBits is the fixed-point precision of the weights: 32 bits less 8 for the pixel and 2 for
// sum and sign.
const WeightBits = 32 - 8 - 2

// Axis holds the weights that take a line of in pixels to a line of out pixels.
type Axis struct {
	filter  Filter
	in      int
	Out     int     // pixels of the scaled line
	span    float64 // how much of the line is picture, in pixels: in, or less where a shrunk line was padded
	Taps    int     // room for the weights of one output pixel
	First   []int32 // per output pixel: the first source pixel
	Count   []int32 // per output pixel: how many source pixels
	Weights []int32 // Out × Taps, fixed point with WeightBits
}

// Fits reports whether the axis was computed for these sizes.
func (a *Axis) Fits(filter Filter, in int, span float64, out int) bool {
	return a.filter == filter && a.in == in && a.span == span && a.Out == out && len(a.First) == out
}

// Compute fills the axis for the first span of in pixels scaled to out pixels. When the line
// shrinks the filter widens with it.
func (a *Axis) Compute(filter Filter, in int, span float64, out int) {
	scale := span / float64(out)
	stretch := max(scale, 1)
	support := filter.support() * stretch
	a.filter, a.in, a.span, a.Out = filter, in, span, out
	a.Taps = int(math.Ceil(support))*2 + 1
	a.First, a.Count = grow(a.First, out), grow(a.Count, out)
	a.Weights = grow(a.Weights, out*a.Taps)
	raw := make([]float64, a.Taps)
	for i := range out {
		centre := (float64(i) + 0.5) * scale
		first := max(int(centre-support+0.5), 0)
		count := min(int(centre+support+0.5), in) - first
		var sum float64
		for j := range count {
			raw[j] = filter.weight((float64(j+first) - centre + 0.5) / stretch)
			sum += raw[j]
		}
		a.First[i], a.Count[i] = int32(first), int32(count)
		weights := a.Weights[i*a.Taps : (i+1)*a.Taps]
		for j := range count {
			weights[j] = fixed(raw[j], sum)
		}
	}
}

func fixed(weight, sum float64) int32 {
	if sum != 0 {
		weight /= sum
	}
	return int32(math.Round(weight * (1 << WeightBits)))
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
