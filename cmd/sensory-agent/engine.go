package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/tts"
)

// engineFlags say which models a persona runs on.
type engineFlags struct {
	profile, voice, models string
	answerTokens           int
	// verify has the digest of every model file computed, not only a checksum.
	verify bool
	// checks, if set, hears of files whose digest is computed before they are used.
	checks func(models.Event)
	// file is the configuration file, nil without one.
	file *config.Config
	// log, if set, receives what the store finds out about model files.
	log *slog.Logger
}

// store opens the models folder.
func (f *engineFlags) store() (*models.Store, error) {
	return (&modelsFlags{dir: f.models}).open(models.Options{Logger: f.log, Digests: f.verify, Progress: f.checks})
}

// resolveOn chooses the models for a profile and a voice, "" for the profile's own.
func resolveOn(store *models.Store, name, voice string, facts model.Host) (model.Resolution, error) {
	profile, err := store.Catalog().Profile(name)
	if err != nil {
		return model.Resolution{}, usageError{err}
	}
	chosen, err := chosenVoice(voice)
	switch {
	case err != nil:
		return model.Resolution{}, err
	case chosen.Model != "":
		profile = profile.WithVoice(chosen.Model)
	case !chosen.IsZero():
		profile = profile.WithVoice()
	}
	registry, err := store.Registry()
	if err != nil {
		return model.Resolution{}, err
	}
	res, err := model.Resolve(profile, registry, facts, store.Readiness())
	return res, withChoice(err)
}

// chosenVoice is the voice of a specification; zero for none.
func chosenVoice(spec string) (tts.Choice, error) {
	if spec == "" {
		return tts.Choice{}, nil
	}
	chosen, err := tts.Parse(spec)
	if err != nil {
		return chosen, usageError{err}
	}
	return chosen, nil
}

// choiceError adds to a refusal what else can be asked for on this machine.
type choiceError struct{ err error }

func (e *choiceError) Error() string { return e.err.Error() + choice }
func (e *choiceError) Unwrap() error { return e.err }

// choice is said where a profile wants a GPU and there is none: nothing falls back by itself.
const choice = "\nwithout a GPU ask for less, and say so: --profile embedded"

// withChoice names the profile that needs no GPU, where that is what is missing.
func withChoice(err error) error {
	var refusal *model.RefusalError
	if errors.As(err, &refusal) && refusal.Reason == model.ReasonResidency {
		return &choiceError{err}
	}
	return err
}

// loaded is what a persona runs on: the machine, its models, and why those.
type loaded struct {
	*cast
	models *engine.Models
	res    model.Resolution
}

// Close frees both. Nothing may use them any more.
func (l *loaded) Close() error { return errors.Join(l.models.Close(), l.cast.Close()) }

// open resolves the profile and loads its models. say, if set, reports what was loaded.
func (f *engineFlags) open(ctx context.Context, log *slog.Logger, say func(part string, took time.Duration)) (*loaded, error) {
	if f.answerTokens < 0 {
		return nil, usageError{fmt.Errorf("--answer-tokens %d is negative", f.answerTokens)}
	}
	one := persona.Persona{Profile: f.profile, Voice: f.voice, AnswerTokens: f.answerTokens}
	c, err := openCast(ctx, *f, log, []persona.Persona{one})
	if err != nil {
		return nil, err
	}
	out := &loaded{cast: c}
	if out.models, out.res, err = c.load(ctx, one, say); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return out, nil
}

// wanted says which models a resolution comes to, and what the catalog says of the base model.
func (f *engineFlags) wanted(ctx context.Context, store *models.Store, res model.Resolution) (engine.Config, error) {
	cfg := engine.Config{
		Resolution: res, AnswerTokens: f.answerTokens,
		Path: func(model, file string) (string, error) { return store.PathContext(ctx, model, file) },
	}
	if cfg.AnswerTokens == 0 {
		cfg.AnswerTokens = int(f.file.Number("answer.tokens", 0))
	}
	var err error
	if cfg.Voice, err = chosenVoice(f.voice); err != nil {
		return cfg, err
	}
	if res.Provider != model.LocalProvider {
		cfg.Remote, err = remoteModel(store, res.Base.ID)
	} else {
		cfg.Files, err = baseFiles(ctx, store, res.Base.ID)
	}
	if err == nil {
		err = asDeclared(&cfg, store, res.Base.ID)
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
