package glance

import (
	"fmt"
	"image"
)

// Measured is what the thresholds stand for, for people.
func Measured(picture *image.RGBA) string {
	m := measure(picture)
	return fmt.Sprintf("high %.0f clipped %.3f change %.2f blur %.3f", m.high, m.clipped, m.change, m.blur)
}
