package sensory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// DefaultProfile is what a persona must be able to do that says nothing of it: what any machine
// can.
const DefaultProfile = "embedded"

// Config says what a Machine runs on. The zero value is this machine with the user's models folder.
type Config struct {
	// Models is the folder of the model files; empty: $SENSORY_AGENT_MODELS, or the user's data
	// folder.
	Models string
	// Verify has the SHA-256 of every model file computed before it is loaded, not only a checksum.
	// Checked, if set, is told of files whose digest is computed, by the goroutine that loads them.
	Verify  bool
	Checked func(models.Event)
	// Settings are those of a configuration file: budgets, bounds, tokens of an answer. Nil says
	// nothing.
	Settings *config.Config
	// Logger receives what there is to say; nil discards it.
	Logger *slog.Logger
}

// Machine is what personas run on. A process should have one: it owns the inference library and the
// ledger of what may run at once. It is safe for concurrent use.
type Machine struct {
	cfg     Config
	store   *models.Store
	facts   model.Host
	engine  *engine.Machine
	library model.Part
	kept    *room.Transcripts
}

// Open looks at this machine and opens the inference library that the first of the personas needs.
// Models are loaded later, with the personas that use them. Errors: *model.RefusalError where not
// one of the personas can run here, ErrConfig where what they ask for is wrong in itself, those of
// the models folder and of the library.
func Open(ctx context.Context, cfg Config, personas ...Persona) (*Machine, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	store, err := models.Open(cfg.Models, models.Options{Logger: cfg.Logger, Digests: cfg.Verify, Progress: cfg.Checked})
	if err != nil {
		return nil, err
	}
	m := &Machine{cfg: cfg, store: store}
	if m.facts, err = host.Probe(ctx, models.Families()); err == nil {
		err = m.open(ctx, personas)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

func (m *Machine) open(ctx context.Context, personas []Persona) error {
	on := engine.MachineConfig{Host: m.facts, Places: map[string]int64{}, Logger: m.cfg.Logger}
	on.Path = func(id, file string) (string, error) { return m.store.PathContext(ctx, id, file) }
	var refused []error
	for _, p := range personas {
		res, err := m.resolve(p, m.unmeasured())
		var cfg engine.Config
		if err == nil && res.Provider != model.LocalProvider {
			cfg.Remote, err = remoteModel(m.store, res.Base.ID)
		}
		if err != nil {
			refused = append(refused, err)
			continue // where there are others it is said again, for its seat, and they live
		}
		if m.library.ID == "" {
			m.library = res.Library
		}
		for provider, n := range cfg.Places() {
			on.Places[provider] = max(n, on.Places[provider])
		}
	}
	switch {
	case len(personas) == 0:
		return wrong("a machine is opened for at least one persona: what it asks for names the library")
	case m.library.ID == "":
		return errors.Join(refused...)
	}
	on.Library = m.library
	if err := govern(&on, m.cfg.Settings); err != nil {
		return err
	}
	var err error
	m.engine, err = engine.OpenMachine(on)
	return err
}

// Host is what this machine is found to be.
func (m *Machine) Host() model.Host { return m.facts }

// Engine is what the models run on.
func (m *Machine) Engine() *engine.Machine { return m.engine }

// Catalog is what is known of models: licences, sources, digests.
func (m *Machine) Catalog() *models.Catalog { return m.store.Catalog() }

// Path is where a file of an installed model is, checked before it is named.
func (m *Machine) Path(ctx context.Context, id, file string) (string, error) {
	return m.store.PathContext(ctx, id, file)
}

// Resolve chooses the models of a persona, and loads nothing. What pictures cost is of the last
// time that the model was loaded here. Errors: ErrConfig, *model.RefusalError.
func (m *Machine) Resolve(p Persona) (model.Resolution, error) {
	return m.resolve(p, m.store.Readiness())
}

// unmeasured is what is installed, without what pictures cost at another time: who loads a model
// measures that anew.
func (m *Machine) unmeasured() model.Readiness {
	ready := m.store.Readiness()
	for id, state := range ready.States {
		state.Sight = nil
		ready.States[id] = state
	}
	return ready
}

func (m *Machine) resolve(p Persona, ready model.Readiness) (model.Resolution, error) {
	required, err := profile(m.store.Catalog(), cmp.Or(p.Profile, DefaultProfile), p.Voice)
	if err != nil {
		return model.Resolution{}, err
	}
	registry, err := m.store.Registry()
	if err != nil {
		return model.Resolution{}, err
	}
	res, err := model.Resolve(required, registry, m.facts, ready)
	return res, WithChoice(err)
}

// Load opens the models of a persona; what others use already is shared. say, if set, reports what
// was loaded and how long it took. The caller closes the models, before the machine. Errors: those
// of Resolve, *model.SightError, ErrLibrary, those of the files and of the library.
func (m *Machine) Load(ctx context.Context, p Persona, say func(part string, took time.Duration)) (*engine.Models, model.Resolution, error) {
	if p.AnswerTokens < 0 {
		return nil, model.Resolution{}, wrong("%d tokens of an answer are negative", p.AnswerTokens)
	}
	res, err := m.resolve(p, m.unmeasured())
	if err != nil {
		return nil, res, err
	}
	if res.Library.ID != m.library.ID {
		return nil, res, fmt.Errorf("%w: %s is loaded, persona %q wants %s: serve it from a process of its own",
			ErrLibrary, m.library.ID, p.Name, res.Library.ID)
	}
	cfg, err := m.wanted(ctx, p, res)
	if err != nil {
		return nil, res, err
	}
	cfg.Loaded = say
	loaded, err := m.engine.Open(ctx, cfg)
	var slow *model.SightError
	switch {
	case errors.As(err, &slow):
		m.measured(res.Base.ID, &slow.Measured)
	case err == nil && loaded.Sight() != nil:
		res.Sight = loaded.Sight()
		res.Reason += "; " + res.Sight.String()
		if res.Sight.Measured != nil {
			m.measured(res.Base.ID, res.Sight.Measured)
		}
	}
	return loaded, res, err
}

// measured keeps what pictures cost, for who asks without loading anything. A folder that cannot be
// written to is no reason not to see.
func (m *Machine) measured(id string, costs *model.SightCosts) {
	if err := m.store.NoteSight(id, *costs); err != nil {
		m.cfg.Logger.Warn("what pictures cost is not kept", "model", id, "error", err)
	}
}

// Close frees what is open. No models may be in use any more. It must be called once.
func (m *Machine) Close() error {
	var err error
	if m.kept != nil {
		err = m.kept.Close()
	}
	if m.engine != nil {
		err = errors.Join(err, m.engine.Close())
	}
	m.store.Close()
	return err
}

// govern puts the settings' budgets and bounds over those that are derived from the machine.
func govern(on *engine.MachineConfig, file *config.Config) error {
	derived, err := on.Derived()
	if err != nil {
		return err
	}
	budgets, err := file.Budgets(derived)
	if err != nil {
		return &configError{err}
	}
	on.Budgets = config.Plain(budgets)
	on.Pool.Idle = file.Duration("models.idle", 0)
	on.Pool.HostBytes, on.Pool.DeviceBytes = file.Number("models.bytes", 0), file.Number("models.device_bytes", 0)
	on.PromptCacheBytes = file.Number("prompt_cache.bytes", 0)
	if v, ok := file.Value("models.idle"); ok && v.Number == 0 {
		on.Pool.Idle = -1 // said so: nothing is kept
	}
	return nil
}
