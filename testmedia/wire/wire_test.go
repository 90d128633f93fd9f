package wire_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/wire"
)

// TestOverCarriesSound: a tone arrives at its place, at its level, with the room's hiss around it.
func TestOverCarriesSound(t *testing.T) {
	tone := make([]float32, wire.InRate)
	for i := range tone {
		tone[i] = 0.25 * float32(math.Sin(2*math.Pi*440*float64(i)/wire.InRate))
	}
	sent := slices.Clone(tone)
	heard, err := wire.Over(tone, 500*time.Millisecond, time.Second)
	if err != nil || !slices.Equal(sent, tone) {
		t.Fatalf("%v, or the sound was changed", err)
	}
	if length := time.Duration(len(heard)) * time.Second / wire.OutRate; length < 2400*time.Millisecond || length > 2600*time.Millisecond {
		t.Errorf("%v came", length)
	}
	at := func(from, to time.Duration) float64 {
		return media.DBFS(heard[from*wire.OutRate/time.Second : to*wire.OutRate/time.Second])
	}
	if level := at(600*time.Millisecond, 1400*time.Millisecond); level < -16.5 || level > -13.5 {
		t.Errorf("the tone is heard at %.1f dBFS, it has -15", level)
	}
	for _, quiet := range [][2]time.Duration{{100 * time.Millisecond, 450 * time.Millisecond}, {1700 * time.Millisecond, 2300 * time.Millisecond}} {
		if level := at(quiet[0], quiet[1]); level > -60 {
			t.Errorf("%.1f dBFS at %v", level, quiet[0])
		}
	}
	again, err := wire.Over(tone, 500*time.Millisecond, time.Second)
	if err != nil || !slices.Equal(heard, again) {
		t.Errorf("it sounds otherwise the second time: %v", err)
	}
	if none, err := wire.Over(nil, 0, 0); err != nil || len(none) != 0 {
		t.Errorf("nothing came as %d samples, %v", len(none), err)
	}
}
