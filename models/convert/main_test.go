package convert_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/half"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graph loads a converted file and runs it by names.
type graph struct {
	session *ort.Session
}

// load opens the runtime for one test and returns a function that loads graphs of dir.
func load(tb testing.TB) func(path string) graph {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closed(tb, rt) })
	return func(path string) graph {
		tb.Helper()
		s, err := rt.Load(tb.Context(), ort.Source{Path: path}, ort.Options{})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { closed(tb, s) })
		return graph{s}
	}
}

func closed(tb testing.TB, c interface{ Close() error }) {
	tb.Helper()
	if err := c.Close(); err != nil {
		tb.Error(err)
	}
}

// run feeds every input by its name and returns every output by its name.
func (g graph) run(tb testing.TB, feeds map[string]ort.Tensor) map[string]ort.Tensor {
	tb.Helper()
	inputs := make([]ort.Tensor, len(g.session.Inputs()))
	for i, in := range g.session.Inputs() {
		t, ok := feeds[in.Name]
		if !ok {
			tb.Fatalf("the graph asks for %q", in.Name)
		}
		inputs[i] = t
	}
	outputs := make([]ort.Tensor, len(g.session.Outputs()))
	if err := g.session.Run(tb.Context(), inputs, outputs); err != nil {
		tb.Fatal(err)
	}
	named := map[string]ort.Tensor{}
	for i, out := range g.session.Outputs() {
		named[out.Name] = outputs[i]
		tb.Cleanup(func() { closed(tb, outputs[i]) })
	}
	return named
}

func floats(tb testing.TB, values []float32, shape ...int64) ort.Tensor {
	tb.Helper()
	return kept(tb)(ort.Float32(shape, values))
}

func ids(tb testing.TB, values []int64, shape ...int64) ort.Tensor {
	tb.Helper()
	return kept(tb)(ort.Int64(shape, values))
}

func kept(tb testing.TB) func(ort.Tensor, error) ort.Tensor {
	return func(t ort.Tensor, err error) ort.Tensor {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { closed(tb, t) })
		return t
	}
}

// near fails when two equally long vectors differ by more than limit anywhere.
func near(tb testing.TB, what string, got, want []float32, limit float64) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= limit) {
			tb.Fatalf("%s: value %d is %g, want %g within %g", what, i, got[i], want[i], limit)
		}
	}
}

// similar fails when the angle between two vectors has a cosine below limit.
func similar(tb testing.TB, what string, got, want []float32, limit float64) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	var dot, a, b float64
	for i := range got {
		dot += float64(got[i]) * float64(want[i])
		a += float64(got[i]) * float64(got[i])
		b += float64(want[i]) * float64(want[i])
	}
	if cosine := dot / math.Sqrt(a*b); !(cosine >= limit) {
		tb.Errorf("%s: cosine %.5f, want at least %.5f", what, cosine, limit)
	}
}

// What rounding to 8 bits may do. Kernels differ in how they add and in what they take at once
// (AVX2, AVX-512, VNNI, AMX), so two of them never round alike from the second layer on; how much
// rounding does is the same for all, and is what the bounds below are made of.
//
//   - Packed weights (MatMulNBits, accuracy_level 4): the weights are what the file stores,
//     activations are rounded to 127 steps in blocks of 32. A block's peak is some 2.2 standard
//     deviations, so the error is 2.2/127/√12 = 0.5 % of them.
//   - Whisper's 8 bits (DynamicQuantizeLinear, MatMulInteger): activations have 255 steps over a
//     whole tensor, some 8 deviations (0.9 %), weights 64 on either side of zero, some 3 (1.4 %):
//     1.6 % together. Sums of integers are exact on every kernel, because int8Limit keeps the ones
//     of 16 bits from saturating.
const (
	packedError  = 0.005
	integerError = 0.016
)

// afterRounding is the cosine that remains behind so many rounded products in a row: their errors
// are independent and add by their squares. Three times that is allowed for.
func afterRounding(products int, each float64) float64 {
	err := 3 * each * math.Sqrt(float64(products))
	return 1 - err*err/2
}

// weights makes reproducible numbers: small ones around zero, or around one for the gains of norms.
type weights struct{ source *rand.Rand }

func newWeights() *weights { return &weights{rand.New(rand.NewPCG(1, 2))} }

// values returns n numbers in center ± spread that half precision holds exactly.
func (w *weights) values(n int, center, spread float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = half.To(half.From(center + spread*(2*w.source.Float32()-1)))
	}
	return out
}

func halves(values []float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, half.From(v))
	}
	return b
}

func single(values []float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// save writes a file of the test and returns its path.
func save(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}
