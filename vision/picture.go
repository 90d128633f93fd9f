package vision

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/media"
)

// checkFrame refuses frames whose planes are too short for their size, such as released ones.
func checkFrame(f *media.I420) error {
	if f == nil {
		return fmt.Errorf("no frame: %w", ErrPicture)
	}
	if err := media.CheckSize(f.Width, f.Height); err != nil {
		return err
	}
	width, height := (f.Width+1)/2, (f.Height+1)/2
	if f.StrideY < f.Width || f.StrideUV < width {
		return fmt.Errorf("rows of %d and %d bytes for %d×%d pixels: %w", f.StrideY, f.StrideUV, f.Width, f.Height, ErrPicture)
	}
	luma, chroma := f.StrideY*(f.Height-1)+f.Width, f.StrideUV*(height-1)+width
	if len(f.Y) < luma || len(f.U) < chroma || len(f.V) < chroma {
		return fmt.Errorf("planes of %d, %d and %d bytes for %d×%d pixels: %w", len(f.Y), len(f.U), len(f.V), f.Width, f.Height, ErrPicture)
	}
	return nil
}
