package tts

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// TestEspeakVoices: any language that the program has, by its name; another one is told from a
// program that is missing.
func TestEspeakVoices(t *testing.T) {
	for spec, language := range map[string]string{"espeak": "en-us", "espeak:de": "de", "espeak:en-gb": "en-gb"} {
		v, err := Open(t.Context(), nil, spec, Files{}, WithSpeed(2))
		if err != nil {
			t.Fatal(err)
		}
		if e := v.(*espeakVoice); e.Name() != spec || e.config.Voice != language || e.speed != 2 || e.SampleRate() != 22050 {
			t.Errorf("%s: %+v", spec, e)
		}
		if n := len(heard(t, v, "Hello.")); n < 2_000 || n > 22050 {
			t.Errorf("%s: %d samples", spec, n)
		}
		closed(t, v)
	}
	var unknown *UnknownVoiceError
	if v, err := Open(t.Context(), nil, "espeak:qqq", Files{}); v != nil || !errors.As(err, &unknown) || unknown.Why != `espeak-ng has no voice "qqq"` ||
		unknown.Spec != "espeak:qqq" || !slices.Equal(unknown.Known, KnownVoices()) {
		t.Errorf("got %v", err)
	}
	if v, err := Open(t.Context(), nil, "espeak", Files{}, WithEspeak("no-such-program")); v != nil || !errors.Is(err, ErrEspeakMissing) || errors.Is(err, ErrUnknownVoice) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := Open(ctx, nil, "espeak", Files{}); v != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestEspeakSaysLongClauses in several lines, and counts what it leaves out.
func TestEspeakSaysLongClauses(t *testing.T) {
	var log bytes.Buffer
	v, err := Open(t.Context(), nil, "espeak", Files{}, WithSpeed(2), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, v) })
	one, three := len(heard(t, v, strings.Repeat("blue cube ", 60))), len(heard(t, v, strings.Repeat("blue cube ", 180)))
	if ratio := float64(three) / float64(one); ratio < 2.5 || ratio > 3.5 || log.Len() != 0 {
		t.Errorf("three times as long takes %.2f times as long; log %s", ratio, log.String())
	}
	heard(t, v, "Moscow is Москва.")
	if !strings.Contains(log.String(), "count=6") || strings.Contains(log.String(), "Москва") {
		t.Errorf("log %s", log.String())
	}
	full := errors.New("full")
	if err := v.Synthesize(t.Context(), strings.Repeat("blue cube ", 180), func([]float32) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestKnownVoices are told in a fixed order: the one of the embedded profile, then Kokoro's, then
// the one that needs no model.
func TestKnownVoices(t *testing.T) {
	known := KnownVoices()
	if len(known) != 2+len(kokoroVoices()) || known[0] != "piper:en_US-joe-medium" || known[1] != "kokoro:af_alloy" || known[len(known)-1] != "espeak" {
		t.Errorf("%q", known)
	}
	for _, v := range kokoroVoices() {
		if !english(v) || !slices.Contains(known, "kokoro:"+v) {
			t.Errorf("%s is not English, or not known", v)
		}
	}
}
