package convert_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/models/convert"
	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// convertTiny converts the small model and returns the folder.
func convertTiny(tb testing.TB, model *tinyWhisper) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "out")
	if err := convert.Whisper(tb.Context(), save(tb, "tiny.bin", model.file), dir, nil); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// mel returns reproducible features as the graph takes them, [mels][frames], and as the reference
// does, [frames][mels].
func mel(frames int) ([]float32, rows) {
	flat := newWeights().values(tinyMels*frames, 0, 1)
	turned := make(rows, frames)
	for f := range turned {
		for m := range tinyMels {
			turned[f] = append(turned[f], float64(flat[m*frames+f]))
		}
	}
	return flat, turned
}

func TestWhisperEncoder(t *testing.T) {
	model := newTinyWhisper()
	dir := convertTiny(t, model)
	open := load(t)
	exact, small := open(filepath.Join(dir, "encoder_model.onnx")), open(filepath.Join(dir, "encoder_model_int8.onnx"))
	for _, frames := range []int{1, 2, 9, 2 * tinyAudio} {
		flat, turned := mel(frames)
		want := model.encode(turned)
		feeds := map[string]ort.Tensor{"input_features": floats(t, flat, 1, tinyMels, int64(frames))}
		got := exact.run(t, feeds)["last_hidden_state"]
		if s := got.Shape(); s[1] != int64((frames+1)/2) {
			t.Fatalf("%d frames give shape %v", frames, s)
		}
		near(t, fmt.Sprintf("%d frames", frames), got.Float32s(), want.flat(), 1e-4)
		similar(t, fmt.Sprintf("%d frames in 8 bits", frames), small.run(t, feeds)["last_hidden_state"].Float32s(), want.flat(), afterRounding(4*tinyLayers, integerError))
	}
}

// whisperCache returns the inputs of a first step.
func whisperCache(tb testing.TB, audio rows) map[string]ort.Tensor {
	feeds := map[string]ort.Tensor{
		"encoder_hidden_states": floats(tb, audio.flat(), 1, int64(len(audio)), tinyWidth),
		"use_cache_branch":      kept(tb)(ort.Bool([]int64{1}, []bool{false})),
	}
	for i := range tinyLayers {
		for _, part := range []string{"decoder.key", "decoder.value", "encoder.key", "encoder.value"} {
			feeds[fmt.Sprintf("past_key_values.%d.%s", i, part)] = floats(tb, nil, 1, tinyHeads, 0, tinyWidth/tinyHeads)
		}
	}
	return feeds
}

// follow feeds a step's caches to the next; the encoder's are those of the first step.
func follow(tb testing.TB, feeds, outputs map[string]ort.Tensor) {
	first := !feeds["use_cache_branch"].Bools()[0]
	for name, out := range outputs {
		if rest, ok := strings.CutPrefix(name, "present."); ok && (first || !strings.Contains(rest, "encoder")) {
			feeds["past_key_values."+rest] = out
		}
	}
	feeds["use_cache_branch"] = kept(tb)(ort.Bool([]int64{1}, []bool{true}))
}

func TestWhisperDecoder(t *testing.T) {
	model := newTinyWhisper()
	dir := convertTiny(t, model)
	open := load(t)
	_, turned := mel(10)
	audio := model.encode(turned)
	tokens := []int64{50257, 50362, 17, 300, 51863, 0}
	want := model.decode(tokens, audio)
	for file, check := range map[string]func(what string, got, want []float32){
		"decoder_model_merged.onnx": func(what string, got, want []float32) { near(t, what, got, want, 1e-4) },
		"decoder_model_merged_int8.onnx": func(what string, got, want []float32) {
			similar(t, what, got, want, afterRounding(7*tinyLayers+1, integerError))
		},
	} {
		t.Run(file, func(t *testing.T) {
			g := open(filepath.Join(dir, file))
			feeds := whisperCache(t, audio)
			for from, step := 0, 2; from < len(tokens); from += step {
				if from > 0 {
					step = min(2, from-1) // steps of two, one and two tokens
				}
				n := min(step, len(tokens)-from)
				feeds["input_ids"] = ids(t, tokens[from:from+n], 1, int64(n))
				out := g.run(t, feeds)
				if s := out["present.1.decoder.key"].Shape(); s[2] != int64(from+n) {
					t.Fatalf("after %d tokens the cache has shape %v", from+n, s)
				}
				check(fmt.Sprintf("tokens %d to %d", from, from+n), out["logits"].Float32s(), want[from:from+n].flat())
				follow(t, feeds, out)
			}
		})
	}
}

