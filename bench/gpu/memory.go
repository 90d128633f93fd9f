package gpu

import (
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

const (
	// sessionLimit is what a session may take in the second case, a quarter of what is asked for,
	// in bytes.
	sessionLimit = 256 << 20
	// beyond is more than any processor can address, in bytes: what a rehearsal asks for.
	beyond = 1 << 57
	copies = 1000 // of a number that is added up where there is room
)

// hog is the graph of y = the sum of n copies of x: it takes as much memory as it is asked to.
func hog() ([]byte, error) {
	b := onnx.NewBuilder("hog")
	x, n := b.Input("x", onnx.Float32, onnx.Fixed(1)), b.Input("n", onnx.Int64, onnx.Fixed(1))
	b.Node("ReduceSum", "", []string{b.Op("Expand", []string{x, n})}, []string{"y"}, onnx.Int("keepdims", 1))
	b.Output("y", onnx.Float32, onnx.Fixed(1))
	return b.Model(8, 17, "").Bytes()
}

// memory asks for more than the card has, and for more than a session may take: both times that is
// refused by its kind, the same session answers the next request, and the calibration model answers
// as it did before.
func memory(ctx context.Context, s *settings, tell func(Verdict)) (err error) {
	rt, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	asks, err := drawnAsks(1, 1)
	if err != nil {
		return err
	}
	model, err := openSight(ctx, rt, s.Model, s.options(), s.squares())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.close()) }()
	before, err := model.answer(ctx, asks[0], 64)
	if err != nil {
		return err
	}
	after := func() error {
		got, err := model.answer(ctx, asks[0], 64)
		if err == nil && (got.text != before.text || got.text == "") {
			err = fmt.Errorf("%w: the model says %q, before it said %q", ErrAnswer, got.text, before.text)
		}
		return err
	}
	ask, opt := s.Memory+1<<30, s.options()
	if s.Rehearse {
		ask = beyond
	}
	tell(refusal(ctx, rt, "memory-card", opt, ask, after))
	if s.Rehearse {
		tell(skipped("memory-limit", "a processor's sessions have no limit of their own"))
		return nil
	}
	opt.DeviceMemory = sessionLimit
	tell(refusal(ctx, rt, "memory-limit", opt, 4*sessionLimit, after))
	return nil
}

// refusal asks one session for too much, then for little, and after that whether others live on.
func refusal(ctx context.Context, rt *ort.Runtime, name string, opt ort.Options, bytes int64, after func() error) (v Verdict) {
	graph, err := hog()
	if err != nil {
		return failed(name, err)
	}
	session, err := rt.Load(ctx, ort.Source{Name: "hog", Bytes: graph}, opt)
	if err != nil {
		return failed(name, err)
	}
	defer func() {
		if err := session.Close(); err != nil {
			v = failed(name, err)
		}
	}()
	refused := sum(ctx, session, bytes/4)
	switch {
	case refused == nil:
		return failed(name, fmt.Errorf("%w: %d bytes were not refused", ErrAnswer, bytes))
	case !errors.Is(refused, ort.ErrOutOfMemory):
		return failed(name, fmt.Errorf("%w: refused as something else than %w: %w", ErrAnswer, ort.ErrOutOfMemory, refused))
	}
	if err := sum(ctx, session, copies); err != nil {
		return failed(name, fmt.Errorf("the next request of the session: %w", err))
	}
	if err := after(); err != nil {
		return failed(name, fmt.Errorf("the next request of another one: %w", err))
	}
	return passed(name, "%d MB are refused by kind (%v); the next requests are answered", bytes>>20, ort.ErrOutOfMemory)
}

// sum adds n copies of a half and looks at what comes out.
func sum(ctx context.Context, session *ort.Session, n int64) (err error) {
	x, err := ort.Float32([]int64{1}, []float32{.5})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	count, err := ort.Int64([]int64{1}, []int64{n})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, count.Close()) }()
	got, err := runOne(ctx, session, x, count)
	if err == nil && (len(got) != 1 || got[0] != float32(n)/2) {
		err = fmt.Errorf("%w: %d halves are %v", ErrAnswer, n, got)
	}
	return err
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
