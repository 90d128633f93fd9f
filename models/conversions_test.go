package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestWhatAConversionMakes is taken as it is: every file, below no other name than its own, and
// nothing of an earlier attempt.
func TestWhatAConversionMakes(t *testing.T) {
	data := bytesOf(155, 100)
	local := filepath.Join(t.TempDir(), "in")
	put(t, local, data)
	yaml := strings.Replace(entry("m", "in", data, true, "file: "+local), "    files:", "    convert: x\n    outputs: [out, sub/out]\n    files:", 1)
	both := map[string]string{"out": "1", "sub/out": "2"}
	for name, c := range map[string]struct {
		makes map[string]string
		link  string
		want  error
		says  string
	}{
		"both":             {makes: both},
		"and one more":     {makes: map[string]string{"out": "1", "sub/out": "2", "more": "3"}},
		"one of both":      {makes: map[string]string{"out": "1"}, want: models.ErrConvert, says: `step "x" made no sub/out`},
		"a hidden one":     {makes: map[string]string{"out": "1", "sub/out": "2", ".hidden": "3"}, want: models.ErrUnsafePath, says: ".hidden"},
		"a link":           {makes: both, link: "z", want: models.ErrUnsafePath, says: `"z"`},
		"the record's own": {makes: map[string]string{"out": "1", "sub/out": "2", "model.lock.json": "{}"}, want: models.ErrUnsafePath, says: "model.lock.json"},
	} {
		t.Run(name, func(t *testing.T) {
			var told []models.Event
			s := store(t, yaml, models.Options{
				Progress: func(e models.Event) {
					if e.Phase == models.PhaseConvert {
						told = append(told, e)
					}
				},
				Converters: map[string]models.Converter{"x": {Version: 3, Run: func(_ context.Context, in, dir string, progress func(int64, int64)) error {
					if left, err := os.ReadDir(dir); err != nil || len(left) != 0 || !bytes.Equal(mustRead(t, in), data) {
						t.Errorf("it begins with %v, %v, or other bytes", left, err)
					}
					for name, text := range c.makes {
						put(t, filepath.Join(dir, name), []byte(text))
					}
					if c.link != "" {
						link(t, local, filepath.Join(dir, c.link))
					}
					progress(1, 2)
					return nil
				}}},
			})
			put(t, filepath.Join(s.Root(), ".partial", "m", "convert", "left"), nil)
			res, err := s.Pull(t.Context(), "m")
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || s.Installed("m") != (c.want == nil) || res[0].Converted != (c.want == nil) {
				t.Fatalf("%+v, %v; %q", res, err, s.State("m"))
			}
			want := []models.Event{{Model: "m", Phase: models.PhaseConvert, Source: "x"}, {Model: "m", Phase: models.PhaseConvert, Source: "x", Done: 1, Total: 2}}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Error(diff)
			}
			if left, err := os.ReadDir(filepath.Join(s.Root(), ".partial", "m")); err == nil && len(left) > 1 {
				t.Errorf("left %v", left)
			}
			if c.want != nil {
				return
			}
			lock, err := s.Lock("m")
			if err != nil || len(lock.Files) != 1+len(c.makes) {
				t.Fatalf("%+v, %v", lock, err)
			}
			if diff := cmp.Diff(&models.LockStep{Name: "x", Version: 3, Inputs: map[string]string{"in": digest(data)}}, lock.Convert); diff != "" {
				t.Error(diff)
			}
			for _, f := range lock.Files[1:] {
				if f.Origin != models.OriginConvert || f.Source != "x" || f.SHA256 != digest([]byte(c.makes[f.Path])) || f.Size != 1 {
					t.Errorf("%+v", f)
				}
				if path, err := s.Path("m", f.Path); err != nil || string(mustRead(t, path)) != c.makes[f.Path] {
					t.Errorf("%s: %v, or other bytes", f.Path, err)
				}
			}
			checks, err := s.Verify(t.Context(), "m")
			if err != nil || len(checks) != len(lock.Files) || slices.ContainsFunc(checks, func(c models.Check) bool { return c.Err != nil }) {
				t.Errorf("%+v, %v", checks, err)
			}
		})
	}
}

