package convert_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/models/convert"
)

// notSpoken are the suppressed tokens of the published English Whisper configurations.
func notSpoken() []int {
	return []int{
		1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 357, 366, 438, 532, 685, 705, 796, 930, 1058,
		1220, 1267, 1279, 1303, 1343, 1377, 1391, 1635, 1782, 1875, 2162, 2361, 2488, 3467, 4008, 4211, 4600, 4808, 5299, 5855, 6329, 7203,
		9609, 9959, 10563, 10786, 11420, 11709, 11907, 13163, 13697, 13700, 14808, 15306, 16410, 16791, 17992, 19203, 19510, 20724, 22305,
		22935, 27007, 30109, 30420, 33409, 34949, 40283, 40493, 40549, 47282, 49146, 50257, 50357, 50358, 50359, 50360, 50361,
	}
}

func TestWhisperBase(t *testing.T) {
	dir := t.TempDir()
	if err := convert.Whisper(t.Context(), testmodels.Path(t, "whisper-base.en", "ggml-base.en.bin"), dir, nil); err != nil {
		t.Fatal(err)
	}
	var generation struct {
		Suppress []int `json:"suppress_tokens"`
		Begin    []int `json:"begin_suppress_tokens"`
	}
	readJSON(t, dir, "generation_config.json", &generation)
	if !slices.Equal(generation.Suppress, notSpoken()) || !slices.Equal(generation.Begin, []int{220, 50256}) {
		t.Errorf("suppressed %v, at the start %v", generation.Suppress, generation.Begin)
	}
	open := load(t)
	const frames, positions, width = 200, 100, 512
	feeds := map[string]ort.Tensor{"input_features": floats(t, newWeights().values(80*frames, -0.2, 0.6), 1, 80, frames)}
	exact := open(filepath.Join(dir, "encoder_model.onnx")).run(t, feeds)["last_hidden_state"].Float32s()
	small := open(filepath.Join(dir, "encoder_model_int8.onnx")).run(t, feeds)["last_hidden_state"].Float32s()
	similar(t, "encoder in 8 bits", small, exact, afterRounding(4*6, integerError))

	cached := map[string]ort.Tensor{
		"encoder_hidden_states": floats(t, exact, 1, positions, width),
		"use_cache_branch":      kept(t)(ort.Bool([]int64{1}, []bool{false})),
		"input_ids":             ids(t, []int64{50257, 50362}, 1, 2),
	}
	for i := range 6 {
		for _, part := range []string{"decoder.key", "decoder.value", "encoder.key", "encoder.value"} {
			cached[fmt.Sprintf("past_key_values.%d.%s", i, part)] = floats(t, nil, 1, 8, 0, 64)
		}
	}
	whole := map[string]ort.Tensor{}
	for name, value := range cached {
		whole[name] = value
	}
	decoder := open(filepath.Join(dir, "decoder_model_merged.onnx"))
	follow(t, cached, decoder.run(t, cached))
	cached["input_ids"] = ids(t, []int64{1867}, 1, 1)
	step := decoder.run(t, cached)["logits"].Float32s()
	whole["input_ids"] = ids(t, []int64{50257, 50362, 1867}, 1, 3)
	near(t, "a step over the cache against all tokens at once", step, decoder.run(t, whole)["logits"].Float32s()[2*51864:], 1e-3)
}

func TestSmolLM2(t *testing.T) {
	dir := t.TempDir()
	input := testmodels.Path(t, "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")
	if err := convert.SmolLM2GGUF(t.Context(), input, dir, nil); err != nil {
		t.Fatal(err)
	}
	open := load(t)
	// "What is the capital of France?" as a chat, then the greedy answer "The capital of France is
	// Paris.", token by token what PyTorch's Llama gives for the same file.
	prompt := []int64{
		1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411, 407, 19712, 8182, 2, 198,
		1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198,
	}
	want := []int64{504, 3575, 282, 4649, 314, 7042, 30, 2}
	exact := answer(t, open, dir, "", prompt, want)
	for i := range want {
		if got := int64(slices.Index(exact[i], slices.Max(exact[i]))); got != want[i] {
			t.Errorf("token %d is %d, want %d", i, got, want[i])
		}
	}
	packedAnswersAsWell(t, open, dir)
}

// answer feeds the prompt and then the tokens of an answer one by one; it returns the scores in
// front of each of them.
func answer(t *testing.T, open func(string) graph, dir, variant string, prompt, tokens []int64) [][]float32 {
	t.Helper()
	embed := open(filepath.Join(dir, "onnx", "embed_tokens"+variant+".onnx"))
	decoder := open(filepath.Join(dir, "onnx", "decoder_model_merged"+variant+".onnx"))
	feeds := map[string]ort.Tensor{}
	for i := range 30 {
		feeds[fmt.Sprintf("past_key_values.%d.key", i)] = floats(t, nil, 1, 3, 0, 64)
		feeds[fmt.Sprintf("past_key_values.%d.value", i)] = floats(t, nil, 1, 3, 0, 64)
	}
	var scores [][]float32
	for next, past := prompt, 0; len(scores) < len(tokens); {
		n := len(next)
		var positions []int64
		for i := range n {
			positions = append(positions, int64(past+i))
		}
		past += n
		feeds["inputs_embeds"] = embed.run(t, map[string]ort.Tensor{"input_ids": ids(t, next, 1, int64(n))})["inputs_embeds"]
		feeds["num_logits_to_keep"] = ids(t, []int64{1})
		feeds["attention_mask"], feeds["position_ids"] = ids(t, ones(past), 1, int64(past)), ids(t, positions, 1, int64(n))
		out := decoder.run(t, feeds)
		for i := range 30 {
			for _, part := range []string{"key", "value"} {
				feeds[fmt.Sprintf("past_key_values.%d.%s", i, part)] = out[fmt.Sprintf("present.%d.%s", i, part)]
			}
		}
		all := out["logits"].Float32s()
		scores = append(scores, all[len(all)-49152:])
		next = tokens[len(scores)-1 : len(scores)]
	}
	return scores
}
