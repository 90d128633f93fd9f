package vision

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/sensory-agent/sensory-agent/media"
)

// Hash identifies the whole content of a picture: SHA-256 over its size, its colour coding and
// every visible pixel of every plane. Padding between rows and the time of the frame do not enter.
// At more than a gigabyte a second on processors with SHA instructions it costs less than the
// scaling, and equal hashes can be trusted to mean equal pictures.
type Hash [sha256.Size]byte

// String returns the first 24 hex digits, enough for logs and keys.
func (h Hash) String() string { return hex.EncodeToString(h[:12]) }

// HashFrame returns the hash of a frame without making a texture of it, for callers that may
// already hold its features. Errors: ErrPictureSize, ErrPicture.
func HashFrame(f *media.I420) (Hash, error) {
	if err := checkFrame(f); err != nil {
		return Hash{}, err
	}
	h := hasher{state: sha256.New()}
	return h.frame(f), nil
}

// Kinds of pictures in the hashed header.
const (
	hashI420 = 1
	hashRGB  = 2
)

// hasher owns a reusable hash state. It belongs to one goroutine at a time.
type hasher struct {
	state  hash.Hash
	header [16]byte
	sum    []byte
}

func (h *hasher) start(kind byte, width, height int, coding byte) {
	h.header = [16]byte{0: kind, 1: coding}
	binary.LittleEndian.PutUint32(h.header[4:], uint32(width))
	binary.LittleEndian.PutUint32(h.header[8:], uint32(height))
	h.state.Reset()
	h.state.Write(h.header[:])
}

func (h *hasher) finish() Hash {
	h.sum = h.state.Sum(h.sum[:0])
	return Hash(h.sum)
}

// plane hashes the visible part of a plane.
func (h *hasher) plane(pix []byte, stride, width, height int) {
	if stride == width {
		h.state.Write(pix[:width*height])
		return
	}
	for y := range height {
		h.state.Write(pix[y*stride : y*stride+width])
	}
}

func (h *hasher) frame(f *media.I420) Hash {
	coding := byte(f.Matrix) << 1
	if f.FullRange {
		coding |= 1
	}
	h.start(hashI420, f.Width, f.Height, coding)
	width, height := (f.Width+1)/2, (f.Height+1)/2
	h.plane(f.Y, f.StrideY, f.Width, f.Height)
	h.plane(f.U, f.StrideUV, width, height)
	h.plane(f.V, f.StrideUV, width, height)
	return h.finish()
}

func (h *hasher) raster(r *raster) Hash {
	h.start(hashRGB, r.width, r.height, 0)
	h.state.Write(r.pix)
	return h.finish()
}
