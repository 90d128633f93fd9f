package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
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
}

// machine opens the machine for personas, whose profile, voice and tokens are their own.
func (f *engineFlags) machine(ctx context.Context, log *slog.Logger, personas ...sensory.Persona) (*sensory.Machine, error) {
	return sensory.Open(ctx, sensory.Config{Models: f.models, Verify: f.verify, Checked: f.checks, Settings: f.file, Logger: log}, personas...)
}

// loaded is what a persona runs on: the machine, its models, and why those.
type loaded struct {
	*sensory.Machine
	models *engine.Models
	res    model.Resolution
}

// Close frees both. Nothing may use them any more.
func (l *loaded) Close() error { return errors.Join(l.models.Close(), l.Machine.Close()) }

// open resolves the profile and loads its models. say, if set, reports what was loaded.
func (f *engineFlags) open(ctx context.Context, log *slog.Logger, say func(part string, took time.Duration)) (*loaded, error) {
	if f.answerTokens < 0 {
		return nil, usageError{fmt.Errorf("--answer-tokens %d is negative", f.answerTokens)}
	}
	one := sensory.Persona{Profile: f.profile, Voice: f.voice, AnswerTokens: f.answerTokens}
	m, err := f.machine(ctx, log, one)
	if err != nil {
		return nil, err
	}
	out := &loaded{Machine: m}
	if out.models, out.res, err = m.Load(ctx, one, say); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return out, nil
}
