package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision/device"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// Frames are 720p, as a camera sends them.
const frameWidth, frameHeight = 1280, 720

// ErrEncoder means that a vision encoder does not take or give what this program binds.
var ErrEncoder = errors.New("vision encoder with other tensors")

// Eyes is what it takes from the bytes of a frame to features, and to the first token of an answer
// about it. Times are of the fastest round.
type Eyes struct {
	Side       int     `json:"side"` // of the square that the encoder takes, in pixels
	Texture    float64 `json:"texture_ms"`
	Encode     float64 `json:"encode_ms"`
	PerSec     float64 `json:"images_per_second"`
	FirstToken float64 `json:"first_token_ms"` // with the features ready on the device
}

// write prints it for people.
func (e *Eyes) write(b *strings.Builder) {
	fmt.Fprintf(b, "  eyes     frame of %d x %d to %d x %d: texture %.2f ms, encoder %.2f ms, %.1f images/s; features on the device to first token %.2f ms\n",
		frameWidth, frameHeight, e.Side, e.Side, e.Texture, e.Encode, e.PerSec, e.FirstToken)
}

// eye is the two graphs between a frame and its features, and the memory between them, on the
// device.
type eye struct {
	texture, encoder *ort.Session
	pixels, features *ort.Memory
	frame            []ort.Tensor
	square           ort.Tensor   // pixel_values, over pixels
	inputs, outputs  []ort.Tensor // of the encoder
	tokens, hidden   int
	opened           []interface{ Close() error }
}

// newEye loads both graphs and binds them to each other.
func (s *settings) newEye(ctx context.Context, rt *ort.Runtime, opt ort.Options, cfg layout.Config) (e *eye, err error) {
	e = &eye{}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	graph, _, err := device.Texture(cfg, false, device.Source{Width: frameWidth, Height: frameHeight, Coding: device.I420, Matrix: media.BT601})
	if err != nil {
		return e, err
	}
	if e.texture, err = rt.Load(ctx, ort.Source{Name: "texture", Bytes: graph}, opt); err != nil {
		return e, err
	}
	e.opened = append(e.opened, e.texture)
	path := filepath.Join(s.dir, "onnx", "vision_encoder"+s.variant+".onnx")
	if e.encoder, err = rt.Load(ctx, ort.Source{Path: path}, opt); err != nil {
		return e, err
	}
	e.opened = append(e.opened, e.encoder)
	side := cfg.Tile
	if e.pixels, err = e.encoder.Allocate(ort.TypeFloat32, 3*side*side); err != nil {
		return e, err
	}
	e.opened = append(e.opened, e.pixels)
	if e.square, err = e.keep(e.pixels.Tensor(0, 1, 1, 3, int64(side), int64(side))); err != nil {
		return e, err
	}
	for i, size := range [][2]int64{{frameHeight, frameWidth}, {frameHeight / 2, frameWidth / 2}, {frameHeight / 2, frameWidth / 2}} {
		plane := make([]byte, size[0]*size[1])
		for k := range plane {
			plane[k] = byte(k*31/(i+7) + k>>9)
		}
		t, err := e.keep(ort.Uint8([]int64{size[0], size[1]}, plane))
		if err != nil {
			return e, err
		}
		e.frame = append(e.frame, t)
	}
	return e, e.bind(ctx, side)
}

// keep notes a tensor for close.
func (e *eye) keep(t ort.Tensor, err error) (ort.Tensor, error) {
	if err == nil {
		e.opened = append(e.opened, t)
	}
	return t, err
}

// bind makes the encoder's inputs, runs it once to learn the shape of its answer, and gives that a
// place on the device.
func (e *eye) bind(ctx context.Context, side int) error {
	for _, info := range e.encoder.Inputs() {
		t := e.square
		if info.Type == ort.TypeBool {
			seen := make([]bool, side*side)
			for i := range seen {
				seen[i] = true
			}
			var err error
			if t, err = e.keep(ort.Bool([]int64{1, 1, int64(side), int64(side)}, seen)); err != nil {
				return err
			}
		} else if info.Type != ort.TypeFloat32 {
			return fmt.Errorf("%w: input %s is %v", ErrEncoder, info.Name, info.Type)
		}
		e.inputs = append(e.inputs, t)
	}
	if err := e.texture.Run(ctx, e.frame, []ort.Tensor{e.square}); err != nil {
		return err
	}
	first := make([]ort.Tensor, len(e.encoder.Outputs()))
	if len(first) != 1 {
		return fmt.Errorf("%w: %d outputs", ErrEncoder, len(first))
	}
	if err := e.encoder.Run(ctx, e.inputs, first); err != nil {
		return err
	}
	kind, shape := first[0].Type(), append([]int64(nil), first[0].Shape()...)
	if err := first[0].Close(); err != nil {
		return err
	}
	if len(shape) != 3 || shape[0] != 1 {
		return fmt.Errorf("%w: features of shape %v", ErrEncoder, shape)
	}
	e.tokens, e.hidden = int(shape[1]), int(shape[2])
	var err error
	if e.features, err = e.encoder.Allocate(kind, e.tokens*e.hidden); err != nil {
		return err
	}
	e.opened = append(e.opened, e.features)
	out, err := e.keep(e.features.Tensor(0, shape...))
	e.outputs = []ort.Tensor{out}
	return err
}

// see takes the frame to features and says how long each half took.
func (e *eye) see(ctx context.Context) (texture, encode time.Duration, err error) {
	start := time.Now()
	if err := e.texture.Run(ctx, e.frame, []ort.Tensor{e.square}); err != nil {
		return 0, 0, err
	}
	middle := time.Now()
	err = e.encoder.Run(ctx, e.inputs, e.outputs)
	return middle.Sub(start), time.Since(middle), err
}

// close releases everything, last things first.
func (e *eye) close() error {
	var errs []error
	for i := len(e.opened) - 1; i >= 0; i-- {
		errs = append(errs, e.opened[i].Close())
	}
	e.opened = nil
	return errors.Join(errs...)
}

// eyes measures the way from a frame to an answer about it.
func (s *settings) eyes(ctx context.Context, rt *ort.Runtime, opt ort.Options, m *generate.Model) (out *Eyes, err error) {
	cfg, err := layout.ReadConfig(os.DirFS(s.dir))
	if err != nil {
		return nil, err
	}
	e, err := s.newEye(ctx, rt, opt, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	texture, encode, both, first := time.Duration(1<<62), time.Duration(1<<62), time.Duration(1<<62), time.Duration(1<<62)
	for range s.rounds {
		a, b, err := e.see(ctx)
		if err != nil {
			return nil, err
		}
		texture, encode, both = min(texture, a), min(encode, b), min(both, a+b)
		image := generate.Image{Device: e.features, Tokens: e.tokens, Hidden: e.hidden}
		got, err := m.Generate(ctx, prompt.Request{Messages: []prompt.Message{{Role: prompt.User, Text: question, Parts: []prompt.Part{image}}}, MaxTokens: 2}, nil)
		if err != nil {
			return nil, err
		}
		first = min(first, got.FirstToken)
	}
	return &Eyes{
		Side: cfg.Tile, Texture: milliseconds(texture), Encode: milliseconds(encode), PerSec: 1 / both.Seconds(), FirstToken: milliseconds(first),
	}, nil
}
