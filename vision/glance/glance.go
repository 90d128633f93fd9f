package glance

import (
	"errors"
	"image"
)

// ErrPicture means that there is no picture, or an empty one.
var ErrPicture = errors.New("no picture to look at")

// Seen is what a glance at a picture tells.
type Seen struct {
	// Colours are the most widespread ones, the widest first; none where no colour covers a tenth.
	Colours []Colour
	// Dark, Overexposed and Blurred are how sure it is that the picture is so, 0 to 1: how often
	// that was right on the pictures that the thresholds were chosen on. 0 says nothing of it.
	Dark, Overexposed, Blurred float64
}

// Colour is one of the eleven basic colour words of English, and where it is.
type Colour struct {
	Name string
	// Share is how much of the picture has it, 0 to 1, and Sure how much of that is far from any
	// other colour.
	Share, Sure float64
	// Box is the part of the picture that it fills, in ninths; all of it where it is spread widely.
	Box image.Rectangle
}

// Look looks at a picture, which is only read. It is pure. Errors: ErrPicture.
func Look(picture *image.RGBA) (Seen, error) {
	if picture == nil || picture.Rect.Empty() {
		return Seen{}, ErrPicture
	}
	out := Seen{Colours: colours(picture)}
	m := measure(picture)
	switch {
	case m.high < darkSure:
		out.Dark = sureOf
	case m.high < darkMaybe:
		out.Dark = maybe
	}
	switch {
	case m.blur < pageBlur && m.change > pageChange: // a page is as white, and sharp
	case m.clipped > clippedSure:
		out.Overexposed = sureOf
	case m.clipped > clippedMaybe:
		out.Overexposed = maybe
	}
	switch { // of a dark picture nothing can be said: what is left is noise
	case m.high < darkMaybe || m.change < changeLeast:
	case m.blur > blurSure:
		out.Blurred = sureOf
	case m.blur > blurMaybe:
		out.Blurred = maybe
	}
	return out, nil
}
