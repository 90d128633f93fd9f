package vision

import "math"

// toHalf rounds to IEEE 754 half precision, to nearest and to even on a tie; too large values become infinite.
func toHalf(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	exponent := int(bits>>23&0xff) - 127
	fraction := bits & 0x7fffff
	switch {
	case exponent == 128 && fraction != 0:
		return sign | 0x7e00
	case exponent > 15:
		return sign | 0x7c00
	case exponent >= -14:
		return sign | roundHalf(uint32(exponent+15)<<10, fraction, 13)
	case exponent >= -25:
		return sign | roundHalf(0, fraction|1<<23, uint(-exponent-1))
	default:
		return sign
	}
}

// roundHalf adds the fraction, less its shift low bits, to base. A carry runs over into the exponent, as it must.
func roundHalf(base, fraction uint32, shift uint) uint16 {
	kept := base + fraction>>shift
	rest, tie := fraction&(1<<shift-1), uint32(1)<<(shift-1)
	if rest > tie || rest == tie && kept&1 == 1 {
		kept++
	}
	return uint16(kept)
}

// fromHalf widens a half-precision number.
func fromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, fraction := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		value := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(value) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	default:
		return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
	}
}
