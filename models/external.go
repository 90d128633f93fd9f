package models

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// lacksWeights lists the files of weights that the graphs of a folder name and that are not among
// its files. Only graphs that the family's runner opens are looked at: a folder may have others
// that nobody fetched whole.
func (e *Entry) lacksWeights(files []File) ([]string, error) {
	have := paths(files)
	var missing []string
	for _, n := range e.needs() {
		i := n.first(have)
		if i < 0 || path.Ext(files[i].Path) != ".onnx" || len(files[i].Sources) == 0 {
			continue
		}
		f, err := os.Open(files[i].Sources[0].File)
		if err != nil {
			return nil, fmt.Errorf("look at the folder: %w", err)
		}
		graph, err := onnx.Scan(f)
		_ = f.Close()
		if errors.Is(err, onnx.ErrCorrupt) {
			continue // what it is shows when the runtime loads it
		}
		if err != nil {
			return nil, fmt.Errorf("look at the folder: %s: %w", files[i].Path, err)
		}
		for _, name := range graph.External {
			if !slices.Contains(have, path.Join(path.Dir(files[i].Path), name)) {
				missing = append(missing, fmt.Sprintf("%s (weights of %s)", name, files[i].Path))
			}
		}
	}
	return missing, nil
}
