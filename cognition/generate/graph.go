package generate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// embedder is the token embedding graph: input_ids int64 [1, n] to inputs_embeds [1, n, hidden],
// and to whatever else the decoder takes by the same name.
type embedder struct {
	session *ort.Session
	kind    ort.ElementType
	hidden  int
	output  int     // position of the embeddings
	extras  []extra // the other outputs
}

// extra is an output [1, n, dims...] that the decoder takes as it is: inputs of each of its layers,
// for example.
type extra struct {
	name   string
	output int // position
	kind   ort.ElementType
	dims   []int64 // -1 where the graph leaves one free
}

// newEmbedder finds the tensors of the embedding graph.
func newEmbedder(s *ort.Session) (embedder, error) {
	in, out := s.Inputs(), s.Outputs()
	if len(in) != 1 || len(out) == 0 {
		return embedder{}, graphError(graphEmbed, "", "%d inputs and %d outputs instead of 1 and at least 1", len(in), len(out))
	}
	if in[0].Type != ort.TypeInt64 || len(in[0].Shape) != 2 {
		return embedder{}, graphError(graphEmbed, in[0].Name, "%v%v is not int64 [batch, tokens]", in[0].Type, in[0].Shape)
	}
	e := embedder{session: s}
	if len(out) > 1 {
		if e.output = slices.IndexFunc(out, func(info ort.TensorInfo) bool { return info.Name == "inputs_embeds" }); e.output < 0 {
			return e, graphError(graphEmbed, "inputs_embeds", "missing among %d outputs", len(out))
		}
	}
	for i, info := range out {
		if !isFloat(info.Type) || len(info.Shape) < 3 || (i == e.output && len(info.Shape) != 3) {
			return e, graphError(graphEmbed, info.Name, "%v%v is not a float [batch, tokens, width]", info.Type, info.Shape)
		}
		if i != e.output {
			e.extras = append(e.extras, extra{name: info.Name, output: i, kind: info.Type, dims: slices.Clone(info.Shape[2:])})
		}
	}
	e.kind, e.hidden = out[e.output].Type, int(out[e.output].Shape[2])
	return e, nil
}

// decoder is the merged decoder graph, its tensors found by name.
type decoder struct {
	session *ort.Session
	embeds  int // positions of inputs; -1 for one that the graph does not take
	mask    int
	places  int
	keep    int
	logits  int   // position of the output
	extras  []int // inputs, in the order of the embedding graph's other outputs
	past    []int // inputs, in the order of the names' layers, key before value
	present []int // outputs, in the same order
	graphFacts

	kind    ort.ElementType // of inputs_embeds
	kvKind  ort.ElementType
	outKind ort.ElementType
	axes    int // of positions; 0 where the graph takes none
	keepDim int // dimensions of the input that limits the scores computed
	hidden  int // -1 where the graph leaves it free; the same for the next three
	heads   int
	headDim int
	vocab   int
}

// The names of optional inputs that say for how many positions scores are computed.
func keepNames() []string { return []string{"num_logits_to_keep", "logits_to_keep"} }

// newDecoder finds the tensors of the decoder graph. Extras are what the embedding graph has for it
// beside embeddings.
func newDecoder(s *ort.Session, facts graphFacts, extras []extra) (decoder, error) {
	d := decoder{session: s, graphFacts: facts, embeds: -1, mask: -1, places: -1, keep: -1, logits: -1, extras: make([]int, len(extras))}
	for k := range d.extras {
		d.extras[k] = -1
	}
	layers := map[string]int{}
	for i, info := range s.Inputs() {
		switch {
		case info.Name == "inputs_embeds":
			d.embeds = i
		case info.Name == "attention_mask":
			d.mask = i
		case info.Name == "position_ids":
			d.places = i
		case slices.Contains(keepNames(), info.Name):
			d.keep = i
		case strings.HasPrefix(info.Name, prefixPast):
			layers[strings.TrimPrefix(info.Name, prefixPast)] = i
		default:
			k := slices.IndexFunc(extras, func(x extra) bool { return x.name == info.Name })
			if k < 0 {
				return d, graphError(graphDecoder, info.Name, "unknown input")
			}
			d.extras[k] = i
		}
	}
	if d.embeds < 0 {
		return d, graphError(graphDecoder, "inputs_embeds", "missing")
	}
	if len(layers) == 0 {
		return d, graphError(graphDecoder, "past_key_values.0.key", "missing")
	}
	if err := d.pair(layers); err != nil {
		return d, err
	}
	return d, d.inspect()
}

