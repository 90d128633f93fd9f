package layout

import "fmt"

// squareProcessors are the values of image_processor_type of processors that squash each picture
// into one square: SigLIP's, which Gemma 3n's vision encoder uses.
func squareProcessors() []string {
	return []string{"SiglipImageProcessor", "SiglipImageProcessorFast", "SiglipImageProcessorPil"}
}

// readSquare reads the geometry of such a processor: size names both sides, and nothing is split.
func readSquare(raw *configJSON, cfg *Config) error {
	switch {
	case raw.DoResize == nil:
		return Refuse("do_resize", "missing")
	case !*raw.DoResize:
		return Refuse("do_resize", "false: pictures of any size do not fit the encoder")
	case raw.Size == nil || raw.Size.Height == nil:
		return Refuse("size.height", "missing")
	case raw.Size.Width == nil:
		return Refuse("size.width", "missing")
	case *raw.Size.Height < MinTile || *raw.Size.Height > maxLongestEdge:
		return Refuse("size.height", fmt.Sprintf("%d is outside %d to %d", *raw.Size.Height, MinTile, maxLongestEdge))
	case *raw.Size.Width != *raw.Size.Height:
		return Refuse("size.width", fmt.Sprintf("%d, where the height is %d: not a square", *raw.Size.Width, *raw.Size.Height))
	}
	cfg.Tile = *raw.Size.Height
	return nil
}
