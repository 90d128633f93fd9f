package generate_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// allScores adds to the decoders of a folder a node that reads the scores, so that all of them are
// computed.
func allScores(t testing.TB, files fstest.MapFS) {
	t.Helper()
	for name, file := range files {
		if strings.HasPrefix(name, "onnx/decoder_model_merged") {
			// A graph that follows another one in a file is merged into it.
			reads := &small{}
			reads.node("Identity", "", []string{"logits"}, []string{"read"})
			file.Data = slices.Concat(file.Data, reads.file(t).Data)
		}
	}
}

// TestLastRowIsSeen changes how the scores of a graph come about.
func TestLastRowIsSeen(t *testing.T) {
	product := func(s *small) *onnx.Node { return &s.g.Nodes[len(s.g.Nodes)-1] }
	for name, c := range map[string]struct {
		change func(s *small)
		want   bool
	}{
		"as it is": {func(*small) {}, true},
		"cast behind": {func(s *small) {
			product(s).Outputs[0] = "half"
			s.node("Cast", "", []string{"half"}, []string{"logits"}, onnx.Int("to", int64(onnx.Float32)))
		}, true},
		"packed":           {func(s *small) { product(s).Op, product(s).Domain = "MatMulNBits", "com.microsoft" }, true},
		"another operator": {func(s *small) { product(s).Op = "Gemm" }, false},
		"another domain":   {func(s *small) { product(s).Domain = "com.microsoft" }, false},
		"capped behind": {func(s *small) {
			product(s).Outputs[0] = "raw"
			s.g.Initializers = append(s.g.Initializers, onnx.Float32s("cap", []float32{30}))
			s.node("Div", "", []string{"raw", "cap"}, []string{"part"})
			s.node("Tanh", "", []string{"part"}, []string{"bent"})
			s.node("Mul", "", []string{"bent", "cap"}, []string{"logits"})
		}, true},
		"scaled by a result": {func(s *small) {
			product(s).Outputs[0] = "raw"
			s.node("Mul", "", []string{"raw", "0.sum"}, []string{"logits"})
		}, false},
		"normalised behind": {func(s *small) {
			product(s).Outputs[0] = "raw"
			s.node("LogSoftmax", "", []string{"raw"}, []string{"logits"})
		}, false},
		"scores read":   {func(s *small) { s.node("Identity", "", []string{"logits"}, []string{"read"}) }, false},
		"asks how many": {func(s *small) { s.node("Identity", "", []string{"num_logits_to_keep"}, []string{"read"}) }, false},
		"of embeddings": {func(s *small) { product(s).Inputs[0] = "inputs_embeds" }, false},
		"no scores":     {func(s *small) { product(s).Outputs[0] = "other" }, false},
		"a branch": {func(s *small) {
			s.node("If", "", []string{"c"}, []string{"o"}, onnx.Branch("then_branch", &onnx.Graph{Name: "then"}))
		}, false},
	} {
		s := appendingDecoder(t)
		c.change(s)
		data := s.file(t).Data
		edit, err := generate.ScanLastRow(bytes.NewReader(data))
		if err != nil || (edit != nil) != c.want {
			t.Errorf("%s: %v, %v", name, edit, err)
		}
		if edit == nil {
			continue
		}
		was := string(data[edit.At : int(edit.At)+len(edit.Over)])
		if was != "2.sum" || string(edit.Over) != "2.su~" || !bytes.Contains(edit.Tail, []byte("Slice")) {
			t.Errorf("%s: %q becomes %q", name, was, edit.Over)
		}
	}
	taken := appendingDecoder(t)
	taken.node("Identity", "", []string{"2.sum"}, []string{"2.su~"})
	if edit, err := generate.ScanLastRow(bytes.NewReader(taken.file(t).Data)); err != nil || string(edit.Over) != "2.s~~" {
		t.Errorf("beside a name that is taken: %v, %v", edit, err)
	}
}

// TestLastRowEqualsAllScores answers from a folder on disk, whose graph is edited in the mapped
// file, and with all scores computed.
func TestLastRowEqualsAllScores(t *testing.T) {
	whole := folder(t)
	allScores(t, whole)
	for _, variant := range []string{"", "_fp16", "_mixed"} {
		edited := openModel(t, generate.Dir("testdata/idefics3"), generate.Options{Variant: variant})
		all := openModel(t, whole, generate.Options{Variant: variant, Chunk: 11})
		if !edited.LastRow() || all.LastRow() {
			t.Fatalf("%q: last row %v and %v", variant, edited.LastRow(), all.LastRow())
		}
		for i, talk := range referenceTalks(t) {
			request := prompt.Request{Messages: talk.messages(), MaxTokens: 40}
			if got, want := answer(t, edited, request), answer(t, all, request); !slices.Equal(got.IDs, want.IDs) {
				t.Errorf("%q, talk %d: %v, with all scores %v", variant, i, got.IDs, want.IDs)
			}
		}
	}
}
