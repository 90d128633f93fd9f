package vision

import (
	"fmt"
	"image"
	"sync/atomic"

	"gocv.io/x/gocv"
)

// keepScale is how much of the reduction, at least, is left to the resampling filter after the area
// filter: with a factor of two or more the result differs from filtering the whole picture by about
// one level, see TestLiveStaysCloseToReference.
const keepScale = 2

// reduction returns the factor by which a line of in pixels is shrunk with the area filter on its
// way to out pixels: 1 for none, else even, so that chroma, which has half the pixels, shrinks by a
// whole factor too.
func reduction(in, out int) int {
	factor := in / (out * keepScale)
	if factor < 2 {
		return 1
	}
	return factor &^ 1
}

// reducer shrinks the planes of a frame with OpenCV's area filter. Its Mats live in native memory,
// are reused from frame to frame and remade when the size of the frames changes. It belongs to one
// goroutine at a time.
type reducer struct {
	live       *atomic.Int64 // Mats alive in the whole preprocessor
	inY, inUV  matrix
	outY       matrix
	outU, outV matrix
}

// matrix is a single-channel 8-bit Mat and the size it was made for.
type matrix struct {
	mat           gocv.Mat
	width, height int
}

// bytes returns the native memory of a Mat of that size, remade if it has another size.
func (m *matrix) bytes(width, height int, live *atomic.Int64) ([]byte, error) {
	if m.width != width || m.height != height {
		m.close(live)
		m.mat = gocv.NewMatWithSize(height, width, gocv.MatTypeCV8UC1)
		m.width, m.height = width, height
		live.Add(1)
	}
	data, err := m.mat.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("opencv matrix of %d×%d: %w", width, height, err)
	}
	if len(data) != width*height {
		return nil, fmt.Errorf("opencv matrix of %d×%d has %d bytes: %w", width, height, len(data), ErrPicture)
	}
	return data, nil
}

func (m *matrix) close(live *atomic.Int64) {
	if m.width == 0 {
		return
	}
	_ = m.mat.Close() // never fails: it only frees
	*m = matrix{}
	live.Add(-1)
}

// close frees the native memory.
func (r *reducer) close() {
	for _, m := range []*matrix{&r.inY, &r.inUV, &r.outY, &r.outU, &r.outV} {
		m.close(r.live)
	}
}

// reduce shrinks luma by factorX and factorY, each 1 or even, and chroma to match. A side that is
// no multiple of the factor is padded with its last pixels first, so that every block is whole and
// luma and chroma stay aligned; the caller knows how much of the result is picture. The returned
// planes point into native memory and are valid until the next call.
func (r *reducer) reduce(p planes, factorX, factorY int) (planes, error) {
	out := planes{
		width: blocks(p.width, factorX), height: blocks(p.height, factorY),
		shiftX: shiftAfter(factorX), shiftY: shiftAfter(factorY),
	}
	chroma := size{}
	chroma.width, chroma.height = p.chromaSize()
	outWidth, outHeight := out.chromaSize()
	luma := shrinking{from: size{p.width, p.height}, to: size{out.width, out.height}, x: factorX, y: factorY}
	both := shrinking{from: chroma, to: size{outWidth, outHeight}, x: max(factorX/2, 1), y: max(factorY/2, 1)}
	var err error
	if out.y, err = r.shrink(&r.inY, &r.outY, p.y, p.strideY, luma); err != nil {
		return planes{}, err
	}
	if out.u, err = r.shrink(&r.inUV, &r.outU, p.u, p.strideUV, both); err != nil {
		return planes{}, err
	}
	if out.v, err = r.shrink(&r.inUV, &r.outV, p.v, p.strideUV, both); err != nil {
		return planes{}, err
	}
	out.strideY, out.strideUV = out.width, outWidth
	return out, nil
}

// shrinking takes a plane of size from, in blocks of x × y, to size to.
type shrinking struct {
	from, to size
	x, y     int
}

func blocks(pixels, factor int) int { return (pixels + factor - 1) / factor }

func shiftAfter(factor int) int {
	if factor == 1 {
		return 1
	}
	return 0
}

// shrink copies one plane into native memory, padded to whole blocks, and scales it there.
func (r *reducer) shrink(in, out *matrix, plane []byte, stride int, s shrinking) ([]byte, error) {
	padded := size{s.to.width * s.x, s.to.height * s.y}
	if s.x == 1 && s.y == 1 {
		dst, err := out.bytes(s.to.width, s.to.height, r.live)
		if err != nil {
			return nil, err
		}
		copyPadded(dst, padded, plane, stride, s.from)
		return dst, nil
	}
	src, err := in.bytes(padded.width, padded.height, r.live)
	if err != nil {
		return nil, err
	}
	copyPadded(src, padded, plane, stride, s.from)
	if _, err = out.bytes(s.to.width, s.to.height, r.live); err != nil {
		return nil, err
	}
	gocv.Resize(in.mat, &out.mat, image.Pt(s.to.width, s.to.height), 0, 0, gocv.InterpolationArea)
	return out.bytes(s.to.width, s.to.height, r.live)
}

// copyPadded copies a plane and repeats its last column and row up to the padded size.
func copyPadded(dst []byte, padded size, src []byte, stride int, s size) {
	if padded == s && stride == s.width {
		copy(dst, src[:s.width*s.height])
		return
	}
	for y := range padded.height {
		line := src[min(y, s.height-1)*stride:][:s.width]
		row := dst[y*padded.width : (y+1)*padded.width]
		tail := row[copy(row, line):]
		for i := range tail {
			tail[i] = line[s.width-1]
		}
	}
}

// size is in pixels.
type size struct{ width, height int }
