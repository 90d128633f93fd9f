package rtpin

import (
	"fmt"
	"slices"
)

// Aggregation header of the AV1 RTP payload format, section 4.4.
const (
	av1Continues = 0x80 // Z: the first element goes on from the packet before
	av1Unended   = 0x40 // Y: the last element goes on in the next packet
)

// maxSizeField is the length of the longest size field that is written: 4 bytes hold up to 2^28.
const maxSizeField = 4

// OBU header bits and types of the AV1 specification, section 5.3.2.
const (
	obuForbidden = 0x80
	obuExtension = 0x04
	obuHasSize   = 0x02

	obuSequenceHeader    = 1
	obuTemporalDelimiter = 2
	obuFrameHeader       = 3
	obuFrame             = 6
	obuTileList          = 8
	obuPadding           = 15
)

// av1Depacketizer follows the AV1 RTP payload format and gives OBUs with size fields (low overhead
// format).
type av1Depacketizer struct {
	// pending says that the last OBU goes on in the next packet; what is there of it lies at the
	// end of the access unit, from open on, as it came: without a size field in front of its body.
	pending bool
	open    int
}

func (d *av1Depacketizer) begin() { d.pending = false }

// starts is true for a packet that begins with a whole OBU of a kind that can come first in a
// temporal unit.
func (d *av1Depacketizer) starts(payload []byte) bool {
	if len(payload) < 2 || payload[0]&av1Continues != 0 {
		return false
	}
	element, _, _, err := nextElement(payload[1:], int(payload[0]>>4&3), 1)
	if err != nil || len(element) == 0 {
		return false
	}
	switch element[0] >> 3 & 0xf {
	case obuSequenceHeader, obuTemporalDelimiter, obuFrameHeader, obuFrame:
		return true
	}
	return false
}

func (d *av1Depacketizer) add(dst, payload []byte) ([]byte, bool, error) {
	head, rest, count := payload[0], payload[1:], int(payload[0]>>4&3)
	if (head&av1Continues != 0) != d.pending {
		return dst, false, fmt.Errorf("obu fragment out of place: %w", ErrPayload)
	}
	for i := 1; len(rest) > 0; i++ {
		element, after, last, err := nextElement(rest, count, i)
		if err != nil {
			return dst, false, err
		}
		rest = after
		if !d.pending {
			d.open = len(dst)
		}
		dst = append(dst, element...)
		if d.pending = last && head&av1Unended != 0; d.pending {
			return dst, false, nil
		}
		if dst, err = closeOBU(dst, d.open); err != nil {
			return dst, false, err
		}
	}
	return dst, false, nil
}

func (d *av1Depacketizer) end() error {
	if d.pending {
		return fmt.Errorf("obu without end: %w", ErrPayload)
	}
	return nil
}

// nextElement splits off element number i (from one) of count; count 0 means that each has a length
// field, otherwise the last has none.
func nextElement(b []byte, count, i int) (element, rest []byte, last bool, err error) {
	if count != 0 && i == count {
		return b, nil, true, nil
	}
	n, used, ok := leb128(b)
	if !ok || n > uint64(len(b)-used) {
		return nil, nil, false, fmt.Errorf("obu element of %d bytes in %d: %w", n, len(b), ErrPayload)
	}
	end := used + int(n)
	return b[used:end], b[end:], end == len(b), nil
}

// closeOBU gives the OBU that lies at the end of dst, from start on, its size field; kinds that
// mean nothing to a decoder are left out. Nothing is copied elsewhere: dst grows by the size field
// only.
func closeOBU(dst []byte, start int) ([]byte, error) {
	obu := dst[start:]
	if len(obu) == 0 {
		return dst, nil
	}
	head := 1
	if obu[0]&obuExtension != 0 {
		head = 2
	}
	if obu[0]&obuForbidden != 0 || len(obu) < head {
		return dst, fmt.Errorf("obu header: %w", ErrPayload)
	}
	switch obu[0] >> 3 & 0xf {
	case obuTemporalDelimiter, obuTileList, obuPadding:
		return dst[:start], nil
	}
	if obu[0]&obuHasSize != 0 {
		n, used, ok := leb128(obu[head:])
		if !ok || n > uint64(len(obu)-head-used) {
			return dst, fmt.Errorf("obu of %d bytes in %d: %w", n, len(obu), ErrPayload)
		}
		return dst[:start+head+used+int(n)], nil // it has one; what lies behind it is not part of it
	}
	obu[0] |= obuHasSize
	var size [maxSizeField]byte
	return slices.Insert(dst, start+head, appendLEB128(size[:0], len(obu)-head)...), nil
}

// appendLEB128 appends n as a little-endian base 128 number.
func appendLEB128(dst []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(dst, byte(n))
}

// leb128 reads a little-endian base 128 number of at most 8 bytes (AV1 specification section
// 4.10.5).
func leb128(b []byte) (value uint64, used int, ok bool) {
	for i := range min(len(b), 8) {
		value |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return value, i + 1, true
		}
	}
	return value, 0, false
}
