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

// TestAcrossABadNetwork: the same network loses the same packets, copies bring most of them back,
// and the sound is as long as it was.
func TestAcrossABadNetwork(t *testing.T) {
	tone := make([]float32, 10*wire.InRate)
	for i := range tone {
		tone[i] = 0.25 * float32(math.Sin(2*math.Pi*440*float64(i)/wire.InRate))
	}
	bad := wire.Network{Seed: 4}
	bad.Loss, bad.Duplicate, bad.Delay, bad.Jitter = 0.1, 0.02, 60*time.Millisecond, 50*time.Millisecond
	for _, redundant := range []bool{false, true} {
		bad.Redundant = redundant
		heard, stats, err := wire.Across(tone, 0, 0, bad)
		again, same, err2 := wire.Across(tone, 0, 0, bad)
		if err != nil || err2 != nil || stats != same || !slices.Equal(heard, again) {
			t.Fatalf("%v, %v, or the second time was another: %+v, %+v", err, err2, stats, same)
		}
		if got := float64(len(heard)) / wire.OutRate; got < 9.8 || got > 10.3 {
			t.Errorf("10 s are heard as %.2f", got)
		}
		if level := media.DBFS(heard); level < -17 || level > -14 {
			t.Errorf("the tone is heard at %.1f dBFS, it has -15", level)
		}
		t.Logf("redundant %v: %+v", redundant, stats)
		if missing := stats.Lost; redundant && (missing > 10 || stats.Redundant < 30) || !redundant && (missing < 30 || stats.Redundant != 0) {
			t.Errorf("redundant %v: %+v", redundant, stats)
		}
	}
}
