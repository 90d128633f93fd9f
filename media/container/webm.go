package container

import "math/bits"

// Elements of WebM. https://www.matroska.org/technical/elements.html
const (
	idSegment     = 0x18538067
	idTracks      = 0x1654AE6B
	idTrackEntry  = 0xAE
	idCodec       = 0x86
	idCluster     = 0x1F43B675
	idBlockGroup  = 0xA0
	idBlock       = 0xA1
	idSimpleBlock = 0xA3
)

const (
	opusCodec = "A_OPUS"
	lacing    = 0x06 // bits of a block's flags: several frames in one block
)

// webm walks over the elements of a recording: into those that hold others, over all else. So it
// does not matter that a live recording does not know how long its segment and clusters are.
func webm(data []byte) (packets [][]byte, err error) {
	var track uint64
	for len(data) > 0 {
		id, n := vint(data, 4, true)
		if n == 0 {
			return packets, broken(packets)
		}
		size, m := vint(data[n:], 8, false)
		if m == 0 {
			return packets, broken(packets)
		}
		unknown := size == 1<<(7*m)-1
		data = data[n+m:]
		switch id {
		case idSegment, idTracks, idTrackEntry, idCluster, idBlockGroup:
			continue
		}
		if unknown {
			return packets, ErrBroken // only those that hold others may be without end
		}
		if size > uint64(len(data)) {
			return packets, broken(packets) // cut off
		}
		body := data[:size]
		data = data[size:]
		switch id {
		case idCodec:
			if string(body) != opusCodec {
				return nil, ErrCodec
			}
		case idBlock, idSimpleBlock:
			of, k := vint(body, 8, false)
			if k == 0 || len(body) < k+3 || body[k+2]&lacing != 0 {
				return packets, ErrBroken
			}
			if track == 0 {
				track = of
			}
			if of == track && len(body) > k+3 {
				packets = append(packets, body[k+3:])
			}
		}
	}
	return packets, nil
}

// broken is what an end in the middle of something is: none where there is something before it.
func broken(packets [][]byte) error {
	if len(packets) > 0 {
		return nil
	}
	return ErrBroken
}

// vint reads a number whose first byte says how many bytes it has, at most most; marked keeps the
// bit that says so, as ids have it. n is 0 where there is none.
func vint(data []byte, most int, marked bool) (v uint64, n int) {
	if len(data) == 0 || data[0] == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(data[0]) + 1
	if n > most || n > len(data) {
		return 0, 0
	}
	v = uint64(data[0])
	if !marked {
		v &= 1<<(8-n) - 1
	}
	for _, b := range data[1:n] {
		v = v<<8 | uint64(b)
	}
	return v, n
}
