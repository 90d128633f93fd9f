package vision

import (
	"sync"
	"sync/atomic"
	"time"
)

// Texture is a picture as a vision encoder takes it. It belongs to the caller until Release; its
// slices must not be used afterwards. Reading from several goroutines is fine, writing is not
// meant.
type Texture struct {
	// Pixels has the shape [Images, 3, Height, Width], channels R, G, B, normalised as the config
	// says. Of patches, the shape is [patches, 3 × frames × side × side].
	Pixels []float32
	// Mask has the shape [Images, Height, Width] and is true where a pixel is part of the picture:
	// everywhere, as one picture is never padded. It is shared between textures: read only. Empty
	// for patches.
	Mask []bool
	// Images is the number of squares: the tiles row by row and the global picture last, or one.
	Images int
	// Rows and Cols are the tile grid, both 0 where the picture is a single square.
	Rows, Cols int
	// Width and Height are the sides of each square in pixels, or of the whole picture that was cut
	// into patches.
	Width, Height int
	// Grid counts the patches, Merge × Merge of which become one token; both are zero for squares.
	Grid  Grid
	Merge int
	// Hash is the hash of the whole source picture.
	Hash Hash
	// MediaTime and Captured are copied from the frame; zero for pictures that are not frames.
	MediaTime time.Duration
	Captured  time.Time

	pool     *texturePool
	released atomic.Bool
}

// Release gives the memory back. Releasing twice or releasing nil does nothing. Safe from any
// goroutine.
func (t *Texture) Release() {
	if t == nil || t.pool == nil || t.released.Swap(true) {
		return
	}
	pixels := t.Pixels
	t.Pixels, t.Mask = nil, nil
	t.pool.put(pixels)
}

// texturePool keeps the pixel memory of released textures. Only the small Texture handle is new
// each time, so that a late second Release can never hit the next user of the memory.
type texturePool struct {
	limit int

	mu          sync.Mutex
	outstanding int
	free        [][]float32
	ones        []bool
}

// take lends memory for n values and a mask of m trues.
func (p *texturePool) take(n, m int) ([]float32, []bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.outstanding >= p.limit {
		return nil, nil, ErrPoolExhausted
	}
	p.outstanding++
	if len(p.ones) < m {
		ones := make([]bool, m) // textures that are out keep the old one
		for i := range ones {
			ones[i] = true
		}
		p.ones = ones
	}
	return p.pixels(n), p.ones[:m:m], nil
}

// pixels returns a free piece that fits and is not more than four times too large, else a new one.
// Where free and lent pieces together reach the limit, a free piece of another size makes room.
func (p *texturePool) pixels(n int) []float32 {
	for i, piece := range p.free {
		if cap(piece) >= n && cap(piece) <= 4*n {
			p.drop(i)
			return piece[:n]
		}
	}
	if len(p.free)+p.outstanding > p.limit {
		p.drop(len(p.free) - 1)
	}
	return make([]float32, n)
}

func (p *texturePool) drop(i int) {
	last := len(p.free) - 1
	p.free[i], p.free[last] = p.free[last], nil
	p.free = p.free[:last]
}

func (p *texturePool) put(pixels []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outstanding--
	p.free = append(p.free, pixels)
}

func (p *texturePool) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outstanding
}
