package generate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestHalfRoundTrip(t *testing.T) {
	for h := range 1 << 16 {
		f := halfTo(uint16(h))
		if f != f {
			if back := halfTo(halfFrom(f)); back == back {
				t.Errorf("%#04x: not a number became %v", h, back)
			}
			continue
		}
		if back := halfFrom(f); back != uint16(h) {
			t.Errorf("%#04x became %v became %#04x", h, f, back)
		}
	}
}

// TestHalfRoundsToTheNearest compares with the distance to both neighbours.
func TestHalfRoundsToTheNearest(t *testing.T) {
	for _, c := range []struct {
		f    float32
		want uint16
	}{
		{65504, 0x7bff},
		{65519, 0x7bff},
		{65520, 0x7c00},
		{1e9, 0x7c00},
		{float32(math.Inf(-1)), 0xfc00},
		{5.9604645e-8, 0x0001},
		{2.9802322e-8, 0},
		{3e-8, 0x0001},
		{1e-30, 0},
		{-1e-30, 0x8000},
		{1 + 1.0/2048, 0x3c00},
		{1 + 3.0/2048, 0x3c02},
	} {
		if got := halfFrom(c.f); got != c.want {
			t.Errorf("%v: got %#04x, want %#04x", c.f, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32Range(-65000, 65000).Draw(t, "f")
		h := halfFrom(f)
		off := math.Abs(float64(halfTo(h)) - float64(f))
		for _, neighbour := range []uint16{h - 1, h + 1} {
			if other := halfTo(neighbour); !math.IsInf(float64(other), 0) && other == other && math.Abs(float64(other)-float64(f)) < off {
				t.Fatalf("%v became %v, but %v is nearer", f, halfTo(h), other)
			}
		}
	})
}
