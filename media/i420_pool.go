package media

import "sync"

// I420Pool lends pictures and keeps their memory for the next one. At most limit pictures are out
// at a time. Safe from any goroutine.
type I420Pool struct {
	mu          sync.Mutex
	limit       int
	free        [][]byte
	outstanding int
}

// NewI420Pool returns a pool that lends at most limit pictures at a time (at least one).
func NewI420Pool(limit int) *I420Pool {
	return &I420Pool{limit: max(limit, 1)}
}

// Get lends a picture of w×h pixels. Its planes hold whatever the last user left. Errors: a
// *SizeError, ErrPoolExhausted. The caller gives it back with Release.
func (p *I420Pool) Get(w, h int) (*I420, error) {
	if err := CheckSize(w, h); err != nil {
		return nil, err
	}
	slab, err := p.take(I420Size(w, h))
	if err != nil {
		return nil, err
	}
	f := &I420{pool: p}
	f.layout(slab, w, h)
	return f, nil
}

// SetLimit has the pool lend at most limit pictures at a time (at least one) from now on. Those
// that are out stay out.
func (p *I420Pool) SetLimit(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = max(limit, 1)
	if keep := max(p.limit-p.outstanding, 0); len(p.free) > keep {
		clear(p.free[keep:])
		p.free = p.free[:keep]
	}
}

// Outstanding returns how many pictures are lent now.
func (p *I420Pool) Outstanding() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outstanding
}

// take returns memory of n bytes, reused when a piece of fitting size is free. Pieces more than
// four times too large are not used, so that one huge picture does not pin its memory for ever.
func (p *I420Pool) take(n int) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.outstanding >= p.limit {
		return nil, ErrPoolExhausted
	}
	p.outstanding++
	for i, slab := range p.free {
		if cap(slab) >= n && cap(slab) <= 4*n {
			last := len(p.free) - 1
			p.free[i], p.free[last] = p.free[last], nil
			p.free = p.free[:last]
			return slab[:n], nil
		}
	}
	if len(p.free) > 0 && len(p.free)+p.outstanding > p.limit {
		last := len(p.free) - 1
		p.free[last] = nil
		p.free = p.free[:last]
	}
	return make([]byte, n), nil
}

func (p *I420Pool) put(slab []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outstanding--
	if len(p.free)+p.outstanding < p.limit {
		p.free = append(p.free, slab)
	}
}
