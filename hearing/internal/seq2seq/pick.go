package seq2seq

import "math"

// Best returns the token with the highest logit and its log probability among all tokens. The last
// result is false when the logits are not numbers.
func Best(logits []float32) (token int, logProb float32, ok bool) {
	best := float32(math.Inf(-1))
	token = -1
	for i, x := range logits {
		if x > best {
			best, token = x, i
		}
	}
	if token < 0 || math.IsInf(float64(best), 1) {
		return 0, 0, false
	}
	var sum float64
	for _, x := range logits {
		if d := x - best; d > -20 {
			sum += math.Exp(float64(d))
		}
	}
	return token, float32(-math.Log(sum)), true
}

// repeatSpans says how often a sequence of so many tokens may be repeated at the end before it
// counts as a loop.
var repeatSpans = [...]struct{ length, times int }{{1, 8}, {2, 5}, {3, 4}, {4, 4}, {6, 3}, {8, 3}, {12, 3}}

// Loop reports whether tokens end in a loop, as decoders produce when they lose their way, and how
// many tokens are left when all repetitions but the first are cut off.
func Loop(tokens []int) (keep int, loop bool) {
	for _, span := range repeatSpans {
		if n := span.length * span.times; len(tokens) >= n && periodic(tokens[len(tokens)-n:], span.length) {
			return len(tokens) - n + span.length, true
		}
	}
	return len(tokens), false
}

// periodic reports whether tokens repeat with the given period.
func periodic(tokens []int, period int) bool {
	for i := period; i < len(tokens); i++ {
		if tokens[i] != tokens[i-period] {
			return false
		}
	}
	return true
}
