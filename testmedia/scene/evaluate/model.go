package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

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

// Sight is one picture that was seen, and how long ago.
type Sight struct {
	*vision.Features
	Ago time.Duration
}

// Answer asks a question about pictures, oldest first, or without any. Several have their times in
// front of them.
func (m *Model) Answer(ctx context.Context, seen []Sight, question string) (string, error) {
	message := prompt.Message{Role: prompt.User, Text: question}
	for _, s := range seen {
		if len(seen) > 1 {
			message.Parts = append(message.Parts, prompt.SeenAgo(s.Ago))
		}
		message.Parts = append(message.Parts, generate.Image{
			Features: s.Data, Tokens: s.Tokens, Hidden: s.Hidden, Rows: s.Rows, Cols: s.Cols, Grid: generate.Grid(s.Grid),
		})
	}
	result, err := m.reply.Generate(ctx, prompt.Request{Messages: []prompt.Message{message}, MaxTokens: maxTokens}, nil)
	return result.Text, err
}
