package api

import (
	"context"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Config says what calls are answered from. Its functions are called by many goroutines.
type Config struct {
	// Host is what seats personas; nil while the process has not got so far.
	Host func() Host
	// Leases is the ledger; false while there is none yet.
	Leases func() (compute.Snapshot, bool)
	// Pool is what is loaded; false while nothing can be. Models are those that personas are made
	// of.
	Pool   func() (ort.PoolStatus, bool)
	Models func() []ModelEntry
	// Resolve chooses models for a profile, and a voice in place of the profile's where it is
	// given.
	Resolve func(ctx context.Context, profile, voice string) (model.Resolution, error)
	// Replay is a command line that replays the conversation of a room; nil, and an empty text,
	// where there is none.
	Replay func(room string) string
	// Prompts are what is kept of prompts; false while nothing can be.
	Prompts func() ([]engine.PromptCacheStats, bool)
	// Store is how what is said is being kept; false where it is not.
	Store func() (StoreStatus, bool)
	// Refusals are what rooms that are open did not take, by name; false while there can be none.
	Refusals func() (map[string]room.LimitStats, bool)
	// Tokens counts tokens of rooms; false where none are made.
	Tokens func() (TokenStats, bool)
	Logger *slog.Logger
}

// What is not there answers for nothing.

func (c *Config) replay(room string) string {
	if c.Replay == nil {
		return ""
	}
	return c.Replay(room)
}

func (c *Config) prompts() ([]engine.PromptCacheStats, bool) { return asked(c.Prompts) }

func (c *Config) store() (StoreStatus, bool) { return asked(c.Store) }

func (c *Config) refusals() (map[string]room.LimitStats, bool) { return asked(c.Refusals) }

func (c *Config) tokens() (TokenStats, bool) { return asked(c.Tokens) }

func asked[T any](what func() (T, bool)) (out T, ok bool) {
	if what == nil {
		return out, false
	}
	return what()
}
