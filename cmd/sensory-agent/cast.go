package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// cast opens the models of many personas on one machine. It is safe for concurrent use.
type cast struct {
	flags   engineFlags // voice and answer tokens are a persona's own
	store   *models.Store
	facts   model.Host
	log     *slog.Logger
	ready   func(name string, res model.Resolution)
	machine *engine.Machine
	library model.Part
}

// errLibrary says that a persona wants another inference library than the process has.
var errLibrary = errors.New("a process loads one inference library")

// openCast opens the machine for personas. What the first of them resolves to names the library.
func openCast(ctx context.Context, flags engineFlags, log *slog.Logger, set persona.Set) (*cast, error) {
	flags.log = log
	c := &cast{flags: flags, log: log, ready: func(string, model.Resolution) {}}
	var err error
	if c.store, err = flags.store(); err != nil {
		return nil, err
	}
	if c.facts, err = host.Probe(ctx, models.Families()); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err = c.openMachine(ctx, set); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *cast) openMachine(ctx context.Context, set persona.Set) error {
	on := engine.MachineConfig{Host: c.facts, Places: map[string]int64{}, Logger: c.log}
	on.Path = func(id, file string) (string, error) { return c.store.PathContext(ctx, id, file) }
	var refused error
	for _, p := range set.Personas {
		res, cfg, err := c.resolve(ctx, p)
		if err != nil {
			refused = errors.Join(refused, fmt.Errorf("persona %q: %w", p.Name, err))
			continue // its seat says so again, and the others live
		}
		if on.Library.ID == "" {
			on.Library = res.Library
		}
		for provider, n := range cfg.Places() {
			on.Places[provider] = max(n, on.Places[provider])
		}
	}
	if on.Library.ID == "" {
		return errors.Join(errors.New("no persona of the file can run on this machine"), refused) //nolint:err113 // the reasons follow
	}
	if err := govern(&on, c.flags.file); err != nil {
		return err
	}
	c.library = on.Library
	var err error
	c.machine, err = engine.OpenMachine(on)
	return err
}

// resolve chooses the models of a persona.
func (c *cast) resolve(ctx context.Context, p persona.Persona) (model.Resolution, engine.Config, error) {
	name := p.Profile
	if name == "" {
		name = defaultProfile
	}
	res, err := resolveOn(c.store, name, p.Voice, c.facts)
	if err != nil {
		return model.Resolution{}, engine.Config{}, err
	}
	flags := c.flags
	flags.voice, flags.answerTokens = p.Voice, p.AnswerTokens
	cfg, err := flags.wanted(ctx, c.store, res)
	return res, cfg, err
}

// open opens the models of a persona. What others use already is shared.
func (c *cast) open(ctx context.Context, p persona.Persona) (*engine.Models, error) {
	res, cfg, err := c.resolve(ctx, p)
	if err != nil {
		return nil, err
	}
	if res.Library.ID != c.library.ID {
		return nil, fmt.Errorf("%w: %s is loaded, persona %q wants %s: serve it from a process of its own", errLibrary, c.library.ID, p.Name, res.Library.ID)
	}
	m, err := c.machine.Open(ctx, cfg)
	if err == nil {
		c.ready(p.Name, res)
	}
	return m, err
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

// reloader reads the file of personas again.
type reloader struct {
	mu   sync.Mutex
	path string
}

// set reads personas and rooms. A file without a room is refused: there would be nothing to serve.
func (r *reloader) set() (*config.Config, persona.Set, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := config.Load(r.path)
	if err != nil {
		return nil, persona.Set{}, err
	}
	set := file.Set()
	if len(set.Rooms) == 0 {
		return nil, persona.Set{}, fmt.Errorf("%w: %s seats nobody: it needs personas: and rooms: (docs/personas.md)", config.ErrConfig, r.shown(file))
	}
	return file, set, nil
}

func (r *reloader) shown(file *config.Config) string {
	if file.Path == "" {
		return "the configuration (--config)"
	}
	return file.Path
}
