package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// cast opens the models of personas on one machine. It is safe for concurrent use.
type cast struct {
	flags   engineFlags // profile, voice and answer tokens are each persona's own
	store   *models.Store
	facts   model.Host
	machine *engine.Machine
	library model.Part
}

// errLibrary says that a persona wants another inference library than the process has.
var errLibrary = errors.New("a process loads one inference library")

// openCast opens the machine for personas. What the first of them resolves to names the library.
func openCast(ctx context.Context, flags engineFlags, log *slog.Logger, personas []persona.Persona) (*cast, error) {
	flags.log = log
	store, err := flags.store()
	if err != nil {
		return nil, err
	}
	c := &cast{flags: flags, store: store}
	if c.facts, err = host.Probe(ctx, models.Families()); err == nil {
		err = c.openMachine(ctx, log, personas)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *cast) openMachine(ctx context.Context, log *slog.Logger, personas []persona.Persona) error {
	on := engine.MachineConfig{Host: c.facts, Places: map[string]int64{}, Logger: log}
	on.Path = func(id, file string) (string, error) { return c.store.PathContext(ctx, id, file) }
	var refused []error
	for _, p := range personas {
		res, err := c.resolve(p)
		var cfg engine.Config
		if err == nil && res.Provider != model.LocalProvider {
			cfg.Remote, err = remoteModel(c.store, res.Base.ID)
		}
		if err != nil {
			refused = append(refused, err)
			continue // where there are others it is said again, for its seat, and they live
		}
		if c.library.ID == "" {
			c.library = res.Library
		}
		for provider, n := range cfg.Places() {
			on.Places[provider] = max(n, on.Places[provider])
		}
	}
	if c.library.ID == "" {
		return errors.Join(refused...)
	}
	on.Library = c.library
	if err := govern(&on, c.flags.file); err != nil {
		return err
	}
	var err error
	c.machine, err = engine.OpenMachine(on)
	return err
}

// resolve chooses the models of a persona.
func (c *cast) resolve(p persona.Persona) (model.Resolution, error) {
	return resolveOn(c.store, cmp.Or(p.Profile, defaultProfile), p.Voice, c.facts)
}

// open opens the models of a persona. What others use already is shared.
func (c *cast) open(ctx context.Context, p persona.Persona) (*engine.Models, model.Resolution, error) {
	return c.load(ctx, p, nil)
}

// load is open; say, if set, reports what was loaded.
func (c *cast) load(ctx context.Context, p persona.Persona, say func(part string, took time.Duration)) (*engine.Models, model.Resolution, error) {
	res, err := c.resolve(p)
	if err != nil {
		return nil, res, err
	}
	if res.Library.ID != c.library.ID {
		return nil, res, fmt.Errorf("%w: %s is loaded, persona %q wants %s: serve it from a process of its own",
			errLibrary, c.library.ID, p.Name, res.Library.ID)
	}
	flags := c.flags
	flags.voice, flags.answerTokens = p.Voice, p.AnswerTokens
	cfg, err := flags.wanted(ctx, c.store, res)
	if err != nil {
		return nil, res, err
	}
	cfg.Loaded = say
	m, err := c.machine.Open(ctx, cfg)
	return m, res, err
}

// Close frees what is open. No models may be in use any more.
func (c *cast) Close() error {
	var err error
	if c.machine != nil {
		err = c.machine.Close()
	}
	c.store.Close()
	return err
}
