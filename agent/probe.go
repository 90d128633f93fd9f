package agent

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
	probeWords    = "What is your name?" // for a model without eyes
	probeFew      = 8                    // tokens of its answer
)

// NotReadyError says that a model loads and runs but does not see, or does not answer.
type NotReadyError struct {
	// Shown is what the probe picture was, empty where none was shown; Answer is what the model said of it.
	Shown, Answer string
	// Err says why there is no answer; nil where there is a wrong one.
	Err error
}

// Error implements error.
func (e *NotReadyError) Error() string {
	if e.Shown == "" {
		return fmt.Sprintf("not ready: asked %q the model does not answer: %v", probeWords, e.Err)
	}
	if e.Err != nil {
		return fmt.Sprintf("not ready: shown a %s picture the model does not answer: %v", e.Shown, e.Err)
	}
	return fmt.Sprintf("not ready: shown a %s picture the model said %q: it does not see", e.Shown, e.Answer)
}

// Unwrap returns why there is no answer, if anything.
func (e *NotReadyError) Unwrap() error { return e.Err }

// probe shows pictures of one colour each and wants the colour named: a model that cannot see cannot name both. A model that is not to see
// has to say something.
func (e *Engine) probe(ctx context.Context) error {
	if err := e.probeSound(ctx); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if !e.sees {
		if _, err := e.reply(ctx, prompt.Request{Messages: asked(probeWords, nil, nil), MaxTokens: e.probeLimit(probeFew)}, nil, nil); err != nil && !partial(err) {
			if noAnswer(err) != nil {
				return &NotReadyError{Err: err}
			}
			return fmt.Errorf("probe: %w", err)
		}
		return nil
	}
	for _, p := range []struct {
		name string
		rgb  color.RGBA
	}{{"red", color.RGBA{220, 30, 30, 255}}, {"blue", color.RGBA{30, 60, 220, 255}}} {
		picture := image.NewRGBA(image.Rect(0, 0, probeSide, probeSide))
		draw.Draw(picture, picture.Bounds(), image.NewUniform(p.rgb), image.Point{}, draw.Src)
		answer, err := e.describe(ctx, picture, probeQuestion)
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

// describe answers one question about one picture.
func (e *Engine) describe(ctx context.Context, picture image.Image, question string) (string, error) {
	look, err := e.mind.glimpse(ctx, picture)
	if err != nil {
		return "", err
	}
	answer, err := e.reply(ctx, prompt.Request{Messages: asked(question, look, nil), MaxTokens: e.probeLimit(probeTokens)}, nil, nil)
	if partial(err) {
		err = nil
	}
	return answer.Text, err
}

// probeLimit bounds an answer to the probe: a model behind a server may think first, and gets what its answers get.
func (e *Engine) probeLimit(here int) int {
	if _, own := e.mind.(*ownMind); own {
		return here
	}
	return e.answerTokens
}
