package tts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// espeakVoice speaks with espeak-ng's own formant voice, one process a clause.
type espeakVoice struct {
	spec   string
	config espeak.Config
	speed  float64
	gate   gate
	log    *slog.Logger
}

var _ Voice = (*espeakVoice)(nil)

// openEspeak says a word to make sure that program and language are there.
func openEspeak(ctx context.Context, c Choice, o options) (Voice, error) {
	spec, language := c.String(), c.Name
	if language == "" {
		language = "en-us"
	}
	e := &espeakVoice{spec: spec, config: espeak.Config{Program: o.program, Voice: language}, speed: o.speed, log: o.log}
	err := e.Synthesize(ctx, "Hello.", func([]float32) error { return nil })
	var process *ProcessError
	if errors.As(err, &process) && process.UnknownVoice() {
		return nil, &UnknownVoiceError{Spec: spec, Known: KnownVoices(), Why: fmt.Sprintf("espeak-ng has no voice %q", language)}
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (e *espeakVoice) Name() string    { return e.spec }
func (e *espeakVoice) SampleRate() int { return espeak.SampleRate }

// Synthesize implements Voice.
func (e *espeakVoice) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	leave, err := e.gate.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	text, unsaid := sayIn(e.config.Voice, clause)
	reportUnsaid(e.log, unsaid)
	if text == "" {
		return ErrNothingToSay
	}
	g := newGuard(e.spec, espeak.SampleRate, emit)
	for _, line := range textLines(text) {
		err := espeak.Speak(ctx, e.config, line, e.speed, func(pcm []float32) error { return g.write(ctx, pcm) })
		if err != nil {
			return err
		}
	}
	return g.finish()
}

// espeakLine is the longest text given to one process, in bytes.
const espeakLine = 900

// textLines divides text at spaces into lines that one process takes.
func textLines(text string) []string {
	var lines []string
	for len(text) > espeakLine {
		cut := strings.LastIndexByte(text[:espeakLine], ' ')
		if cut <= 0 {
			cut = espeakLine
		}
		lines = append(lines, text[:cut])
		text = text[cut:]
	}
	return append(lines, text)
}

// Close implements Voice.
func (e *espeakVoice) Close() error { return e.gate.close(func() error { return nil }) }
