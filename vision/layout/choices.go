package layout

import (
	"math"
	"slices"
)

// Choices are the numbers of squares that the processor may make of a picture, ascending, one
// first: what its own setting for the longest edge comes to at each multiple of a square, and
// pictures that are not split. Of patches they are areas from the least to the most that the
// processor allows, each twice the one before, counted in patches. Each is a bound for
// [Config.Within].
func (c *Config) Choices() []int {
	if c.Patches.Side > 0 {
		return c.Patches.choices()
	}
	all := []int{1}
	if c.Splitting && c.LongestEdge > 0 {
		for long := 2; long <= c.longest(); long++ {
			for short := 1; short <= long; short++ {
				all = append(all, long*short+1)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// longest is how many squares the longer side of a picture has at most.
func (c *Config) longest() int { return (c.LongestEdge + c.Tile - 1) / c.Tile }

// choices are areas in patches. One cell of Merge × Merge is the least there is.
func (p *Patches) choices() []int {
	area, cell := p.Side*p.Side, p.Merge*p.Merge
	least, most := max((p.MinPixels+area-1)/area, cell), p.MaxPixels/area
	var all []int
	for n := least; n < most; n *= 2 {
		all = append(all, n)
	}
	return append(all, max(most, least))
}

// Within is the config for pictures of at most so many squares or patches, one of Choices; 0 or
// less is the processor's own bound.
func (c Config) Within(most int) Config {
	c.Most = max(most, 0)
	if p := &c.Patches; p.Side > 0 && c.Most > 0 {
		p.MaxPixels = max(min(p.MaxPixels, c.Most*p.Side*p.Side), p.MinPixels)
	}
	return c
}

// Example is a size of pictures that come to the most that Within allows: so many squares, or about
// so many patches.
func (c *Config) Example() Size {
	if p := &c.Patches; p.Side > 0 {
		side := int(math.Sqrt(float64(p.MaxPixels)))
		return Size{side, side}
	}
	best := Size{c.Tile, c.Tile}
	if !c.Splitting || c.LongestEdge == 0 {
		return best
	}
	images := 1
	for long := 2; long <= c.longest(); long++ {
		for short := 1; short <= long; short++ {
			if n := long*short + 1; n > images && (c.Most == 0 || n <= c.Most) {
				images, best = n, Size{long * c.Tile, short * c.Tile}
			}
		}
	}
	return best
}

// UsefulSide is the longer side, in pixels, of the largest picture of 16:9 of which everything is
// used: what a larger one has more is lost when it is shrunk.
func (c *Config) UsefulSide(splitting bool) int {
	const width, height = 1920, 1080
	if p := &c.Patches; p.Side > 0 { // their bound is an area
		return int(math.Sqrt(float64(p.MaxPixels) * width / height))
	}
	if !splitting {
		return c.Tile
	}
	l := Of(c, true, true, width, height)
	if l.Rows == 0 {
		return c.Tile
	}
	return min(l.Cols*c.Tile, c.LongestEdge)
}

// within is Of for a picture that is split, at the longest edge of the processor that makes no more
// squares than c.Most. Where none does it is one square.
func (c *Config) within(exact bool, s Size) Layout {
	for edge := c.LongestEdge; ; {
		if l := c.split(edge, s); c.Most == 0 || l.Images <= c.Most {
			return l
		}
		if edge = (edge - 1) / c.Tile * c.Tile; edge <= c.Tile {
			return Of(c, false, exact, s.Width, s.Height)
		}
	}
}

// split cuts a picture into tiles, with another longest edge than the config's.
func (c *Config) split(edge int, s Size) Layout {
	var l Layout
	if edge > 0 {
		s = longestEdge(s, edge)
		l.add(s)
	}
	s = multipleOf(s, c.Tile)
	l.add(s)
	l.Images = 1
	if s.Width > c.Tile || s.Height > c.Tile {
		l.Rows, l.Cols = s.Height/c.Tile, s.Width/c.Tile
		l.Images = l.Rows*l.Cols + 1
		l.Global = true
	}
	return l
}
