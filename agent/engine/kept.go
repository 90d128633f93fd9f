package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
)

// cacheTTL is the time to live of the lease of a prompt cache, whose persona gives it back: longer
// than a process runs.
const cacheTTL = 10 * 365 * 24 * time.Hour

// cacheShare is the part of a memory that prompt caches may have where nobody says: an eighth.
const cacheShare = 8

// promptCaches are the prompts that all personas of a machine keep from answer to answer: within a
// budget of bytes for each silicon, the one used longest ago goes first, and never one in use.
type promptCaches struct {
	cfg     *MachineConfig
	broker  *compute.Broker
	mu      sync.Mutex
	stores  map[compute.Silicon]*keys.Store[*PromptCache]
	opened  int    // and not closed
	numbers uint64 // of leases
}

// PromptCacheStats say what personas keep in the memory of one silicon.
type PromptCacheStats struct {
	Silicon compute.Silicon `json:"silicon"`
	keys.Stats
}

// PromptCaches says what personas keep from answer to answer, by silicon; nothing of those where
// nothing was ever kept.
func (m *Machine) PromptCaches() []PromptCacheStats {
	p := &m.kept
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]PromptCacheStats, 0, len(p.stores))
	for silicon, s := range p.stores {
		out = append(out, PromptCacheStats{silicon, s.Stats()})
	}
	slices.SortFunc(out, func(a, b PromptCacheStats) int { return int(a.Silicon) - int(b.Silicon) })
	return out
}

// promptCacheBytes is the budget of a silicon.
func (c *MachineConfig) promptCacheBytes(silicon compute.Silicon) int64 {
	if c.PromptCacheBytes > 0 {
		return c.PromptCacheBytes
	}
	host := hostOf(c.Host)
	if silicon == compute.SiliconGPU && !host.Unified {
		return host.GPUMemoryBytes / cacheShare
	}
	return DerivedPromptCache(c.Host)
}

// DerivedPromptCache is the budget of prompt caches in main memory that follows from a machine.
func DerivedPromptCache(h model.Host) int64 { return h.MemoryBytes / cacheShare }

// store is that of a silicon. p.mu is held.
func (p *promptCaches) store(silicon compute.Silicon) (*keys.Store[*PromptCache], error) {
	s := p.stores[silicon]
	if s != nil {
		return s, nil
	}
	s, err := keys.NewStore[*PromptCache](p.cfg.promptCacheBytes(silicon))
	if err != nil {
		return nil, err
	}
	if p.stores == nil {
		p.stores = map[compute.Silicon]*keys.Store[*PromptCache]{}
	}
	p.stores[silicon] = s
	return s, nil
}

// open makes an empty cache.
func (p *promptCaches) open(h Holder, on place, cache *generate.PromptCache, at []*compute.Station) (*PromptCache, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.store(on.silicon)
	if err != nil {
		return nil, err
	}
	p.opened++
	c := &PromptCache{holder: h, on: on, cache: cache, at: at, all: p, store: s}
	cache.Reserve(c.reserve)
	return c, nil
}

// left is how many caches are open.
func (p *promptCaches) left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// PromptCache is the prompt of a persona's last answer as the model holds it: the next one, which
// begins alike, is computed from where it differs. It belongs to one persona in one room; one
// answer uses it at a time, which its lease sees to. What it takes is counted in the ledger, under
// a lease of class MEMORY that [Models.Lease] takes. Where the machine has no room for it, it is
// evicted, or an answer does without; that answer's result says so (prompt.Result.Lost).
type PromptCache struct {
	holder Holder
	on     place
	cache  *generate.PromptCache
	at     []*compute.Station
	all    *promptCaches

	// Under all.mu.
	store  *keys.Store[*PromptCache]
	lease  *compute.Lease // of its bytes
	bytes  int64
	lost   string // what became of it since its last answer
	closed bool
}

func (c *PromptCache) stations() []*compute.Station {
	if c == nil {
		return nil
	}
	return c.at
}

