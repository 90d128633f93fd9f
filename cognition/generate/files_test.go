package generate_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	border "github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// folder is the reference model as a changeable file system.
func folder(tb testing.TB) fstest.MapFS { return changeable(tb, "testdata/idefics3") }

// changeable is a model folder as a changeable file system.
func changeable(tb testing.TB, path string) fstest.MapFS {
	tb.Helper()
	files := fstest.MapFS{}
	root := os.DirFS(path)
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// TestBadFolders damages one file at a time: the error is typed and names file and field.
func TestBadFolders(t *testing.T) {
	rt := openRuntime(t)
	replace := func(file, old, fresh string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			data := bytes.Replace(files[file].Data, []byte(old), []byte(fresh), 1)
			if bytes.Equal(data, files[file].Data) {
				t.Fatalf("%s does not contain %q", file, old)
			}
			files[file] = &fstest.MapFile{Data: data}
		}
	}
	remove := func(file string) func(fstest.MapFS) { return func(files fstest.MapFS) { delete(files, file) } }
	cut := func(file string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			files[file] = &fstest.MapFile{Data: files[file].Data[:len(files[file].Data)/2]}
		}
	}
	swap := func(files fstest.MapFS) { files["onnx/decoder_model_merged.onnx"] = files["onnx/embed_tokens.onnx"] }
	calibrated := func(files fstest.MapFS) {
		data, err := os.ReadFile(calibration + "/tokenizer.json")
		if err != nil {
			t.Fatal(err)
		}
		files["tokenizer.json"] = &fstest.MapFile{Data: data}
	}
	for _, c := range []struct {
		name   string
		damage func(fstest.MapFS)
		want   error
		says   []string
	}{
		{"no config", remove("config.json"), generate.ErrFile, []string{"config.json", "missing"}},
		{"broken config", cut("config.json"), generate.ErrFile, []string{"config.json", "not valid JSON"}},
		{"config of another type", replace("config.json", `"num_hidden_layers": 3`, `"num_hidden_layers": "x"`), generate.ErrField, []string{"config.json", "num_hidden_layers"}},
		{"no model type", replace("config.json", `"model_type": "idefics3",`, ``), generate.ErrField, []string{"config.json", "model_type"}},
		{"no stop token", replace("generation_config.json", `"eos_token_id": [`, `"no": [`), nil, nil},
		{"stop token outside", replace("generation_config.json", `"eos_token_id": [`, `"eos_token_id": [9999,`), generate.ErrField, []string{"generation_config.json", "eos_token_id", "9999"}},
		{"image token outside", replace("config.json", `"image_token_id": `, `"image_token_id": 9`), generate.ErrField, []string{"config.json", "image_token_id"}},
		{"other layers", replace("config.json", `"num_hidden_layers": 3`, `"num_hidden_layers": 4`), generate.ErrGraph, []string{"num_hidden_layers", "4", "3"}},
		{"other heads", replace("config.json", `"num_key_value_heads": 2`, `"num_key_value_heads": 4`), generate.ErrGraph, []string{"num_key_value_heads"}},
		{"negative size", replace("config.json", `"vocab_size": `, `"vocab_size": -`), generate.ErrField, []string{"text_config.vocab_size"}},
		{"no tokenizer", remove("tokenizer.json"), generate.ErrFile, []string{"tokenizer.json"}},
		{"broken tokenizer", cut("tokenizer.json"), generate.ErrField, []string{"tokenizer.json"}},
		{"broken names of tokens", cut("tokenizer_config.json"), generate.ErrFile, []string{"tokenizer_config.json", "not valid JSON"}},
		{"unsupported tokenizer", replace("tokenizer.json", `"Digits"`, `"Metaspace"`), generate.ErrField, []string{"tokenizer.json", "pre_tokenizer", "Metaspace"}},
		{"tokenizer of another model", calibrated, generate.ErrField, []string{"chat_template.jinja", "for an image"}},
		{"template without images", replace("chat_template.jinja", `<image>`, `<picture>`), generate.ErrField, []string{"chat_template.jinja", "<image>"}},
		{"broken template", replace("chat_template.jinja", `{% endfor %}`, ``), generate.ErrField, []string{"chat_template.jinja", "line"}},
		{"deaf template", replace("chat_template.jinja", `line['text']`, `'x'`), generate.ErrField, []string{"chat_template.jinja", "does not write the text"}},
		{"no decoder", remove("onnx/decoder_model_merged.onnx"), generate.ErrFile, []string{"onnx/decoder_model_merged.onnx", "decoder_model_merged_fp16.onnx"}},
		{"half a decoder", cut("onnx/decoder_model_merged.onnx"), ort.ErrModelCorrupt, []string{"onnx/decoder_model_merged.onnx"}},
		{"swapped graphs", swap, generate.ErrGraph, []string{"decoder_model_merged.onnx", "input_ids"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := folder(t)
			c.damage(files)
			m, err := generate.Open(t.Context(), rt, files, generate.Options{})
			if m != nil {
				closeAfter(t, m)
			}
			if c.want == nil {
				if err != nil {
					t.Errorf("config.json names a stop token as well, but: %v", err)
				}
				return
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			wantText(t, err, c.says...)
		})
	}
}

