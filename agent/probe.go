package agent

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
)

const (
	probeSide     = 256
	probeTokens   = 48
	probeQuestion = "what do you see?"
)

// NotReadyError says that a model loads and runs but does not see.
type NotReadyError struct {
	// Shown is what the probe picture was, Answer what the model said of it.
	Shown, Answer string
}

// Error implements error.
func (e *NotReadyError) Error() string {
	return fmt.Sprintf("not ready: shown a %s picture the model said %q: it does not see", e.Shown, e.Answer)
}

// probe shows pictures of one colour each and wants the colour named: a model that cannot see cannot name both.
func (e *Engine) probe(ctx context.Context) error {
	for _, p := range []struct {
		name string
		rgb  color.RGBA
	}{{"red", color.RGBA{220, 30, 30, 255}}, {"blue", color.RGBA{30, 60, 220, 255}}} {
		picture := image.NewRGBA(image.Rect(0, 0, probeSide, probeSide))
		draw.Draw(picture, picture.Bounds(), image.NewUniform(p.rgb), image.Point{}, draw.Src)
		answer, err := e.describe(ctx, picture, probeQuestion)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		if !strings.Contains(strings.ToLower(answer), p.name) {
			return &NotReadyError{Shown: p.name, Answer: answer}
		}
	}
	return nil
}

// describe answers one question about one picture.
func (e *Engine) describe(ctx context.Context, picture image.Image, question string) (string, error) {
	texture, err := e.eyes.textures.TextureImage(picture)
	if err != nil {
		return "", err
	}
	defer texture.Release()
	f, err := e.eyes.encoder.Encode(ctx, texture)
	if err != nil {
		return "", err
	}
	result, err := e.reply.Generate(ctx, generate.Request{
		Messages: []generate.Message{{Role: generate.User, Text: question, Images: []generate.Image{
			{Features: f.Data, Tokens: f.Tokens, Hidden: f.Hidden, Rows: f.Rows, Cols: f.Cols},
		}}},
		MaxTokens: probeTokens,
	}, func(string) error { return nil })
	return result.Text, err
}
