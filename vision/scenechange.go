package vision

import "github.com/sensory-agent/sensory-agent/media"

// The thumbnail that SceneChange looks at: cells of the luma plane, each the mean of at most
// cellSamples × cellSamples pixels. Cells are relative to the picture, so a change of the layer's
// size alone changes nothing.
const (
	cellCols, cellRows = 32, 18
	cellSamples        = 8
	cellCount          = cellCols * cellRows
)

// Defaults of SceneChangeConfig. Camera noise and video coding move the mean of a cell by a few
// levels; an object of a fifth of the picture's height covers two to three cells of a hundred.
const (
	defaultCellLevels = 20
	defaultFraction   = 0.02
)

// SceneChangeConfig sets how much must differ. Zero fields take the defaults 20 and 0.02.
type SceneChangeConfig struct {
	// CellLevels is by how many of 255 luma levels a cell must differ to count.
	CellLevels int
	// Fraction of all cells that must count for the scene to have changed.
	Fraction float64
}

// Change is how a frame differs from the reference.
type Change struct {
	// Changed is true when Fraction reaches the configured one, and for the very first frame.
	Changed bool
	// Fraction of the cells that differ, 0 to 1.
	Fraction float64
	// Mean absolute difference over all cells in luma levels.
	Mean float64
}

// SceneChange compares frames with the last one that was taken, by a thumbnail of their luma. It
// reads at most 36,864 pixels of a frame of any size and allocates nothing. A change of colour at
// equal brightness is not seen; the interval of the Sampler catches it. One goroutine uses it, for
// one track.
type SceneChange struct {
	levels   int
	fraction float64

	known     bool
	seen      bool
	current   [cellCount]uint8
	reference [cellCount]uint8
}

// NewSceneChange returns a detector without a reference.
func NewSceneChange(cfg SceneChangeConfig) *SceneChange {
	if cfg.CellLevels <= 0 {
		cfg.CellLevels = defaultCellLevels
	}
	if cfg.Fraction <= 0 {
		cfg.Fraction = defaultFraction
	}
	return &SceneChange{levels: cfg.CellLevels, fraction: cfg.Fraction}
}

// Observe compares a frame with the reference. The frame is only read, and only during the call.
// Errors: ErrPictureSize, ErrPicture.
func (c *SceneChange) Observe(f *media.I420) (Change, error) {
	if err := checkFrame(f); err != nil {
		return Change{}, err
	}
	c.thumbnail(f)
	c.seen = true
	if !c.known {
		return Change{Changed: true, Fraction: 1}, nil
	}
	differing, sum := 0, 0
	for i, level := range c.current {
		diff := int(level) - int(c.reference[i])
		if diff < 0 {
			diff = -diff
		}
		sum += diff
		if diff >= c.levels {
			differing++
		}
	}
	fraction := float64(differing) / cellCount
	return Change{Changed: fraction >= c.fraction, Fraction: fraction, Mean: float64(sum) / cellCount}, nil
}

// Accept makes the frame observed last the reference: call it when that frame was taken.
func (c *SceneChange) Accept() {
	if c.seen {
		c.reference, c.known = c.current, true
	}
}

func (c *SceneChange) thumbnail(f *media.I420) {
	for row := range cellRows {
		top, bottom := cell(row, cellRows, f.Height)
		for col := range cellCols {
			left, right := cell(col, cellCols, f.Width)
			c.current[row*cellCols+col] = mean(f, left, right, top, bottom)
		}
	}
}

// cell returns the pixels of cell i of n on a line, at least one.
func cell(i, n, pixels int) (from, to int) {
	from = i * pixels / n
	return from, max((i+1)*pixels/n, from+1)
}

func mean(f *media.I420, left, right, top, bottom int) uint8 {
	stepX := (right - left + cellSamples - 1) / cellSamples
	stepY := (bottom - top + cellSamples - 1) / cellSamples
	sum, count := 0, 0
	for y := top; y < bottom; y += stepY {
		line := f.Y[y*f.StrideY:][:right]
		for x := left; x < right; x += stepX {
			sum += int(line[x])
			count++
		}
	}
	return uint8((sum + count/2) / count)
}
