package tts

import "github.com/sensory-agent/sensory-agent/compute/ort"

// tensorSet makes tensors over Go slices and closes them together. The first error is kept.
type tensorSet struct {
	open []ort.Tensor
	err  error
}

func (s *tensorSet) keep(t ort.Tensor, err error) ort.Tensor {
	if err != nil {
		if s.err == nil {
			s.err = err
		}
		return nil
	}
	s.open = append(s.open, t)
	return t
}

func (s *tensorSet) int64s(shape, data []int64) ort.Tensor {
	return s.keep(ort.Int64(shape, data))
}

func (s *tensorSet) float32s(shape []int64, data []float32) ort.Tensor {
	return s.keep(ort.Float32(shape, data))
}

func (s *tensorSet) close() {
	for _, t := range s.open {
		_ = t.Close()
	}
}
