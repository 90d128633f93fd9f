package gpu

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// ReadManifest reads the list of a packed folder. Errors: ErrManifest.
func ReadManifest(dir string) (Manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return ParseManifest(data)
}

// ParseManifest reads the text of a list. Errors: ErrManifest.
func ParseManifest(data []byte) (Manifest, error) {
	var m Manifest
	read := json.NewDecoder(bytes.NewReader(data))
	read.DisallowUnknownFields()
	if err := read.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Version != manifestVersion {
		return Manifest{}, fmt.Errorf("%w: version %d, this program reads %d", ErrManifest, m.Version, manifestVersion)
	}
	seen := map[string]bool{}
	for _, p := range m.all() {
		if p.Name == "" || p.Name != filepath.Base(p.Name) || !filepath.IsLocal(p.Name) || p.Bytes < 0 || seen[p.Name] {
			return Manifest{}, fmt.Errorf("%w: a part called %q of %d bytes", ErrManifest, p.Name, p.Bytes)
		}
		seen[p.Name] = true
	}
	for _, b := range m.Bundles {
		if b.Bytes < 0 {
			return Manifest{}, fmt.Errorf("%w: %s has %d bytes", ErrManifest, b.Name, b.Bytes)
		}
	}
	return m, nil
}

// all lists every file that the list names.
func (m *Manifest) all() []Part {
	list := slices.Clone(m.Alone)
	for _, b := range m.Bundles {
		list = append(list, b.Parts...)
	}
	return list
}

// Verify reads every part and compares it with the list. Errors: *PartError for the first that does
// not fit, those of the file system.
func (m *Manifest) Verify(ctx context.Context, dir string) error {
	for _, want := range m.all() {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := sumFile(filepath.Join(dir, want.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return &PartError{want.Name, PartMissing}
		case err != nil:
			return err
		case got.Bytes != want.Bytes:
			return &PartError{want.Name, PartSize}
		case got.SHA256 != want.SHA256:
			return &PartError{want.Name, PartBroken}
		}
	}
	return nil
}

// Join verifies the parts of a folder, puts them together and unpacks them into another folder,
// which must exist. Errors: ErrManifest, *PartError, ErrArchive, those of the file system.
func Join(ctx context.Context, dir, into string) (Manifest, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return m, err
	}
	if err := m.Verify(ctx, dir); err != nil {
		return m, err
	}
	root, err := os.OpenRoot(into)
	if err != nil {
		return m, err
	}
	defer root.Close() //nolint:errcheck // a directory
	for _, b := range m.Bundles {
		if err := unpack(ctx, dir, root, b); err != nil {
			return m, fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	return m, nil
}

// chain reads one part after the other.
type chain struct {
	dir   string
	parts []Part
	file  *os.File
}

// Read implements io.Reader.
func (c *chain) Read(p []byte) (int, error) {
	for {
		if c.file == nil {
			if len(c.parts) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(filepath.Join(c.dir, c.parts[0].Name))
			if err != nil {
				return 0, err
			}
			c.file, c.parts = f, c.parts[1:]
		}
		n, err := c.file.Read(p)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := c.Close(); err != nil {
			return 0, err
		}
	}
}

// Close closes the part that is being read.
func (c *chain) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}

// unpack writes the files of a bundle below a folder: no more bytes than the list says, and nothing
// but files.
func unpack(ctx context.Context, dir string, root *os.Root, b Bundle) (err error) {
	in := &chain{dir: dir, parts: b.Parts}
	defer func() { err = errors.Join(err, in.Close()) }()
	zip, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	archive, left := tar.NewReader(zip), b.Bytes
	for {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && left == 0:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: %d bytes less than packed", ErrArchive, left)
		case err != nil:
			return fmt.Errorf("%w: %w", ErrArchive, err)
		case header.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(header.Name)):
			return fmt.Errorf("%w: %q is no file below it", ErrArchive, header.Name)
		case header.Size > left:
			return fmt.Errorf("%w: more than the %d bytes packed", ErrArchive, b.Bytes)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := extract(root, header, archive); err != nil {
			return err
		}
		left -= header.Size
	}
}

// extract writes one file, with its mode and time: a models folder knows its files by them.
func extract(root *os.Root, header *tar.Header, from io.Reader) error {
	name := filepath.FromSlash(path.Clean(header.Name))
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, header.FileInfo().Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, from); err != nil {
		return errors.Join(fmt.Errorf("%w: %s: %w", ErrArchive, header.Name, err), f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return root.Chtimes(name, header.ModTime, header.ModTime)
}
