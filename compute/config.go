package compute

import "time"

// Config of a Broker.
type Config struct {
	Budgets []Budget
	Policy  Policy
	// Clock is a monotonic clock; nil means the time since the broker was made.
	Clock func() time.Duration
	// QueueLimit bounds the demands that wait; default 1024.
	QueueLimit int
	// TTL of leases that do not say; default 30 s.
	TTL time.Duration
	// Grace is how long the holder of a graceful lease may take to release it once asked; default
	// 500 ms.
	Grace time.Duration
	// MaxReady bounds the artifacts marked ready with MarkReady; default 4096.
	MaxReady int
}

// Defaults of Config.
const (
	defaultQueueLimit = 1024
	defaultTTL        = 30 * time.Second
	defaultGrace      = 500 * time.Millisecond
	defaultMaxReady   = 4096
)

func (c *Config) validate() error {
	if len(c.Budgets) == 0 {
		return invalid("budgets", "missing")
	}
	if err := checkBudgets(c.Budgets); err != nil {
		return err
	}
	if err := c.Policy.validate(); err != nil {
		return err
	}
	for field, value := range map[string]time.Duration{"ttl": c.TTL, "grace": c.Grace} {
		if value < 0 || value > maxTime {
			return invalid(field, "negative or out of range")
		}
	}
	if c.QueueLimit < 0 || c.MaxReady < 0 {
		return invalid("queue_limit", "limits must not be negative")
	}
	c.Policy = c.Policy.withDefaults()
	c.QueueLimit, c.MaxReady = orDefault(c.QueueLimit, defaultQueueLimit), orDefault(c.MaxReady, defaultMaxReady)
	c.TTL, c.Grace = orDefault(c.TTL, defaultTTL), orDefault(c.Grace, defaultGrace)
	if c.Clock == nil {
		start := time.Now()
		c.Clock = func() time.Duration { return time.Since(start) }
	}
	return nil
}

func orDefault[T int | time.Duration](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}
