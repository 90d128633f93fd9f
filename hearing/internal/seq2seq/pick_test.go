package seq2seq_test

import (
	"math"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

func TestBest(t *testing.T) {
	never := float32(math.Inf(-1))
	token, logProb, ok := seq2seq.Best([]float32{1, 3, never, 2})
	want := 3 - math.Log(math.Exp(1)+math.Exp(3)+math.Exp(2))
	if token != 1 || !ok || math.Abs(float64(logProb)-want) > 1e-6 {
		t.Errorf("%d %v %v, want 1 %v", token, logProb, ok, want)
	}
	nan := float32(math.NaN())
	for name, logits := range map[string][]float32{"nothing": {}, "nan": {nan, nan}, "never": {never}, "infinite": {float32(math.Inf(1))}} {
		if _, _, ok := seq2seq.Best(logits); ok {
			t.Errorf("%s: took a token", name)
		}
	}
}

func TestLoop(t *testing.T) {
	repeat := func(prefix, span []int, times int) []int {
		out := append([]int(nil), prefix...)
		for range times {
			out = append(out, span...)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		tokens []int
		keep   int
		loop   bool
	}{
		{"nothing", nil, 0, false},
		{"plain", []int{1, 2, 3, 4, 5, 6, 7, 8}, 8, false},
		{"no no no", []int{4, 7, 7, 7}, 4, false},
		{"one token", repeat([]int{1, 2}, []int{9}, 8), 3, true},
		{"two tokens", repeat([]int{1}, []int{8, 9}, 5), 3, true},
		{"two tokens, four times", repeat([]int{1}, []int{8, 9}, 4), 9, false},
		{"a sentence", repeat(nil, []int{1, 2, 3, 4, 5, 6, 7, 8}, 3), 8, true},
	} {
		keep, loop := seq2seq.Loop(c.tokens)
		if keep != c.keep || loop != c.loop {
			t.Errorf("%s: %d %v, want %d %v", c.name, keep, loop, c.keep, c.loop)
		}
	}
}
