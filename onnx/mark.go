package onnx

import "slices"

// mark decides for every node whether it belongs behind the cut: everything that depends on the cut
// tensor does, and so do nodes without computed inputs (constants) that only such nodes use. Nodes
// are in topological order, as ONNX demands.
func (g *cutting) mark(cut string) error {
	behind := map[string]bool{cut: true}
	for i := range g.nodes {
		n := &g.nodes[i]
		for _, in := range n.inputs {
			if behind[in] {
				n.tail = true
				break
			}
		}
		if n.tail {
			for _, out := range n.outputs {
				behind[out] = true
			}
		}
	}
	constant := g.constants()
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := &g.nodes[i]
		if !n.tail {
			continue
		}
		for _, in := range n.inputs {
			if in == "" || in == cut || behind[in] || g.initializers[in] != nil {
				continue
			}
			source, ok := constant[in]
			if !ok {
				return noCut("tensor %s crosses as well", in)
			}
			if g.usedByHead(in) {
				return noCut("constant %s is used on both sides", in)
			}
			g.nodes[source].tail = true
		}
	}
	return g.checkOutputs(behind)
}

// constants maps the output of each node without inputs to that node.
func (g *cutting) constants() map[string]int {
	m := map[string]int{}
	for i, n := range g.nodes {
		if len(n.inputs) > 0 {
			continue
		}
		for _, out := range n.outputs {
			m[out] = i
		}
	}
	return m
}

func (g *cutting) usedByHead(tensor string) bool {
	for _, n := range g.nodes {
		if n.tail {
			continue
		}
		for _, in := range n.inputs {
			if in == tensor {
				return true
			}
		}
	}
	return false
}

// checkOutputs makes sure that every output of the model is computed behind the cut.
func (g *cutting) checkOutputs(behind map[string]bool) error {
	if len(g.outputs) == 0 {
		return corrupt("no outputs")
	}
	for _, out := range g.outputs {
		name, err := nameOf(out, valueName)
		if err != nil {
			return err
		}
		if !behind[name] {
			return noCut("output %s does not depend on the cut", name)
		}
	}
	return nil
}

// render writes one half as a GraphProto. Value infos are left out: the runtime infers them again.
func (g *cutting) render(tail bool, inputs, outputs [][]byte) []byte {
	name := "head"
	if tail {
		name = "tail"
	}
	used := map[string]bool{}
	var parts [][]byte // joined once: there are weights among them
	for _, n := range g.nodes {
		if n.tail != tail {
			continue
		}
		parts = append(parts, n.raw)
		for _, in := range n.inputs {
			used[in] = true
		}
	}
	parts = append(parts, appendMessage(nil, graphName, []byte(name)))
	for _, w := range g.order {
		if used[w] {
			parts = append(parts, g.initializers[w])
		}
	}
	for _, in := range inputs {
		parts = append(parts, appendMessage(nil, graphInput, in))
	}
	for _, o := range outputs {
		parts = append(parts, appendMessage(nil, graphOutput, o))
	}
	return slices.Concat(parts...)
}

// floatValue describes a float tensor [batch, channels, frames] whose sizes but one are free.
func floatValue(name string, channels int) []byte {
	v := Value{Name: name, Type: Float32, Shape: []Dim{Free("batch"), Fixed(channels), Free("frames")}}
	return v.encode().parts[0].bytes // one part: there is no payload in it
}