// admit takes the lease that its bytes are counted under, where it has none.
func (c *PromptCache) admit(ctx context.Context) error {
	if c == nil {
		return nil
	}
	c.all.mu.Lock()
	c.all.numbers++
	number, admitted := c.all.numbers, c.lease != nil
	c.all.mu.Unlock()
	if admitted {
		return nil
	}
	lease, err := c.all.broker.Acquire(ctx, compute.Demand{
		Artifact: c.holder.artifact("cognition.prompt_cache", number), Holder: c.holder.String(), Class: compute.Memory,
		Silicon: c.on.silicon, Priority: priorityReply, TTL: cacheTTL, Revocation: compute.Pinned,
	})
	if err != nil {
		return err
	}
	if err := lease.Publish(); err != nil {
		return err
	}
	c.all.mu.Lock()
	if c.lease == nil && !c.closed {
		c.lease, lease = lease, nil
	}
	c.all.mu.Unlock()
	lease.Release() // of two at a time one is enough
	return nil
}

// generate answers with what is kept, or without where that finds no room.
func (c *PromptCache) generate(
	ctx context.Context, m *generate.Model, req prompt.Request, emit func(string) error,
) (out prompt.Result, err error) {
	lost := c.begin()
	defer func() { err = errors.Join(err, c.end()) }()
	out, err = c.cache.Generate(ctx, req, emit)
	var full *noRoomError
	if errors.As(err, &full) {
		out, err = m.Generate(ctx, req, emit)
		lost = full.Error()
	}
	out.Lost = lost
	return out, err
}

// begin keeps it from being evicted, and says what became of it since its last answer.
func (c *PromptCache) begin() (lost string) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.store.Hold(c)
	lost, c.lost = c.lost, ""
	return lost
}

// end counts what is kept now.
func (c *PromptCache) end() error {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	defer c.store.Release(c)
	if bytes := c.cache.Bytes(); bytes < c.bytes {
		return c.count(bytes)
	}
	return nil
}

// reserve makes room for what an answer is about to take: others that nobody uses are evicted.
func (c *PromptCache) reserve(bytes int64) error {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.lease == nil {
		return fmt.Errorf("%w: the answer of %s was given a prompt cache that its lease was not", ErrConfig, c.holder)
	}
	gone, err := c.store.Put(c, bytes)
	if err != nil {
		return &noRoomError{err}
	}
	now := time.Now()
	for _, other := range gone {
		if err := other.evict(now, c.holder); err != nil {
			return err
		}
	}
	if err := c.lease.Resize(bytes); err != nil {
		_, back := c.store.Put(c, c.bytes)
		return errors.Join(&noRoomError{err}, back)
	}
	c.bytes = bytes
	return nil
}

// evict gives its memory to another persona. all.mu is held, and nobody uses it.
func (c *PromptCache) evict(now time.Time, to Holder) error {
	c.lost = fmt.Sprintf("prompt cache was evicted at %s to make room for %s", now.Format("15:04"), to)
	return errors.Join(c.cache.Close(), c.count(0))
}

// count says how much less it takes than before. all.mu is held.
func (c *PromptCache) count(bytes int64) error {
	c.bytes = bytes
	_, err := c.store.Put(c, bytes)
	return errors.Join(err, c.lease.Resize(bytes))
}

// Close gives its memory back; no answer may be under way. It is idempotent. Closing none is done
// at once.
func (c *PromptCache) Close() error {
	if c == nil {
		return nil
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if err := c.cache.Close(); err != nil {
		return err
	}
	if !c.closed {
		c.closed = true
		c.all.opened--
	}
	c.store.Remove(c)
	c.lease.Release()
	c.lease, c.bytes = nil, 0
	return nil
}

// noRoomError says why a prompt is not kept.
type noRoomError struct{ err error }

// Error is one sentence.
func (e *noRoomError) Error() string { return "prompt cache " + e.err.Error() }

// Unwrap returns the reason.
func (e *noRoomError) Unwrap() error { return e.err }
