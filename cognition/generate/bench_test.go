package generate_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// BenchmarkAnswer answers with the calibration model: first token, tokens per second, and what of
// the time is not the model's.
func BenchmarkAnswer(b *testing.B) {
	m := openModel(b, os.DirFS(calibration), generate.Options{})
	image := noise(m, 64, 1)
	cache := m.NewPromptCache()
	closeAfter(b, cache)
	for name, by := range map[string]generator{"fresh": m, "cached": cache} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var tokens int
			var first, total, compute time.Duration
			for b.Loop() {
				got := answer(b, by, prompt.Request{Messages: user("what do you see?", image), MaxTokens: 48})
				tokens += got.Tokens
				first, total, compute = first+got.FirstToken, total+got.Total, compute+got.Compute
			}
			report(b, tokens, first, total, compute)
		})
	}
}

// report adds the figures of many answers.
func report(b *testing.B, tokens int, first, total, compute time.Duration) {
	b.Helper()
	b.ReportMetric(float64(first.Microseconds())/float64(b.N)/1000, "ms-to-first-token")
	b.ReportMetric(float64(tokens-b.N)/(total-first).Seconds(), "tokens/s")
	b.ReportMetric(100*float64(total-compute)/float64(compute), "%-outside-graphs")
}

// BenchmarkLoopBesideBareRuns alternates whole answers with nothing but the session runs that such
// an answer needs, tensors made beforehand, and reports how much longer the answers take. An answer
// begins with an emptied cache, whose memory a persona keeps as well.
func BenchmarkLoopBesideBareRuns(b *testing.B) {
	m := openModel(b, os.DirFS(calibration), generate.Options{})
	request := prompt.Request{Messages: user("what do you see?", noise(m, 64, 1)), MaxTokens: 48}
	cache := m.NewPromptCache()
	closeAfter(b, cache)
	first := answer(b, cache, request)
	steps := first.Tokens
	if first.Reason == generate.ReasonLength {
		steps-- // the last token is not computed on
	}
	bare := newBareRuns(b, generate.Dir(calibration), first.PromptTokens, steps)
	// The fastest round of each part counts: whatever else the machine does only ever adds to it.
	loop, runs := [2]time.Duration{time.Hour, time.Hour}, [2]time.Duration{time.Hour, time.Hour} // to the first token, and behind it
	for b.Loop() {
		if err := cache.Reset(); err != nil {
			b.Fatal(err)
		}
		got := answer(b, cache, request)
		if got.Tokens != first.Tokens {
			b.Fatalf("%d tokens, then %d", first.Tokens, got.Tokens)
		}
		loop[0], loop[1] = min(loop[0], got.FirstToken), min(loop[1], got.Total-got.FirstToken)
		for i, took := range bare.run(b) {
			runs[i] = min(runs[i], took)
		}
	}
	for i, part := range []string{"first", "rest"} {
		b.ReportMetric(float64(runs[i].Microseconds())/1000, "ms-bare-"+part)
		b.ReportMetric(100*float64(loop[i]-runs[i])/float64(runs[i]), "%-overhead-"+part)
	}
}

// BenchmarkSmolLM2 generates with the installed SmolLM2-135M-Instruct, whose decoder has the shape
// of SmolVLM-256M's, by precision and length of the prompt: the longer one is what a picture in
// twelve tiles takes.
func BenchmarkSmolLM2(b *testing.B) {
	dir := filepath.Dir(testmodels.Path(b, "smollm2-135m-instruct", "config.json"))
	for _, variant := range []string{"", "_q4"} {
		testmodels.Path(b, "smollm2-135m-instruct", "onnx/decoder_model_merged"+variant+".onnx")
		for _, threads := range []int{1, 2} {
			m := openModel(b, generate.Dir(dir), generate.Options{Options: ort.Options{Threads: threads}, Variant: variant})
			for name, words := range map[string]int{"short": 1, "picture": 850} {
				b.Run(name+variant+map[int]string{1: "/1-thread", 2: "/2-threads"}[threads], func(b *testing.B) {
					text := "Count from one to fifty."
					for range words - 1 {
						text += " sea"
					}
					var tokens int
					var first, total, compute time.Duration
					for b.Loop() {
						got := answer(b, m, prompt.Request{Messages: user(text), MaxTokens: 32})
						tokens += got.Tokens
						first, total, compute = first+got.FirstToken, total+got.Total, compute+got.Compute
					}
					report(b, tokens, first, total, compute)
				})
			}
		}
	}
}

