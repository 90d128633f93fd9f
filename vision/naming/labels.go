package naming

import (
	_ "embed"
	"fmt"
	"strings"
)

// labelsFile has a line for each class of ImageNet: its name, and the sort of things it belongs to,
// where that has a common name.
//
//go:embed labels.tsv
var labelsFile string

const classes = 1000

// labels are names and sorts by class.
type labels struct {
	names [classes]string
	sorts [classes]int // in sortNames; 0 for none
	all   []string     // sortNames; the first is empty
}

func newLabels() (*labels, error) {
	out := &labels{all: []string{""}}
	known := map[string]int{"": 0}
	n := 0
	for line := range strings.Lines(labelsFile) {
		name, sort, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if n == classes || name == "" {
			return nil, fmt.Errorf("%w: line %d of its labels", ErrModel, n+1)
		}
		at, ok := known[sort]
		if !ok {
			at = len(out.all)
			known[sort] = at
			out.all = append(out.all, sort)
		}
		out.names[n], out.sorts[n] = name, at
		n++
	}
	if n != classes {
		return nil, fmt.Errorf("%w: %d labels", ErrModel, n)
	}
	return out, nil
}
