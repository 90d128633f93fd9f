package gpu

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

// provider opens the execution provider and has it add two numbers, on a card without the
// processor's help.
func provider(ctx context.Context, s *settings, tell func(Verdict)) (err error) {
	rt, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	if err := engine.Probe(ctx, rt, s.alone()); err != nil {
		return err
	}
	tell(passed("provider", "%s; ONNX Runtime %s opens it and adds: %s", s.Card, rt.Version(), rt.Path()))
	return nil
}
