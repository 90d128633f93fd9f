package agent

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

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
// remote.ErrPromptTooLong.
func (m *farMind) fits(t thought) error {
	if m.cfg.Context > 0 && len(t.text) > m.cfg.Context*maxTokenBytes {
		return fmt.Errorf("%w: %d bytes of text for a window of %d tokens", remote.ErrPromptTooLong, len(t.text), m.cfg.Context)
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

func (m *farMind) think(ctx context.Context, t thought, emit func(string) error) (said, error) {
	message := remote.Message{Role: remote.User, Text: t.text}
	if t.look != nil {
		message.Pictures = []remote.Picture{*t.look.picture}
	}
	r, err := m.client.Chat(ctx, remote.Request{
		Model: m.cfg.Model, Messages: []remote.Message{message}, MaxTokens: t.limit, MaxTokensField: m.cfg.MaxTokensField,
		Sampling: remote.Sampling{Temperature: m.cfg.Temperature},
	}, emit)
	return said{text: r.Text, promptTokens: r.PromptTokens, tokens: r.Tokens, reason: string(r.FinishReason), thought: r.Thought, tool: r.Tool}, err
}

func (m *farMind) glimpse(_ context.Context, picture image.Image) (*sight, error) {
	p, err := remote.EncodeImage(picture, m.cfg.Picture)
	return &sight{picture: &p}, err
}

func (m *farMind) remember() *memory { return nil } // servers keep prompts themselves, or not

func (m *farMind) close() error { return m.client.Close() }

// photograph encodes a frame as the picture that a server is shown, and puts it in the place of the older one:
//
//	webrtc.frame_decoded (MEDIA) ─► vision.picture (RENDER) ─► cognition.reply (CLOUD_PROVIDER)
func (y *eye) photograph(ctx context.Context, next sampled) error {
	saw := Saw{Who: y.who, Source: y.source, Reason: next.reason.String()}
	begin := time.Now()
	lease, err := y.session.engine.broker.Acquire(ctx, compute.Demand{
		Artifact: "vision.picture/" + next.name, Class: compute.Render, Silicon: compute.SiliconCPU, Holder: y.holder(),
		Cost: compute.Cost{Units: unitsPicture}, From: []*compute.Lease{next.lease}, TTL: featuresKept, Revocation: compute.Graceful,
	})
	seen := &sight{lease: lease}
	if err == nil {
		err = next.lease.Do(func() error {
			saw.Width, saw.Height, seen.captured = next.frame.Width, next.frame.Height, next.frame.Captured
			if y.session.cfg.KeepFrames {
				saw.Frame = next.frame.Image()
			}
			p, err := remote.EncodeFrame(next.frame, *y.session.engine.pictures)
			seen.picture = &p
			return err
		})
	}
	if err == nil {
		err = y.publish(&y.fences.features, next.lease, lease)
	}
	if err != nil {
		lease.Release()
		if errors.Is(err, compute.ErrStale) {
			y.session.log.Debug("frame grew stale before it was looked at", "participant", y.who)
			return nil
		}
		return err
	}
	next.lease.Release() // the frame is not needed any more
	saw.At, saw.Texture = time.Now(), time.Since(begin)
	return y.show(seen, saw)
}
