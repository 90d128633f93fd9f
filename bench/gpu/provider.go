package gpu

import (
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// provider opens the execution provider and has it add two numbers, on a card without the processor's help.
func provider(ctx context.Context, s *settings, tell func(Verdict)) (err error) {
	rt, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	graph, err := smolvlm.Probe()
	if err != nil {
		return err
	}
	session, err := rt.Load(ctx, ort.Source{Name: "probe", Bytes: graph}, s.alone())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	in, err := ort.Float32([]int64{1}, []float32{2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	got, err := runOne(ctx, session, in)
	if err != nil {
		return err
	}
	if len(got) != 1 || got[0] != 4 {
		return fmt.Errorf("%w: 2 + 2 is %v", ErrAnswer, got)
	}
	tell(passed("provider", "%s; ONNX Runtime %s opens it and adds: %s", s.Card, rt.Version(), rt.Path()))
	return nil
}

// runOne runs a graph with one output and returns its numbers.
func runOne(ctx context.Context, s *ort.Session, inputs ...ort.Tensor) ([]float32, error) {
	out := make([]ort.Tensor, 1)
	if err := s.Run(ctx, inputs, out); err != nil {
		return nil, err
	}
	numbers := append([]float32(nil), out[0].Float32s()...)
	return numbers, out[0].Close()
}
