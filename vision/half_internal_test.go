package vision

import (
	"math"
	"testing"
)

// TestHalfRoundTrip widens and narrows every half-precision number.
func TestHalfRoundTrip(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 16 {
		half := uint16(bits)
		value := fromHalf(half)
		if math.IsNaN(float64(value)) {
			if half&0x7c00 != 0x7c00 || half&0x3ff == 0 {
				t.Fatalf("%#x widened to NaN", half)
			}
			if back := toHalf(value); back&0x7c00 != 0x7c00 || back&0x3ff == 0 {
				t.Fatalf("NaN narrowed to %#x", back)
			}
			continue
		}
		if back := toHalf(value); back != half {
			t.Fatalf("%#x → %g → %#x", half, value, back)
		}
	}
}

// TestHalfRounding checks rounding at ties, at the edge of the subnormal numbers and at overflow.
func TestHalfRounding(t *testing.T) {
	t.Parallel()
	for value, want := range map[float32]uint16{
		1: 0x3c00, -2: 0xc000, 65504: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, 1e9: 0x7c00,
		1 + 1.0/2048: 0x3c00, 1 + 3.0/2048: 0x3c02, 1 + 1.1/2048: 0x3c01,
		1.0 / (1 << 24): 1, 1.0 / (1 << 25): 0, 1.1 / (1 << 25): 1, 1.0 / (1 << 27): 0, 1023.0 / (1 << 24): 0x3ff, 1023.9 / (1 << 24): 0x400,
	} {
		if got := toHalf(value); got != want {
			t.Errorf("%g is %#x, expected %#x", value, got, want)
		}
	}
}
