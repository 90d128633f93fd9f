package half_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/internal/half"
)

// TestTo compares every half with its definition.
func TestTo(t *testing.T) {
	for bits := range 1 << 16 {
		got := float64(half.To(uint16(bits)))
		exponent, fraction := bits>>10&31, float64(bits&1023)
		want := math.Ldexp(1+fraction/1024, exponent-15)
		switch {
		case exponent == 0:
			want = math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			want = math.Inf(1)
		case exponent == 31:
			if !math.IsNaN(got) {
				t.Fatalf("%#x is %v, want NaN", bits, got)
			}
			continue
		}
		if bits>>15 == 1 {
			want = -want
		}
		if got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%#x is %v, want %v", bits, got, want)
		}
	}
}

// TestRoundTrip widens and narrows every half.
func TestRoundTrip(t *testing.T) {
	for bits := range 1 << 16 {
		h := uint16(bits)
		value := half.To(h)
		back := half.From(value)
		if math.IsNaN(float64(value)) {
			if back&0x7c00 != 0x7c00 || back&0x3ff == 0 || back>>15 != h>>15 {
				t.Fatalf("%#x, no number, narrowed to %#x", h, back)
			}
			continue
		}
		if back != h {
			t.Fatalf("%#x → %g → %#x", h, value, back)
		}
	}
}

// TestRounding is ties, the edge of the subnormal numbers, and overflow.
func TestRounding(t *testing.T) {
	for value, want := range map[float32]uint16{
		1: 0x3c00, -2: 0xc000, 65504: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, 1e9: 0x7c00,
		float32(math.Inf(-1)): 0xfc00, 1 + 1.0/2048: 0x3c00, 1 + 3.0/2048: 0x3c02, 1 + 1.1/2048: 0x3c01,
		1.0 / (1 << 24): 1, 1.0 / (1 << 25): 0, 1.1 / (1 << 25): 1, 1.0 / (1 << 27): 0, -1e-30: 0x8000,
		1023.0 / (1 << 24): 0x3ff, 1023.9 / (1 << 24): 0x400, 3.0 / (1 << 25): 2,
	} {
		if got := half.From(value); got != want {
			t.Errorf("%g is %#04x, want %#04x", value, got, want)
		}
	}
}

// TestNearest compares with the distance to both neighbours.
func TestNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32Range(-65000, 65000).Draw(t, "f")
		h := half.From(f)
		off := math.Abs(float64(half.To(h)) - float64(f))
		for _, neighbour := range []uint16{h - 1, h + 1} {
			if other := float64(half.To(neighbour)); math.Abs(other-float64(f)) < off {
				t.Fatalf("%v became %v, but %v is nearer", f, half.To(h), other)
			}
		}
	})
}
