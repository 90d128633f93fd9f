package codec

import "bytes"

// OBU types and header bits of the AV1 specification, section 5.3.2.
const (
	obuExtension = 4
	obuHasSize   = 2

	obuSequenceHeader    = 1
	obuTemporalDelimiter = 2
)

// nalIDR and nalSPS are NAL unit types of H.264, table 7-1.
const (
	nalIDR = 5
	nalSPS = 7
)

// IsKeyframe reports whether decoding can start at this access unit. Damaged input gives false.
func IsKeyframe(c VideoCodec, accessUnit []byte) bool {
	switch c {
	case VP8:
		return isVP8Keyframe(accessUnit)
	case H264:
		return isH264Keyframe(accessUnit)
	case VP9:
		return isVP9Keyframe(accessUnit)
	case AV1:
		return isAV1Keyframe(accessUnit)
	}
	return false
}

// isVP8Keyframe reads the frame tag and the start code, RFC 6386 section 9.1.
func isVP8Keyframe(b []byte) bool {
	return len(b) >= 10 && b[0]&1 == 0 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a
}

// isH264Keyframe looks for an IDR slice in Annex B form.
func isH264Keyframe(b []byte) bool {
	for {
		i := bytes.Index(b, []byte{0, 0, 1})
		if i < 0 || i+3 >= len(b) {
			return false
		}
		b = b[i+3:]
		if b[0]&0x1f == nalIDR {
			return true
		}
	}
}

// isVP9Keyframe reads the first bits of the uncompressed header, VP9 bitstream specification
// section 6.2.
func isVP9Keyframe(b []byte) bool {
	if len(b) == 0 || b[0]>>6 != 2 {
		return false
	}
	profile := b[0]>>5&1 | b[0]>>4&1<<1
	bit := 4
	if profile == 3 {
		bit++
	}
	showExisting := b[0] >> (7 - bit) & 1
	interFrame := b[0] >> (6 - bit) & 1
	return showExisting == 0 && interFrame == 0
}

// isAV1Keyframe looks for a sequence header: encoders repeat it at every point where decoding can
// start.
func isAV1Keyframe(b []byte) bool {
	for len(b) > 0 {
		kind := b[0] >> 3 & 0xf
		if kind == obuSequenceHeader {
			return true
		}
		n, ok := obuSize(b)
		if !ok {
			return false
		}
		b = b[n:]
	}
	return false
}

// obuSize returns the length of the first OBU of b with its header. An OBU without a size field
// reaches to the end.
func obuSize(b []byte) (int, bool) {
	head := 1
	if b[0]&obuExtension != 0 {
		head = 2
	}
	if len(b) < head {
		return 0, false
	}
	if b[0]&obuHasSize == 0 {
		return len(b), true
	}
	var size uint64
	for i := range 8 {
		if head+i >= len(b) {
			return 0, false
		}
		v := b[head+i]
		size |= uint64(v&0x7f) << (7 * i)
		if v&0x80 == 0 {
			total := uint64(head+i+1) + size
			return int(total), total <= uint64(len(b))
		}
	}
	return 0, false
}

// stripTemporalDelimiters removes the OBUs that RTP does not carry (AV1 RTP payload format, section
// 5).
func stripTemporalDelimiters(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		n, ok := obuSize(b)
		if !ok {
			return append(out, b...)
		}
		if b[0]>>3&0xf != obuTemporalDelimiter {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}
