package onnx

// Graph is a list of nodes in execution order with its interface and constants.
// As the body of a branch it may use names of the enclosing graph.
type Graph struct {
	Name         string
	Nodes        []Node
	Inputs       []Value
	Outputs      []Value
	Initializers []Tensor
}

// Node is one application of an operator. An empty input name stands for an omitted optional input.
type Node struct {
	Op      string
	Domain  string // empty: the standard operators
	Name    string
	Inputs  []string
	Outputs []string
	Attrs   []Attr
}

// Value declares the element type and shape of a graph input or output.
type Value struct {
	Name  string
	Type  DataType
	Shape []Dim
}

// Dim is one axis: a fixed length, or a name for an axis whose length is known only at run time.
type Dim struct {
	Name  string // free axis when not empty
	Value int64
}

// Free returns an axis that is open until run time; equal names mean equal lengths.
func Free(name string) Dim { return Dim{Name: name} }

// Fixed returns an axis of length n.
func Fixed(n int) Dim { return Dim{Value: int64(n)} }

// encode lays out GraphProto.
func (g *Graph) encode() (*message, error) {
	msg := &message{}
	for i := range g.Nodes {
		node, err := g.Nodes[i].encode()
		if err != nil {
			return nil, err
		}
		msg.sub(graphNode, node)
	}
	msg.text(graphName, g.Name)
	for i := range g.Initializers {
		tensor, err := g.Initializers[i].encode()
		if err != nil {
			return nil, err
		}
		msg.sub(graphInitializer, tensor)
	}
	for _, v := range g.Inputs {
		msg.sub(graphInput, v.encode())
	}
	for _, v := range g.Outputs {
		msg.sub(graphOutput, v.encode())
	}
	return msg, nil
}

// encode lays out NodeProto. Empty names of inputs and outputs are kept: their position has a
// meaning.
func (n *Node) encode() (*message, error) {
	msg := &message{}
	for _, name := range n.Inputs {
		msg.bytes(nodeInput, []byte(name))
	}
	for _, name := range n.Outputs {
		msg.bytes(nodeOutput, []byte(name))
	}
	msg.text(nodeName, n.Name)
	msg.text(nodeOpType, n.Op)
	for i := range n.Attrs {
		attr, err := n.Attrs[i].encode()
		if err != nil {
			return nil, err
		}
		msg.sub(nodeAttribute, attr)
	}
	msg.text(nodeDomain, n.Domain)
	return msg, nil
}

// encode lays out ValueInfoProto with its TypeProto and TensorShapeProto.
func (v *Value) encode() *message {
	shape := &message{}
	for _, d := range v.Shape {
		dim := &message{}
		if d.Name != "" {
			dim.text(dimParam, d.Name)
		} else {
			dim.varint(dimValue, d.Value)
		}
		shape.sub(shapeDim, dim)
	}
	tensor := &message{}
	tensor.varint(typeElem, int64(v.Type))
	tensor.sub(typeShape, shape)
	kind := &message{}
	kind.sub(typeTensor, tensor)
	msg := &message{}
	msg.text(valueName, v.Name)
	msg.sub(valueType, kind)
	return msg
}
