package rtpin

import (
	"encoding/binary"
	"fmt"
)

// NAL unit and packet types of RFC 6184 section 5.2.
const (
	nalSlice = 1
	nalIDR   = 5
	nalSPS   = 7
	nalAUD   = 9
	nalSTAPA = 24
	nalFUA   = 28

	nalTypeMask = 0x1f
	nalRefMask  = 0xe0
	fuStart     = 0x80
	fuEnd       = 0x40
)

// h264Depacketizer follows RFC 6184 in its packetization modes 0 and 1, the ones WebRTC uses, and
// gives Annex B.
type h264Depacketizer struct {
	// fragment is true between the first and the last piece of a fragmented NAL unit.
	fragment bool
}

func (d *h264Depacketizer) begin() { d.fragment = false }

// starts is true for what comes first in an access unit: a delimiter, parameter sets, or a slice
// that begins at the first macroblock (its number is coded as a single one bit).
func (d *h264Depacketizer) starts(payload []byte) bool {
	if len(payload) < 2 {
		return false
	}
	kind, body := payload[0]&nalTypeMask, payload[1:]
	switch kind {
	case nalSTAPA:
		return len(body) > 2 && d.starts(body[2:])
	case nalFUA:
		if body[0]&fuStart == 0 || len(body) < 2 {
			return false
		}
		kind, body = body[0]&nalTypeMask, body[1:]
	}
	switch kind {
	case nalSPS, nalAUD:
		return true
	case nalSlice, nalIDR:
		return body[0]&0x80 != 0
	}
	return false
}

func (d *h264Depacketizer) add(dst, payload []byte) ([]byte, bool, error) {
	kind := payload[0] & nalTypeMask
	if d.fragment && kind != nalFUA {
		return dst, false, fmt.Errorf("fragment without end: %w", ErrPayload)
	}
	switch {
	case kind > 0 && kind < nalSTAPA:
		return appendNAL(dst, payload), false, nil
	case kind == nalSTAPA:
		out, err := d.aggregate(dst, payload[1:])
		return out, false, err
	case kind == nalFUA:
		out, err := d.piece(dst, payload)
		return out, false, err
	}
	return dst, false, fmt.Errorf("h264 packet type %d: %w", kind, ErrPayload)
}

func (d *h264Depacketizer) aggregate(dst, rest []byte) ([]byte, error) {
	for len(rest) > 0 {
		if len(rest) < 2 {
			return dst, fmt.Errorf("aggregate ends early: %w", ErrPayload)
		}
		n := int(binary.BigEndian.Uint16(rest))
		rest = rest[2:]
		if n == 0 || n > len(rest) {
			return dst, fmt.Errorf("aggregated unit of %d bytes, %d left: %w", n, len(rest), ErrPayload)
		}
		dst, rest = appendNAL(dst, rest[:n]), rest[n:]
	}
	return dst, nil
}

func (d *h264Depacketizer) piece(dst, payload []byte) ([]byte, error) {
	if len(payload) < 2 {
		return dst, fmt.Errorf("fragment without header: %w", ErrPayload)
	}
	first := payload[1]&fuStart != 0
	if first == d.fragment {
		return dst, fmt.Errorf("fragment out of place: %w", ErrPayload)
	}
	if first {
		dst = appendNAL(dst, []byte{payload[0]&nalRefMask | payload[1]&nalTypeMask})
	}
	d.fragment = payload[1]&fuEnd == 0
	return append(dst, payload[2:]...), nil
}

func (d *h264Depacketizer) end() error {
	if d.fragment {
		return fmt.Errorf("fragment without end: %w", ErrPayload)
	}
	return nil
}

// appendNAL appends a NAL unit in Annex B form.
func appendNAL(dst, nal []byte) []byte {
	return append(append(dst, 0, 0, 0, 1), nal...)
}
