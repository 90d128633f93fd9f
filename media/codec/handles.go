package codec

import "sync/atomic"

// Handles counts open native contexts. One value can be shared by any number of decoders and
// encoders; a nil *Handles counts nothing. When a session is over, Open is 0 or something leaks.
type Handles struct{ n atomic.Int64 }

// Open returns how many contexts are open now.
func (h *Handles) Open() int64 {
	if h == nil {
		return 0
	}
	return h.n.Load()
}

func (h *Handles) add(n int64) {
	if h != nil {
		h.n.Add(n)
	}
}
