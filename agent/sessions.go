package agent

import (
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Derived are the budgets that an engine takes where Budgets says nothing: those of the machine, and of the server that answers, if one does.
func (c *EngineConfig) Derived() ([]compute.Budget, error) { return c.host().Budgets() }

// PoolBounds are the bounds of loaded models that an engine derives from a machine: the memory that it has. Loading more than that never works,
// and a refusal with numbers is better than a machine that swaps.
func PoolBounds(h model.Host) ort.PoolConfig {
	facts := hostOf(h)
	bounds := ort.PoolConfig{HostBytes: facts.MemoryBytes, DeviceBytes: facts.GPUMemoryBytes}
	if facts.Unified {
		bounds.DeviceBytes = facts.MemoryBytes
	}
	return bounds
}

// pool bounds the loaded models as the configuration says, else by the machine.
func (c *EngineConfig) pool() *ort.PoolConfig {
	pool, bounds := c.Sessions, PoolBounds(c.Host)
	if pool.HostBytes == 0 {
		pool.HostBytes = bounds.HostBytes
	}
	if pool.DeviceBytes == 0 {
		pool.DeviceBytes = bounds.DeviceBytes
	}
	return &pool
}

// Sessions returns the loaded models: who holds them, what they take, what was loaded, shared, evicted and refused.
func (e *Engine) Sessions() ort.PoolStatus { return e.rt.Pool().Status() }
