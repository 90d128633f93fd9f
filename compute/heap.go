package compute

import "time"

// expiryHeap holds the live leases, the one that ends first at the top. Each lease knows its place,
// so that it can be taken out anywhere.
type expiryHeap []*Lease

func (h expiryHeap) less(i, j int) bool { return h[i].ends < h[j].ends }

func (h expiryHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *expiryHeap) push(l *Lease) {
	l.place = len(*h)
	*h = append(*h, l)
	h.up(l.place)
}

func (h *expiryHeap) remove(l *Lease) {
	i, last := l.place, len(*h)-1
	if i != last {
		h.swap(i, last)
	}
	(*h)[last] = nil
	*h = (*h)[:last]
	if i != last {
		h.fix(i)
	}
	l.place = -1
}

// move gives a lease another end.
func (h *expiryHeap) move(l *Lease, ends time.Duration) {
	l.ends = ends
	h.fix(l.place)
}

func (h *expiryHeap) fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h *expiryHeap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(i, parent) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *expiryHeap) down(i int) bool {
	start := i
	for {
		child := 2*i + 1
		if child >= len(*h) {
			break
		}
		if right := child + 1; right < len(*h) && h.less(right, child) {
			child = right
		}
		if !h.less(child, i) {
			break
		}
		h.swap(i, child)
		i = child
	}
	return i > start
}
