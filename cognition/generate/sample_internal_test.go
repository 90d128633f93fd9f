package generate

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestGreedyTakesTheFirstHighest(t *testing.T) {
	s := newSampler(settings{})
	for _, c := range []struct {
		scores []float32
		want   int
	}{{[]float32{1, 3, 3, 2}, 1}, {[]float32{-5}, 0}, {[]float32{float32(math.Inf(-1)), -9}, 1}} {
		if got, err := s.pick(c.scores); err != nil || got != c.want {
			t.Errorf("%v: got %d, %v", c.scores, got, err)
		}
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, scores := range [][]float32{{1, nan}, {inf, 1}, {-inf, -inf}, {}} {
		if _, err := s.pick(scores); !errors.Is(err, ErrNotFinite) {
			t.Errorf("%v: %v", scores, err)
		}
	}
}

// TestSamplingFollowsTheDistribution draws often and compares frequencies with probabilities.
func TestSamplingFollowsTheDistribution(t *testing.T) {
	const draws = 20_000
	scores := []float32{2, 1, 0, -1, float32(math.Inf(-1))}
	for _, c := range []struct {
		settings settings
		kept     int // of the best tokens
	}{
		{settings{Temperature: 1, Seed: 1}, 4},
		{settings{Temperature: 0.5, Seed: 2}, 4},
		{settings{Temperature: 1, TopK: 2, Seed: 3}, 2},
		{settings{Temperature: 1, TopP: 0.7, Seed: 4}, 2}, // the best token has 0.64
		{settings{Temperature: 1, TopP: 0.6, Seed: 5}, 1},
	} {
		want, total := make([]float64, len(scores)), 0.0
		for i := range c.kept {
			want[i] = math.Exp(float64(scores[i]) / c.settings.Temperature)
			total += want[i]
		}
		s := newSampler(c.settings)
		seen := make([]float64, len(scores))
		for range draws {
			id, err := s.pick(scores)
			if err != nil {
				t.Fatal(err)
			}
			seen[id]++
		}
		for i := range scores {
			p := want[i] / total
			// Five standard deviations of a frequency.
			if off := math.Abs(seen[i]/draws - p); off > 5*math.Sqrt(p*(1-p)/draws)+1e-9 {
				t.Errorf("%+v: token %d came %.4f of the time, want %.4f", c.settings, i, seen[i]/draws, p)
			}
		}
	}
}

func TestSameSeedSameTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		how := settings{
			Temperature: rapid.Float64Range(0, 3).Draw(t, "temperature"), TopP: rapid.Float64Range(0, 1).Draw(t, "top-p"),
			TopK: rapid.IntRange(0, 8).Draw(t, "top-k"), Seed: rapid.Uint64().Draw(t, "seed"),
		}
		scores := rapid.SliceOfN(rapid.Float32Range(-20, 20), 1, 30).Draw(t, "scores")
		a, b := newSampler(how), newSampler(how)
		for range 5 {
			x, errX := a.pick(scores)
			y, errY := b.pick(scores)
			if x != y || errX != nil || errY != nil || x < 0 || x >= len(scores) {
				t.Fatalf("%d and %d (%v, %v)", x, y, errX, errY)
			}
			if how.TopK == 1 && scores[x] != scores[argmax(scores)] {
				t.Fatalf("top-k 1 took %d", x)
			}
		}
	})
}
