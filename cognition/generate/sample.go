package generate

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// settings are those of prompt.Sampling with the defaults of a model in this process filled in:
// greedy, every token, seed 0.
type settings struct {
	Temperature float64
	TopP        float64 // 0 keeps all
	TopK        int     // 0 keeps all
	Seed        uint64
}

// settingsOf fills in the defaults of settings that were checked.
func settingsOf(s prompt.Sampling) settings {
	var out settings
	if s.Temperature != nil {
		out.Temperature = *s.Temperature
	}
	if s.TopP != nil {
		out.TopP = *s.TopP
	}
	if s.TopK != nil {
		out.TopK = *s.TopK
	}
	if s.Seed != nil {
		out.Seed = uint64(*s.Seed)
	}
	return out
}

// sampler chooses tokens; it belongs to one call.
type sampler struct {
	settings
	random *rand.Rand
	order  []int     // token ids, reused between calls
	weight []float64 // by position in order
}

// newSampler makes a sampler for checked settings.
func newSampler(s settings) *sampler {
	return &sampler{settings: s, random: rand.New(rand.NewPCG(s.Seed, 0x5ee0))}
}

// pick returns the next token for the scores of all tokens.
func (s *sampler) pick(scores []float32) (int, error) {
	best := argmax(scores)
	if best < 0 {
		return 0, ErrNotFinite
	}
	if s.Temperature == 0 || s.TopK == 1 {
		return best, nil
	}
	s.rank(scores)
	total := s.weigh(scores, scores[best])
	kept, sum := len(s.order), 0.0
	if s.TopP > 0 && s.TopP < 1 {
		for i, w := range s.weight {
			sum += w
			if sum >= s.TopP*total {
				kept, total = i+1, sum
				break
			}
		}
	}
	at := s.random.Float64() * total
	for i, w := range s.weight[:kept] {
		if at -= w; at < 0 {
			return s.order[i], nil
		}
	}
	return s.order[kept-1], nil
}

// rank orders the token ids by score, highest first and of equals the lowest id, and keeps the
// first TopK.
func (s *sampler) rank(scores []float32) {
	s.order = s.order[:0]
	for id, score := range scores {
		if !math.IsInf(float64(score), -1) {
			s.order = append(s.order, id)
		}
	}
	slices.SortFunc(s.order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return a - b
	})
	if s.TopK > 0 && s.TopK < len(s.order) {
		s.order = s.order[:s.TopK]
	}
}

// weigh sets the unnormalised probability of every ranked token and returns their sum.
func (s *sampler) weigh(scores []float32, best float32) float64 {
	s.weight = s.weight[:0]
	total := 0.0
	for _, id := range s.order {
		w := math.Exp(float64(scores[id]-best) / s.Temperature)
		s.weight = append(s.weight, w)
		total += w
	}
	return total
}

// argmax is the first token with the highest score, or -1 where a score is not a number or the
// highest is not finite.
func argmax(scores []float32) int {
	best := -1
	for id, score := range scores {
		if score != score {
			return -1
		}
		if best < 0 || score > scores[best] {
			best = id
		}
	}
	if best < 0 || math.IsInf(float64(scores[best]), 0) {
		return -1
	}
	return best
}
