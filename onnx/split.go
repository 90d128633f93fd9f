package onnx

import "google.golang.org/protobuf/encoding/protowire"

// Halves are the two models that Split makes.
type Halves struct {
	// Head takes the inputs of the original and gives the tensor at the cut as its only output.
	Head []byte
	// Tail takes the tensor at the cut as its only input and gives the outputs of the original.
	Tail []byte
	// Cut is the name of the tensor at the cut.
	Cut string
	// Channels is the size of axis 1 of the cut tensor, from the weight of the convolution behind
	// it.
	Channels int
}

// cutNode is a node of the graph, and on which side of the cut it belongs.
type cutNode struct {
	raw             []byte
	name, op        string
	inputs, outputs []string
	tail            bool
}

// cutting is a graph under the knife: its fields as they stand in the file, by kind.
type cutting struct {
	nodes        []cutNode
	initializers map[string][]byte
	order        []string // initialiser names in file order
	inputs       [][]byte
	outputs      [][]byte
}

// Split cuts a model in two before the convolution called convName, at that convolution's first
// input, a float tensor of shape [batch, channels, frames]. Weights go to the half that uses them,
// or to both. It returns ErrNoCut where there is no such convolution, where any other computed
// tensor crosses the cut, or where a node carries a subgraph; ErrCorrupt where the bytes cannot be
// read.
func Split(model []byte, convName string) (*Halves, error) {
	body, err := graphOf(model)
	if err != nil {
		return nil, err
	}
	g, err := parseGraph(body)
	if err != nil {
		return nil, err
	}
	cut, channels, err := g.findCut(convName)
	if err != nil {
		return nil, err
	}
	if err := g.mark(cut); err != nil {
		return nil, err
	}
	crossing := floatValue(cut, channels)
	head, err := withGraph(model, g.render(false, g.inputs, [][]byte{crossing}))
	if err != nil {
		return nil, err
	}
	tail, err := withGraph(model, g.render(true, [][]byte{crossing}, g.outputs))
	if err != nil {
		return nil, err
	}
	return &Halves{Head: head, Tail: tail, Cut: cut, Channels: channels}, nil
}

func parseGraph(body []byte) (*cutting, error) {
	g := &cutting{initializers: map[string][]byte{}}
	err := eachField(body, func(f field) error {
		switch f.num {
		case graphNode:
			n, err := parseNode(f)
			if err != nil {
				return err
			}
			g.nodes = append(g.nodes, n)
		case graphInitializer:
			name, err := nameOf(f.body, tensorName)
			if err != nil {
				return err
			}
			g.initializers[name] = f.raw
			g.order = append(g.order, name)
		case graphInput:
			g.inputs = append(g.inputs, f.body)
		case graphOutput:
			g.outputs = append(g.outputs, f.body)
		default:
		}
		return nil
	})
	return g, err
}

func parseNode(f field) (cutNode, error) {
	n := cutNode{raw: f.raw}
	err := eachField(f.body, func(a field) error {
		switch a.num {
		case nodeInput:
			n.inputs = append(n.inputs, string(a.body))
		case nodeOutput:
			n.outputs = append(n.outputs, string(a.body))
		case nodeName:
			n.name = string(a.body)
		case nodeOpType:
			n.op = string(a.body)
		case nodeAttribute:
			return eachField(a.body, func(v field) error {
				if v.num == attrGraph || v.num == attrGraphs {
					return noCut("a node carries a subgraph")
				}
				return nil
			})
		default:
		}
		return nil
	})
	return n, err
}

// nameOf reads one string field of a message.
func nameOf(msg []byte, num protowire.Number) (string, error) {
	name := ""
	err := eachField(msg, func(f field) error {
		if f.num == num && f.kind == protowire.BytesType {
			name = string(f.body)
		}
		return nil
	})
	return name, err
}

// findCut returns the tensor at the cut and its channel count.
func (g *cutting) findCut(convName string) (string, int, error) {
	for _, n := range g.nodes {
		if n.name != convName || n.op != "Conv" || len(n.inputs) < 2 {
			continue
		}
		weight, ok := g.initializers[n.inputs[1]]
		if !ok {
			return "", 0, noCut("the weight of %s is computed", convName)
		}
		_, _, skip := protowire.ConsumeTag(weight)
		tensor, _ := protowire.ConsumeBytes(weight[skip:])
		dims, err := tensorShape(tensor)
		if err != nil {
			return "", 0, err
		}
		if len(dims) != 3 || dims[1] < 1 || dims[1] > 1<<16 {
			return "", 0, noCut("%s is not one-dimensional", convName)
		}
		return n.inputs[0], int(dims[1]), nil
	}
	return "", 0, noCut("no convolution is called %s", convName)
}

func tensorShape(tensor []byte) ([]uint64, error) {
	var dims []uint64
	err := eachField(tensor, func(f field) error {
		if f.num != tensorDims {
			return nil
		}
		if f.kind == protowire.VarintType {
			dims = append(dims, f.varint)
			return nil
		}
		for rest := f.body; len(rest) > 0; {
			v, n := protowire.ConsumeVarint(rest)
			if n < 0 {
				return corrupt("bad dimension")
			}
			dims = append(dims, v)
			rest = rest[n:]
		}
		return nil
	})
	return dims, err
}
