package tts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

func TestOptions(t *testing.T) {
	if o := newOptions(nil); o.speed != 1 || o.program != "espeak-ng" || o.threads < 1 || o.threads > 2 || o.log == nil {
		t.Errorf("defaults %+v", o)
	}
	for speed, want := range map[float64]float64{0.1: 0.5, 0.5: 0.5, 1.5: 1.5, 2: 2, 9: 2} {
		if o := newOptions([]Option{WithSpeed(speed)}); o.speed != want {
			t.Errorf("speed %v became %v", speed, o.speed)
		}
	}
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	o := newOptions([]Option{WithThreads(7), WithProvider(ort.CUDA, 3), WithEspeak("x"), WithSeed(9), WithLogger(log)})
	if s := o.session(); s.Threads != 7 || s.Provider != ort.CUDA || s.DeviceID != 3 || o.program != "x" || o.seed != 9 || o.log != log {
		t.Errorf("%+v, %+v", o, s)
	}
}

// What another part is to blame for keeps its own error; everything else names the model's file.
func TestWrapModel(t *testing.T) {
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, ort.ErrClosed, ErrEspeakMissing, ErrEspeakTimeout, &ProcessError{Voice: "x"}, &ort.ProviderError{}, &ort.LibraryError{},
	} {
		wrapped := fmt.Errorf("load: %w", err)
		if got := wrapModel("m", "f", wrapped); got != wrapped { //nolint:errorlint // the same value
			t.Errorf("%T became %v", err, got)
		}
	}
	broken := errors.New("broken")
	var model *ModelError
	if err := wrapModel("m", "f", broken); !errors.As(err, &model) || model.Model != "m" || model.File != "f" || !errors.Is(err, broken) || !errors.Is(err, ErrModelCorrupt) {
		t.Errorf("got %v", err)
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for text, err := range map[string]error{
		`unknown voice "x" (why); known: a, b`: &UnknownVoiceError{Spec: "x", Known: []string{"a", "b"}, Why: "why"},
		`unknown voice "x"; known: a`:          &UnknownVoiceError{Spec: "x", Known: []string{"a"}},

		`voice "s" is not installed: f of m is missing; run: sensory-agent models pull m`: &NotInstalledError{Spec: "s", Model: "m", File: "f", Err: cause},
		`f of m cannot be used: cause; run: sensory-agent models verify m`:                &ModelError{Model: "m", File: "f", Err: cause},
		`voice "v": model gave samples that are not finite numbers (from sample 5)`:       &OutputError{Voice: "v", Sample: 5, Err: ErrNotFinite},
		`voice "v": model gave silence for words`:                                         &OutputError{Voice: "v", Sample: 5, Err: ErrSilent},
	} {
		if err.Error() != text {
			t.Errorf("got %q, want %q", err, text)
		}
	}
	if !errors.Is(&NotInstalledError{Err: cause}, cause) || !errors.Is(&NotInstalledError{}, ErrNotInstalled) || errors.Is(&NotInstalledError{}, ErrModelCorrupt) ||
		errors.Is(&UnknownVoiceError{}, ErrNotInstalled) || errors.Is(&ModelError{Err: cause}, ErrUnknownVoice) {
		t.Error("errors match what they are not, or not what they are")
	}
}

func TestSafeNames(t *testing.T) {
	for name, want := range map[string]bool{
		"en_US-joe-medium": true, "a": true, "A.b": true, "z9": true, "": false, "-q": false, ".x": false, "a/b": false, `a\b`: false, "a b": false, "é": false, "a:b": false, "a\n": false,
		"Z": true, "0": true, "9": true, "@": false, "`": false, "{": false, "[": false,
	} {
		if got := safeName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestFilesAreReadOrNamed(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "m", "folder"), 0o750), os.WriteFile(filepath.Join(dir, "m", "f"), []byte("data"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if data, err := FilesIn(dir).read("s", "m", "f"); err != nil || string(data) != "data" {
		t.Errorf("%q, %v", data, err)
	}
	var missing *NotInstalledError
	if _, err := FilesIn(dir).read("s", "m", "g"); !errors.As(err, &missing) || missing.File != "g" || missing.Spec != "s" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	var model *ModelError
	if _, err := FilesIn(dir).read("s", "m", "folder"); !errors.As(err, &model) || model.File != "folder" {
		t.Errorf("a folder: %v", err)
	}
	gone := Files{Path: func(string, string) (string, error) { return filepath.Join(dir, "gone"), nil }}
	if _, err := gone.read("s", "m", "f"); !errors.As(err, &missing) {
		t.Errorf("gone meanwhile: %v", err)
	}
	if _, err := (Files{}).read("s", "m", "f"); !errors.As(err, &missing) {
		t.Errorf("no files: %v", err)
	}
}

// Lines for one process keep every word and their order; a word without end is cut.
func TestTextLines(t *testing.T) {
	for _, c := range []struct {
		text  string
		lines int
	}{
		{"short", 1},
		{strings.Repeat("x", 900), 1},
		{strings.Repeat("x", 901), 2},
		{strings.Repeat("word ", 400), 3},
		{strings.Repeat("x", 2000), 3},
		{strings.Repeat("x", 899) + " yy", 2},
	} {
		lines := textLines(c.text)
		if got := strings.Join(lines, ""); got != c.text {
			t.Errorf("%d bytes became %d", len(c.text), len(got))
		}
		if len(lines) != c.lines {
			t.Errorf("%d bytes in %d lines, want %d", len(c.text), len(lines), c.lines)
		}
		for i, l := range lines {
			if len(l) > 900 || i > 0 && strings.Contains(c.text, " ") && l[0] != ' ' {
				t.Errorf("line %d of %d bytes begins with %q", i, len(l), l[:1])
			}
		}
	}
}

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := g.enter(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended context entered: %v", err)
		}
		first, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second, err := g.enter(t.Context())
		if err != nil {
			t.Fatalf("beside another: %v", err)
		}
		released := make(chan error, 1)
		broken := errors.New("broken")
		go func() { released <- g.close(func() error { return broken }) }()
		for _, leave := range []func(){first, second} {
			synctest.Wait()
			if _, err := g.enter(t.Context()); !errors.Is(err, ErrClosed) {
				t.Errorf("while closing: %v", err)
			}
			select {
			case err := <-released:
				t.Errorf("closed while somebody was inside: %v", err)
			default:
			}
			leave()
		}
		if err := <-released; !errors.Is(err, broken) {
			t.Errorf("close: %v", err)
		}
		if err := g.close(func() error { return errors.New("again") }); err != nil {
			t.Errorf("second close: %v", err)
		}
	})
}

func TestColumns(t *testing.T) {
	l := &latent{data: []float32{0, 1, 2, 3, 10, 11, 12, 13}, channels: 2, frames: 4}
	got := l.columns([]float32{9, 9, 9}, 1, 3)
	if fmt.Sprint(got) != "[1 2 11 12]" {
		t.Errorf("got %v", got)
	}
}

// The first tensor that cannot be made is the error, and what was made before is given back.
func TestTensorSet(t *testing.T) {
	var s tensorSet
	first, second := errors.New("first"), errors.New("second")
	if s.keep(nil, first) != nil || s.keep(nil, second) != nil || !errors.Is(s.err, first) || errors.Is(s.err, second) || len(s.open) != 0 {
		t.Errorf("%v", s.err)
	}
	s.close()
}
