package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// libraryPrefix is how the file begins that is opened of an inference library; others are opened by
// it.
const libraryPrefix = "libonnxruntime.so"

// MachineConfig says what a machine is, and what of it may be used.
type MachineConfig struct {
	// Library is the inference library, as a resolution names it, and Path returns where its file
	// is. A process loads one.
	Library model.Part
	Path    func(id, file string) (string, error)
	// Host is what was probed; Budgets, if set, are taken instead of what follows from it.
	Host    model.Host
	Budgets []compute.Budget
	// Places are how many calls each provider of remote models takes at once, by its name.
	Places map[string]int64
	// Pool bounds the loaded models; zero sizes are taken from Host.
	Pool ort.PoolConfig
	// PromptCacheBytes bounds what personas keep of their prompts from answer to answer, in the
	// memory of each silicon; 0 is an eighth of that memory as Host has it.
	PromptCacheBytes int64
	Logger           *slog.Logger
}

// Derived are the budgets that follow from the host and from the places of providers.
func (c *MachineConfig) Derived() ([]compute.Budget, error) {
	host := hostOf(c.Host)
	host.Providers = c.Places
	return host.Budgets()
}

// hostOf translates what was probed into what budgets are derived from: the GPU with the most
// memory counts.
func hostOf(h model.Host) compute.Host {
	out := compute.Host{Cores: h.Cores, MemoryBytes: h.MemoryBytes}
	for _, g := range h.GPUs {
		if g.Unified {
			out.Unified = true
			continue
		}
		out.GPUMemoryBytes = max(out.GPUMemoryBytes, g.MemoryBytes)
	}
	if out.Unified {
		out.GPUMemoryBytes = 0
	}
	return out
}

// PoolBounds are the bounds of loaded models that follow from a machine: the memory that it has.
// Loading more than that never works, and a refusal with numbers is better than a machine that
// swaps.
func PoolBounds(h model.Host) ort.PoolConfig {
	facts := hostOf(h)
	bounds := ort.PoolConfig{HostBytes: facts.MemoryBytes, DeviceBytes: facts.GPUMemoryBytes}
	if facts.Unified {
		bounds.DeviceBytes = facts.MemoryBytes
	}
	return bounds
}

// pool bounds the loaded models as the configuration says, else by the machine.
func (c *MachineConfig) pool() *ort.PoolConfig {
	pool, bounds := c.Pool, PoolBounds(c.Host)
	if pool.HostBytes == 0 {
		pool.HostBytes = bounds.HostBytes
	}
	if pool.DeviceBytes == 0 {
		pool.DeviceBytes = bounds.DeviceBytes
	}
	return &pool
}

// Machine is what all models of a process run on: one inference library with one pool of loaded
// models, and one ledger of who uses what. It is safe for concurrent use.
type Machine struct {
	cfg    MachineConfig
	rt     *ort.Runtime
	broker *compute.Broker
	parts  parts
	kept   promptCaches
	counts counts

	stop    context.CancelFunc
	sweeper sync.WaitGroup
	once    sync.Once
	err     error
}

// counts number what has no number of its own, so that every artifact of a machine has a name of
// its own.
type counts struct{ interim, final, endOfTurn, speech atomic.Uint64 }

// OpenMachine loads the inference library and opens the ledger. Models come with [Machine.Open].
func OpenMachine(cfg MachineConfig) (*Machine, error) {
	i := slices.IndexFunc(cfg.Library.Files, func(f string) bool { return strings.HasPrefix(path.Base(f), libraryPrefix) })
	if cfg.Path == nil || i < 0 {
		return nil, fmt.Errorf("%w: a machine needs Path, and a Library with a file %s…, not %q", ErrConfig, libraryPrefix, cfg.Library.Files)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	library, err := cfg.Path(cfg.Library.ID, cfg.Library.Files[i])
	if err != nil {
		return nil, err
	}
	if cfg.Budgets == nil {
		if cfg.Budgets, err = cfg.Derived(); err != nil {
			return nil, err
		}
	}
	broker, err := compute.NewBroker(compute.Config{Budgets: cfg.Budgets})
	if err != nil {
		return nil, err
	}
	rt, err := ort.Open(ort.Config{LibraryPath: library, Pool: cfg.pool(), Logger: cfg.Logger})
	if err != nil {
		return nil, errors.Join(err, broker.Close())
	}
	m := &Machine{cfg: cfg, rt: rt, broker: broker}
	m.kept.cfg, m.kept.broker = &m.cfg, broker
	sweep, stop := context.WithCancel(context.Background())
	m.stop = stop
	m.sweeper.Go(func() { broker.Run(sweep) })
	return m, nil
}

// Broker is the ledger that all work on the machine goes through.
func (m *Machine) Broker() *compute.Broker { return m.broker }

// Compute returns the ledger: budgets, leases held, demands waiting, completions and refusals.
func (m *Machine) Compute() compute.Snapshot { return m.broker.Snapshot() }

// Pool returns the loaded models: who holds them, what they take, what was loaded, shared, evicted
// and refused.
func (m *Machine) Pool() ort.PoolStatus { return m.rt.Pool().Status() }

// Close ends the ledger and gives the library back. It is idempotent. Models must be closed before:
// [ErrInUse] otherwise.
func (m *Machine) Close() error {
	m.once.Do(func() {
		var errs []error
		if n := m.parts.close(); n > 0 {
			errs = append(errs, fmt.Errorf("%w: %d parts of them", ErrInUse, n))
		}
		if n := m.kept.left(); n > 0 {
			errs = append(errs, fmt.Errorf("%w: %d prompt caches", ErrInUse, n))
		}
		m.stop()
		m.sweeper.Wait()
		m.err = errors.Join(append(errs, m.broker.Close(), m.rt.Close())...)
	})
	return m.err
}
