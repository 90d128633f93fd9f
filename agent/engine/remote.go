package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
)

// leaseSlack is how much longer than its whole answer a remote reply may hold its lease.
const leaseSlack = 10 * time.Second

// maxTokenBytes is far more text than a token stands for on average, in any language.
const maxTokenBytes = 32

// remoteMind is a model behind a server.
type remoteMind struct {
	cfg    RemoteConfig
	broker *compute.Broker
	client *remote.Client
}

// remote opens the way to the server.
func (l *loader) remote() (*remoteMind, error) {
	if err := l.cfg.Remote.Picture.Complete(); err != nil {
		return nil, err
	}
	client, err := remote.Open(l.cfg.Remote.Server)
	if err != nil {
		return nil, err
	}
	return &remoteMind{cfg: *l.cfg.Remote, broker: l.machine.broker, client: client}, nil
}

// fits refuses what exceeds the window whatever the server's tokenizer is. Closer than that only
// the server can count; it says so with prompt.ErrTooLong.
func (m *remoteMind) fits(messages []prompt.Message) error {
	size := 0
	for _, message := range messages {
		size += len(message.Text)
	}
	if m.cfg.Context > 0 && size > m.cfg.Context*maxTokenBytes {
		return fmt.Errorf("%w: %d bytes of text for a window of %d tokens", prompt.ErrTooLong, size, m.cfg.Context)
	}
	return nil
}

// acquire takes a place of the provider: waiting for one as long as the configuration says, or not
// at all.
func (m *remoteMind) acquire(ctx context.Context, d compute.Demand) (*compute.Lease, error) {
	d.Class, d.Silicon, d.Provider = compute.CloudProvider, compute.SiliconCloud, m.client.Provider()
	d.Cost, d.TTL = compute.Cost{Units: 1}, m.client.Limits().Answer+leaseSlack
	wait := m.client.Queue()
	if wait == 0 {
		lease, err := m.broker.TryAcquire(d)
		if errors.Is(err, compute.ErrPressure) {
			err = m.client.Busy(m.cfg.Model, err)
		}
		return lease, err
	}
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lease, err := m.broker.Acquire(limited, d)
	if err != nil && ctx.Err() == nil && (limited.Err() != nil || errors.Is(err, compute.ErrQueueFull)) {
		err = m.client.Busy(m.cfg.Model, err)
	}
	return lease, err
}

func (m *remoteMind) generate(
	ctx context.Context, req prompt.Request, _ *PromptCache, emit func(string) error,
) (prompt.Result, error) {
	req.Sampling.Temperature = m.cfg.Temperature
	return m.client.Chat(ctx, remote.Request{Request: req, Model: m.cfg.Model, MaxTokensField: m.cfg.MaxTokensField}, emit)
}

// newPromptCache keeps nothing: servers keep prompts themselves, or not.
func (m *remoteMind) newPromptCache(Holder) (*PromptCache, error) { return nil, nil }

func (m *remoteMind) traits() prompt.Traits { return remote.Traits(m.cfg.Context) }

func (m *remoteMind) partTokens(prompt.Part) int { return 0 }

func (m *remoteMind) close() error { return m.client.Close() }
