package gpu

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/vision/device"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// sight is a model with its eyes, all of it on one provider: texture step, encoder and language
// model. It belongs to one goroutine.
type sight struct {
	rt       *ort.Runtime
	opt      ort.Options
	cfg      layout.Config
	model    *generate.Model
	encoder  *ort.Session
	textures map[image.Point]*ort.Session
}

// openSight loads a model folder.
func openSight(ctx context.Context, rt *ort.Runtime, dir string, opt ort.Options) (s *sight, err error) {
	s = &sight{rt: rt, opt: opt, textures: map[image.Point]*ort.Session{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.cfg, err = layout.ReadConfig(os.DirFS(dir)); err != nil {
		return s, err
	}
	if s.encoder, err = rt.Load(ctx, ort.Source{Path: filepath.Join(dir, "onnx", "vision_encoder.onnx")}, opt); err != nil {
		return s, err
	}
	s.model, err = generate.Open(ctx, rt, generate.Dir(dir), generate.Options{Options: opt})
	return s, err
}

// close gives everything back.
func (s *sight) close() error {
	var all []error
	for _, t := range s.textures {
		all = append(all, t.Close())
	}
	if s.encoder != nil {
		all = append(all, s.encoder.Close())
	}
	if s.model != nil {
		all = append(all, s.model.Close())
	}
	return errors.Join(all...)
}

// square is the texture step of pictures of one size, to one square.
func (s *sight) square(ctx context.Context, size image.Point) (*ort.Session, error) {
	if t := s.textures[size]; t != nil {
		return t, nil
	}
	graph, _, err := device.Texture(s.cfg, false, device.Source{Width: size.X, Height: size.Y, Coding: device.RGB})
	if err != nil {
		return nil, err
	}
	t, err := s.rt.Load(ctx, ort.Source{Name: "texture", Bytes: graph}, s.opt)
	if err == nil {
		s.textures[size] = t
	}
	return t, err
}

// look makes features of a picture.
func (s *sight) look(ctx context.Context, img *image.RGBA) (generate.Image, error) {
	texture, err := s.square(ctx, img.Rect.Size())
	if err != nil {
		return generate.Image{}, err
	}
	in, err := ort.Uint8([]int64{int64(img.Rect.Dy()), int64(img.Rect.Dx()), 3}, rgb(img))
	if err != nil {
		return generate.Image{}, err
	}
	pixels := make([]ort.Tensor, 1)
	if err := texture.Run(ctx, []ort.Tensor{in}, pixels); err != nil {
		return generate.Image{}, errors.Join(err, in.Close())
	}
	features, err := s.encode(ctx, pixels[0])
	return features, errors.Join(err, pixels[0].Close(), in.Close())
}

// encode runs the vision encoder over a square.
func (s *sight) encode(ctx context.Context, pixels ort.Tensor) (out generate.Image, err error) {
	side := int64(s.cfg.Tile)
	seen := make([]bool, side*side)
	for i := range seen {
		seen[i] = true
	}
	mask, err := ort.Bool([]int64{1, 1, side, side}, seen)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, mask.Close()) }()
	var inputs []ort.Tensor
	for _, info := range s.encoder.Inputs() {
		if info.Type == ort.TypeBool {
			inputs = append(inputs, mask)
		} else {
			inputs = append(inputs, pixels)
		}
	}
	features := make([]ort.Tensor, 1)
	if err := s.encoder.Run(ctx, inputs, features); err != nil {
		return out, err
	}
	shape := features[0].Shape()
	if len(shape) != 3 || shape[0] != 1 || features[0].Type() != ort.TypeFloat32 {
		return out, errors.Join(fmt.Errorf("%w: features of shape %v and type %v", ErrAnswer, shape, features[0].Type()), features[0].Close())
	}
	out = generate.Image{Tokens: int(shape[1]), Hidden: int(shape[2]), Features: append([]float32(nil), features[0].Float32s()...)}
	return out, features[0].Close()
}

// answer asks a question about a picture, or without one.
func (s *sight) answer(ctx context.Context, img *image.RGBA, question string, tokens int) (prompt.Result, error) {
	message := prompt.Message{Role: prompt.User, Text: question}
	if img != nil {
		features, err := s.look(ctx, img)
		if err != nil {
			return prompt.Result{}, err
		}
		message.Parts = append(message.Parts, features)
	}
	return s.model.Generate(ctx, prompt.Request{Messages: []prompt.Message{message}, MaxTokens: tokens}, nil)
}

// rgb are the colours of an opaque picture without gaps, row by row.
func rgb(img *image.RGBA) []byte {
	out := make([]byte, 0, 3*img.Rect.Dx()*img.Rect.Dy())
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
		for i := 0; i < len(row); i += 4 {
			out = append(out, row[i:i+3]...)
		}
	}
	return out
}
