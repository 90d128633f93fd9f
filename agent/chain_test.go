package agent_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent"
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
	engine, _ := open(t)
	chain := agent.NewChain(engine, "random")
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
	if held := engine.Compute().Leases; len(held) != 0 || chain.Textures() != 0 {
		t.Errorf("%d textures out, leases %+v", chain.Textures(), held)
	}
}

// BenchmarkVideoPath compares the path of a sampled 720p frame with leases and without.
func BenchmarkVideoPath(b *testing.B) {
	engine, _ := open(b)
	for _, c := range []struct {
		name string
		run  func(*agent.Chain, *media.I420) error
	}{
		{"bare", func(c *agent.Chain, f *media.I420) error { return c.Bare(b.Context(), f) }},
		{"governed", func(c *agent.Chain, f *media.I420) error {
			return c.Governed(b.Context(), f, func(*compute.Broker, *compute.Lease) {})
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			chain := agent.NewChain(engine, c.name)
			defer chain.Close()
			b.ReportAllocs()
			n := rand.Uint64()
			for b.Loop() {
				n++
				if err := c.run(chain, frame(b, chain.Pool(), 1280, 720, n)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
