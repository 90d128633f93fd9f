package media

import (
	"sync/atomic"
	"time"
)

// The one limit for a picture, from the decoder to the model. 6144×3456 is the largest screen that
// a browser shares as it is (6K; 5K and photographs of 20 megapixels lie below), upright as well as
// lying. One such picture takes 32 MB, and a decoder keeps up to 16 of them for reference, so the
// limit bounds what one track can cost.
const (
	// MaxPixels is the largest width×height.
	MaxPixels = 6144 * 3456
	// MaxDimension is the largest width or height.
	MaxDimension = 8192
)

// ColorMatrix says how Y, U and V were computed from red, green and blue.
type ColorMatrix uint8

const (
	// BT601 is the matrix of standard definition video, and the one WebRTC senders use unless they
	// say otherwise.
	BT601 ColorMatrix = iota
	// BT709 is the matrix of high definition video.
	BT709
)

// String returns the name of the matrix as the ITU writes it.
func (m ColorMatrix) String() string {
	if m == BT709 {
		return "BT.709"
	}
	return "BT.601"
}

// I420 is one 8-bit planar picture with chroma at half the width and half the height, both rounded
// up.
//
// A picture from a pool belongs to whoever holds it until Release; reading and writing its planes
// is not synchronised.
type I420 struct {
	// Width and Height are in pixels of the Y plane.
	Width, Height int
	// Y, U and V are the planes, row after row.
	Y, U, V []byte
	// StrideY and StrideUV are the distances between rows, in bytes.
	StrideY, StrideUV int
	// FullRange is true where Y covers 0…255, false where it covers 16…235.
	FullRange bool
	// Matrix is the colour matrix.
	Matrix ColorMatrix
	// MediaTime is the position of the picture in its track, from the RTP timestamp.
	MediaTime time.Duration
	// Captured is the best known wall clock time at which the picture was taken.
	Captured time.Time

	pool     *I420Pool
	slab     []byte
	released atomic.Bool
}

// I420Size returns the number of bytes of a picture of w×h pixels without padding between rows.
func I420Size(w, h int) int {
	return w*h + 2*((w+1)/2)*((h+1)/2)
}

// NewI420 returns a picture outside any pool: black in full range, all planes zero. Its planes lie
// one after the other in one piece of memory. It panics for sizes that no picture can have, as make
// does; check sizes that come from outside with [CheckSize].
func NewI420(w, h int) *I420 {
	f := &I420{}
	f.layout(make([]byte, I420Size(w, h)), w, h)
	return f
}

// CheckSize returns a *SizeError unless both sides lie in 1…MaxDimension and the picture has at
// most MaxPixels.
func CheckSize(w, h int) error { return CheckSizeLimit(w, h, MaxPixels) }

// CheckSizeLimit is CheckSize with a limit of its own for the number of pixels.
func CheckSizeLimit(w, h, maxPixels int) error {
	if w < 1 || h < 1 || w > MaxDimension || h > MaxDimension || w*h > maxPixels {
		return &SizeError{Width: w, Height: h, MaxPixels: maxPixels}
	}
	return nil
}

// layout cuts slab, which has at least I420Size(w, h) bytes, into planes.
func (f *I420) layout(slab []byte, w, h int) {
	cw, ch := (w+1)/2, (h+1)/2
	f.Width, f.Height = w, h
	f.StrideY, f.StrideUV = w, cw
	f.slab = slab
	f.Y = slab[: w*h : w*h]
	f.U = slab[w*h : w*h+cw*ch : w*h+cw*ch]
	f.V = slab[w*h+cw*ch : w*h+2*cw*ch : w*h+2*cw*ch]
}

// Packed returns the planes Y, U, V as one slice without padding between rows. Pictures of this
// package already lie like that and are returned without a copy; others are copied into dst, which
// is grown when it is too small.
func (f *I420) Packed(dst []byte) []byte {
	n := I420Size(f.Width, f.Height)
	cw, ch := (f.Width+1)/2, (f.Height+1)/2
	if len(f.slab) >= n && f.StrideY == f.Width && f.StrideUV == cw && sameStart(f.slab, f.Y) {
		return f.slab[:n]
	}
	if cap(dst) < n {
		dst = make([]byte, n)
	}
	dst = dst[:n]
	copyPlane(dst, f.Width, f.Y, f.StrideY, f.Width, f.Height)
	copyPlane(dst[f.Width*f.Height:], cw, f.U, f.StrideUV, cw, ch)
	copyPlane(dst[f.Width*f.Height+cw*ch:], cw, f.V, f.StrideUV, cw, ch)
	return dst
}

// Clone returns a copy of the picture that belongs to no pool.
func (f *I420) Clone() *I420 {
	c := NewI420(f.Width, f.Height)
	c.FullRange, c.Matrix, c.MediaTime, c.Captured = f.FullRange, f.Matrix, f.MediaTime, f.Captured
	copy(c.slab, f.Packed(nil))
	return c
}

// Release gives a pooled picture back; its planes are gone afterwards. Releasing twice, releasing
// nil and releasing a picture without a pool do nothing. Safe from any goroutine.
func (f *I420) Release() {
	if f == nil || f.pool == nil || f.released.Swap(true) {
		return
	}
	slab := f.slab
	f.Y, f.U, f.V, f.slab = nil, nil, nil, nil
	f.pool.put(slab)
}

func sameStart(a, b []byte) bool {
	return len(a) > 0 && len(b) > 0 && &a[0] == &b[0]
}

func copyPlane(dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	for y := range h {
		copy(dst[y*dstStride:y*dstStride+w], src[y*srcStride:y*srcStride+w])
	}
}
