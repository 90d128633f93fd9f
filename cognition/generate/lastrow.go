package generate

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// graphFacts is what the nodes of a decoder graph say beyond its inputs and outputs.
type graphFacts struct {
	grouped bool // has GroupQueryAttention
	appends bool // past and present may be the same memory
	lastRow bool // scores are computed for the last position only, without being asked to
}

// readFacts reads a decoder graph and, where that is possible, adds an edit that makes it compute
// scores for the last position only. A file that cannot be read as a graph is left to the runtime,
// which says what is wrong with it.
func readFacts(src *ort.Source) (graphFacts, error) {
	s, err := scan(*src)
	if errors.Is(err, onnx.ErrCorrupt) {
		return graphFacts{}, nil
	}
	if err == nil {
		src.Edit, err = s.lastRow()
	}
	if err != nil {
		return graphFacts{}, &FileError{Kind: ErrFile, File: graphDecoder + ".onnx", Err: err}
	}
	return graphFacts{grouped: s.grouped(), appends: s.appends(), lastRow: src.Edit != nil}, nil
}

// graphScan is the outline of a decoder's graph.
type graphScan struct{ *onnx.Outline }

// scan reads the nodes of a decoder graph. The runtime checks the file when it loads it.
func scan(src ort.Source) (graphScan, error) {
	if src.Path == "" {
		return scanFile(bytes.NewReader(src.Bytes))
	}
	f, err := os.Open(src.Path)
	if err != nil {
		return graphScan{}, err
	}
	defer func() { _ = f.Close() }()
	return scanFile(f)
}

func scanFile(r io.ReadSeeker) (graphScan, error) {
	outline, err := onnx.Scan(r)
	return graphScan{outline}, err
}

// sliceOpset is the first set of operators in which Slice takes its bounds as inputs.
const sliceOpset = 10

// lastRow returns the edit, or nil where there is none to make. A prompt's scores are a product of
// every position with the whole vocabulary, of which generation uses one row. Published exports
// that have no num_logits_to_keep compute them all: in SmolVLM-256M a fifth of the work of a
// prompt, and 200 kB for each token of it. The edit has the product read the last row of what it
// read before: in its node the name of the input becomes another one of the same length, and a
// Slice that makes a value of this name is added.
func (s graphScan) lastRow() (*ort.Edit, error) {
	product := s.scores()
	if product == nil || s.Opset < sliceOpset {
		return nil, nil
	}
	hidden := product.Inputs[0]
	last := s.freeName(hidden)
	if last == "" {
		return nil, nil
	}
	var g onnx.Builder
	bound := func(v int64) string {
		return g.Constant(onnx.Int64s("last row/"+strconv.FormatInt(v, 10), []int64{v}, 1))
	}
	g.Node("Slice", "", []string{hidden, bound(-1), bound(math.MaxInt64), bound(1)}, []string{last})
	tail, err := (&onnx.Model{Graph: &g.Graph}).Bytes()
	return &ort.Edit{At: product.At[0], Over: []byte(last), Tail: tail}, err
}

// scores returns the product that logits come from, by way of nothing but changes of type and the
// steps of a soft cap, c · tanh(x / c); nil where they come about in another way, where something
// else needs them, or where the graph asks how many to compute.
func (s graphScan) scores() *onnx.NodeAt {
	makes, uses := map[string]*onnx.NodeAt{}, map[string]int{}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Nested {
			return nil
		}
		for _, name := range n.Outputs {
			makes[name] = n
		}
		for _, name := range n.Inputs {
			if slices.Contains(keepNames(), name) {
				return nil
			}
			uses[name]++
		}
	}
	for name := "logits"; ; {
		n := makes[name]
		if n == nil || len(n.Inputs) == 0 || len(n.Outputs) != 1 || uses[name] > 1 || (name == "logits" && uses[name] > 0) {
			return nil
		}
		switch {
		case n.Op == "MatMul" && n.Domain == "", n.Op == "MatMulNBits" && n.Domain == runtimeOps:
			if makes[n.Inputs[0]] == nil {
				return nil
			}
			return n
		case n.Domain != "" || !slices.Contains([]string{"Cast", "Identity", "Tanh", "Mul", "Div"}, n.Op):
			return nil
		case len(n.Inputs) > 1 && makes[n.Inputs[1]] != nil && makes[n.Inputs[1]].Op != "Constant":
			return nil
		}
		name = n.Inputs[0]
	}
}

// freeName returns a name of the same length that the graph does not use, or "".
func (s graphScan) freeName(like string) string {
	used := map[string]bool{}
	for i := range s.Nodes {
		for _, name := range slices.Concat(s.Nodes[i].Inputs, s.Nodes[i].Outputs) {
			used[name] = true
		}
	}
	for n := 1; n <= len(like); n++ {
		if name := like[:len(like)-n] + strings.Repeat("~", n); !used[name] {
			return name
		}
	}
	return ""
}
