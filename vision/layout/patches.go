package layout

import (
	"fmt"
	"math"
)

// MaxAspect is how many times longer than the other one side of a picture may be: the limit of the
// reference processor of patches.
const MaxAspect = 200

// Limits of what a config may ask for, which bound the memory of one texture. The largest published
// area is 1<<24.
const (
	maxPatch  = 64
	maxFrames = 4
	maxMerge  = 8
	maxPixels = 1 << 24
)

// Patches says how a picture is made into patches, as the Qwen2-VL image processor does it, which
// Qwen2.5-VL and Qwen3-VL use too. Sizes, bounds, mean and deviation come from the file. Published
// files leave out what is always the same: do_resize, do_rescale and do_normalize are true,
// rescale_factor is 1/255 and resample is bicubic unless the file says otherwise, as in the class
// that it names.
type Patches struct {
	Side   int // patch_size: pixels
	Frames int // temporal_patch_size: a patch reaches over so many frames, which are all the same for a picture
	Merge  int // merge_size: Merge × Merge patches become one token
	// MinPixels and MaxPixels bound the area of the scaled picture: min_pixels and max_pixels, or
	// the bounds in size.
	MinPixels, MaxPixels int
}

// patchProcessors are the values of image_processor_type that make patches.
func patchProcessors() []string {
	return []string{"Qwen2VLImageProcessor", "Qwen2VLImageProcessorFast"}
}

// fillIn sets what published files leave out.
func (raw *configJSON) fillIn() {
	for _, field := range []**bool{&raw.DoResize, &raw.DoRescale, &raw.DoNormalize} {
		if *field == nil {
			*field = new(true)
		}
	}
	if raw.RescaleFactor == nil {
		raw.RescaleFactor = new(1.0 / 255)
	}
	if raw.Resample == nil {
		raw.Resample = new(int(FilterBicubic))
	}
}

// readPatches reads the geometry of patches.
func readPatches(raw *configJSON, cfg *Config) error {
	if !*raw.DoResize {
		return Refuse("do_resize", "a picture that is not scaled cannot be cut into patches")
	}
	p := &cfg.Patches
	for _, field := range []struct {
		name  string
		value *int
		into  *int
		most  int
	}{
		{"patch_size", raw.PatchSize, &p.Side, maxPatch},
		{"temporal_patch_size", raw.TemporalPatchSize, &p.Frames, maxFrames},
		{"merge_size", raw.MergeSize, &p.Merge, maxMerge},
		{"size.shortest_edge", bound(raw, raw.MinPixels, false), &p.MinPixels, maxPixels},
		{"size.longest_edge", bound(raw, raw.MaxPixels, true), &p.MaxPixels, maxPixels},
	} {
		if field.value == nil {
			return Refuse(field.name, "missing")
		}
		if *field.value < 1 || *field.value > field.most {
			return Refuse(field.name, fmt.Sprintf("%d is outside 1 to %d", *field.value, field.most))
		}
		*field.into = *field.value
	}
	if p.MinPixels > p.MaxPixels {
		return Refuse("size.shortest_edge", fmt.Sprintf("%d is more than the longest edge, %d: both are areas", p.MinPixels, p.MaxPixels))
	}
	return nil
}

// bound is one of the bounds of the area: beside the others in the file, where older versions wrote
// it, or in size under one of two names.
func bound(raw *configJSON, outside *int, upper bool) *int {
	if outside != nil || raw.Size == nil {
		return outside
	}
	edge, pixels := raw.Size.ShortestEdge, raw.Size.MinPixels
	if upper {
		edge, pixels = raw.Size.LongestEdge, raw.Size.MaxPixels
	}
	if edge != nil {
		return edge
	}
	return pixels
}

// Grid counts patches, or the tokens they are merged to: frames, rows, columns.
type Grid struct{ T, H, W int }

// Len is how many there are altogether.
func (g Grid) Len() int { return g.T * g.H * g.W }

// Patched follows the Qwen2-VL image processor: the picture is scaled once, so that both sides hold
// whole cells of Merge × Merge patches and the area keeps within its bounds. Halves are rounded to
// the even number of cells, as the reference does. Errors: *AspectError.
func Patched(cfg *Config, width, height int) (Layout, error) {
	if width < 1 || height < 1 || max(width, height) > MaxAspect*min(width, height) {
		return Layout{}, &AspectError{Width: width, Height: height}
	}
	p := &cfg.Patches
	cell, w, h := float64(p.Side*p.Merge), float64(width), float64(height)
	cols, rows := math.RoundToEven(w/cell), math.RoundToEven(h/cell)
	switch area := cols * rows * cell * cell; {
	case area > float64(p.MaxPixels):
		shrink := math.Sqrt(w * h / float64(p.MaxPixels))
		cols, rows = max(math.Floor(w/shrink/cell), 1), max(math.Floor(h/shrink/cell), 1)
	case area < float64(p.MinPixels):
		grow := math.Sqrt(float64(p.MinPixels) / (w * h))
		cols, rows = math.Ceil(w*grow/cell), math.Ceil(h*grow/cell)
	}
	grid := Grid{T: 1, H: int(rows) * p.Merge, W: int(cols) * p.Merge}
	l := Layout{Images: 1, Grid: grid}
	l.add(Size{Width: grid.W * p.Side, Height: grid.H * p.Side})
	return l, nil
}
