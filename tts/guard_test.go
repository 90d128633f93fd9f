package tts

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tone is a sine of the given amplitude at 440 Hz.
func tone(rate, samples int, amplitude float64) []float32 {
	out := make([]float32, samples)
	for i := range out {
		out[i] = float32(amplitude * math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
	}
	return out
}

// collect returns a guard that keeps what it emits, piece by piece.
func collect(rate int) (*guard, *[][]float32) {
	var pieces [][]float32
	return newGuard("test", rate, func(p []float32) error {
		pieces = append(pieces, p)
		return nil
	}), &pieces
}

func TestGuardRefusesWhatIsNoNumber(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		g, pieces := collect(16000)
		if err := g.write(t.Context(), tone(16000, 1600, 0.5)); err != nil {
			t.Fatal(err)
		}
		before := len(*pieces)
		pcm := tone(16000, 1600, 0.5)
		pcm[700] = bad
		err := g.write(t.Context(), pcm)
		var out *OutputError
		if !errors.Is(err, ErrNotFinite) || !errors.As(err, &out) || out.Sample != 2300 || out.Voice != "test" {
			t.Errorf("%v: got %v", bad, err)
		}
		if len(*pieces) != before {
			t.Errorf("%v: a piece with it was emitted", bad)
		}
	}
}

func TestGuardRefusesSilence(t *testing.T) {
	for name, pcm := range map[string][]float32{"zeros": make([]float32, 48000), "hiss at -60 dBFS": tone(16000, 48000, 0.0014), "nothing": nil} {
		g, pieces := collect(16000)
		if err := g.write(t.Context(), pcm); err != nil {
			t.Fatal(err)
		}
		if err := g.finish(); !errors.Is(err, ErrSilent) {
			t.Errorf("%s: got %v", name, err)
		}
		if len(*pieces) != 0 {
			t.Errorf("%s: %d pieces were emitted", name, len(*pieces))
		}
	}
}

func TestGuardShortensLeadingSilenceOnly(t *testing.T) {
	const rate = 16000
	g, pieces := collect(rate)
	for _, part := range [][]float32{make([]float32, 5000), tone(rate, 8000, 0.3), make([]float32, 6000), tone(rate, 100, 0.3)} {
		if err := g.write(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.finish(); err != nil {
		t.Fatal(err)
	}
	got := slices.Concat(*pieces...)
	// Sound starts at 5000; the frame of 320 samples that holds it starts at 4800; one more is kept
	// before it.
	if want := 8000 + 6000 + 100 + 5000 - 4480; len(got) != want {
		t.Errorf("%d samples, want %d", len(got), want)
	}
	for i, p := range *pieces {
		if len(p) > rate/10 || len(p) == 0 {
			t.Errorf("piece %d has %d samples", i, len(p))
		}
	}
}

func TestGuardBendsPeaks(t *testing.T) {
	g, pieces := collect(16000)
	if err := g.write(t.Context(), tone(16000, 16000, 4)); err != nil {
		t.Fatal(err)
	}
	for _, v := range slices.Concat(*pieces...) {
		if v >= 1 || v <= -1 {
			t.Fatalf("sample of %v", v)
		}
	}
	last := float32(-1)
	for v := float32(-3); v < 3; v += 0.001 {
		y := limit(v)
		if y < last {
			t.Fatalf("limit is not monotonic at %v", v)
		}
		if v >= -limiterKnee && v <= limiterKnee && y != v {
			t.Fatalf("limit(%v) = %v below the knee", v, y)
		}
		if y != -limit(-v) {
			t.Fatalf("limit is not odd at %v", v)
		}
		last = y
	}
}

func TestGuardStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	g := newGuard("test", 16000, func([]float32) error {
		count++
		if count == 3 {
			cancel()
		}
		return nil
	})
	if err := g.write(ctx, tone(16000, 16000, 0.5)); !errors.Is(err, context.Canceled) || count != 3 {
		t.Errorf("got %v after %d pieces", err, count)
	}
	full := errors.New("full")
	g = newGuard("test", 16000, func([]float32) error { return full })
	if err := g.write(t.Context(), tone(16000, 16000, 0.5)); !errors.Is(err, full) {
		t.Errorf("got %v, want the consumer's error", err)
	}
}

// However the samples come, what is heard is all of them from the frame before the first loud one
// on.
func TestGuardKeepsEverythingFromTheOnsetOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const rate, frame = 1000, 20
		var pcm []float32
		onset := -1
		for i := range rapid.IntRange(0, 30).Draw(t, "frames") {
			level := rapid.SampledFrom([]float32{0, 0.0031, 0.0032, 0.5}).Draw(t, "level") // the floor is 0.00316
			if level > 0.00316 && onset < 0 {
				onset = i
			}
			for range frame {
				pcm = append(pcm, level)
			}
		}
		pcm = append(pcm, make([]float32, rapid.IntRange(0, frame-1).Draw(t, "rest"))...)
		var got []float32
		g := newGuard("test", rate, func(p []float32) error {
			if len(p) == 0 || len(p) > rate/10 {
				t.Fatalf("a piece of %d samples", len(p))
			}
			got = append(got, p...)
			return nil
		})
		for rest := pcm; len(rest) > 0; {
			n := rapid.IntRange(1, min(len(rest), 150)).Draw(t, "piece")
			if err := g.write(context.Background(), rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		err := g.finish()
		if onset < 0 {
			if !errors.Is(err, ErrSilent) || len(got) != 0 {
				t.Fatalf("%v with %d samples", err, len(got))
			}
			return
		}
		if want := pcm[frame*max(0, onset-1):]; err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v with %d samples, want %d", err, len(got), len(want))
		}
	})
}