// bareRuns is the session runs of one answer with all tensors ready.
type bareRuns struct {
	embed, decode *ort.Session
	steps         []bareStep
}

// bareStep is the tensors of one step.
type bareStep struct{ ids, embeds, inputs, outputs []ort.Tensor }

// newBareRuns prepares a prompt and the steps behind it.
func newBareRuns(b *testing.B, fsys fs.FS, prompt, tokens int) *bareRuns {
	b.Helper()
	rt := openRuntime(b)
	load := func(name string) *ort.Session {
		data, err := fs.ReadFile(fsys, "onnx/"+name+".onnx")
		if err != nil {
			b.Fatal(err)
		}
		s, err := rt.Load(b.Context(), ort.Source{Name: name, Bytes: data}, ort.Options{})
		if err != nil {
			b.Fatal(err)
		}
		closeAfter(b, s)
		return s
	}
	r := &bareRuns{embed: load("embed_tokens"), decode: load("decoder_model_merged")}
	var sets [2][]*ort.Memory
	for i := range sets {
		for _, info := range r.decode.Inputs()[3:] {
			m, err := r.decode.Allocate(ort.TypeFloat32, (prompt+tokens)*int(info.Shape[1]*info.Shape[3]))
			if err != nil {
				b.Fatal(err)
			}
			closeAfter(b, m)
			sets[i] = append(sets[i], m)
		}
	}
	r.steps = append(r.steps, r.step(b, 0, prompt, sets))
	for held := prompt; held < prompt+tokens; held++ {
		sets[0], sets[1] = sets[1], sets[0]
		r.steps = append(r.steps, r.step(b, held, 1, sets))
	}
	return r
}

// step makes the tensors for n tokens behind held ones.
func (r *bareRuns) step(b *testing.B, held, n int, sets [2][]*ort.Memory) bareStep {
	b.Helper()
	keep := func(t ort.Tensor, err error) ort.Tensor {
		if err != nil {
			b.Fatal(err)
		}
		closeAfter(b, t)
		return t
	}
	total, count := int64(held+n), int64(n)
	hidden, vocab := r.embed.Outputs()[0].Shape[2], r.decode.Outputs()[0].Shape[2]
	mask, places := make([]int64, total), make([]int64, n)
	for i := range mask {
		mask[i] = 1
	}
	for i := range places {
		places[i] = int64(held + i)
	}
	ids := keep(ort.Int64([]int64{1, count}, make([]int64, n)))
	embeds := keep(ort.Float32([]int64{1, count, hidden}, make([]float32, count*hidden)))
	s := bareStep{
		ids: []ort.Tensor{ids}, embeds: []ort.Tensor{embeds},
		inputs:  []ort.Tensor{embeds, keep(ort.Int64([]int64{1, total}, mask)), keep(ort.Int64([]int64{1, count}, places))},
		outputs: []ort.Tensor{keep(ort.Float32([]int64{1, count, vocab}, make([]float32, count*vocab)))},
	}
	for i, info := range r.decode.Inputs()[3:] {
		s.inputs = append(s.inputs, keep(sets[0][i].Tensor(0, 1, info.Shape[1], int64(held), info.Shape[3])))
		s.outputs = append(s.outputs, keep(sets[1][i].Tensor(0, 1, info.Shape[1], total, info.Shape[3])))
	}
	return s
}

// run runs every step, and says how long the prompt and the steps behind it took.
func (r *bareRuns) run(b *testing.B) (took [2]time.Duration) {
	ctx := context.Background()
	for i, s := range r.steps {
		start := time.Now()
		if err := r.embed.Run(ctx, s.ids, s.embeds); err != nil {
			b.Fatal(err)
		}
		if err := r.decode.Run(ctx, s.inputs, s.outputs); err != nil {
			b.Fatal(err)
		}
		took[min(i, 1)] += time.Since(start)
	}
	return took
}
