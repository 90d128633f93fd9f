package reading

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// How the detector is used, as PaddleOCR's own pipeline does it.
const (
	findSide   = 960 // pixels, of the longer side at most
	findLeast  = 320 // pixels, of the shorter side: small pictures are made larger
	findStep   = 32  // sides are multiples of it
	likely     = 0.2 // a pixel that is text at least so likely belongs to a line
	lineLikely = 0.4 // mean of a line's pixels at least
	lineLeast  = 3   // pixels of its height, of the detector's
	unclip     = 1.4 // how much larger a line is than what is found: the detector is trained on the inner part
)

// mean and deviation of channels B, G, R as the detector was trained: those of ImageNet, in the
// order that PaddleOCR applies them in.
func means() [3]float32      { return [3]float32{0.485, 0.456, 0.406} }
func deviations() [3]float32 { return [3]float32{0.229, 0.224, 0.225} }

// strips finds the lines of a picture, the likeliest ones.
func (r *Reader) strips(ctx context.Context, picture *image.RGBA) ([]strip, error) {
	width, height := findSize(picture.Rect.Dx(), picture.Rect.Dy())
	out, err := run(ctx, r.find, []int64{1, 3, int64(height), int64(width)}, planes(picture, width, height))
	if err != nil {
		return nil, fmt.Errorf("detector: %w", err)
	}
	defer func() { _ = out.Close() }()
	data := out.Float32s()
	if len(data) != width*height {
		return nil, fmt.Errorf("%w: the detector gave %v for %d×%d pixels", ErrModel, out.Shape(), width, height)
	}
	found := regions(data, width, height)
	slices.SortStableFunc(found, func(a, b region) int { return cmp.Compare(b.weight, a.weight) })
	found = found[:min(len(found), linesMost)]
	fx, fy := float64(picture.Rect.Dx())/float64(width), float64(picture.Rect.Dy())/float64(height)
	strips := make([]strip, 0, len(found))
	for i := range found {
		strips = append(strips, found[i].strip(width, fx, fy))
	}
	return strips, nil
}

// findSize is the size in which lines are looked for.
func findSize(width, height int) (int, int) {
	scale := min(1, findSide/float64(max(width, height)))
	if short := float64(min(width, height)) * scale; short < findLeast {
		scale = min(scale*findLeast/short, findSide/float64(max(width, height)))
	}
	side := func(n int) int { return max(int(math.Round(float64(n)*scale/findStep)), 1) * findStep }
	return side(width), side(height)
}

// planes are a picture as the detector takes it: 3 planes, blue first.
func planes(picture *image.RGBA, width, height int) []float32 {
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.ApproxBiLinear.Scale(small, small.Rect, picture, picture.Rect, draw.Src, nil)
	area := width * height
	out := make([]float32, 3*area)
	mean, deviation := means(), deviations()
	for i := range area {
		for c := range 3 {
			out[c*area+i] = (float32(small.Pix[4*i+2-c])/255 - mean[c]) / deviation[c]
		}
	}
	return out
}

// region are pixels that hang together.
type region struct {
	pixels []int
	weight float64 // the sum of their probabilities
}

// regions are the parts of a map that are text.
func regions(data []float32, width, height int) []region {
	seen := make([]bool, len(data))
	var out []region
	var todo []int
	for start := range data {
		if seen[start] || data[start] < likely {
			continue
		}
		var g region
		seen[start] = true
		for todo = append(todo[:0], start); len(todo) > 0; {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			g.pixels = append(g.pixels, at)
			g.weight += float64(data[at])
			x, y := at%width, at/width
			for ny := max(y-1, 0); ny <= min(y+1, height-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, width-1); nx++ {
					if next := ny*width + nx; !seen[next] && data[next] >= likely {
						seen[next] = true
						todo = append(todo, next)
					}
				}
			}
		}
		if len(g.pixels) >= lineLeast*lineLeast && g.weight/float64(len(g.pixels)) >= lineLikely {
			out = append(out, g)
		}
	}
	return out
}

// strip is the line of a region, in pixels of the picture: along the direction in which its pixels
// spread most.
func (g *region) strip(width int, fx, fy float64) strip {
	n := float64(len(g.pixels))
	var mx, my, xx, yy, xy float64
	at := func(i int) (x, y float64) { return (float64(i%width) + 0.5) * fx, (float64(i/width) + 0.5) * fy }
	for _, i := range g.pixels {
		x, y := at(i)
		mx, my = mx+x/n, my+y/n
	}
	for _, i := range g.pixels {
		x, y := at(i)
		xx, yy, xy = xx+(x-mx)*(x-mx), yy+(y-my)*(y-my), xy+(x-mx)*(y-my)
	}
	angle := 0.5 * math.Atan2(2*xy, xx-yy)
	spread := math.Hypot(xx-yy, 2*xy) / max(xx+yy, 1e-9) // 0: as wide as high, 1: a line
	if spread < 0.5 || math.Abs(angle) < 2*math.Pi/180 {
		angle = 0 // one or two characters say nothing of their direction
	}
	s := strip{cos: math.Cos(angle), sin: math.Sin(angle)}
	least, most := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, i := range g.pixels {
		x, y := at(i)
		along := [2]float64{x*s.cos + y*s.sin, y*s.cos - x*s.sin}
		for k := range along {
			least[k], most[k] = min(least[k], along[k]), max(most[k], along[k])
		}
	}
	u, v := (least[0]+most[0])/2, (least[1]+most[1])/2
	s.x, s.y = u*s.cos-v*s.sin, u*s.sin+v*s.cos
	s.half, s.rise = (most[0]-least[0]+fx)/2, (most[1]-least[1]+fy)/2
	grow := unclip * s.half * s.rise / (s.half + s.rise) // the area by the outline, as PaddleOCR grows it
	s.half, s.rise = s.half+grow, s.rise+grow
	return s
}
