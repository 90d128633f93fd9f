package vision

import (
	"image"
	"math"
)

// Shown returns the picture that a texture is, for people: its squares of tiles in their places,
// one square as it is, patches put together. It undoes the normalisation of the config that the
// texture was made with, so that each pixel is what the encoder was given. Of a picture that was
// cut into tiles the global square, which repeats it smaller, is left out. It is nil for a texture
// that was released.
func (t *Texture) Shown(cfg Config) *image.RGBA {
	switch {
	case t.Pixels == nil:
		return nil
	case t.Merge > 0:
		return t.shownPatches(cfg)
	}
	rows, cols := max(t.Rows, 1), max(t.Cols, 1)
	out := image.NewRGBA(image.Rect(0, 0, cols*t.Width, rows*t.Height))
	levels, area := levelsOf(&cfg), t.Width*t.Height
	for tile := range min(rows*cols, t.Images) {
		square := t.Pixels[tile*3*area:]
		at := image.Pt(tile%cols*t.Width, tile/cols*t.Height)
		for i := range area {
			o := out.PixOffset(at.X+i%t.Width, at.Y+i/t.Width)
			for channel := range 3 {
				out.Pix[o+channel] = levels[channel](square[channel*area+i])
			}
			out.Pix[o+3] = math.MaxUint8
		}
	}
	return out
}

// shownPatches puts patches together; see Preprocessor.patch for their order.
func (t *Texture) shownPatches(cfg Config) *image.RGBA {
	side, frames := cfg.Patches.Side, cfg.Patches.Frames
	out := image.NewRGBA(image.Rect(0, 0, t.Grid.W*side, t.Grid.H*side))
	levels, area := levelsOf(&cfg), side*side
	for n := range t.Grid.W * t.Grid.H {
		cell, inside := n/(t.Merge*t.Merge), n%(t.Merge*t.Merge)
		cells := t.Grid.W / t.Merge
		at := image.Pt((cell%cells*t.Merge+inside%t.Merge)*side, (cell/cells*t.Merge+inside/t.Merge)*side)
		patch := t.Pixels[n*3*frames*area:]
		for i := range area {
			o := out.PixOffset(at.X+i%side, at.Y+i/side)
			for channel := range 3 {
				out.Pix[o+channel] = levels[channel](patch[channel*frames*area+i])
			}
			out.Pix[o+3] = math.MaxUint8
		}
	}
	return out
}

// levelsOf turn normalised values of each channel back into 8 bits.
func levelsOf(cfg *Config) (out [3]func(float32) uint8) {
	for channel := range out {
		out[channel] = func(v float32) uint8 {
			return uint8(math.Round(min(255, max(0, (float64(v)*cfg.Std[channel]+cfg.Mean[channel])/cfg.Rescale))))
		}
	}
	return out
}
