package senses_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
)

// frame is a picture that differs from all others, so that no cache knows it.
func frame(t testing.TB, pool *media.I420Pool, w, h int, n uint64) *media.I420 {
	t.Helper()
	f, err := pool.Get(w, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Y {
		f.Y[i] = byte(i) + byte(n)
	}
	for i := range 8 {
		f.Y[i] = byte(n >> (8 * i))
	}
	return f
}

func TestRevokedFramesGiveEverythingBack(t *testing.T) {
	machine, models := shared.Open(t)
	chain := senses.NewChain(models, "random")
	random := rand.New(rand.NewPCG(1, 2))
	const frames = 400
	refused := 0
	for n := range uint64(frames) {
		err := chain.Governed(t.Context(), frame(t, chain.Pool(), 64, 48, n), func(b *compute.Broker, l *compute.Lease) {
			if random.IntN(3) == 0 {
				b.Revoke(l, "test")
			}
		})
		switch {
		case err == nil:
		case errors.Is(err, compute.ErrRevoked) || errors.Is(err, compute.ErrDependencyLost):
			refused++
		default:
			t.Fatal(err)
		}
		if out := chain.Pool().Outstanding(); out != 0 {
			t.Fatalf("frame %d: %d pictures are out", n, out)
		}
	}
	chain.Close()
	if refused < frames/5 || refused > frames/2 {
		t.Errorf("%d of %d frames were refused after a revocation of every third", refused, frames)
	}
	if held := machine.Compute().Leases; len(held) != 0 || chain.Textures() != 0 {
		t.Errorf("%d textures out, leases %+v", chain.Textures(), held)
	}
}

// BenchmarkVideoPath compares the path of a sampled 720p frame with leases and without. Each round
// takes both, in turns which of them goes first, so that whatever else the machine does falls on
// both. The figures are medians; governed/bare is the median of the rounds' ratios.
func BenchmarkVideoPath(b *testing.B) {
	_, models := shared.Open(b)
	chain := senses.NewChain(models, "bench")
	defer chain.Close()
	n := rand.Uint64()
	timed := func(run func(*media.I420) error) float64 {
		n++
		f := frame(b, chain.Pool(), 1280, 720, n)
		begin := time.Now()
		if err := run(f); err != nil {
			b.Fatal(err)
		}
		return float64(time.Since(begin).Nanoseconds())
	}
	paths := []func(*media.I420) error{
		func(f *media.I420) error { return chain.Bare(b.Context(), f) },
		func(f *media.I420) error {
			return chain.Governed(b.Context(), f, func(*compute.Broker, *compute.Lease) {})
		},
	}
	var took [2][]float64
	var ratios []float64
	for round := 0; b.Loop(); round++ {
		var pair [2]float64
		for i := range paths {
			which := (i + round) % 2
			pair[which] = timed(paths[which])
		}
		took[0], took[1] = append(took[0], pair[0]), append(took[1], pair[1])
		ratios = append(ratios, pair[1]/pair[0])
	}
	b.ReportMetric(median(took[0])/1e6, "bare-ms")
	b.ReportMetric(median(took[1])/1e6, "governed-ms")
	b.ReportMetric(median(ratios), "governed/bare")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkGovernance measures what the leases of one frame cost without the work: three grants,
// publications, hand-overs and ends.
func BenchmarkGovernance(b *testing.B) {
	_, models := shared.Open(b)
	chain := senses.NewChain(models, "governance")
	defer chain.Close()
	f := frame(b, chain.Pool(), 64, 48, 1)
	defer f.Release()
	b.ReportAllocs()
	for b.Loop() {
		if err := chain.Leases(b.Context(), f); err != nil {
			b.Fatal(err)
		}
	}
}
