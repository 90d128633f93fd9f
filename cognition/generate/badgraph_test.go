package generate_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// value is a graph's input or output; a negative dimension is free.
func value(name string, kind onnx.DataType, dims ...int) onnx.Value {
	v := onnx.Value{Name: name, Type: kind}
	for _, d := range dims {
		if d < 0 {
			v.Shape = append(v.Shape, onnx.Free("free"))
			continue
		}
		v.Shape = append(v.Shape, onnx.Fixed(d))
	}
	return v
}

// graphFile writes a graph whose outputs are constants: it loads, and has the interface that a case
// wants.
func graphFile(t *testing.T, inputs, outputs []onnx.Value) *fstest.MapFile {
	t.Helper()
	g := &onnx.Graph{Name: "test", Inputs: inputs, Outputs: outputs}
	for _, o := range outputs {
		dims, size := make([]int64, len(o.Shape)), o.Type.Size()
		for i, d := range o.Shape {
			dims[i] = max(d.Value, 1)
			size *= dims[i]
		}
		g.Initializers = append(g.Initializers, onnx.Tensor{Name: o.Name + ".constant", Type: o.Type, Dims: dims, Data: onnx.Bytes(make([]byte, size))})
		g.Nodes = append(g.Nodes, onnx.Node{Op: "Identity", Name: o.Name, Inputs: []string{o.Name + ".constant"}, Outputs: []string{o.Name}})
	}
	m := onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 17}}, Graph: g}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

// decoderFace is the interface of a decoder that fits the reference model.
func decoderFace() (inputs, outputs []onnx.Value) {
	inputs = []onnx.Value{value("inputs_embeds", onnx.Float32, 1, -1, 32), value("attention_mask", onnx.Int64, 1, -1), value("position_ids", onnx.Int64, 1, -1)}
	outputs = []onnx.Value{value("logits", onnx.Float32, 1, -1, 288)}
	for _, layer := range []string{"0", "1", "2"} {
		for _, part := range []string{"key", "value"} {
			inputs = append(inputs, value("past_key_values."+layer+"."+part, onnx.Float32, 1, 2, -1, 8))
			outputs = append(outputs, value("present."+layer+"."+part, onnx.Float32, 1, 2, -1, 8))
		}
	}
	return inputs, outputs
}

// TestBadGraphs loads graphs whose tensors have a wrong type, shape or name: the error is typed and
// names graph and tensor.
func TestBadGraphs(t *testing.T) {
	rt := openRuntime(t)
	ids, embeds := value("input_ids", onnx.Int64, 1, -1), value("inputs_embeds", onnx.Float32, 1, -1, 32)
	change := func(list []onnx.Value, name string, to onnx.Value) []onnx.Value {
		for i := range list {
			if list[i].Name == name {
				list[i] = to
				return list
			}
		}
		t.Fatalf("no %s to change", name)
		return nil
	}
	embed := func(in, out []onnx.Value) func(fstest.MapFS) {
		return func(files fstest.MapFS) { files["onnx/embed_tokens.onnx"] = graphFile(t, in, out) }
	}
	input := func(name string, to onnx.Value) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			in, out := decoderFace()
			files["onnx/decoder_model_merged.onnx"] = graphFile(t, change(in, name, to), out)
		}
	}
	output := func(name string, to onnx.Value) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			in, out := decoderFace()
			files["onnx/decoder_model_merged.onnx"] = graphFile(t, in, change(out, name, to))
		}
	}
	const embedFile, decoderFile = "embed_tokens.onnx", "decoder_model_merged.onnx"
	for _, c := range []struct {
		name   string
		damage func(fstest.MapFS)
		says   []string
	}{
		{"ids of another type", embed([]onnx.Value{value("input_ids", onnx.Float32, 1, -1)}, []onnx.Value{embeds}), []string{embedFile, "input_ids", "float32"}},
		{"ids of another rank", embed([]onnx.Value{value("input_ids", onnx.Int64, -1)}, []onnx.Value{embeds}), []string{embedFile, "input_ids"}},
		{"embeddings of another type", embed([]onnx.Value{ids}, []onnx.Value{value("inputs_embeds", onnx.Int64, 1, -1, 32)}), []string{embedFile, "inputs_embeds", "int64"}},
		{"a second input", embed([]onnx.Value{ids, value("mask", onnx.Int64, 1)}, []onnx.Value{embeds}), []string{embedFile, "2 inputs"}},
		{"embeddings of another width", embed([]onnx.Value{ids}, []onnx.Value{value("inputs_embeds", onnx.Float32, 1, -1, 16)}), []string{"hidden_size", "16", "32"}},
		{"mask of another type", input("attention_mask", value("attention_mask", onnx.Float32, 1, -1)), []string{decoderFile, "attention_mask", "float32"}},
		{"positions of another type", input("position_ids", value("position_ids", onnx.Int32, 1, -1)), []string{decoderFile, "position_ids"}},
		{"decoder embeddings of another rank", input("inputs_embeds", value("inputs_embeds", onnx.Float32, -1, 32)), []string{decoderFile, "inputs_embeds"}},
		{"no embeddings", input("inputs_embeds", value("past_key_values.3.key", onnx.Float32, 1, 2, -1, 8)), []string{decoderFile, "inputs_embeds", "missing"}},
		{"unknown input", input("position_ids", value("token_type_ids", onnx.Int64, 1, -1)), []string{decoderFile, "token_type_ids", "unknown"}},
		{"values of another type", input("past_key_values.1.value", value("past_key_values.1.value", onnx.Float16, 1, 2, -1, 8)), []string{decoderFile, "past_key_values.1.value", "float16"}},
		{"values of other heads", input("past_key_values.2.key", value("past_key_values.2.key", onnx.Float32, 1, 4, -1, 8)), []string{decoderFile, "past_key_values.2.key"}},
		{"a layer without keys", input("past_key_values.1.key", value("past_key_values.7.key", onnx.Float32, 1, 2, -1, 8)), []string{decoderFile, "past_key_values.1.key", "missing"}},
		{"present of another rank", output("present.0.key", value("present.0.key", onnx.Float32, 1, -1, 8)), []string{decoderFile, "present.0.key"}},
		{"present under another name", output("present.2.value", value("present.9.value", onnx.Float32, 1, 2, -1, 8)), []string{decoderFile, "present.2.value", "missing"}},
		{"no scores", output("logits", value("scores", onnx.Float32, 1, -1, 288)), []string{decoderFile, "logits", "missing"}},
		{"scores of another type", output("logits", value("logits", onnx.Int64, 1, -1, 288)), []string{decoderFile, "logits", "int64"}},
		{"scores of another vocabulary", output("logits", value("logits", onnx.Float32, 1, -1, 99)), []string{decoderFile, "vocab_size", "99"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := folder(t)
			c.damage(files)
			m, err := generate.Open(t.Context(), rt, files, generate.Options{})
			if m != nil {
				closeAfter(t, m)
			}
			var fe *generate.FileError
			if !errors.Is(err, generate.ErrGraph) || !errors.As(err, &fe) || fe.File == "" {
				t.Fatalf("got %v, want a graph error that names its file", err)
			}
			wantText(t, err, c.says...)
		})
	}
}

