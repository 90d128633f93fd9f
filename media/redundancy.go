package media

import "encoding/binary"

const (
	maxCopies     = 8         // copies in a packet; senders use one or two
	maxCopyBytes  = 1<<10 - 1 // of a copy: its length has 10 bits
	maxCopyOffset = 1<<14 - 1 // ticks that a copy may be older than its packet: 14 bits
)

// Redundancy packs audio packets with copies of those before them, as RFC 2198 lays them out: who
// misses a packet finds it in the next one. The zero value adds no copies. Not safe for concurrent
// use.
type Redundancy struct {
	// Depth is how many packets before one are copied into it, at most 8.
	Depth int
	// PayloadType is the RTP payload type of what is copied.
	PayloadType uint8

	past []copied // oldest first
	out  []byte
}

type copied struct {
	timestamp uint32
	data      []byte
}

// Pack returns the payload of a packet of redundant audio: copies of packets before, oldest first,
// and packet. timestamp is the RTP time of the packet. What is longer than 1023 bytes, or older
// than 16383 ticks, is not copied. The result is valid until the next call; packet is not kept.
func (r *Redundancy) Pack(timestamp uint32, packet []byte) []byte {
	r.out = r.out[:0]
	for _, c := range r.past {
		if age := timestamp - c.timestamp; age > 0 && age <= maxCopyOffset {
			word := 1<<31 | uint32(r.PayloadType&0x7f)<<24 | age<<10 | uint32(len(c.data)) // at most maxCopyBytes
			r.out = binary.BigEndian.AppendUint32(r.out, word)
		}
	}
	r.out = append(r.out, r.PayloadType&0x7f)
	for _, c := range r.past {
		if age := timestamp - c.timestamp; age > 0 && age <= maxCopyOffset {
			r.out = append(r.out, c.data...)
		}
	}
	r.out = append(r.out, packet...)
	r.keep(timestamp, packet)
	return r.out
}

// keep stores a packet for those after it, in the storage of the oldest one.
func (r *Redundancy) keep(timestamp uint32, packet []byte) {
	if len(packet) == 0 || len(packet) > maxCopyBytes {
		return
	}
	var storage []byte
	depth := min(max(r.Depth, 0), maxCopies)
	for len(r.past) > 0 && len(r.past) >= depth {
		storage = r.past[0].data[:0]
		r.past = append(r.past[:0], r.past[1:]...)
	}
	if depth > 0 {
		r.past = append(r.past, copied{timestamp, append(storage, packet...)})
	}
}
