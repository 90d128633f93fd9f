package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/internal/half"
)

// Widen returns the model with every half-precision tensor, cast and declared type turned into
// single precision, and how many tensors it widened. A model without half precision comes back
// equal to the input. External data is refused with ErrCorrupt. The result is up to twice as large
// as the input.
func Widen(model []byte) ([]byte, int, error) {
	w := &widener{}
	out, err := edited(model, w.graph)
	return out, w.tensors, err
}

type widener struct {
	tensors int
	within  nesting
}

// rewrite copies a message, replacing the length-delimited fields for which edit answers true.
func rewrite(msg []byte, edit func(field) ([]byte, bool, error)) ([]byte, error) {
	out := make([]byte, 0, len(msg)+len(msg)/8)
	err := eachField(msg, func(f field) error {
		body, replaced, err := edit(f)
		if err != nil {
			return err
		}
		if replaced {
			out = appendMessage(out, f.num, body)
		} else {
			out = append(out, f.raw...)
		}
		return nil
	})
	return out, err
}

func (w *widener) graph(msg []byte) ([]byte, error) {
	leave, err := w.within.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	return rewrite(msg, func(f field) (body []byte, replaced bool, err error) {
		switch f.num {
		case graphNode:
			body, err = w.node(f.body)
		case graphInitializer:
			body, err = w.tensor(f.body)
		case graphInput, graphOutput, graphValueInfo:
			body, err = widenValue(f.body)
		default:
			return nil, false, nil
		}
		return body, true, err
	})
}

func (w *widener) node(msg []byte) ([]byte, error) {
	op, err := nameOf(msg, nodeOpType)
	if err != nil {
		return nil, err
	}
	return rewrite(msg, func(f field) ([]byte, bool, error) {
		if f.num != nodeAttribute || f.kind != protowire.BytesType {
			return nil, false, nil
		}
		body, err := w.attribute(op, f.body)
		return body, true, err
	})
}

// attribute widens the tensors and subgraphs of an attribute, and the element type that a cast or
// generator names.
func (w *widener) attribute(op string, msg []byte) ([]byte, error) {
	name, err := nameOf(msg, attrName)
	if err != nil {
		return nil, err
	}
	namesType := (op == "Cast" && name == "to") || name == "dtype"
	out := make([]byte, 0, len(msg))
	err = eachField(msg, func(f field) error {
		var body []byte
		var err error
		switch f.num {
		case attrInt:
			if namesType && f.varint == uint64(Float16) {
				out = appendVarint(out, attrInt, uint64(Float32))
				return nil
			}
			out = append(out, f.raw...)
			return nil
		case attrTensor, attrTensors:
			body, err = w.tensor(f.body)
		case attrGraph, attrGraphs:
			body, err = w.graph(f.body)
		default:
			out = append(out, f.raw...)
			return nil
		}
		if err != nil {
			return err
		}
		out = appendMessage(out, f.num, body)
		return nil
	})
	return out, err
}

// tensor widens one TensorProto: raw bytes, or values packed as 16-bit patterns in int32_data.
func (w *widener) tensor(msg []byte) ([]byte, error) {
	narrow := false
	err := eachField(msg, func(f field) error {
		if f.num == tensorDataType {
			narrow = f.varint == uint64(Float16)
		}
		if f.num == tensorExternal {
			return corrupt("external tensor data")
		}
		return nil
	})
	if err != nil || !narrow {
		return msg, err
	}
	w.tensors++
	out := make([]byte, 0, 2*len(msg))
	var values []byte
	err = eachField(msg, func(f field) error {
		switch f.num {
		case tensorDataType:
			out = appendVarint(out, tensorDataType, uint64(Float32))
		case tensorRaw:
			if len(f.body)%2 != 0 {
				return corrupt("odd number of bytes in a half-precision tensor")
			}
			values = make([]byte, 0, 2*len(f.body))
			for i := 0; i < len(f.body); i += 2 {
				values = appendWide(values, binary.LittleEndian.Uint16(f.body[i:]))
			}
		case tensorInt32:
			return packedHalves(f, &values)
		default:
			out = append(out, f.raw...)
		}
		return nil
	})
	return appendMessage(out, tensorRaw, values), err
}

func packedHalves(f field, values *[]byte) error {
	if f.kind == protowire.VarintType {
		*values = appendWide(*values, uint16(f.varint))
		return nil
	}
	for rest := f.body; len(rest) > 0; {
		v, n := protowire.ConsumeVarint(rest)
		if n < 0 {
			return corrupt("bad packed value")
		}
		*values = appendWide(*values, uint16(v))
		rest = rest[n:]
	}
	return nil
}

func appendWide(dst []byte, h uint16) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(half.To(h)))
}

// widenValue changes the element type of a tensor ValueInfo.
func widenValue(msg []byte) ([]byte, error) {
	return rewrite(msg, func(f field) ([]byte, bool, error) {
		if f.num != valueType || f.kind != protowire.BytesType {
			return nil, false, nil
		}
		body, err := rewrite(f.body, func(t field) ([]byte, bool, error) {
			if t.num != typeTensor || t.kind != protowire.BytesType {
				return nil, false, nil
			}
			body, err := widenElem(t.body)
			return body, true, err
		})
		return body, true, err
	})
}

func widenElem(msg []byte) ([]byte, error) {
	out := make([]byte, 0, len(msg))
	err := eachField(msg, func(f field) error {
		if f.num == typeElem && f.varint == uint64(Float16) {
			out = appendVarint(out, typeElem, uint64(Float32))
		} else {
			out = append(out, f.raw...)
		}
		return nil
	})
	return out, err
}
