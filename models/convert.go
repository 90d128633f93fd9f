package models

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sensory-agent/sensory-agent/models/convert"
)

// Converter makes further files of a model from its first one.
type Converter struct {
	// Version rises whenever the outputs change: models converted by an older one are converted
	// again.
	Version int
	// Growth bounds the size of the outputs against the input, for the disk-space check.
	Growth int64
	// Run writes into outDir, which is empty and on the same file system as the model. Progress
	// counts units of its own.
	Run func(ctx context.Context, input, outDir string, progress func(done, total int64)) error
}

// Converters returns the conversion steps by the name that a catalog uses. A checkpoint of PyTorch
// may be in half precision, of which its outputs are twice the size.
func Converters() map[string]Converter {
	return map[string]Converter{
		"whisper-ggml":      {Version: 1, Growth: 3, Run: convert.Whisper},
		"smollm2-gguf":      {Version: 2, Growth: 8, Run: convert.SmolLM2GGUF},
		"efficientnet-lite": {Version: 1, Growth: 2, Run: convert.EfficientNetLite},
	}
}

// convert runs the conversion step of a model unless its outputs already belong to the same inputs.
func (s *Store) convert(ctx context.Context, j *job) error {
	e := j.entry
	inputs := map[string]string{}
	for _, f := range e.Files {
		if have := j.lock.file(f.Path); have != nil {
			inputs[f.Path] = have.SHA256
		}
	}
	if s.converted(j, inputs) {
		return nil
	}
	j.lock.Convert = nil
	j.lock.Files = slices.DeleteFunc(j.lock.Files, func(f LockFile) bool { return f.Origin == OriginConvert })
	step, ok := s.opt.Converters[e.Convert]
	if !ok {
		return fmt.Errorf("%w: %s: this build has no step %q", ErrConvert, e.ID, e.Convert)
	}
	out := s.partial(e.ID, "convert")
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("clear the conversion folder: %w", err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return diskError(s.dir, fmt.Errorf("make the conversion folder: %w", err))
	}
	defer func() { _ = os.RemoveAll(out) }()
	event := Event{Model: e.ID, Phase: PhaseConvert, Source: e.Convert}
	s.events.emit(event)
	err := step.Run(ctx, s.join(e.ID, e.Files[0].Path), out, func(done, total int64) {
		event.Done, event.Total = done, total
		s.events.emit(event)
	})
	if err != nil {
		return diskError(s.dir, fmt.Errorf("%w: %s: %w", ErrConvert, e.ID, err))
	}
	if err := s.placeConverted(ctx, j, out); err != nil {
		return err
	}
	j.lock.Convert = &LockStep{Name: e.Convert, Version: step.Version, Inputs: inputs}
	j.result.Converted = true
	return nil
}

// current reports whether a recorded conversion is the step that the catalog names, in its present
// version.
func (s *Store) current(e *Entry, c *LockStep) bool {
	return c != nil && c.Name == e.Convert && c.Version == s.opt.Converters[e.Convert].Version
}

// converted reports whether the outputs were kept by the plan and were made from these inputs.
func (s *Store) converted(j *job, inputs map[string]string) bool {
	c := j.lock.Convert
	if !s.current(j.entry, c) || len(c.Inputs) != len(inputs) {
		return false
	}
	for path, digest := range inputs {
		if c.Inputs[path] != digest {
			return false
		}
	}
	for _, o := range j.entry.Outputs {
		if have := j.lock.file(o); have == nil {
			return false
		}
	}
	return true
}

// placeConverted moves every file of the conversion folder into the model and records it.
func (s *Store) placeConverted(ctx context.Context, j *job, out string) error {
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(out, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !d.Type().IsRegular() || !safePath(rel) {
			return fmt.Errorf("%w: %q", ErrUnsafePath, rel)
		}
		got, err := hashFile(ctx, path)
		if err != nil {
			return err
		}
		final := s.join(j.entry.ID, rel)
		if err := place(path, final); err != nil {
			return err
		}
		info, err := os.Stat(final)
		if err != nil {
			return err
		}
		j.lock.Files = append(j.lock.Files, lockFile(rel, info, got, OriginConvert, j.entry.Convert))
		return nil
	})
	if err != nil {
		return diskError(s.dir, fmt.Errorf("%w: %s: put files in place: %w", ErrConvert, j.entry.ID, err))
	}
	for _, o := range j.entry.Outputs {
		if j.lock.file(o) == nil {
			return fmt.Errorf("%w: %s: step %q made no %s", ErrConvert, j.entry.ID, j.entry.Convert, o)
		}
	}
	return nil
}
