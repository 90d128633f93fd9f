package silero_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func open(tb testing.TB) *silero.Model {
	tb.Helper()
	return installed.Silero(tb, installed.Runtime(tb))
}

func detector(tb testing.TB, m *silero.Model) *silero.Detector {
	tb.Helper()
	d, err := m.NewDetector()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}

// probabilities feeds whole windows of pcm.
func probabilities(tb testing.TB, d *silero.Detector, pcm []float32) []float32 {
	tb.Helper()
	var all []float32
	for ; len(pcm) >= hearing.WindowSamples; pcm = pcm[hearing.WindowSamples:] {
		p, err := d.Probability(pcm[:hearing.WindowSamples])
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// share returns how many of the values are at least 0.5.
func share(values []float32) float64 {
	n := 0
	for _, v := range values {
		if v >= 0.5 {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func TestProbability(t *testing.T) {
	m := open(t)
	speech := scripted.Flite(t, "slt", "Can you tell me what you see in front of you?", 1)
	for _, c := range []struct {
		name     string
		pcm      []float32
		min, max float64
	}{
		{"speech", speech, 0.8, 1},
		{"espeak", scripted.Espeak(t, "Can you tell me what you see in front of you?"), 0.8, 1},
		{"speech in noise", mix(speech, scripted.Noise(4*time.Second, 0.005, 1)), 0.7, 1},
		{"silence", scripted.Silence(2 * time.Second), 0, 0},
		{"quiet noise", scripted.Noise(2*time.Second, 0.001, 2), 0, 0},
		{"loud noise", scripted.Noise(2*time.Second, 0.1, 3), 0, 0.05},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := share(probabilities(t, detector(t, m), c.pcm)); got < c.min || got > c.max {
				t.Errorf("%.0f %% of the windows are speech, want %.0f to %.0f %%", 100*got, 100*c.min, 100*c.max)
			}
		})
	}
}

func mix(a, b []float32) []float32 {
	out := make([]float32, min(len(a), len(b)))
	for i := range out {
		out[i] = a[i] + b[i]
	}
	return out
}

func TestStreamsDoNotShareState(t *testing.T) {
	m := open(t)
	speech := scripted.Flite(t, "slt", "One stream must not hear another.", 1)
	noise := scripted.Noise(4*time.Second, 0.05, 7)
	want := probabilities(t, detector(t, m), speech)

	a, b := detector(t, m), detector(t, m)
	for i, p := range want {
		window := speech[i*hearing.WindowSamples:][:hearing.WindowSamples]
		got, err := a.Probability(window)
		if err != nil {
			t.Fatal(err)
		}
		if got != p {
			t.Fatalf("window %d: %v beside another stream, %v alone", i, got, p)
		}
		if _, err := b.Probability(noise[i*hearing.WindowSamples:][:hearing.WindowSamples]); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReset(t *testing.T) {
	d := detector(t, open(t))
	speech := scripted.Flite(t, "slt", "The second run must equal the first.", 1)
	first := probabilities(t, d, speech)
	d.Reset()
	for i, p := range probabilities(t, d, speech) {
		if p != first[i] {
			t.Fatalf("window %d: %v after reset, %v at first", i, p, first[i])
		}
	}
}

func TestProbabilityDoesNotAllocate(t *testing.T) {
	d := detector(t, open(t))
	window := scripted.Noise(hearing.WindowLength, 0.05, 1)
	if got := testing.AllocsPerRun(100, func() { _, _ = d.Probability(window) }); got > 0 {
		t.Errorf("%v allocations a window", got)
	}
}

func TestProbabilityRefusesOtherLengths(t *testing.T) {
	d := detector(t, open(t))
	for _, n := range []int{0, 256, 511, 513} {
		if _, err := d.Probability(make([]float32, n)); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("%d samples: %v", n, err)
		}
	}
}

func TestNewRefusesAnotherModel(t *testing.T) {
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rt.Close() }()
	session, err := rt.Load(t.Context(), ort.Source{Path: testmodels.Path(t, "moonshine-tiny", "encoder_model.ort")}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	if _, err := silero.New(session); !errors.Is(err, hearing.ErrModel) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkProbability(b *testing.B) {
	d := detector(b, open(b))
	window := scripted.Noise(hearing.WindowLength, 0.05, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Probability(window); err != nil {
			b.Fatal(err)
		}
	}
}
