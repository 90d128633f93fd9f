package convert

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// Progress is called on the converting goroutine with the bytes written so far and the bytes to
// write in all. A nil Progress is allowed. It is called at most once per written chunk (1 MiB), and
// once at the end with done equal to total.
type Progress func(done, total int64)

// chunk is the write buffer in bytes, and thereby the distance of progress calls and cancellation
// checks.
const chunk = 1 << 20

// output is a set of files that appear together.
type output struct {
	files []outputFile
}

type outputFile struct {
	name  string
	size  int64
	write func(w io.Writer) error
}

// convertFile writes into outDir what layOut makes of the weight file at path. Errors name the
// path.
func convertFile[F any](ctx context.Context, path, outDir string, progress Progress,
	read func(r io.ReaderAt, size int64) (F, error), layOut func(F, weightFile) (*output, error),
) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // read only
	info, err := file.Stat()
	if err != nil {
		return err
	}
	content, err := read(file, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	out, err := layOut(content, weightFile{file})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return out.commit(ctx, outDir, progress)
}

// graphFile is an ONNX file and what builds it.
type graphFile struct {
	name  string
	build func() (*onnx.Model, error)
}

// graphFiles adds ONNX files.
func (o *output) graphFiles(graphs []graphFile) error {
	for _, g := range graphs {
		model, err := g.build()
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		if err := o.model(g.name, model); err != nil {
			return err
		}
	}
	return nil
}

// jsonFile is a JSON file and what it says.
type jsonFile struct {
	name string
	body any
}

// jsonFiles adds JSON files.
func (o *output) jsonFiles(all []jsonFile) error {
	for _, d := range all {
		if err := o.json(d.name, d.body); err != nil {
			return err
		}
	}
	return nil
}

// model adds an ONNX file.
func (o *output) model(name string, m *onnx.Model) error {
	size, err := m.Size()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.files = append(o.files, outputFile{name: name, size: size, write: func(w io.Writer) error {
		_, err := m.WriteTo(w)
		return err
	}})
	return nil
}

// json adds an indented JSON file.
func (o *output) json(name string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.text(name, append(body, '\n'))
	return nil
}

// text adds a file with the given content.
func (o *output) text(name string, body []byte) {
	o.files = append(o.files, outputFile{name: name, size: int64(len(body)), write: func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}})
}

// commit writes all files to a temporary folder beside dir, then moves them into dir, creating it
// when needed. Files of dir that are not part of the output are left alone.
func (o *output) commit(ctx context.Context, dir string, progress Progress) (err error) {
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	meter := &meter{ctx: ctx, progress: progress}
	for _, f := range o.files {
		meter.total += f.size
	}
	for _, f := range o.files {
		if err := f.save(filepath.Join(temp, filepath.FromSlash(f.name)), meter); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for _, f := range o.files {
		name := filepath.FromSlash(f.name)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(temp, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// save writes one file and syncs it, so that a rename never makes an incomplete file visible.
func (f *outputFile) save(path string, m *meter) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	m.w = file
	buffered := bufio.NewWriterSize(m, chunk)
	if err := f.write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Sync()
}

// meter passes bytes on, reports progress and stops when the context ends.
type meter struct {
	ctx         context.Context //nolint:containedctx // lives for one commit, inside a Writer
	progress    Progress
	w           io.Writer
	done, total int64
}

func (m *meter) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		if err := m.ctx.Err(); err != nil {
			return written, err
		}
		n, err := m.w.Write(b[:min(len(b), chunk)])
		written += n
		m.done += int64(n)
		if err != nil {
			return written, err
		}
		if m.progress != nil {
			m.progress(m.done, m.total)
		}
		b = b[n:]
	}
	return written, nil
}
