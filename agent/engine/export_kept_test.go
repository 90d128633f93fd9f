package engine

import (
	"context"
	"image"
	"io/fs"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// OpenMind loads a language model of a folder, with eyes or without, and nothing else. Unlike
// [Machine.Open] it does not probe: random weights name no colour.
func OpenMind(ctx context.Context, m *Machine, files fs.FS, sees bool) (*Models, error) {
	cfg := Config{Files: files, Loaded: ignore}
	if sees {
		cfg.Resolution.Sources = []model.Source{{Capability: model.Vision}}
	}
	out := &Models{machine: m, answerTokens: 16}
	b, err := hold(ctx, out, &cfg, (&loader{machine: m, cfg: cfg}).base)
	out.base = b
	return out, err
}

// See is a picture as the mind takes it.
func (m *Models) See(ctx context.Context, picture image.Image) (*Sight, error) {
	return m.base.see(ctx, picture)
}