func TestFolderWithoutTemplate(t *testing.T) {
	rt := openRuntime(t)
	files := folder(t)
	with, err := generate.Open(t.Context(), rt, files, generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, with)
	delete(files, "chat_template.jinja")
	without, err := generate.Open(t.Context(), rt, files, generate.Options{})
	if err != nil {
		t.Fatalf("a folder of the Idefics3 family without a template: %v", err)
	}
	closeAfter(t, without)
	for i, talk := range referenceTalks(t) {
		a, errA := with.PromptTokens(talk.messages())
		b, errB := without.PromptTokens(talk.messages())
		if a != b || errA != nil || errB != nil {
			t.Errorf("talk %d: %d tokens with the template file, %d without (%v, %v)", i, a, b, errA, errB)
		}
	}
	data := bytes.Replace(files["config.json"].Data, []byte(`"model_type": "idefics3",`), []byte(`"model_type": "llama",`), 1)
	files["config.json"] = &fstest.MapFile{Data: data}
	_, err = generate.Open(t.Context(), rt, files, generate.Options{})
	if !errors.Is(err, generate.ErrField) {
		t.Fatalf("another family without a template: %v", err)
	}
	wantText(t, err, "tokenizer_config.json", "chat_template")
}

// textFolder is the reference model without images and without a template.
func textFolder(tb testing.TB) fstest.MapFS {
	tb.Helper()
	files := folder(tb)
	delete(files, "chat_template.jinja")
	data := bytes.Replace(files["config.json"].Data, []byte(`"image_token_id"`), []byte(`"nothing"`), 1)
	files["config.json"] = &fstest.MapFile{Data: data}
	return files
}

