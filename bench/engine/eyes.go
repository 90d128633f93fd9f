package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Eyes is what the vision encoder does.
type Eyes struct {
	Side     int     `json:"side"`              // of the square it takes, in pixels
	Batch    int     `json:"batch"`             // squares per run
	PerSec   float64 `json:"images_per_second"` // squares
	Encode   float64 `json:"encode_ms"`         // of one run
	Features int     `json:"features"`          // values per square
}

// write prints it for people.
func (e *Eyes) write(b *strings.Builder) {
	fmt.Fprintf(b, "  eyes     %d squares of %d x %d a run: %.1f images/s, %.1f ms a run\n", e.Batch, e.Side, e.Side, e.PerSec, e.Encode)
}

// eyes measures the vision encoder on one square.
func (s *settings) eyes(ctx context.Context, rt *ort.Runtime, opt ort.Options) (e *Eyes, err error) {
	cfg, err := readPictureConfig(s.dir)
	if err != nil {
		return nil, err
	}
	session, err := rt.Load(ctx, ort.Source{Path: filepath.Join(s.dir, "onnx", "vision_encoder"+s.variant+".onnx")}, opt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	e = &Eyes{Side: cfg.Tile, Batch: 1}
	inputs, err := pixels(session, cfg.Tile)
	defer func() { err = errors.Join(err, closeAll(inputs)) }()
	if err != nil {
		return nil, err
	}
	best := time.Duration(1 << 62)
	for range s.rounds {
		outputs := make([]ort.Tensor, len(session.Outputs()))
		start := time.Now()
		if err := session.Run(ctx, inputs, outputs); err != nil {
			return nil, err
		}
		best = min(best, time.Since(start))
		e.Features = outputs[0].Len()
		if err := closeAll(outputs); err != nil {
			return nil, err
		}
	}
	e.Encode, e.PerSec = milliseconds(best), float64(e.Batch)/best.Seconds()
	return e, nil
}

// pixels makes the encoder's inputs: one square of a fixed pattern, all of it picture.
func pixels(session *ort.Session, side int) (inputs []ort.Tensor, err error) {
	n := int64(side)
	values, seen := make([]float32, 3*side*side), make([]bool, side*side)
	for i := range values {
		values[i] = float32(i*31%255)/127.5 - 1
	}
	for i := range seen {
		seen[i] = true
	}
	for _, info := range session.Inputs() {
		var t ort.Tensor
		if info.Name == "pixel_attention_mask" {
			t, err = ort.Bool([]int64{1, 1, n, n}, slices.Clone(seen))
		} else {
			t, err = ort.Float32([]int64{1, 1, 3, n, n}, values)
		}
		if err != nil {
			return inputs, err
		}
		inputs = append(inputs, t)
	}
	return inputs, nil
}

// closeAll closes tensors and joins the errors.
func closeAll(list []ort.Tensor) error {
	var errs []error
	for _, t := range list {
		if t != nil {
			errs = append(errs, t.Close())
		}
	}
	return errors.Join(errs...)
}
