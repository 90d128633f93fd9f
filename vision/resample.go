package vision

import "github.com/sensory-agent/sensory-agent/vision/layout"

// raster is an interleaved 8-bit RGB picture, rows without padding.
type raster struct {
	width, height int
	spanX, spanY  float64 // how much of it is picture: all, or less where a shrunk frame was padded at its far edges
	pix           []byte
}

// resize sets the size and makes room; the content is undefined afterwards.
func (r *raster) resize(width, height int) {
	r.width, r.height = width, height
	r.spanX, r.spanY = float64(width), float64(height)
	r.pix = grow(r.pix, width*height*3)
}

// row returns row y.
func (r *raster) row(y int) []byte {
	return r.pix[y*r.width*3 : (y+1)*r.width*3]
}

// axisSlots bounds the remembered weights of a resampler: two steps of two axes each, for two
// picture sizes.
const axisSlots = 8

// resampler scales rasters and keeps its weights and its intermediate picture. It belongs to one
// goroutine at a time.
type resampler struct {
	axes [axisSlots]layout.Axis
	next int
	half raster
}

// axis returns the weights for the first span of in pixels scaled to out pixels, computed once per
// pair of sizes.
func (s *resampler) axis(filter Filter, in int, span float64, out int) *layout.Axis {
	for i := range s.axes {
		if s.axes[i].Fits(filter, in, span, out) {
			return &s.axes[i]
		}
	}
	slot := &s.axes[s.next]
	s.next = (s.next + 1) % axisSlots
	slot.Compute(filter, in, span, out)
	return slot
}

// scale writes src, scaled to width × height, into dst. Columns are scaled first and rounded to 8
// bits, then rows; an axis that keeps its size is not filtered. src and dst must differ.
func (s *resampler) scale(dst, src *raster, width, height int, filter Filter) {
	dst.resize(width, height)
	columns := src.width != width || src.spanX != float64(width)
	rows := src.height != height || src.spanY != float64(height)
	switch {
	case filter == FilterNearest:
		nearest(dst, src)
	case !columns && !rows:
		copy(dst.pix, src.pix)
	case !rows:
		scaleColumns(dst, src, s.axis(filter, src.width, src.spanX, width))
	case !columns:
		scaleRows(dst, src, s.axis(filter, src.height, src.spanY, height))
	default:
		s.half.resize(width, src.height)
		scaleColumns(&s.half, src, s.axis(filter, src.width, src.spanX, width))
		scaleRows(dst, &s.half, s.axis(filter, src.height, src.spanY, height))
	}
}

// nearest picks the source pixel under the centre of each target pixel. Positions are summed up, as
// the reference does: with ratios such as 2/3 a centre falls on an edge between pixels, and the
// last bit of the sum decides.
func nearest(dst, src *raster) {
	stepX, stepY := float64(src.width)/float64(dst.width), float64(src.height)/float64(dst.height)
	atY := stepY * 0.5
	for y := range dst.height {
		from, to := src.row(min(int(atY), src.height-1)), dst.row(y)
		atX := stepX * 0.5
		for x := range dst.width {
			at := min(int(atX), src.width-1) * 3
			copy(to[x*3:x*3+3], from[at:at+3])
			atX += stepX
		}
		atY += stepY
	}
}

// half of one unit in the last place, so that the shift rounds.
const weightHalf = 1 << (layout.WeightBits - 1)

func scaleColumns(dst, src *raster, a *layout.Axis) {
	for y := range dst.height {
		from, to := src.row(y), dst.row(y)
		for x := range a.Out {
			weights := a.Weights[x*a.Taps : x*a.Taps+int(a.Count[x])]
			line := from[int(a.First[x])*3:]
			line = line[:len(weights)*3]
			red, green, blue := int32(weightHalf), int32(weightHalf), int32(weightHalf)
			for i, weight := range weights {
				p := line[i*3 : i*3+3 : i*3+3]
				red += int32(p[0]) * weight
				green += int32(p[1]) * weight
				blue += int32(p[2]) * weight
			}
			out := to[x*3 : x*3+3 : x*3+3]
			out[0], out[1], out[2] = clip(red), clip(green), clip(blue)
		}
	}
}

// rowBlock is how many values of a row are summed at a time: small enough for the sums to stay in
// the first cache.
const rowBlock = 1024

func scaleRows(dst, src *raster, a *layout.Axis) {
	var sums [rowBlock]int32
	for y := range a.Out {
		weights := a.Weights[y*a.Taps : y*a.Taps+int(a.Count[y])]
		to := dst.row(y)
		for start := 0; start < len(to); start += rowBlock {
			block := to[start:min(start+rowBlock, len(to))]
			acc := sums[:len(block)]
			for i := range acc {
				acc[i] = weightHalf
			}
			for j, weight := range weights {
				from := src.row(int(a.First[y]) + j)[start:]
				from = from[:len(acc)]
				for i, value := range from {
					acc[i] += int32(value) * weight
				}
			}
			for i, sum := range acc {
				block[i] = clip(sum)
			}
		}
	}
}

func clip(sum int32) byte {
	return byte(min(max(sum>>layout.WeightBits, 0), 255))
}
