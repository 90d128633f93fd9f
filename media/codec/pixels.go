package codec

import (
	"encoding/binary"
	"fmt"

	"github.com/asticode/go-astiav"

	"github.com/sensory-agent/sensory-agent/media"
)

// pixelLayout describes a planar format: chroma is smaller than luma by 1<<shiftX and 1<<shiftY.
type pixelLayout struct {
	shiftX, shiftY int
	depth          int // bits a sample; above 8 a sample takes two bytes, low byte first
	gray           bool
	full           bool // full range by definition
}

// halfBytes420 is what a pixel of 8-bit 4:2:0 takes, in halves of a byte.
const halfBytes420 = 3

// halfBytes returns the memory of a pixel in halves of a byte, rounded down.
func (l pixelLayout) halfBytes() int {
	n := 2
	if !l.gray {
		n += 4 >> (l.shiftX + l.shiftY)
	}
	if l.depth > 8 {
		n *= 2
	}
	return n
}

// layoutOf returns the layout of the formats that the decoders of a room's codecs can produce.
func layoutOf(f astiav.PixelFormat) (pixelLayout, bool) {
	switch f {
	case astiav.PixelFormatYuv420P:
		return pixelLayout{1, 1, 8, false, false}, true
	case astiav.PixelFormatYuvj420P:
		return pixelLayout{1, 1, 8, false, true}, true
	case astiav.PixelFormatYuv422P:
		return pixelLayout{1, 0, 8, false, false}, true
	case astiav.PixelFormatYuvj422P:
		return pixelLayout{1, 0, 8, false, true}, true
	case astiav.PixelFormatYuv440P:
		return pixelLayout{0, 1, 8, false, false}, true
	case astiav.PixelFormatYuvj440P:
		return pixelLayout{0, 1, 8, false, true}, true
	case astiav.PixelFormatYuv444P:
		return pixelLayout{0, 0, 8, false, false}, true
	case astiav.PixelFormatYuvj444P:
		return pixelLayout{0, 0, 8, false, true}, true
	case astiav.PixelFormatGray8:
		return pixelLayout{0, 0, 8, true, false}, true
	}
	return deepLayoutOf(f)
}

func deepLayoutOf(f astiav.PixelFormat) (pixelLayout, bool) {
	switch f {
	case astiav.PixelFormatYuv420P10Le:
		return pixelLayout{1, 1, 10, false, false}, true
	case astiav.PixelFormatYuv420P12Le:
		return pixelLayout{1, 1, 12, false, false}, true
	case astiav.PixelFormatYuv422P10Le:
		return pixelLayout{1, 0, 10, false, false}, true
	case astiav.PixelFormatYuv422P12Le:
		return pixelLayout{1, 0, 12, false, false}, true
	case astiav.PixelFormatYuv440P10Le:
		return pixelLayout{0, 1, 10, false, false}, true
	case astiav.PixelFormatYuv440P12Le:
		return pixelLayout{0, 1, 12, false, false}, true
	case astiav.PixelFormatYuv444P10Le:
		return pixelLayout{0, 0, 10, false, false}, true
	case astiav.PixelFormatYuv444P12Le:
		return pixelLayout{0, 0, 12, false, false}, true
	case astiav.PixelFormatGray10Le:
		return pixelLayout{0, 0, 10, true, false}, true
	case astiav.PixelFormatGray12Le:
		return pixelLayout{0, 0, 12, true, false}, true
	}
	return pixelLayout{}, false
}

// copyFrame copies src, of the same size, into dst. scratch is reused between calls and needed only
// for formats other than 8-bit 4:2:0.
func copyFrame(dst *media.I420, src *astiav.Frame, scratch []byte) ([]byte, error) {
	layout, ok := layoutOf(src.PixelFormat())
	if !ok {
		return scratch, fmt.Errorf("%s: %w", src.PixelFormat().Name(), ErrPixelFormat)
	}
	dst.FullRange = layout.full || src.ColorRange() == astiav.ColorRangeJpeg
	if layout == (pixelLayout{1, 1, 8, false, layout.full}) {
		_, err := src.ImageCopyToBuffer(dst.Packed(nil), 1)
		return scratch, wrapCopy(err)
	}
	n, err := src.ImageBufferSize(1)
	if err != nil {
		return scratch, wrapCopy(err)
	}
	if cap(scratch) < n {
		scratch = make([]byte, n)
	}
	scratch = scratch[:n]
	if _, err := src.ImageCopyToBuffer(scratch, 1); err != nil {
		return scratch, wrapCopy(err)
	}
	layout.convert(dst, scratch)
	return scratch, nil
}

func wrapCopy(err error) error {
	if err != nil {
		return fmt.Errorf("ffmpeg picture: %w", err)
	}
	return nil
}

// convert brings packed planes to 8-bit 4:2:0.
func (l pixelLayout) convert(dst *media.I420, src []byte) {
	width := 1
	if l.depth > 8 {
		width = 2
	}
	w, h := dst.Width, dst.Height
	luma := plane{src, w, h, width, l.depth - 8}
	for y := range h {
		for x := range w {
			dst.Y[y*dst.StrideY+x] = byte(luma.at(x, y) >> luma.drop)
		}
	}
	if l.gray {
		for i := range dst.U {
			dst.U[i], dst.V[i] = 128, 128
		}
		return
	}
	cw, ch := ceilShift(w, l.shiftX), ceilShift(h, l.shiftY)
	src = src[w*h*width:]
	l.chroma(dst.U, dst.StrideUV, w, h, plane{src, cw, ch, width, l.depth - 8})
	l.chroma(dst.V, dst.StrideUV, w, h, plane{src[cw*ch*width:], cw, ch, width, l.depth - 8})
}

// chroma averages the source samples that lie under each sample of the destination.
func (l pixelLayout) chroma(dst []byte, stride, w, h int, src plane) {
	stepX, stepY := 2>>l.shiftX, 2>>l.shiftY
	count := stepX * stepY
	for y := range (h + 1) / 2 {
		for x := range (w + 1) / 2 {
			sum := 0
			for dy := range stepY {
				for dx := range stepX {
					sum += src.at(min(x*stepX+dx, src.w-1), min(y*stepY+dy, src.h-1))
				}
			}
			dst[y*stride+x] = byte((sum / count) >> src.drop)
		}
	}
}

// plane is one plane without padding between rows.
type plane struct {
	b     []byte
	w, h  int
	width int // bytes a sample
	drop  int // bits above 8
}

func (p plane) at(x, y int) int {
	i := (y*p.w + x) * p.width
	if p.width == 1 {
		return int(p.b[i])
	}
	return min(int(binary.LittleEndian.Uint16(p.b[i:])), 256<<p.drop-1)
}

func ceilShift(n, shift int) int { return (n + 1<<shift - 1) >> shift }
