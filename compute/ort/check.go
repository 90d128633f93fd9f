package ort

import "fmt"

// check compares tensors with what the session declares, so that a mismatch names the tensor.
func (s *loaded) check(inputs, outputs []Tensor) error {
	if len(inputs) != len(s.inputs) || len(outputs) != len(s.outputs) {
		return fmt.Errorf("%s: %w: want %d inputs and %d outputs, got %d and %d", s.name, ErrCount,
			len(s.inputs), len(s.outputs), len(inputs), len(outputs))
	}
	for i, t := range inputs {
		if t == nil {
			return &TensorError{Kind: ErrShape, Model: s.name, Name: s.inputs[i].Name, Want: "a tensor", Got: "nil"}
		}
		if err := s.fits(s.inputs[i], t); err != nil {
			return err
		}
	}
	for i, t := range outputs {
		if t == nil {
			continue
		}
		if err := s.fits(s.outputs[i], t); err != nil {
			return err
		}
	}
	return nil
}

// fits compares one tensor with its declaration; free dimensions (-1) take any size.
func (s *loaded) fits(info TensorInfo, t Tensor) error {
	if info.Type != t.Type() {
		return &TensorError{Kind: ErrType, Model: s.name, Name: info.Name, Want: info.Type.String(), Got: t.Type().String()}
	}
	shape := t.Shape()
	ok := len(shape) == len(info.Shape)
	for i := 0; ok && i < len(shape); i++ {
		ok = info.Shape[i] < 0 || info.Shape[i] == shape[i]
	}
	if !ok {
		return &TensorError{Kind: ErrShape, Model: s.name, Name: info.Name, Want: fmt.Sprint(info.Shape), Got: fmt.Sprint(shape)}
	}
	return nil
}
