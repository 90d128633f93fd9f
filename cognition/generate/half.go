package generate

import "math"

// halfFrom rounds to half precision, ties to even (IEEE 754 binary16).
func halfFrom(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	exponent := int(bits>>23&0xff) - 127 + 15
	mantissa := bits & 0x7fffff
	switch {
	case bits&0x7fffffff > 0x7f800000: // not a number
		return sign | 0x7e00
	case exponent >= 31: // too large, or infinite
		return sign | 0x7c00
	case exponent <= 0: // subnormal or zero
		if exponent < -10 {
			return sign
		}
		mantissa |= 0x800000
		shift := uint(14 - exponent)
		return sign | uint16(roundedShift(mantissa, shift))
	}
	return sign | uint16(uint32(exponent)<<10+roundedShift(mantissa, 13))
}

// roundedShift shifts right and rounds to the nearest, ties to even.
func roundedShift(v uint32, shift uint) uint32 {
	half := uint32(1) << (shift - 1)
	rest := v & (1<<shift - 1)
	v >>= shift
	if rest > half || (rest == half && v&1 == 1) {
		v++
	}
	return v
}

// halfTo widens half precision.
func halfTo(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent := uint32(h >> 10 & 0x1f)
	mantissa := uint32(h & 0x3ff)
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)*(1.0/(1<<24))))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}
