package scene

import (
	"math"
	"math/rand/v2"
)

// random is a stream of numbers that depends on its seed only, on every platform and in every
// release.
type random struct{ source *rand.PCG }

// newRandom starts the stream named by stream of a seed; neighbouring seeds are unrelated.
func newRandom(seed, stream uint64) *random {
	return &random{rand.NewPCG(scramble(seed), scramble(seed^scramble(stream)))}
}

// scramble is the finaliser of splitmix64.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// float returns a number in [0, 1).
func (r *random) float() float64 { return float64(r.source.Uint64()>>11) / (1 << 53) }

// between returns a number in [low, high).
func (r *random) between(low, high float64) float64 { return low + (high-low)*r.float() }

// intn returns a whole number in [0, n).
func (r *random) intn(n int) int { return int(r.float() * float64(n)) }

// chance is true with probability p.
func (r *random) chance(p float64) bool { return r.float() < p }

// normal returns a number from the standard normal distribution.
func (r *random) normal() float64 {
	return math.Sqrt(-2*math.Log(1-r.float())) * math.Cos(2*math.Pi*r.float())
}

// permutation returns 0..n-1 in random order.
func (r *random) permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := r.intn(i + 1)
		p[i] = p[j]
		p[j] = i
	}
	return p
}

// weighted returns an index with a chance proportional to its weight.
func (r *random) weighted(weights ...float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := r.float() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func pick[T any](r *random, from []T) T { return from[r.intn(len(from))] }
