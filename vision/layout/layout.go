package layout

import "math"

// Layout is what becomes of a picture of one size: the sizes it is scaled to and the tiles that are
// cut.
type Layout struct {
	Steps      [3]Size // sizes to scale to in turn; the last one of the first StepCount is cut into tiles
	StepCount  int
	Rows, Cols int  // tiles of the last step; 0 × 0 where the picture is one square
	Images     int  // tiles plus the global picture
	Global     bool // scale the last step to one tile and append it
	Grid       Grid // of patches; zero where the picture is made into tiles
}

// Size is in pixels.
type Size struct{ Width, Height int }

// Of follows the Idefics3 image processor. With splitting: the longest edge first, then both sides
// up to a multiple of the tile, then tiles row by row and the global picture last; a picture of a
// single tile is not split. Where cfg bounds the squares, the longest edge is the largest of the
// processor's own that keeps the bound; see [Config.Choices]. Without splitting: one square, for
// which the reference also goes through the longest edge; where exact is false that step is left
// out: it only blurs a picture that ends up square anyway.
func Of(cfg *Config, splitting, exact bool, width, height int) Layout {
	current := Size{width, height}
	if splitting {
		return cfg.within(exact, current)
	}
	var l Layout
	if cfg.LongestEdge > 0 && exact {
		l.add(longestEdge(current, cfg.LongestEdge))
	}
	l.add(Size{cfg.Tile, cfg.Tile})
	l.Images = 1
	return l
}

func (l *Layout) add(s Size) {
	l.Steps[l.StepCount] = s
	l.StepCount++
}

// longestEdge scales the longer side to edge and keeps the aspect ratio; an odd shorter side gains
// one pixel.
func longestEdge(s Size, edge int) Size {
	ratio := float64(s.Width) / float64(s.Height)
	if s.Width >= s.Height {
		return Size{edge, max(even(int(float64(edge)/ratio)), 1)}
	}
	return Size{max(even(int(float64(edge)*ratio)), 1), edge}
}

func even(n int) int { return n + n%2 }

// multipleOf rounds the longer side up to a multiple of tile, scales the shorter side with it and
// rounds that up too.
func multipleOf(s Size, tile int) Size {
	ratio := float64(s.Width) / float64(s.Height)
	up := func(n float64) int { return int(math.Ceil(n/float64(tile))) * tile }
	if s.Width >= s.Height {
		width := up(float64(s.Width))
		return Size{width, max(up(math.Trunc(float64(width)/ratio)), tile)}
	}
	height := up(float64(s.Height))
	return Size{max(up(math.Trunc(float64(height)*ratio)), tile), height}
}
