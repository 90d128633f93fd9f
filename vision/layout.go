package vision

import "math"

// layout is what becomes of a picture of one size: the sizes it is scaled to and the tiles that are cut.
type layout struct {
	steps      [3]size // sizes to scale to in turn; the last one of the first stepCount is cut into tiles
	stepCount  int
	rows, cols int  // tiles of the last step; 0 × 0 where the picture is one square
	images     int  // tiles plus the global picture
	global     bool // scale the last step to one tile and append it
}

type size struct{ width, height int }

// plan follows the Idefics3 image processor. With splitting: the longest edge first, then both sides up to a multiple
// of the tile, then tiles row by row and the global picture last; a picture of a single tile is not split. Without
// splitting: one square, for which FidelityReference also goes through the longest edge and FidelityLive does not:
// that step only blurs a picture that ends up square anyway.
func plan(cfg *Config, splitting bool, fidelity Fidelity, width, height int) layout {
	current := size{width, height}
	var l layout
	if cfg.LongestEdge > 0 && (splitting || fidelity == FidelityReference) {
		current = longestEdge(current, cfg.LongestEdge)
		l.add(current)
	}
	if !splitting {
		l.add(size{cfg.Tile, cfg.Tile})
		l.images = 1
		return l
	}
	current = multipleOf(current, cfg.Tile)
	l.add(current)
	l.images = 1
	if current.width > cfg.Tile || current.height > cfg.Tile {
		l.rows, l.cols = current.height/cfg.Tile, current.width/cfg.Tile
		l.images = l.rows*l.cols + 1
		l.global = true
	}
	return l
}

func (l *layout) add(s size) {
	l.steps[l.stepCount] = s
	l.stepCount++
}

// longestEdge scales the longer side to edge and keeps the aspect ratio; an odd shorter side gains one pixel.
func longestEdge(s size, edge int) size {
	ratio := float64(s.width) / float64(s.height)
	if s.width >= s.height {
		return size{edge, max(even(int(float64(edge)/ratio)), 1)}
	}
	return size{max(even(int(float64(edge)*ratio)), 1), edge}
}

func even(n int) int { return n + n%2 }

// multipleOf rounds the longer side up to a multiple of tile, scales the shorter side with it and rounds that up too.
func multipleOf(s size, tile int) size {
	ratio := float64(s.width) / float64(s.height)
	up := func(n float64) int { return int(math.Ceil(n/float64(tile))) * tile }
	if s.width >= s.height {
		width := up(float64(s.width))
		return size{width, max(up(math.Trunc(float64(width)/ratio)), tile)}
	}
	height := up(float64(s.height))
	return size{max(up(math.Trunc(float64(height)*ratio)), tile), height}
}
