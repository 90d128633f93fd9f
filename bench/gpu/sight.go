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
	textures map[view]*texturing
}

// view is pictures of one size, whole or split.
type view struct {
	size  image.Point
	split bool
}

// texturing is their texture step, and what it makes.
type texturing struct {
	*ort.Session
	layout layout.Layout
}

// openSight loads a model folder. Pictures are split into so many squares at most; 0 is the
// processor's own bound.
func openSight(ctx context.Context, rt *ort.Runtime, dir string, opt ort.Options, most int) (s *sight, err error) {
	s = &sight{rt: rt, opt: opt, textures: map[view]*texturing{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.cfg, err = layout.ReadConfig(os.DirFS(dir)); err != nil {
		return s, err
	}
	s.cfg = s.cfg.Within(most)
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

// texture is the texture step of pictures of one size.
func (s *sight) texture(ctx context.Context, of view) (*texturing, error) {
	if t := s.textures[of]; t != nil {
		return t, nil
	}
	graph, l, err := device.Texture(s.cfg, of.split, device.Source{Width: of.size.X, Height: of.size.Y, Coding: device.RGB})
	if err != nil {
		return nil, err
	}
	session, err := s.rt.Load(ctx, ort.Source{Name: "texture", Bytes: graph}, s.opt)
	if err != nil {
		return nil, err
	}
	s.textures[of] = &texturing{session, l}
	return s.textures[of], nil
}

// look makes features of a picture: of one square, or of all that it is split into.
func (s *sight) look(ctx context.Context, img *image.RGBA, split bool) (out generate.Image, err error) {
	step, err := s.texture(ctx, view{img.Rect.Size(), split})
	if err != nil {
		return out, err
	}
	in, err := ort.Uint8([]int64{int64(img.Rect.Dy()), int64(img.Rect.Dx()), 3}, rgb(img))
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	pixels := make([]ort.Tensor, 1)
	if err := step.Run(ctx, []ort.Tensor{in}, pixels); err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, pixels[0].Close()) }()
	out, err = s.encode(ctx, pixels[0], step.layout.Images)
	out.Rows, out.Cols = step.layout.Rows, step.layout.Cols
	return out, err
}

// encode runs the vision encoder over the squares of a picture, all at once.
func (s *sight) encode(ctx context.Context, pixels ort.Tensor, squares int) (out generate.Image, err error) {
	side := int64(s.cfg.Tile)
	seen := make([]bool, int64(squares)*side*side)
	for i := range seen {
		seen[i] = true
	}
	mask, err := ort.Bool([]int64{1, int64(squares), side, side}, seen)
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
	defer func() { err = errors.Join(err, features[0].Close()) }()
	shape := features[0].Shape()
	if len(shape) != 3 || shape[0] != int64(squares) || features[0].Type() != ort.TypeFloat32 {
		return out, fmt.Errorf("%w: features of shape %v and type %v for %d squares", ErrAnswer, shape, features[0].Type(), squares)
	}
	return generate.Image{Tokens: int(shape[1]), Hidden: int(shape[2]), Features: append([]float32(nil), features[0].Float32s()...)}, nil
}

// answer asks a question about a picture, or without one.
func (s *sight) answer(ctx context.Context, a ask, tokens int) (said, error) {
	message, squares := prompt.Message{Role: prompt.User, Text: a.question}, 0
	if a.img != nil {
		features, err := s.look(ctx, a.img, a.split)
		if err != nil {
			return said{}, err
		}
		message.Parts = append(message.Parts, features)
		squares = len(features.Features) / (features.Tokens * features.Hidden)
	}
	got, err := s.model.Generate(ctx, prompt.Request{Messages: []prompt.Message{message}, MaxTokens: tokens}, nil)
	return said{got.IDs, got.Text, squares}, err
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