// pair orders the caches by layer and finds the output for every input.
func (d *decoder) pair(layers map[string]int) error {
	outputs := map[string]int{}
	for i, info := range d.session.Outputs() {
		if info.Name == "logits" {
			d.logits = i
			continue
		}
		outputs[strings.TrimPrefix(info.Name, prefixPresent)] = i
	}
	if d.logits < 0 {
		return graphError(graphDecoder, "logits", "missing")
	}
	if len(outputs) != len(layers) {
		return graphError(graphDecoder, "present", "%d outputs for %d past_key_values", len(outputs), len(layers))
	}
	for layer := range (len(layers) + 1) / 2 {
		for _, part := range []string{"key", "value"} {
			name := strconv.Itoa(layer) + "." + part
			in, ok := layers[name]
			if !ok {
				return graphError(graphDecoder, prefixPast+name, "missing")
			}
			out, ok := outputs[name]
			if !ok {
				return graphError(graphDecoder, prefixPresent+name, "missing")
			}
			d.past, d.present = append(d.past, in), append(d.present, out)
		}
	}
	return nil
}

// inspect reads types and sizes, and refuses graphs whose layers differ.
func (d *decoder) inspect() error {
	in, out := d.session.Inputs(), d.session.Outputs()
	embeds, logits := in[d.embeds], out[d.logits]
	if !isFloat(embeds.Type) || len(embeds.Shape) != 3 {
		return graphError(graphDecoder, embeds.Name, "%v%v is not a float [batch, tokens, width]", embeds.Type, embeds.Shape)
	}
	if !isFloat(logits.Type) || len(logits.Shape) != 3 {
		return graphError(graphDecoder, logits.Name, "%v%v is not a float [batch, tokens, vocabulary]", logits.Type, logits.Shape)
	}
	for _, i := range []int{d.mask, d.places, d.keep} {
		if i >= 0 && in[i].Type != ort.TypeInt64 {
			return graphError(graphDecoder, in[i].Name, "%v is not int64", in[i].Type)
		}
	}
	if d.places >= 0 {
		if err := d.inspectPlaces(in[d.places]); err != nil {
			return err
		}
	}
	if d.keep >= 0 {
		d.keepDim = len(in[d.keep].Shape)
	}
	d.kind, d.outKind = embeds.Type, logits.Type
	d.hidden, d.vocab = int(embeds.Shape[2]), int(logits.Shape[2])
	first := in[d.past[0]]
	for k, i := range d.past {
		for _, info := range []ort.TensorInfo{in[i], out[d.present[k]]} {
			if !isFloat(info.Type) || info.Type != first.Type || len(info.Shape) != 4 {
				return graphError(graphDecoder, info.Name, "%v%v is not %v [batch, heads, tokens, width]", info.Type, info.Shape, first.Type)
			}
		}
		if in[i].Shape[1] != first.Shape[1] || in[i].Shape[3] != first.Shape[3] {
			return graphError(graphDecoder, in[i].Name, "%v differs from %v of %s", in[i].Shape, first.Shape, first.Name)
		}
	}
	d.kvKind, d.heads, d.headDim = first.Type, int(first.Shape[1]), int(first.Shape[3])
	return nil
}

// isFloat reports whether the type is one that this package computes with.
func isFloat(t ort.ElementType) bool { return t == ort.TypeFloat32 || t == ort.TypeFloat16 }

// graphError names a graph and a tensor of it.
func graphError(graph, tensor, format string, args ...any) error {
	return &FileError{Kind: ErrGraph, File: graph + ".onnx", Field: tensor, Detail: fmt.Sprintf(format, args...)}
}

// settle takes a size from the graph, or where that leaves it free from the configuration, and
// refuses disagreement.
func settle(field string, graph, file int) (int, error) {
	switch {
	case graph > 0 && file > 0 && graph != file:
		return 0, graphError(graphDecoder, "", "%s is %d in %s and %d in the graph", field, file, fileConfig, graph)
	case graph > 0:
		return graph, nil
	case file > 0:
		return file, nil
	}
	return 0, missing(fileConfig, field)
}
