package impair

import (
	"container/heap"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// parcel is a packet on its way.
type parcel struct {
	at    time.Time
	order uint64 // of two that arrive at once
	// header and payload are those of a packet that leaves; payload is all of one that arrives.
	header     rtp.Header
	payload    []byte
	attributes interceptor.Attributes
}

// held are the packets on their way, in the order in which they arrive.
type held struct {
	queue parcels
	count uint64
}

func (h *held) put(p parcel) {
	h.count++
	p.order = h.count
	heap.Push(&h.queue, p)
}

// due removes and returns a packet that has arrived.
func (h *held) due(now time.Time) (parcel, bool) {
	if len(h.queue) == 0 || h.queue[0].at.After(now) {
		return parcel{}, false
	}
	p, ok := heap.Pop(&h.queue).(parcel)
	return p, ok
}

// next is when the next packet arrives.
func (h *held) next() (time.Time, bool) {
	if len(h.queue) == 0 {
		return time.Time{}, false
	}
	return h.queue[0].at, true
}

// parcels implements heap.Interface.
type parcels []parcel

// Len implements heap.Interface.
func (q parcels) Len() int { return len(q) }

// Less implements heap.Interface.
func (q parcels) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].order < q[j].order
}

// Swap implements heap.Interface.
func (q parcels) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *parcels) Push(x any) {
	if p, ok := x.(parcel); ok {
		*q = append(*q, p)
	}
}

// Pop implements heap.Interface.
func (q *parcels) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = parcel{}
	*q = (*q)[:last]
	return p
}
