package sensory

import (
	"context"
	"io/fs"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/models"
)

// wanted says which models a resolution comes to, and what the catalog says of the base model.
func (m *Machine) wanted(ctx context.Context, p Persona, res model.Resolution) (engine.Config, error) {
	cfg := engine.Config{
		Resolution: res, AnswerTokens: p.AnswerTokens,
		Path: func(model, file string) (string, error) { return m.store.PathContext(ctx, model, file) },
	}
	if cfg.AnswerTokens == 0 {
		cfg.AnswerTokens = int(m.cfg.Settings.Number("answer.tokens", 0))
	}
	var err error
	if cfg.Voice, err = voice(p.Voice); err != nil {
		return cfg, err
	}
	if res.Provider != model.LocalProvider {
		cfg.Remote, err = remoteModel(m.store, res.Base.ID)
	} else {
		cfg.Files, err = baseFiles(ctx, m.store, res.Base.ID)
	}
	if err == nil {
		err = asDeclared(&cfg, m.store, res.Base.ID)
	}
	return cfg, err
}

// remoteModel is what the catalog says of a model behind a server.
func remoteModel(store *models.Store, id string) (*engine.RemoteConfig, error) {
	e, err := store.Catalog().Entry(id)
	if err != nil {
		return nil, err
	}
	r := e.Remote
	return &engine.RemoteConfig{
		Server: remote.Config{
			Provider: r.Provider, BaseURL: r.Endpoint, KeyEnv: r.KeyEnv, KeyFile: r.KeyFile, Concurrency: r.Concurrency, Queue: r.Queue,
			Timeouts: remote.Timeouts(r.Timeouts), Query: remoteValues(r.Query), Headers: remoteValues(r.Headers),
			NoStreamOptions: r.StreamOptions != nil && !*r.StreamOptions, Cache: remote.CacheHint(r.Cache),
		},
		Model: r.Model, Context: e.Context, Picture: remote.PictureOptions(r.Picture), MaxTokensField: r.MaxTokensField, Temperature: r.Temperature,
	}, nil
}

func remoteValues(declared map[string]models.RemoteValue) map[string]remote.Value {
	if len(declared) == 0 {
		return nil
	}
	values := make(map[string]remote.Value, len(declared))
	for name, v := range declared {
		values[name] = remote.Value(v)
	}
	return values
}

// asDeclared adds what the catalog says of a model.
func asDeclared(cfg *engine.Config, store *models.Store, id string) error {
	e, err := store.Catalog().Entry(id)
	if err != nil {
		return err
	}
	cfg.Sound, cfg.Variant = e.Sound, e.Variant
	if a := e.Answer; a != nil {
		cfg.Special = a.Special
		switch a.Begins {
		case models.BeginsPlain:
			cfg.Begins = answer.Plain
		case models.BeginsThinking:
			cfg.Begins = answer.Thinking
		}
	}
	return nil
}

func baseFiles(ctx context.Context, store *models.Store, id string) (fs.FS, error) {
	if id == models.CalibrationID {
		return models.CalibrationFS()
	}
	dir, err := store.Folder(ctx, id)
	if err != nil {
		return nil, err
	}
	return generate.Dir(dir), nil
}