// TestTemplateFiles puts the template where other publishers put it.
func TestTemplateFiles(t *testing.T) {
	rt := openRuntime(t)
	const chatml = `"{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"`
	for name, content := range map[string]string{
		"chat_template.json":    `{"chat_template": ` + chatml + `}`,
		"tokenizer_config.json": `{"chat_template": [{"name":"tools","template":"x"},{"name":"default","template":` + chatml + `}]}`,
		"processor_config.json": `{"chat_template": ` + chatml + `}`,
	} {
		files := textFolder(t)
		files[name] = &fstest.MapFile{Data: []byte(content)}
		m, err := generate.Open(t.Context(), rt, files, generate.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		closeAfter(t, m)
		want, err := m.Tokenizer().Encode("<|im_start|>user\nhi<|im_end|>\n")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := m.PromptTokens(user("hi")); err != nil || n != len(want) {
			t.Errorf("%s: %d tokens, want %d (%v)", name, n, len(want), err)
		}
	}
	files := textFolder(t)
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"chat_template": [{"name":"tools","template":"x"}]}`)}
	_, err := generate.Open(t.Context(), rt, files, generate.Options{})
	if !errors.Is(err, generate.ErrField) {
		t.Errorf("a list without a default template: %v", err)
	}
}

// TestTemplateNamesSpecialTokens uses special tokens by the names that tokenizer_config.json gives
// them.
func TestTemplateNamesSpecialTokens(t *testing.T) {
	files := textFolder(t)
	files["chat_template.jinja"] = &fstest.MapFile{Data: []byte("{{ bos_token }}{% for m in messages %}{{ m['content'] }}{{ eos_token }}{% endfor %}")}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"bos_token": {"content": "<|im_start|>"}, "eos_token": "<|im_end|>", "pad_token": null}`)}
	m := openModel(t, files, generate.Options{})
	if n, err := m.PromptTokens(user("hi")); err != nil || n != 4 {
		t.Errorf("%d tokens, want the two letters between two special tokens (%v)", n, err)
	}
	// As version 5 of the transformers library may save them: under a name of their own.
	for _, list := range []string{"model_specific_special_tokens", "extra_special_tokens"} {
		files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"eos_token": "<|im_end|>", "` + list + `": {"bos_token": "<|im_start|>", "eos_token": "h"}}`)}
		if n, err := openModel(t, files, generate.Options{}).PromptTokens(user("hi")); err != nil || n != 4 {
			t.Errorf("%s: %d tokens, want the two letters between two special tokens (%v)", list, n, err)
		}
	}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"eos_token": "<|im_end|>", "extra_special_tokens": ["<a>"], "bos_token": "<|im_start|>"}`)}
	if n, err := openModel(t, files, generate.Options{}).PromptTokens(user("hi")); err != nil || n != 4 {
		t.Errorf("with a list: %d tokens (%v)", n, err)
	}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"bos_token": 7}`)}
	_, err := generate.Open(t.Context(), openRuntime(t), files, generate.Options{})
	if !errors.Is(err, generate.ErrField) {
		t.Fatalf("a number as a token: %v", err)
	}
	wantText(t, err, "tokenizer_config.json", "bos_token")
}

// Where the template opens a thought, answers begin inside it.
func TestTemplateThatOpensAThought(t *testing.T) {
	files := textFolder(t)
	for text, want := range map[string]border.Beginning{
		"{% for m in messages %}{{ m['content'] }}{% endfor %}<think>\n":               border.Thinking,
		"{% for m in messages %}{{ m['content'] }}{% endfor %}<think>\n\n</think>\n\n": border.Plain,
		"{% for m in messages %}{{ m['content'] }}{% endfor %}":                        border.Plain,
	} {
		files["chat_template.jinja"] = &fstest.MapFile{Data: []byte(text)}
		m := openModel(t, files, generate.Options{})
		if got := m.Begins(); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
		f := border.NewMarkup(m.Specials()...).NewFilter(border.Plain)
		if got := f.Push("yes.<|im_end|> <think>hm") + f.End(prompt.FinishEnd); got != "yes." {
			t.Errorf("%q", got)
		}
	}
}

func TestTextModelTakesNoImages(t *testing.T) {
	files := textFolder(t)
	files["chat_template.jinja"] = folder(t)["chat_template.jinja"]
	m := openModel(t, files, generate.Options{})
	if m.Vision() {
		t.Error("a model without an image token claims vision")
	}
	image := generate.Image{Features: make([]float32, 4*32), Tokens: 4, Hidden: 32}
	if _, err := m.Generate(t.Context(), prompt.Request{Messages: user("x", image)}, nil); !errors.Is(err, generate.ErrNoVision) {
		t.Errorf("got %v", err)
	}
	got := answer(t, m, prompt.Request{Messages: user("what is the number 472?"), MaxTokens: 5})
	if want := referenceTalks(t)[0].IDs[:5]; len(got.IDs) != 5 || got.IDs[4] != want[4] {
		t.Errorf("got %v, want %v", got.IDs, want)
	}
}

// TestOnlyVariantIsFound takes the one variant that a folder has of a graph where the plain one is
// missing, and none out of several.
func TestOnlyVariantIsFound(t *testing.T) {
	files := fstest.MapFS{
		"onnx/embed_tokens_quantized.onnx": {Data: []byte("a")}, "onnx/embed_tokens_quantized.onnx_data": {}, "onnx/decoder_model_merged_q4.onnx": {},
		"onnx/decoder_model_merged_fp16.onnx": {}, "vision_encoder.onnx": {Data: []byte("b")}, "onnx/vision_encoder_q4.onnx": {Data: []byte("c")},
	}
	for _, c := range []struct{ name, variant, file, content string }{
		{"embed_tokens", "", "onnx/embed_tokens_quantized.onnx", "a"},
		{"vision_encoder", "", "vision_encoder.onnx", "b"},
		{"vision_encoder", "_q4", "onnx/vision_encoder_q4.onnx", "c"},
	} {
		if src, err := generate.GraphSource(files, c.name, c.variant); err != nil || src.Name != c.file || string(src.Bytes) != c.content {
			t.Errorf("%s%s: %+v, %v", c.name, c.variant, src, err)
		}
	}
	for _, c := range []struct{ name, variant, says string }{
		{"decoder_model_merged", "", "decoder_model_merged_fp16.onnx, onnx/decoder_model_merged_q4.onnx"},
		{"embed_tokens", "_q4", "embed_tokens_quantized.onnx"},
		{"audio_encoder", "", "onnx/audio_encoder.onnx"},
	} {
		_, err := generate.GraphSource(files, c.name, c.variant)
		if !errors.Is(err, generate.ErrFile) {
			t.Fatalf("%s%s: %v", c.name, c.variant, err)
		}
		wantText(t, err, c.says)
	}
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/audio_encoder.onnx", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if src, err := generate.GraphSource(generate.Dir(folder), "audio_encoder", ""); err != nil || src.Path != folder+"/audio_encoder.onnx" || src.Bytes != nil {
		t.Errorf("a folder on disk: %+v, %v", src, err)
	}
}
