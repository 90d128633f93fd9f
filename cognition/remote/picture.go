package remote

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/media"
)

// Formats of pictures.
const (
	JPEG = "jpeg"
	PNG  = "png"
)

// Defaults and limits of pictures.
const (
	defaultSide    = 768 // keeps a line of printed text readable and stays within two tiles of the usual vision encoders
	minSide        = 16
	maxSide        = 4096
	defaultQuality = 85
)

// PictureOptions say how a picture is sent; the zero value takes the defaults.
type PictureOptions struct {
	// LongestSide bounds width and height in pixels; larger pictures are scaled down, smaller ones
	// stay as they are. 0 means 768.
	LongestSide int
	// Format is JPEG (the default) or PNG.
	Format string
	// Quality of JPEG, 1 to 100; 0 means 85.
	Quality int
}

// Complete fills in defaults and returns ErrConfig for what is out of range.
func (o *PictureOptions) Complete() error {
	if o.LongestSide == 0 {
		o.LongestSide = defaultSide
	}
	if o.Format == "" {
		o.Format = JPEG
	}
	if o.Quality == 0 {
		o.Quality = defaultQuality
	}
	switch {
	case o.LongestSide < minSide || o.LongestSide > maxSide:
		return fmt.Errorf("%w: picture.longest_side: %d is not within %d and %d", ErrConfig, o.LongestSide, minSide, maxSide)
	case o.Format != JPEG && o.Format != PNG:
		return fmt.Errorf("%w: picture.format: %q is neither %s nor %s", ErrConfig, o.Format, JPEG, PNG)
	case o.Quality < 1 || o.Quality > 100:
		return fmt.Errorf("%w: picture.quality: %d is not within 1 and 100", ErrConfig, o.Quality)
	}
	return nil
}

// Picture is a picture as it is sent.
type Picture struct {
	MIME          string
	Width, Height int
	Data          []byte
}

// Modality implements prompt.Part.
func (Picture) Modality() prompt.Modality { return prompt.Picture }

func (p Picture) dataURL() string {
	return "data:" + p.MIME + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

// EncodeFrame scales and encodes a decoded frame with its own colour matrix and range. The frame is
// read only.
func EncodeFrame(f *media.I420, opt PictureOptions) (Picture, error) {
	if err := opt.Complete(); err != nil {
		return Picture{}, err
	}
	if f == nil || media.CheckSize(f.Width, f.Height) != nil || len(f.Y) == 0 {
		return Picture{}, fmt.Errorf("%w: no frame, or one of an impossible size", ErrPicture)
	}
	if by := max(f.Width, f.Height) / opt.LongestSide; by > 1 {
		f = reduce(f, by)
	}
	return encode(f.Image(), opt)
}

// EncodeImage scales and encodes an image. It returns ErrPicture for a size that media.CheckSize
// refuses.
func EncodeImage(img image.Image, opt PictureOptions) (Picture, error) {
	if err := opt.Complete(); err != nil {
		return Picture{}, err
	}
	if b := img.Bounds(); media.CheckSize(b.Dx(), b.Dy()) != nil {
		return Picture{}, fmt.Errorf("%w: %d×%d", ErrPicture, b.Dx(), b.Dy())
	}
	return encode(img, opt)
}

func encode(img image.Image, opt PictureOptions) (Picture, error) {
	b := img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), opt.LongestSide)
	if w != b.Dx() || h != b.Dy() {
		small := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.BiLinear.Scale(small, small.Bounds(), img, b, draw.Src, nil)
		img = small
	}
	out := Picture{MIME: "image/" + opt.Format, Width: w, Height: h}
	var buf bytes.Buffer
	var err error
	if opt.Format == PNG {
		err = png.Encode(&buf, img)
	} else {
		err = jpeg.Encode(&buf, img, &jpeg.Options{Quality: opt.Quality})
	}
	if err != nil {
		return Picture{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	out.Data = buf.Bytes()
	return out, nil
}

// fit scales a size so that its longest side is at most side, and neither side vanishes.
func fit(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	scale := func(v int) int { return max((v*side+long/2)/long, 1) }
	return scale(w), scale(h)
}

// reduce averages blocks of by×by pixels of each plane. A rest of less than a block at the right
// and the lower edge is left out, unless a side is shorter than one block.
func reduce(f *media.I420, by int) *media.I420 {
	out := media.NewI420(max(f.Width/by, 1), max(f.Height/by, 1))
	out.FullRange, out.Matrix = f.FullRange, f.Matrix
	cw, ch := (f.Width+1)/2, (f.Height+1)/2
	average(out.Y, out.StrideY, out.Width, out.Height, f.Y, f.StrideY, f.Width, f.Height, by)
	average(out.U, out.StrideUV, (out.Width+1)/2, (out.Height+1)/2, f.U, f.StrideUV, cw, ch, by)
	average(out.V, out.StrideUV, (out.Width+1)/2, (out.Height+1)/2, f.V, f.StrideUV, cw, ch, by)
	return out
}

// average fills a plane of w×h pixels from one of sw×sh pixels.
func average(dst []byte, dstStride, w, h int, src []byte, srcStride, sw, sh, by int) {
	for y := range h {
		top, bottom := y*by, min(y*by+by, sh)
		for x := range w {
			left, right := x*by, min(x*by+by, sw)
			sum := 0
			for r := top; r < bottom; r++ {
				for _, v := range src[r*srcStride+left : r*srcStride+right] {
					sum += int(v)
				}
			}
			n := (bottom - top) * (right - left)
			dst[y*dstStride+x] = byte((sum + n/2) / n)
		}
	}
}
