package vision

import "github.com/sensory-agent/sensory-agent/vision/layout"

// patch writes the picture as patches: cells of merge × merge patches row by row, in each cell row
// by row; in each patch its channels, of each channel its frames, all the same.
func (p *Preprocessor) patch(dst []float32, src *raster, grid Grid) {
	side, frames, merge := p.cfg.Patches.Side, p.cfg.Patches.Frames, p.cfg.Patches.Merge
	area := side * side
	for cellRow := 0; cellRow < grid.H; cellRow += merge {
		for cellCol := 0; cellCol < grid.W; cellCol += merge {
			for inside := range merge * merge {
				y, x := (cellRow+inside/merge)*side, (cellCol+inside%merge)*side
				for channel := range p.levels {
					one := dst[:area]
					for row := range side {
						line := src.row(y + row)[x*3+channel:]
						for i := range side {
							one[row*side+i] = p.levels[channel][line[i*3]]
						}
					}
					for frame := range frames {
						copy(dst[frame*area:], one)
					}
					dst = dst[frames*area:]
				}
			}
		}
	}
}

// patchTexture makes patches of the scaled picture.
func (p *Preprocessor) patchTexture(s *scratch, l *layout.Layout) (*Texture, error) {
	size := l.Steps[l.StepCount-1]
	pixels, _, err := p.pool.take(3*p.cfg.Patches.Frames*size.Width*size.Height, 0)
	if err != nil {
		return nil, err
	}
	p.patch(pixels, &s.a, l.Grid)
	return &Texture{
		Pixels: pixels, Images: l.Images, Width: size.Width, Height: size.Height, Grid: l.Grid, Merge: p.cfg.Patches.Merge, pool: &p.pool,
	}, nil
}

// whole reports whether a texture of patches is complete.
func (t *Texture) whole() bool {
	g := t.Grid
	return g.T > 0 && g.H > 0 && g.W > 0 && t.Merge > 0 && g.H%t.Merge == 0 && g.W%t.Merge == 0 &&
		len(t.Pixels) > 0 && len(t.Pixels)%(3*t.Width*t.Height) == 0 && len(t.Pixels)%g.Len() == 0
}

// tokens is the grid of what the encoder merges the patches to; the zero grid for a texture of
// tiles.
func (t *Texture) tokens() Grid {
	if t.Merge == 0 {
		return Grid{}
	}
	return Grid{T: t.Grid.T, H: t.Grid.H / t.Merge, W: t.Grid.W / t.Merge}
}
