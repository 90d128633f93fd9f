package onnx

// attrKind is AttributeProto's type field.
type attrKind int64

const (
	attrFloat  attrKind = 1
	attrInt    attrKind = 2
	attrString attrKind = 3
	attrTensor attrKind = 4
	attrGraph  attrKind = 5
	attrInts   attrKind = 7
)

// Attr is a named constant of a node. The constructors below make one.
type Attr struct {
	name   string
	kind   attrKind
	f      float32
	i      int64
	s      string
	ints   []int64
	graph  *Graph
	tensor *Tensor
}

// Int returns an integer attribute; booleans are 0 and 1.
func Int(name string, v int64) Attr { return Attr{name: name, kind: attrInt, i: v} }

// Float returns a float attribute.
func Float(name string, v float32) Attr { return Attr{name: name, kind: attrFloat, f: v} }

// String returns a string attribute.
func String(name, v string) Attr { return Attr{name: name, kind: attrString, s: v} }

// Ints returns an integer list attribute.
func Ints(name string, v ...int64) Attr { return Attr{name: name, kind: attrInts, ints: v} }

// Branch returns an attribute that holds the body of a control flow operator.
func Branch(name string, g *Graph) Attr { return Attr{name: name, kind: attrGraph, graph: g} }

// Constant returns an attribute that holds a tensor.
func Constant(name string, t Tensor) Attr { return Attr{name: name, kind: attrTensor, tensor: &t} }

// encode lays out AttributeProto.
func (a *Attr) encode() (*message, error) {
	msg := &message{}
	msg.text(1, a.name)
	switch a.kind {
	case attrFloat:
		msg.float(2, a.f)
	case attrInt:
		msg.varint(3, a.i)
	case attrString:
		msg.bytes(4, []byte(a.s))
	case attrTensor:
		tensor, err := a.tensor.encode()
		if err != nil {
			return nil, err
		}
		msg.sub(5, tensor)
	case attrGraph:
		body, err := a.graph.encode()
		if err != nil {
			return nil, err
		}
		msg.sub(6, body)
	case attrInts:
		msg.ints(8, a.ints)
	}
	msg.varint(20, int64(a.kind))
	return msg, nil
}
