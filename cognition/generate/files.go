package generate

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Dir is a model folder on disk. Graphs are then loaded from their files, which weights kept beside
// a graph (external data) need and which saves a copy in memory; any other file system works too.
func Dir(folder string) fs.FS { return folderFS{FS: os.DirFS(folder), folder: folder} }

// folderFS is a file system whose files have a path.
type folderFS struct {
	fs.FS
	folder string
}

// readFile reads a small file; found is false where it does not exist.
func readFile(fsys fs.FS, name string) (data []byte, found bool, err error) {
	data, err = fs.ReadFile(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		return nil, false, &FileError{Kind: ErrFile, File: name, Err: err}
	}
	return data, true, nil
}

// readJSON reads a JSON file into v; found is false where it does not exist.
func readJSON(fsys fs.FS, name string, v any) (found bool, err error) {
	data, found, err := readFile(fsys, name)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) {
			return true, &FileError{Kind: ErrField, File: name, Field: te.Field, Detail: "a JSON " + te.Value + " where " + te.Type.String() + " belongs"}
		}
		return true, &FileError{Kind: ErrFile, File: name, Detail: "not valid JSON", Err: err}
	}
	return true, nil
}

// GraphSource finds a graph in onnx/ or beside the configuration, by its name without suffix and
// the suffix of its variant. Without a suffix the plain file is taken, or where there is none but a
// single variant of the graph, that: publishers may quantise each graph in its own way. It returns
// a [*FileError] where there is none.
func GraphSource(fsys fs.FS, name, variant string) (ort.Source, error) {
	file := name + variant + ".onnx"
	candidates := []string{path.Join("onnx", file), file}
	detail := "missing"
	if found, err := fs.Glob(fsys, "onnx/"+name+"_*.onnx"); err == nil && len(found) > 0 {
		detail = "missing; there is " + strings.Join(found, ", ")
		if variant == "" && len(found) == 1 {
			candidates = append(candidates, found[0])
		}
	}
	for _, candidate := range candidates {
		if _, err := fs.Stat(fsys, candidate); err != nil {
			continue
		}
		if dir, ok := fsys.(folderFS); ok {
			return ort.Source{Path: filepath.Join(dir.folder, filepath.FromSlash(candidate))}, nil
		}
		data, _, err := readFile(fsys, candidate)
		return ort.Source{Name: candidate, Bytes: data}, err
	}
	return ort.Source{}, &FileError{Kind: ErrFile, File: path.Join("onnx", file), Detail: detail}
}
