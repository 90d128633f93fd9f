package espeak_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// children returns the ids of this process's children that run a program of the given name.
func children(t *testing.T, program string) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		name, rest, ok := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) || !strings.HasSuffix(name, "("+program) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func open(tb testing.TB, cfg espeak.Config) *espeak.Phonemizer {
	tb.Helper()
	p, err := espeak.NewPhonemizer(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

func TestPhonemes(t *testing.T) {
	p := open(t, espeak.Config{Voice: "en-us"})
	got, err := p.Phonemes(t.Context(), []string{
		"hello world", "", "...", "what? no", "3.5", "-v de", "two\nlines", "[[ZNZNZN]] marker", "\xff\x00x", strings.Repeat("word ", 400),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"həlˈoʊ wˈɜːld", "", "", "wˈʌt nˈoʊ", "θɹˈiː pɔɪnt fˈaɪv"}
	if !slices.Equal(got[:5], want) {
		t.Errorf("got %q, want %q", got[:5], want)
	}
	if got[6] != "tˈuː lˈaɪnz" {
		t.Errorf("a line break gave %q", got[6])
	}
	if !strings.HasSuffix(got[7], "mˈɑːɹkɚ") {
		t.Errorf("text that looks like the marker gave %q", got[7])
	}
	if n := strings.Count(got[9], "wˈɜːd"); n < 180 || n > 200 {
		t.Errorf("the long line came back as %d words", n)
	}
	again, err := p.Phonemes(t.Context(), []string{"hello world"})
	if err != nil || again[0] != want[0] {
		t.Errorf("later call: %q, %v", again, err)
	}
}

func TestTies(t *testing.T) {
	p := open(t, espeak.Config{Voice: "en-us", Tie: true})
	got, err := p.Phonemes(t.Context(), []string{"boy"})
	if err != nil || got[0] != "bˈɔ͡ɪ" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOneProcessThatEnds(t *testing.T) {
	p, err := espeak.NewPhonemizer(t.Context(), espeak.Config{Voice: "en-us"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			line := strconv.Itoa(i)
			for range 5 {
				a, err := p.Phonemes(t.Context(), []string{line, line})
				if err != nil || a[0] == "" || a[0] != a[1] {
					t.Errorf("%s: %q, %v", line, a, err)
				}
			}
		})
	}
	wg.Wait()
	if ids := children(t, "espeak-ng"); len(ids) != 1 {
		t.Errorf("%d processes while open", len(ids))
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	if ids := children(t, "espeak-ng"); len(ids) != 0 {
		t.Errorf("processes %v are left", ids)
	}
	if _, err := p.Phonemes(t.Context(), []string{"a"}); !errors.Is(err, espeak.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestDeathIsReportedAndHealed(t *testing.T) {
	p := open(t, espeak.Config{Voice: "en-us"})
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	var died *espeak.ProcessError
	if _, err := p.Phonemes(t.Context(), []string{"hello"}); !errors.As(err, &died) || died.Voice != "en-us" {
		t.Fatalf("got %v", err)
	}
	got, err := p.Phonemes(t.Context(), []string{"hello"})
	if err != nil || got[0] != "həlˈoʊ" {
		t.Errorf("next call: %q, %v", got, err)
	}
}

func TestStartErrors(t *testing.T) {
	if _, err := espeak.NewPhonemizer(t.Context(), espeak.Config{Program: filepath.Join(t.TempDir(), "none"), Voice: "en-us"}); !errors.Is(err, espeak.ErrMissing) {
		t.Errorf("missing program: %v", err)
	}
	var died *espeak.ProcessError
	_, err := espeak.NewPhonemizer(t.Context(), espeak.Config{Voice: "qqq"})
	if !errors.As(err, &died) || !died.UnknownVoice() {
		t.Errorf("unknown voice: %v", err)
	}
	for _, voice := range []string{"", "-x"} {
		if _, err := espeak.NewPhonemizer(t.Context(), espeak.Config{Voice: voice}); err == nil {
			t.Errorf("voice %q was accepted", voice)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := espeak.NewPhonemizer(ctx, espeak.Config{Voice: "en-us"}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// A program that answers nothing, or ends at once, is not espeak-ng: neither may hang the caller or
// stay behind.
func TestProgramsThatMisbehave(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil { // a program
			t.Fatal(err)
		}
		return path
	}
	_, err := espeak.NewPhonemizer(t.Context(), espeak.Config{Program: script("mute", "exec sleep 600"), Voice: "en-us", Timeout: 100 * time.Millisecond})
	if !errors.Is(err, espeak.ErrTimeout) {
		t.Errorf("mute: %v", err)
	}
	var died *espeak.ProcessError
	_, err = espeak.NewPhonemizer(t.Context(), espeak.Config{Program: script("broken", "echo no data >&2; exit 3"), Voice: "en-us"})
	if !errors.As(err, &died) || !strings.Contains(err.Error(), "no data") {
		t.Errorf("broken: %v", err)
	}
	if left := append(children(t, "sleep"), children(t, "broken")...); len(left) != 0 {
		t.Errorf("processes %v are left", left)
	}
}

// The program sees where things are, and nothing that a key could be in.
func TestSecretsStayInTheParent(t *testing.T) {
	t.Setenv("LIVEKIT_API_SECRET", "hidden-one")
	t.Setenv("OPENAI_API_KEY", "hidden-two")
	t.Setenv("SOMEBODYS_PASSWORD", "hidden-three")
	t.Setenv("ESPEAK_DATA_PATH", "/seen")
	dir := t.TempDir()
	program := filepath.Join(dir, "tell")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nenv >\"$0.env\"\nexit 3\n"), 0o700); err != nil { // a program
		t.Fatal(err)
	}
	cfg := espeak.Config{Program: program, Voice: "en-us"}
	for name, start := range map[string]func() error{
		"phonemes": func() error { _, err := espeak.NewPhonemizer(t.Context(), cfg); return err },
		"speech": func() error {
			return espeak.Speak(t.Context(), cfg, "a", 1, func([]float32) error { return nil })
		},
	} {
		if err := start(); err == nil {
			t.Errorf("%s: a program that fails is no voice", name)
		}
		seen, err := os.ReadFile(program + ".env")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(seen), "ESPEAK_DATA_PATH=/seen") || !strings.Contains(string(seen), "PATH=") {
			t.Errorf("%s: the program does not find its data: %s", name, seen)
		}
		if strings.Contains(string(seen), "hidden") {
			t.Errorf("%s: a secret is in %s", name, seen)
		}
		if err := os.Remove(program + ".env"); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkPhonemes(b *testing.B) {
	p := open(b, espeak.Config{Voice: "en-us"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Phonemes(context.Background(), []string{"I can see a red circle in the corner"}); err != nil {
			b.Fatal(err)
		}
	}
}
