package engine

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	probeSide     = 256
	probeTokens   = 48
	probeQuestion = "what do you see?"
	probeFew      = 8 // tokens of its answer
)

// probe probes the language model, once for all who share it. A model behind a server may think
// first: its answers to the probe get the tokens that its answers get.
func (m *Models) probe(ctx context.Context) error {
	m.base.mu.Lock()
	defer m.base.mu.Unlock()
	if m.base.probed {
		return nil
	}
	if err := m.base.probe(ctx, m.answerTokens); err != nil {
		return err
	}
	m.base.probed = true
	return nil
}

// probe shows pictures of one colour each and wants the colour named: a model that cannot see
// cannot name both. A model that is not to see has to say something.
func (b *base) probe(ctx context.Context, remoteTokens int) error {
	if err := b.probeSound(ctx); err != nil {
		return err
	}
	if !b.sees {
		return b.probeTalk(ctx, remoteTokens)
	}
	for _, p := range []struct {
		name string
		rgb  color.RGBA
	}{{"red", color.RGBA{220, 30, 30, 255}}, {"blue", color.RGBA{30, 60, 220, 255}}} {
		picture := image.NewRGBA(image.Rect(0, 0, probeSide, probeSide))
		draw.Draw(picture, picture.Bounds(), image.NewUniform(p.rgb), image.Point{}, draw.Src)
		answer, err := b.describe(ctx, picture, remoteTokens)
		silent := noAnswer(err)
		if err != nil && silent == nil {
			return fmt.Errorf("probe: %w", err)
		}
		if !strings.Contains(strings.ToLower(answer), p.name) {
			return &NotReadyError{Shown: p.name, Answer: answer, Err: silent}
		}
	}
	return nil
}

// probeTalk has a model without eyes say something.
func (b *base) probeTalk(ctx context.Context, remoteTokens int) error {
	_, err := b.answer(ctx, prompt.Request{Messages: Asked(probeWords, nil, nil), MaxTokens: b.probeLimit(probeFew, remoteTokens)}, nil, nil)
	if err == nil || Partial(err) {
		return nil
	}
	if noAnswer(err) != nil {
		return &NotReadyError{Err: err}
	}
	return fmt.Errorf("probe: %w", err)
}

// describe says what is in a picture.
func (b *base) describe(ctx context.Context, picture image.Image, remoteTokens int) (string, error) {
	seen, err := b.see(ctx, picture)
	if err != nil {
		return "", err
	}
	answer, err := b.answer(ctx, prompt.Request{
		Messages: Asked(probeQuestion, seen, nil), MaxTokens: b.probeLimit(probeTokens, remoteTokens),
	}, nil, nil)
	if Partial(err) {
		err = nil
	}
	return answer.Text, err
}

func (b *base) probeLimit(local, remote int) int {
	if _, here := b.mind.(*localMind); here {
		return local
	}
	return remote
}