// TestAConversionOfOtherBytes runs again, and nothing of what the old ones made stays.
func TestAConversionOfOtherBytes(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	opt := models.Options{Tools: &packages{}, Converters: map[string]models.Converter{"x": {Run: func(_ context.Context, in, out string, _ func(int64, int64)) error {
		runs++
		put(t, filepath.Join(out, "out"), mustRead(t, in))
		put(t, filepath.Join(out, fmt.Sprint("run", runs)), nil)
		return nil
	}}}}
	put(t, filepath.Join(dir, "in"), bytesOf(156, 100))
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    convert: x\n    outputs: [out]\n    sources: [{file: '" + dir + "/{path}'}]\n    files: [{path: in}, {path: beside}]\n"
	put(t, filepath.Join(dir, "beside"), bytesOf(157, 100))
	s := store(t, yaml, opt)
	if _, err := s.Pull(t.Context(), "m"); err != nil || !s.Installed("m") || runs != 1 {
		t.Fatalf("%v after %d runs", err, runs)
	}
	put(t, filepath.Join(dir, "beside"), bytesOf(158, 100))
	remove(t, filepath.Join(s.Root(), "m", "beside"))
	res, err := s.Pull(t.Context(), "m")
	if err != nil || runs != 2 || !res[0].Converted || res[0].Fetched != 1 || res[0].Kept != 1 {
		t.Fatalf("%+v, %v after %d runs", res, err, runs)
	}
	lock, err := s.Lock("m")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range lock.Files {
		got = append(got, f.Path)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"beside", "in", "out", "run2"}, got); diff != "" {
		t.Error(diff)
	}
	remove(t, filepath.Join(s.Root(), "m", "run2")) // no output that the catalog names
	if state := s.State("m"); state != models.StatePartial {
		t.Errorf("state %q", state)
	}
	if _, err := s.Pull(t.Context(), "m"); err != nil || runs != 2 || s.State("m") != models.StateInstalled {
		t.Errorf("%v after %d runs; %q", err, runs, s.State("m"))
	}
	if checks, err := reopen(t, s, models.Options{Converters: map[string]models.Converter{"x": {Version: 9}}}).Verify(t.Context(), "m"); err != nil || len(checks) != 3 {
		t.Errorf("%+v, %v", checks, err)
	}
}

// TestOutputsWithoutAPlace: something else stands where one belongs.
func TestOutputsWithoutAPlace(t *testing.T) {
	data := bytesOf(168, 100)
	local := filepath.Join(t.TempDir(), "in")
	put(t, local, data)
	yaml := strings.Replace(entry("m", "in", data, true, "file: "+local), "    files:", "    convert: x\n    outputs: [out]\n    files:", 1)
	failing := strings.Replace(entry("fails", "in", data, true, "file: /nowhere"), "    files:", "    convert: x\n    outputs: [out]\n    files:", 1)
	s := store(t, failing+yaml, models.Options{Converters: map[string]models.Converter{"x": {Run: func(_ context.Context, _, dir string, _ func(int64, int64)) error {
		put(t, filepath.Join(dir, "out"), data)
		return nil
	}}}})
	if res, err := s.Pull(t.Context(), "fails", "m"); err == nil || res[0].Converted || !res[1].Converted || !s.Installed("m") {
		t.Errorf("behind a model that fails: %+v, %v", res, err)
	}
	if _, err := s.Remove(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(s.Root(), "m", "out", "below"), nil)
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrConvert) || !strings.Contains(err.Error(), "put files in place") || s.Installed("m") {
		t.Errorf("got %v", err)
	}
}

// TestBuiltInSteps: a version rises with the outputs, so that models are converted again; the
// growth is the room that is looked for.
func TestBuiltInSteps(t *testing.T) {
	got := map[string][2]int64{}
	for name, c := range models.Converters() {
		got[name] = [2]int64{int64(c.Version), c.Growth}
	}
	if diff := cmp.Diff(map[string][2]int64{"whisper-ggml": {1, 3}, "smollm2-gguf": {2, 8}, "efficientnet-lite": {1, 2}}, got); diff != "" {
		t.Error(diff)
	}
}

// TestVerifyOfOutputsThatAreMissing names each.
func TestVerifyOfOutputsThatAreMissing(t *testing.T) {
	data := bytesOf(159, 100)
	yaml := strings.Replace(entry("m", "in", data, true), "    files:", "    convert: x\n    outputs: [out]\n    files:", 1) +
		"  - {id: n, name: test, kind: component, licence: MIT, folder: /nowhere}\n"
	s := store(t, yaml, models.Options{})
	put(t, filepath.Join(s.Root(), "m", "in"), data)
	checks, err := s.Verify(t.Context(), "m", "n")
	if err != nil || len(checks) != 3 || checks[0].Err != nil || checks[0].SHA256 != digest(data) {
		t.Fatalf("%+v, %v", checks, err)
	}
	for i, want := range []string{"m/out is not installed", "n is not installed"} {
		if c := checks[i+1]; !errors.Is(c.Err, models.ErrNotInstalled) || !strings.Contains(c.Err.Error(), want) || c.Size != 0 || c.SHA256 != "" {
			t.Errorf("%+v", c)
		}
	}
	remote := strings.TrimPrefix(farEntry, "models:\n")
	if checks, err := store(t, remote, models.Options{}).Verify(t.Context(), "far"); err != nil || len(checks) != 0 {
		t.Errorf("a model behind a server: %+v, %v", checks, err)
	}
}
