package convert_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// Bounds of packed against exact weights, in n tokens of answers.
//
// One token's scores say little: on every kernel the cosine of some is 0.97, of most 0.9996, and
// which ones those are is chance, since a difference in the last bit decides what the next layer
// rounds up or down. Answers are compared instead. In 1132 tokens of 24 answers AVX2, AVX-VNNI,
// AVX-512 and AVX-512 VNNI alike choose the same token 97.2 times in 100; the answers are as likely
// as with exact weights (AVX2: perplexity ×0.999, AVX-512: ×1.001), with a deviation of 0.065 a
// token. With activations in float (accuracy_level 1) every token is the same, so rounding them to
// 8 bits is all there is. The bounds leave four and a half deviations.
func packedBounds(n int) (same, worse float64) {
	deviation := 1 / math.Sqrt(float64(n))
	return 0.97 - 4.5*math.Sqrt(0.972*0.028)*deviation, 0.005 + 4.5*0.065*deviation
}

// packedAnswersAsWell reads answers that PyTorch gave with exact weights to both graphs, token by
// token: every sixth, or with SENSORY_AGENT_FULL=1 all. The packed one must mostly choose the same
// tokens and find the answers as likely.
func packedAnswersAsWell(t *testing.T, open func(string) graph, dir string) {
	t.Helper()
	var golden []struct {
		Prompt, IDs []int64
	}
	data, err := os.ReadFile("../../cognition/generate/testdata/smollm2/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	tokens, same, worse := 0, 0, 0.0
	for i, g := range golden {
		if i%6 != 0 && os.Getenv("SENSORY_AGENT_FULL") == "" {
			continue
		}
		exact, packed := answer(t, open, dir, "", g.Prompt, g.IDs), answer(t, open, dir, "_q4", g.Prompt, g.IDs)
		for k, id := range g.IDs {
			tokens++
			if best(exact[k]) == best(packed[k]) {
				same++
			}
			worse += surprise(packed[k], id) - surprise(exact[k], id)
		}
	}
	if tokens < 100 {
		t.Fatalf("only %d tokens", tokens)
	}
	leastSame, mostWorse := packedBounds(tokens)
	rate, mean := float64(same)/float64(tokens), worse/float64(tokens)
	t.Logf("%d tokens: %.3f chosen alike, perplexity ×%.4f", tokens, rate, math.Exp(mean))
	if !(rate >= leastSame) {
		t.Errorf("packed weights choose the same token %.3f of the time, want at least %.3f", rate, leastSame)
	}
	if !(mean <= mostWorse) {
		t.Errorf("packed weights find the answers less likely by %.4f a token, want at most %.4f", mean, mostWorse)
	}
}

// best is the token of the highest score.
func best(scores []float32) int { return slices.Index(scores, slices.Max(scores)) }

// surprise is the negative logarithm of a token's probability.
func surprise(scores []float32, id int64) float64 {
	top, sum := float64(slices.Max(scores)), 0.0
	for _, s := range scores {
		sum += math.Exp(float64(s) - top)
	}
	return top + math.Log(sum) - float64(scores[id])
}
