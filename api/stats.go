package api

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats are what was counted since the start.
type Stats struct {
	// Calls are those that were let in, by Service/Call.
	Calls map[string]uint64 `json:"calls"`
	// Failed are calls that ended with an error, and requests that were not let in, by reason.
	Failed map[Reason]uint64 `json:"failed"`
	// Arriving are requests whose bodies are on their way, Running calls under way.
	Arriving int `json:"arriving"`
	Running  int `json:"running"`
	// Streams are calls under way that send until their caller goes, Unread those that ended since
	// their caller took nothing for 10 s, or went.
	Streams int    `json:"streams"`
	Unread  uint64 `json:"unread"`
}

// counts are a server's.
type counts struct {
	unread atomic.Uint64
	mu     sync.Mutex
	calls  map[string]uint64
	failed map[Reason]uint64
}

func (c *counts) called(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[name]++
}

func (c *counts) fail(why Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed[why]++
}

func (c *counts) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{Unread: c.unread.Load(), Calls: maps.Clone(c.calls), Failed: maps.Clone(c.failed)}
}
