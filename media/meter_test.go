package media_test

import (
	"math"
	"sync/atomic"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestAMeterMeasuresWhatIsWanted: nothing before somebody wants to know; then root mean square and
// peak of what came since a reading.
func TestAMeterMeasuresWhatIsWanted(t *testing.T) {
	var wanted atomic.Int32
	m := media.NewMeter(&wanted, 16000)
	loud := make([]float32, 1600)
	for i := range loud {
		loud[i] = float32(0.5 * math.Sin(float64(i)*2*math.Pi/160))
	}
	m.Add(loud)
	before := m.Read()
	if before != (media.Loudness{}) {
		t.Errorf("unwanted: %+v", before)
	}
	wanted.Store(1)
	m.Add(loud)
	now := m.Read()
	if rms := now.RMS(before); math.Abs(float64(rms)-0.5/math.Sqrt2) > 1e-4 || math.Abs(float64(now.Peak)-0.5) > 1e-3 || now.Samples != 1600 {
		t.Errorf("%v, %+v", rms, now)
	}
	m.Add([]float32{-0.9})
	if got := m.Read(); got.Peak != 0.9 {
		t.Errorf("a negative peak: %+v", got)
	}
	quiet := make([]float32, 1600)
	m.Add(quiet)
	if got := m.Read(); got.Peak != 0.9 {
		t.Errorf("a peak is of the window before, too: %+v", got)
	}
	m.Add(quiet)
	if got := m.Read(); got.Peak != 0 || got.RMS(got) != 0 {
		t.Errorf("then it is forgotten: %+v", got)
	}
	wanted.Store(0)
	if allocs := testing.AllocsPerRun(100, func() { m.Add(loud) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	var none *media.Meter
	none.Add(loud)
	(&media.Meter{}).Add(loud)
}
