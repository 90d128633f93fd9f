package gpu

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision/device"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// mostOff is the share of values that may be one level off: sums in another order fall on the other
// side of a half.
const mostOff = 5e-3

// squares bounds those that a picture is split into; 0 is the image processor's own bound. In a
// rehearsal there are enough to have rows, columns and the whole picture.
func (s *settings) squares() int {
	if s.Rehearse {
		return 5
	}
	return 0
}

// texture runs the texture step of 720p frames, to one square and to all that SmolVLM's processor
// makes (fewer in a rehearsal), and compares it with the processor's. On a card none of it may run
// on the processor.
func texture(ctx context.Context, s *settings, tell func(Verdict)) (err error) {
	rt, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	text, err := smolvlm.Preprocessor()
	if err != nil {
		return err
	}
	cfg, err := layout.ParseConfig(text)
	if err != nil {
		return err
	}
	cfg = cfg.Within(s.squares())
	for _, c := range []struct {
		name  string
		split bool
	}{{"texture-square", false}, {"texture-tiles", true}} {
		v, err := s.sameTexture(ctx, rt, cfg, c.split)
		if err != nil {
			v = failed(c.name, err)
		}
		v.Name = c.name
		tell(v)
	}
	return nil
}

// sameTexture compares one graph on both providers.
func (s *settings) sameTexture(ctx context.Context, rt *ort.Runtime, cfg layout.Config, split bool) (Verdict, error) {
	const width, height = 1280, 720
	graph, l, err := device.Texture(cfg, split, device.Source{Width: width, Height: height, Coding: device.I420, Matrix: media.BT601})
	if err != nil {
		return Verdict{}, err
	}
	opt := s.alone()
	want, err := textureOf(ctx, rt, graph, s.reference(), width, height)
	if err != nil {
		return Verdict{}, fmt.Errorf("on the processor: %w", err)
	}
	got, err := textureOf(ctx, rt, graph, opt, width, height)
	if err != nil {
		return Verdict{}, err
	}
	off, worst, err := levelsOff(want, got, cfg.Std)
	if err != nil {
		return Verdict{}, err
	}
	if worst > 1.01 || float64(off) > mostOff*float64(len(want)) {
		return Verdict{}, fmt.Errorf("%w: %d of %d values are off, by up to %.2f levels", ErrAnswer, off, len(want), worst)
	}
	v := passed("", "a frame of %d x %d to %d squares of %d: %d of %d values one level off the processor's", width, height, l.Images, cfg.Tile, off, len(want))
	v.Figures = map[string]float64{"values": float64(len(want)), "off": float64(off)}
	return v, nil
}

// levelsOff counts values that differ by more than rounding, and says by how many levels of 0 to
// 255 at most.
func levelsOff(want, got []float32, std [3]float64) (off int, worst float64, err error) {
	if len(want) != len(got) || len(want) == 0 {
		return 0, 0, fmt.Errorf("%w: %d values, the processor has %d", ErrAnswer, len(got), len(want))
	}
	level := 255 * max(std[0], std[1], std[2])
	for i := range want {
		diff := math.Abs(float64(want[i]-got[i])) * level
		if math.IsNaN(diff) {
			return 0, 0, fmt.Errorf("%w: value %d is no number", ErrAnswer, i)
		}
		if diff > 1e-2 {
			off++
			worst = max(worst, diff)
		}
	}
	return off, worst, nil
}

// textureOf runs the graph over a frame of a fixed formula.
func textureOf(ctx context.Context, rt *ort.Runtime, graph []byte, opt ort.Options, width, height int64) (out []float32, err error) {
	session, err := rt.Load(ctx, ort.Source{Name: "texture", Bytes: graph}, opt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	var planes []ort.Tensor
	defer func() {
		for _, t := range planes {
			err = errors.Join(err, t.Close())
		}
	}()
	for i, size := range [][2]int64{{height, width}, {height / 2, width / 2}, {height / 2, width / 2}} {
		plane := make([]byte, size[0]*size[1])
		for k := range plane {
			plane[k] = byte(k*31/(i+7) + k>>9)
		}
		t, err := ort.Uint8([]int64{size[0], size[1]}, plane)
		if err != nil {
			return nil, err
		}
		planes = append(planes, t)
	}
	return runOne(ctx, session, planes...)
}
