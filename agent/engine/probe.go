package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	probeSide     = 256
	probeTokens   = 48
	probeQuestion = "what do you see?"
	probeFew      = 8         // tokens of its answer
	probeWord     = "READ 74" // what a reader has to read before it is believed
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
	if b.sees && b.eyes.Assisted() {
		if err := b.probeReading(ctx); err != nil {
			return err
		}
		return b.probeTalk(ctx, remoteTokens)
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
		Messages: Asked(probeQuestion, Seen{{Sight: seen}}, nil), MaxTokens: b.probeLimit(probeTokens, remoteTokens),
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

// probeReading has a word read that is drawn for it, and notes how long that took.
func (b *base) probeReading(ctx context.Context) error {
	picture := image.NewRGBA(image.Rect(0, 0, 640, 360))
	draw.Draw(picture, picture.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	const scale = 6 // of a font whose letters are 7 × 13 pixels
	small := image.NewRGBA(image.Rect(0, 0, 7*len(probeWord), 16))
	d := font.Drawer{Dst: small, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13, Dot: fixed.P(0, 13)}
	d.DrawString(probeWord)
	for y := range small.Rect.Dy() * scale {
		for x := range small.Rect.Dx() * scale {
			if small.RGBAAt(x/scale, y/scale).A > 0 {
				picture.SetRGBA(100+x, 130+y, color.RGBA{A: 255})
			}
		}
	}
	begin := time.Now()
	seen, failures, err := b.eyes.Perceive(ctx, picture, nil)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	for _, f := range failures {
		err = errors.Join(err, f)
	}
	if err != nil {
		return errors.Join(&NotReadyError{Shown: fmt.Sprintf("%q in a", probeWord), Answer: strings.Join(seen.Missing, "; ")}, err)
	}
	b.eyes.takes = time.Since(begin)
	text := ""
	for _, p := range seen.List {
		if p.Kind == prompt.SeenText {
			text += strings.ReplaceAll(p.What, " ", "")
		}
	}
	if text != strings.ReplaceAll(probeWord, " ", "") {
		return &NotReadyError{Shown: fmt.Sprintf("%q in a", probeWord), Answer: text}
	}
	return nil
}
