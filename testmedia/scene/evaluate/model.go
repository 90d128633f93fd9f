package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// maxTokens is more than the longest right answer has.
const maxTokens = 64

// Model answers questions about pictures.
type Model struct {
	textures *vision.Preprocessor
	session  *ort.Session
	encoder  *vision.Encoder
	reply    *generate.Model
}

// Open loads a model in the SmolVLM layout. The runtime stays the caller's.
func Open(ctx context.Context, rt *ort.Runtime, files fs.FS) (m *Model, err error) {
	m = &Model{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("evaluate: %w", err), m.Close())
			m = nil
		}
	}()
	if m.textures, err = vision.OpenPreprocessor(files); err != nil {
		return m, err
	}
	const graph = "onnx/vision_encoder.onnx"
	weights, err := fs.ReadFile(files, graph)
	if err != nil {
		return m, err
	}
	if m.session, err = rt.Load(ctx, ort.Source{Name: graph, Bytes: weights}, ort.Options{Threads: 1}); err != nil {
		return m, err
	}
	if m.encoder, err = vision.NewEncoder(m.session, vision.EncoderOptions{}); err != nil {
		return m, err
	}
	m.reply, err = generate.Open(ctx, rt, files, generate.Options{Options: ort.Options{Threads: 1}})
	return m, err
}

// Close releases everything that Open made. Idempotent.
func (m *Model) Close() error {
	var all []error
	if m.reply != nil {
		all = append(all, m.reply.Close())
	}
	if m.session != nil {
		all = append(all, m.session.Close())
	}
	if m.textures != nil {
		all = append(all, m.textures.Close())
	}
	*m = Model{}
	return errors.Join(all...)
}

// See computes the features of a frame, which stays the caller's.
func (m *Model) See(ctx context.Context, frame *media.I420) (*vision.Features, error) {
	texture, err := m.textures.Texture(frame)
	if err != nil {
		return nil, err
	}
	defer texture.Release()
	return m.encoder.Encode(ctx, texture)
}

// Answer asks a question about a picture, or without one when seen is nil.
func (m *Model) Answer(ctx context.Context, seen *vision.Features, question string) (string, error) {
	message := prompt.Message{Role: prompt.User, Text: question}
	if seen != nil {
		message.Parts = []prompt.Part{generate.Image{
			Features: seen.Data, Tokens: seen.Tokens, Hidden: seen.Hidden, Rows: seen.Rows, Cols: seen.Cols, Grid: generate.Grid(seen.Grid),
		}}
	}
	result, err := m.reply.Generate(ctx, prompt.Request{Messages: []prompt.Message{message}, MaxTokens: maxTokens}, nil)
	return result.Text, err
}
