package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // the formats that are read
	_ "image/png"  // the formats that are read
)

// A photograph of 50 megapixels has about 20 MB, and takes 200 MB in memory.
const (
	// MaxBytes of a file.
	MaxBytes = 64 << 20
	// MaxPixels of a picture.
	MaxPixels = 50_000_000
)

var (
	// ErrFormat says that the bytes are no PNG or JPEG, or a damaged one.
	ErrFormat = errors.New("not a readable PNG or JPEG")
	// ErrTooLarge says that the picture has more bytes or pixels than are read.
	ErrTooLarge = errors.New("picture is too large")
)

// Decode reads a picture. The result belongs to the caller. Errors: ErrFormat, ErrTooLarge.
func Decode(data []byte) (image.Image, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(data), MaxBytes)
	}
	head, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if head.Width < 1 || head.Height < 1 {
		return nil, fmt.Errorf("%w: %d×%d pixels", ErrFormat, head.Width, head.Height)
	}
	if head.Width > MaxPixels/head.Height {
		return nil, fmt.Errorf("%w: %d×%d pixels, at most %d are read", ErrTooLarge, head.Width, head.Height, MaxPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return Upright(Opaque(img), Orientation(format, data)), nil
}

// Opaque puts a picture with transparent parts on white; one without is returned as it is.
func Opaque(img image.Image) image.Image {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return img
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	return out
}

// Upright turns and mirrors a picture as an EXIF orientation says: 1 is upright, 3 upside down, 6
// and 8 lie on a side, and 2, 4, 5 and 7 are those mirrored. Any other number leaves the picture as
// it is.
func Upright(img image.Image, orientation int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	var from func(x, y int) (int, int) // where in img a pixel of the result comes from
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return img
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := from(x, y)
			out.Set(x, y, img.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}
