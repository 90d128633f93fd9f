package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

// sound is what a model in this process hears with by itself: its audio encoder. The ears go on
// beside it, since turns, interruptions and the room's transcripts are made from what they
// understand.
type sound struct {
	session *ort.Session
	encoder *usm.Encoder
	at      []*compute.Station
}

// sound loads the audio encoder of a model in this process.
func (l *loader) sound(ctx context.Context) (*sound, error) {
	cfg, err := usm.ReadConfig(l.cfg.Files)
	if err != nil {
		return nil, err
	}
	graph, err := generate.GraphSource(l.cfg.Files, "audio_encoder", "")
	if err != nil {
		return nil, err
	}
	session, err := l.machine.rt.Load(ctx, graph, l.options(1))
	if err != nil {
		return nil, err
	}
	encoder, err := usm.NewEncoder(session, usm.NewExtractor(cfg))
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	at, err := l.machine.stations("sound of " + cmp.Or(l.cfg.Resolution.Base.ID, "a model"))
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return &sound{session: session, encoder: encoder, at: at}, nil
}

// Asked is a question as a model takes it: what is seen and heard, each of which may be missing,
// and its words.
func Asked(text string, seen Seen, heard *usm.Clip) []prompt.Message {
	return []prompt.Message{{Role: prompt.User, Text: text, Parts: Beside(seen, heard)}}
}

// Beside is what is seen and heard as a model takes it beside words.
func Beside(seen Seen, heard *usm.Clip) []prompt.Part {
	parts := seen.parts()
	if heard != nil {
		parts = append(parts, generate.Audio{Features: heard.Data, Tokens: heard.Tokens, Hidden: heard.Hidden})
	}
	return parts
}

// listen encodes a clip under a lease.
func (b *base) listen(ctx context.Context, turn uint64, h Holder, pcm []float32) (clip *usm.Clip, err error) {
	err = b.machine.broker.Do(ctx, compute.Demand{
		Artifact: h.artifact("hearing.clip", turn), Class: compute.Embedding, Silicon: b.silicon,
		Holder: h.String(), Priority: priorityReply, At: b.sound.at, Cost: compute.Cost{Units: b.price(unitsClip)}, TTL: modelTTL,
	}, func(ctx context.Context, _ *compute.Lease) (err error) {
		clip, err = b.sound.encoder.Encode(ctx, pcm)
		return err
	})
	if err != nil {
		return nil, err
	}
	return clip, nil
}

// probeSound has a second of silence encoded, and makes sure that the model takes it, where it is
// given sound.
func (b *base) probeSound(ctx context.Context) error {
	if b.sound == nil {
		return nil
	}
	heard, err := b.listen(ctx, 0, Holder{Persona: "probe"}, make([]float32, hearing.SampleRate))
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if err := b.mind.fits(Asked(probeWords, nil, heard)); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}
