package generate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// small is a language model of random weights with the sizes of testdata/idefics3, whose attention
// is the operator that can append.
type small struct {
	g     onnx.Graph
	draws *rand.Rand
}

func (s *small) node(op, domain string, inputs, outputs []string, attrs ...onnx.Attr) string {
	s.g.Nodes = append(s.g.Nodes, onnx.Node{Op: op, Domain: domain, Name: outputs[0], Inputs: inputs, Outputs: outputs, Attrs: attrs})
	return outputs[0]
}

// random is a matrix whose products keep the size of what they multiply.
func (s *small) random(name string, rows, columns int64) string {
	values := make([]float32, rows*columns)
	for i := range values {
		values[i] = float32(s.draws.NormFloat64() / math.Sqrt(float64(rows)))
	}
	s.g.Initializers = append(s.g.Initializers, onnx.Float32s(name, values, rows, columns))
	return name
}

func (s *small) ints(name string, values ...int64) string {
	s.g.Initializers = append(s.g.Initializers, onnx.Int64s(name, values, int64(len(values))))
	return name
}

func (s *small) file(t testing.TB) *fstest.MapFile {
	t.Helper()
	m := onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 17}, {Domain: "com.microsoft", Version: 1}}, Graph: &s.g}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

// appendingDecoder is the decoder: three layers of attention over turned keys, and scores by a
// random matrix.
func appendingDecoder(t testing.TB) *small {
	t.Helper()
	s := &small{draws: rand.New(rand.NewPCG(7, 11))}
	s.g.Name = "decoder"
	s.g.Inputs, s.g.Outputs = decoderFace()
	for i := range s.g.Inputs {
		if s.g.Inputs[i].Name == "position_ids" || s.g.Inputs[i].Name == "attention_mask" {
			s.g.Inputs[i].Shape = []onnx.Dim{onnx.Fixed(1), onnx.Free(s.g.Inputs[i].Name)}
		}
	}
	var cosines, sines []float32
	for position := range 1024 {
		for i := range 4 {
			sine, cosine := math.Sincos(float64(position) / math.Pow(50, float64(i)/4))
			cosines, sines = append(cosines, float32(cosine)), append(sines, float32(sine))
		}
	}
	s.g.Initializers = append(s.g.Initializers, onnx.Float32s("cos", cosines, 1024, 4), onnx.Float32s("sin", sines, 1024, 4))
	kind := onnx.Int("to", int64(onnx.Int32))
	seen := s.node("Cast", "", []string{s.node("ReduceSum", "", []string{"attention_mask", s.ints("one", 1)}, []string{"sum"}, onnx.Int("keepdims", 0))}, []string{"seen"}, kind)
	s.g.Initializers = append(s.g.Initializers, onnx.Tensor{Name: "int32 one", Type: onnx.Int32, Data: onnx.Bytes([]byte{1, 0, 0, 0})})
	last := s.node("Sub", "", []string{seen, "int32 one"}, []string{"last"})
	x := "inputs_embeds"
	for i := range 3 {
		name := func(part string) string { return fmt.Sprintf("%d.%s", i, part) }
		product := func(part string, columns int64) string {
			return s.node("MatMul", "", []string{x, s.random(name(part+".weight"), 32, columns)}, []string{name(part)})
		}
		turned := func(part string, heads int64) string {
			return s.node("RotaryEmbedding", "com.microsoft", []string{part, "position_ids", "cos", "sin"}, []string{part + ".turned"}, onnx.Int("num_heads", heads))
		}
		attended := s.node("GroupQueryAttention", "com.microsoft", []string{
			turned(product("q", 32), 4), turned(product("k", 16), 2), product("v", 16),
			"past_key_values." + name("key"), "past_key_values." + name("value"), last, seen,
		}, []string{name("attended"), "present." + name("key"), "present." + name("value")}, onnx.Int("num_heads", 4), onnx.Int("kv_num_heads", 2))
		x = s.node("Add", "", []string{x, attended}, []string{name("sum")})
	}
	s.node("MatMul", "", []string{x, s.random("scores.weight", 32, 288)}, []string{"logits"})
	return s
}

// appendingFolder is the whole model folder.
func appendingFolder(t testing.TB) fs.FS {
	t.Helper()
	e := &small{draws: rand.New(rand.NewPCG(3, 5))}
	e.g.Name = "embed"
	e.g.Inputs, e.g.Outputs = []onnx.Value{value("input_ids", onnx.Int64, 1, -1)}, []onnx.Value{value("inputs_embeds", onnx.Float32, 1, -1, 32)}
	e.node("Gather", "", []string{e.random("table", 288, 32), "input_ids"}, []string{"inputs_embeds"})
	folder := fstest.MapFS{"onnx/embed_tokens.onnx": e.file(t), "onnx/decoder_model_merged.onnx": appendingDecoder(t).file(t)}
	for _, name := range []string{"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "processor_config.json", "chat_template.jinja"} {
		data, err := os.ReadFile("testdata/idefics3/" + name)
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: data}
	}
	return folder
}

