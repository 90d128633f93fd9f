package half

import "math"

// Bits of a float32: the exponent of what is no number, 65,520 (from where on the nearest half is
// infinite), and 2⁻¹⁴, the smallest normal half.
const (
	infinite  = 0xff << 23
	tooLarge  = 0x477ff000
	subnormal = 0x38800000
	rebias    = 127 - 15 // between the two exponents
)

// To widens a half; every one is exact in float32.
func To(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, fraction := uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0:
		magnitude := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(magnitude) | sign)
	case 31:
		return math.Float32frombits(sign | infinite | fraction<<13)
	default:
		return math.Float32frombits(sign | (exponent+rebias)<<23 | fraction<<13)
	}
}

// From rounds to the nearest half, to the even one on a tie. What is too large becomes infinite,
// and what is no number stays none.
func From(f float32) uint16 {
	bits := math.Float32bits(f)
	sign := uint16(bits>>31) << 15
	magnitude := bits &^ (1 << 31)
	switch {
	case magnitude > infinite:
		return sign | 0x7e00
	case magnitude >= tooLarge:
		return sign | 0x7c00
	case magnitude < subnormal: // a multiple of 2⁻²⁴
		steps := math.RoundToEven(float64(math.Float32frombits(magnitude)) * (1 << 24))
		return sign | uint16(steps)
	default:
		rounded := magnitude + 0xfff + magnitude>>13&1
		return sign | uint16((rounded>>13)-rebias<<10)
	}
}
