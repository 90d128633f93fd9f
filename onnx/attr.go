package onnx

// attrKind is AttributeProto's type field.
type attrKind int64

const (
	kindFloat  attrKind = 1
	kindInt    attrKind = 2
	kindString attrKind = 3
	kindTensor attrKind = 4
	kindGraph  attrKind = 5
	kindInts   attrKind = 7
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
func Int(name string, v int64) Attr { return Attr{name: name, kind: kindInt, i: v} }

// Float returns a float attribute.
func Float(name string, v float32) Attr { return Attr{name: name, kind: kindFloat, f: v} }

// String returns a string attribute.
func String(name, v string) Attr { return Attr{name: name, kind: kindString, s: v} }

// Ints returns an integer list attribute.
func Ints(name string, v ...int64) Attr { return Attr{name: name, kind: kindInts, ints: v} }

// Branch returns an attribute that holds the body of a control flow operator.
func Branch(name string, g *Graph) Attr { return Attr{name: name, kind: kindGraph, graph: g} }

// Constant returns an attribute that holds a tensor.
func Constant(name string, t Tensor) Attr { return Attr{name: name, kind: kindTensor, tensor: &t} }

// encode lays out AttributeProto.
func (a *Attr) encode() (*message, error) {
	msg := &message{}
	msg.text(attrName, a.name)
	switch a.kind {
	case kindFloat:
		msg.float(attrFloat, a.f)
	case kindInt:
		msg.varint(attrInt, a.i)
	case kindString:
		msg.bytes(attrString, []byte(a.s))
	case kindTensor:
		tensor, err := a.tensor.encode()
		if err != nil {
			return nil, err
		}
		msg.sub(attrTensor, tensor)
	case kindGraph:
		body, err := a.graph.encode()
		if err != nil {
			return nil, err
		}
		msg.sub(attrGraph, body)
	case kindInts:
		msg.ints(attrInts, a.ints)
	}
	msg.varint(attrType, int64(a.kind))
	return msg, nil
}