// TestAppendedCacheEqualsCopied holds the same graph over one set of memory against two: growing,
// cut, reused and fed in pieces.
func TestAppendedCacheEqualsCopied(t *testing.T) {
	folder := appendingFolder(t)
	plain, pieces, copied := openModel(t, folder, generate.Options{}), openModel(t, folder, generate.Options{Chunk: 5}), openModel(t, folder, generate.Options{})
	if !plain.Appends() || !pieces.Appends() {
		t.Fatal("the graph's attention was not seen to append")
	}
	if err := copied.CopyCaches(t.Context(), openRuntime(t)); err != nil {
		t.Fatal(err)
	}
	kept, cut := plain.NewPromptCache(), pieces.NewPromptCache()
	closeAfter(t, kept)
	closeAfter(t, cut)
	var grown []int64
	different := map[string]bool{}
	for _, text := range []string{"one", "one and two", "one", strings.Repeat("a long way to the sea ", 9), "one and two", "one and two and three"} {
		request := prompt.Request{Messages: user(text), MaxTokens: 24}
		want := answer(t, copied, request)
		different[fmt.Sprint(want.IDs)] = true
		fresh := answer(t, plain, request)
		reused := answer(t, kept, request)
		chunked := answer(t, cut, request)
		for how, got := range map[string]prompt.Result{"fresh": fresh, "reused": reused, "in pieces": chunked} {
			if !slices.Equal(got.IDs, want.IDs) {
				t.Errorf("%q, %s: %v, with copied caches %v", text, how, got.IDs, want.IDs)
			}
		}
		grown = append(grown, kept.Bytes())
	}
	if len(different) < 4 {
		t.Errorf("only %d different answers: the test sees too little", len(different))
	}
	if !slices.IsSorted(grown) || grown[0] == grown[3] {
		t.Errorf("bytes of the cache: %v", grown)
	}
	if one := int64(6 * 2 * 8 * 4); grown[0]%(64*one) != 0 {
		t.Errorf("%d bytes are not one set of memory for a multiple of 64 tokens", grown[0])
	}
}

// TestAppendingIsSeen changes what a graph does with its caches.
func TestAppendingIsSeen(t *testing.T) {
	whole := appendingDecoder(t).file(t).Data
	for name, c := range map[string]struct {
		change func(s *small)
		want   bool
	}{
		"as it is":          {func(*small) {}, true},
		"a copy":            {func(s *small) { s.node("Identity", "", []string{"past_key_values.1.key"}, []string{"copy"}) }, false},
		"length asked":      {func(s *small) { s.node("Shape", "", []string{"past_key_values.2.value"}, []string{"shape"}) }, false},
		"shared by a layer": {func(s *small) { s.node("Identity", "", []string{"present.1.key"}, []string{"shared"}) }, false},
		"other operator":    {func(s *small) { s.attention().Op = "MultiHeadAttention" }, false},
		"other domain":      {func(s *small) { s.attention().Domain = "" }, false},
		"key for value":     {func(s *small) { a := s.attention(); a.Inputs[3], a.Inputs[4] = a.Inputs[4], a.Inputs[3] }, false},
		"other layer":       {func(s *small) { s.attention().Outputs[1] = "present.7.key" }, false},
		"a branch": {func(s *small) {
			s.node("If", "", []string{"cond"}, []string{"either"}, onnx.Branch("then_branch", &onnx.Graph{Name: "then"}), onnx.Branch("else_branch", &onnx.Graph{Name: "else"}))
		}, false},
		"present read": {func(s *small) { s.node("Shape", "", []string{"present.0.key"}, []string{"length"}) }, false},
		"no caches":    {func(s *small) { s.g.Nodes = s.g.Nodes[:1] }, false},
	} {
		s := appendingDecoder(t)
		c.change(s)
		got, err := generate.ScanAppends(bytes.NewReader(s.file(t).Data))
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, n := range []int{1, 3, len(whole) / 3, len(whole) / 2} {
		if got, err := generate.ScanAppends(bytes.NewReader(whole[:n])); got || err == nil {
			t.Errorf("the first %d of %d bytes: %v, %v", n, len(whole), got, err)
		}
	}
	if m := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{}); m.Appends() {
		t.Error("a graph that joins its caches is said to append")
	}
}

// TestAttentionThatOnlyAProcessorHas: the runtime would run it there, in the middle of a graph on a
// device, and say nothing.
func TestAttentionThatOnlyAProcessorHas(t *testing.T) {
	grouped, plain := openModel(t, appendingFolder(t), generate.Options{}), openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	var fe *generate.FileError
	if err := grouped.FitProvider(ort.CUDA); !errors.As(err, &fe) || !errors.Is(err, generate.ErrGraph) || fe.Field != "GroupQueryAttention" {
		t.Errorf("on CUDA: %v", err)
	}
	for _, err := range []error{grouped.FitProvider(ort.CPU), plain.FitProvider(ort.CUDA)} {
		if err != nil {
			t.Error(err)
		}
	}
}

// attention is the first attention node.
func (s *small) attention() *onnx.Node {
	return &s.g.Nodes[slices.IndexFunc(s.g.Nodes, func(n onnx.Node) bool { return n.Op == "GroupQueryAttention" })]
}

func FuzzAppendingIsSeen(f *testing.F) {
	f.Add(appendingDecoder(f).file(f).Data[:600])
	f.Add([]byte{0x3a, 0x02, 0x0a, 0x00})
	f.Add([]byte{0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := generate.ScanAppends(bytes.NewReader(data)); got && err != nil {
			t.Errorf("true with %v", err)
		}
	})
}
