package agent

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
)

// leaseSlack is how much longer than its whole answer a remote reply may hold its lease.
const leaseSlack = 10 * time.Second

// RemoteConfig is a model behind a server.
type RemoteConfig struct {
	Server remote.Config
	// Model is the server's name of the model; Context its window in tokens, as the catalog declares it.
	Model   string
	Context int
	// Picture says how pictures are sent.
	Picture remote.PictureOptions
	// MaxTokensField is as in remote.Request.
	MaxTokensField string
	// Temperature is sent when it is set.
	Temperature *float64
}

// farMind is a model behind a server.
type farMind struct {
	cfg    RemoteConfig
	client *remote.Client
}

func newFarMind(cfg RemoteConfig) (*farMind, error) {
	if err := cfg.Picture.Complete(); err != nil {
		return nil, err
	}
	client, err := remote.Open(cfg.Server)
	if err != nil {
		return nil, err
	}
	return &farMind{cfg: cfg, client: client}, nil
}

// maxTokenBytes is far more text than a token stands for on average, in any language.
const maxTokenBytes = 32

// fits refuses what exceeds the window whatever the server's tokenizer is. Closer than that only the server can count; it says so with
// prompt.ErrTooLong.
func (m *farMind) fits(messages []prompt.Message) error {
	size := 0
	for _, message := range messages {
		size += len(message.Text)
	}
	if m.cfg.Context > 0 && size > m.cfg.Context*maxTokenBytes {
		return fmt.Errorf("%w: %d bytes of text for a window of %d tokens", prompt.ErrTooLong, size, m.cfg.Context)
	}
	return nil
}

// acquire takes a place of the provider: waiting for one as long as the configuration says, or not at all.
func (m *farMind) acquire(ctx context.Context, b *compute.Broker, d compute.Demand) (*compute.Lease, error) {
	d.Class, d.Silicon, d.Provider = compute.CloudProvider, compute.SiliconCloud, m.client.Provider()
	d.Cost, d.TTL = compute.Cost{Units: 1}, m.client.Limits().Answer+leaseSlack
	wait := m.client.Queue()
	if wait == 0 {
		lease, err := b.TryAcquire(d)
		if errors.Is(err, compute.ErrPressure) {
			err = m.client.Busy(m.cfg.Model, err)
		}
		return lease, err
	}
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lease, err := b.Acquire(limited, d)
	if err != nil && ctx.Err() == nil && (limited.Err() != nil || errors.Is(err, compute.ErrQueueFull)) {
		err = m.client.Busy(m.cfg.Model, err)
	}
	return lease, err
}

func (m *farMind) think(ctx context.Context, req prompt.Request, _ *promptCache, emit func(string) error) (prompt.Result, error) {
	req.Sampling.Temperature = m.cfg.Temperature
	return m.client.Chat(ctx, remote.Request{Request: req, Model: m.cfg.Model, MaxTokensField: m.cfg.MaxTokensField}, emit)
}

func (m *farMind) glimpse(_ context.Context, picture image.Image) (*sight, error) {
	p, err := remote.EncodeImage(picture, m.cfg.Picture)
	return &sight{picture: &p}, err
}

func (m *farMind) remember() *promptCache { return nil } // servers keep prompts themselves, or not

func (m *farMind) close() error { return m.client.Close() }

// photograph encodes a frame as the picture that a server is shown:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.picture (RENDER) ─► cognition.reply (CLOUD_PROVIDER)
func (y *eye) photograph(ctx context.Context, next sampled, saw *Saw) (*sight, error) {
	seen, begin := &sight{}, time.Now()
	var err error
	seen.lease, err = y.step(ctx, next.lease, &y.fences.features, compute.Demand{
		Artifact: "vision.picture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU,
		Cost: compute.Cost{Units: unitsPicture}, TTL: featuresKept, Revocation: compute.Graceful,
	}, func(context.Context, *compute.Lease) error {
		y.note(next.frame, saw)
		seen.captured = next.frame.Captured
		picture, err := remote.EncodeFrame(next.frame, *y.session.engine.pictures)
		seen.picture = &picture
		return err
	})
	saw.Texture = time.Since(begin)
	return seen, err
}
