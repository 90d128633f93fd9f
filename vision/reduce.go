package vision

import (
	"fmt"
	"image"
	"sync/atomic"

	"gocv.io/x/gocv"
)

// keepScale is how much of the reduction, at least, is left to the resampling filter after the area filter: with a factor of
// two or more the result differs from filtering the whole picture by about one level, see TestLiveStaysCloseToReference.
const keepScale = 2

// reduction returns the factor by which a line of in pixels is shrunk with the area filter on its way to out pixels:
// 1 for none, else even, so that chroma, which has half the pixels, shrinks by a whole factor too.
func reduction(in, out int) int {
	factor := in / (out * keepScale)
	if factor < 2 {
		return 1
	}
	return factor &^ 1
}

// reducer shrinks the planes of a frame with OpenCV's area filter. Its Mats live in native memory, are reused from
// frame to frame and remade when the size of the frames changes. It belongs to one goroutine at a time.
type reducer struct {
	live        *atomic.Int64 // Mats alive in the whole preprocessor
	inY, inUV   matrix
	outY        matrix
	outU, outV  matrix
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

// reduce shrinks luma by factorX and factorY, each 1 or even, and chroma to match. The returned planes point into native memory
// and are valid until the next call.
func (r *reducer) reduce(p planes, factorX, factorY int) (planes, error) {
	out := planes{
		width: (p.width + factorX - 1) / factorX, height: (p.height + factorY - 1) / factorY,
		shiftX: shiftAfter(factorX), shiftY: shiftAfter(factorY),
	}
	chromaWidth, chromaHeight := p.chromaSize()
	outWidth, outHeight := out.chromaSize()
	var err error
	if out.y, err = r.shrink(&r.inY, &r.outY, p.y, p.strideY, size{p.width, p.height}, size{out.width, out.height}); err != nil {
		return planes{}, err
	}
	from, to := size{chromaWidth, chromaHeight}, size{outWidth, outHeight}
	if out.u, err = r.shrink(&r.inUV, &r.outU, p.u, p.strideUV, from, to); err != nil {
		return planes{}, err
	}
	if out.v, err = r.shrink(&r.inUV, &r.outV, p.v, p.strideUV, from, to); err != nil {
		return planes{}, err
	}
	out.strideY, out.strideUV = out.width, outWidth
	return out, nil
}

func shiftAfter(factor int) int {
	if factor == 1 {
		return 1
	}
	return 0
}

// shrink copies one plane into native memory and scales it there.
func (r *reducer) shrink(in, out *matrix, plane []byte, stride int, from, to size) ([]byte, error) {
	src, err := in.bytes(from.width, from.height, r.live)
	if err != nil {
		return nil, err
	}
	copyRows(src, plane, stride, from)
	if from == to {
		dst, err := out.bytes(to.width, to.height, r.live)
		if err != nil {
			return nil, err
		}
		copy(dst, src)
		return dst, nil
	}
	if _, err = out.bytes(to.width, to.height, r.live); err != nil {
		return nil, err
	}
	gocv.Resize(in.mat, &out.mat, image.Pt(to.width, to.height), 0, 0, gocv.InterpolationArea)
	return out.bytes(to.width, to.height, r.live)
}

func copyRows(dst, src []byte, stride int, s size) {
	if stride == s.width {
		copy(dst, src[:s.width*s.height])
		return
	}
	for y := range s.height {
		copy(dst[y*s.width:(y+1)*s.width], src[y*stride:])
	}
}