// TestTruncatedGraphs cuts each graph at several places: nothing loads, and the error names the
// file.
func TestTruncatedGraphs(t *testing.T) {
	rt := openRuntime(t)
	for _, file := range []string{"onnx/embed_tokens.onnx", "onnx/decoder_model_merged.onnx"} {
		whole := folder(t)[file].Data
		for _, length := range []int{1, 100, len(whole) / 3, len(whole) - 1} {
			files := folder(t)
			files[file] = &fstest.MapFile{Data: whole[:length]}
			m, err := generate.Open(t.Context(), rt, files, generate.Options{})
			if m != nil {
				closeAfter(t, m)
			}
			var me *ort.ModelError
			if !errors.As(err, &me) || !errors.Is(err, ort.ErrModelCorrupt) {
				t.Errorf("%s cut to %d bytes: %v", file, length, err)
				continue
			}
			wantText(t, err, file)
		}
	}
}

// TestTokenizerOfALargerModel has tokens that the graph knows no scores for.
func TestTokenizerOfALargerModel(t *testing.T) {
	files := textFolder(t)
	data, err := os.ReadFile(calibration + "/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	files["tokenizer.json"] = &fstest.MapFile{Data: data}
	m, err := generate.Open(t.Context(), openRuntime(t), files, generate.Options{})
	if m != nil {
		closeAfter(t, m)
	}
	var fe *generate.FileError
	if !errors.As(err, &fe) || fe.File != "tokenizer.json" || !errors.Is(err, generate.ErrGraph) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, "tokens, the graph has scores for")
}

// TestMissingFields leaves one field at a time out of the configuration where nothing else says it.
func TestMissingFields(t *testing.T) {
	rt := openRuntime(t)
	for field, files := range map[string]fstest.MapFS{"eos_token_id": folder(t), "model_type": folder(t)} {
		for _, file := range []string{"config.json", "generation_config.json"} {
			data := bytes.ReplaceAll(files[file].Data, []byte(`"`+field+`"`), []byte(`"other"`))
			files[file] = &fstest.MapFile{Data: data}
		}
		m, err := generate.Open(t.Context(), rt, files, generate.Options{})
		if m != nil {
			closeAfter(t, m)
		}
		var fe *generate.FileError
		if !errors.As(err, &fe) || !errors.Is(err, generate.ErrField) || fe.Field != field || fe.Detail != "missing" {
			t.Errorf("without %s: %v", field, err)
		}
	}
}
