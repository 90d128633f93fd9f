package agent

import "github.com/sensory-agent/sensory-agent/compute/ort"

// pool bounds the loaded models: as the configuration says, else by the memory that the machine has. Loading more than that never works, and a
// refusal with numbers is better than a machine that swaps.
func (c *EngineConfig) pool() *ort.PoolConfig {
	pool := c.Sessions
	facts := hostOf(c.Host)
	if pool.HostBytes == 0 {
		pool.HostBytes = facts.MemoryBytes
	}
	if pool.DeviceBytes == 0 {
		pool.DeviceBytes = facts.GPUMemoryBytes
		if facts.Unified {
			pool.DeviceBytes = facts.MemoryBytes
		}
	}
	return &pool
}

// Sessions returns the loaded models: who holds them, what they take, what was loaded, shared, evicted and refused.
func (e *Engine) Sessions() ort.PoolStatus { return e.rt.Pool().Status() }