func TestWhisperFiles(t *testing.T) {
	dir := convertTiny(t, newTinyWhisper())
	var config struct {
		Mels    int `json:"num_mel_bins"`
		Layers  int `json:"decoder_layers"`
		Context int `json:"max_source_positions"`
		Start   int `json:"decoder_start_token_id"`
	}
	readJSON(t, dir, "config.json", &config)
	if config.Mels != tinyMels || config.Layers != tinyLayers || config.Context != tinyAudio || config.Start != 50257 {
		t.Errorf("config.json: %+v", config)
	}
	var generation struct {
		Forced       [][2]int `json:"forced_decoder_ids"`
		End          int      `json:"eos_token_id"`
		Multilingual bool     `json:"is_multilingual"`
	}
	readJSON(t, dir, "generation_config.json", &generation)
	if generation.End != 50256 || generation.Multilingual || len(generation.Forced) != 1 || generation.Forced[0] != [2]int{1, 50362} {
		t.Errorf("generation_config.json: %+v", generation)
	}
	var preprocessor struct {
		Filters [][]float32 `json:"mel_filters"`
		FFT     int         `json:"n_fft"`
	}
	readJSON(t, dir, "preprocessor_config.json", &preprocessor)
	if len(preprocessor.Filters) != tinyMels || len(preprocessor.Filters[0]) != 201 || preprocessor.FFT != 400 {
		t.Errorf("preprocessor_config.json: %d filters, %d points", len(preprocessor.Filters), preprocessor.FFT)
	}
	var tokenizer struct {
		Model struct {
			Vocab  map[string]int
			Merges []string
		}
		Added []struct {
			ID      int
			Content string
		} `json:"added_tokens"`
	}
	readJSON(t, dir, "tokenizer.json", &tokenizer)
	if got := tokenizer.Model.Vocab["Ġ!"]; got != 256+32*256+33 {
		t.Errorf("space and exclamation mark have id %d", got)
	}
	if len(tokenizer.Model.Merges) != 50000 || tokenizer.Model.Merges[32*256+33] != "Ġ !" {
		t.Errorf("%d merges", len(tokenizer.Model.Merges))
	}
	for id, want := range map[int]string{50256: "<|endoftext|>", 50258: "<|en|>", 50357: "<|translate|>", 50363: "<|0.00|>", 51863: "<|30.00|>"} {
		if got := tokenizer.Added[id-50256]; got.ID != id || got.Content != want {
			t.Errorf("added token %+v, want %d %s", got, id, want)
		}
	}
}

func TestWhisperMultilingual(t *testing.T) {
	for _, c := range []struct {
		vocab, languages, transcribe, plain int
		last                                string
	}{
		{51865, 99, 50359, 50363, "su"},
		{51866, 100, 50360, 50364, "yue"},
	} {
		dir := convertTiny(t, newTinyWhisperOf(c.vocab, ""))
		var g struct {
			Forced    [][2]*int      `json:"forced_decoder_ids"`
			Languages map[string]int `json:"lang_to_id"`
			Tasks     map[string]int `json:"task_to_id"`
			End       int            `json:"eos_token_id"`
			Start     int            `json:"decoder_start_token_id"`
			Plain     int            `json:"no_timestamps_token_id"`
			Many      bool           `json:"is_multilingual"`
		}
		readJSON(t, dir, "generation_config.json", &g)
		if g.End != 50257 || g.Start != 50258 || g.Plain != c.plain || !g.Many {
			t.Errorf("%d rows: %+v", c.vocab, g)
		}
		if len(g.Languages) != c.languages || g.Languages["<|en|>"] != 50259 || g.Languages["<|"+c.last+"|>"] != 50258+c.languages {
			t.Errorf("%d rows: %d languages, %d is %s", c.vocab, len(g.Languages), g.Languages["<|"+c.last+"|>"], c.last)
		}
		if g.Tasks["transcribe"] != c.transcribe || len(g.Forced) != 3 || g.Forced[0][1] != nil || *g.Forced[1][1] != c.transcribe {
			t.Errorf("%d rows: tasks %v", c.vocab, g.Tasks)
		}
	}
}

// TestWhisperGolden pins every byte of the output. After a change that is meant, take the new
// digests over from the failure.
func TestWhisperGolden(t *testing.T) {
	dir := convertTiny(t, newTinyWhisper())
	want := map[string]string{}
	golden, err := os.ReadFile(filepath.Join("testdata", "whisper.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		if digest, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			want[name] = digest
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, %d expected", len(entries), len(want))
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want[e.Name()] {
			t.Errorf("%x  %s", got, e.Name())
		}
	}
}

func TestWhisperErrors(t *testing.T) {
	good := newTinyWhisper().file
	patch := func(old, new string) []byte { return []byte(strings.Replace(string(good), old, new, 1)) }
	for name, c := range map[string]struct {
		file []byte
		want error
		says string
	}{
		"magic":          {append([]byte("PK\x03\x04"), good[4:]...), ggml.ErrMagic, "magic"},
		"half the file":  {good[:len(good)/2], ggml.ErrTruncated, "tensor"},
		"renamed tensor": {patch("decoder.blocks.1.mlp.0.bias", "decoder.blocks.1.mlp.9.bias"), ggml.ErrMissing, "decoder.blocks.1.mlp.0.bias"},
		"one layer more": {append(append([]byte{}, good[:20]...), append([]byte{3}, good[21:]...)...), ggml.ErrMissing, "encoder.blocks.2"},
		"other vocabulary": {
			append(append([]byte{}, good[:4]...), append([]byte{1, 0, 0, 0}, good[8:]...)...),
			convert.ErrUnsupported, "vocabulary",
		},
		"token twice": {patch("\x01\x00\x00\x00b", "\x01\x00\x00\x00a"), convert.ErrVocabulary, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			err := convert.Whisper(t.Context(), save(t, "bad.bin", c.file), dir, nil)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "bad.bin") {
				t.Errorf("got %v, want %v naming the file and %q", err, c.want, c.says)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the target exists: %v", err)
			}
		})
	}
}

func readJSON(tb testing.TB, dir, name string, to any) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
}
