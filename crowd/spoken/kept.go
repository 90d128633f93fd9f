package spoken

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// longestKept bounds a file of what was heard, in bytes: a hundred thousand lines.
const longestKept = 64 << 20

// key names what was said.
type key struct{ voice, said string }

// readKept reads what was heard before, one JSON object a line. A line that is not whole, as a run
// that was killed leaves it, is heard again; a file that begins with something else is none.
func readKept(file io.ReadWriter) (map[key]Heard, error) {
	out := map[key]Heard{}
	if file == nil {
		return out, nil
	}
	all, err := io.ReadAll(io.LimitReader(file, longestKept+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrKept, err)
	case len(all) > longestKept:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKept, longestKept)
	}
	for line := range bytes.Lines(all) {
		var h Heard
		if err := json.Unmarshal(line, &h); err == nil && h.Voice != "" && h.Said != "" && h.Texts != nil {
			out[key{h.Voice, h.Said}] = h
		} else if len(out) == 0 {
			return nil, fmt.Errorf("%w: it does not begin with what was heard", ErrKept)
		}
	}
	if len(all) > 0 && all[len(all)-1] != '\n' {
		_, err = file.Write([]byte{'\n'})
	}
	return out, err
}

// keep writes what was heard.
func keep(to io.Writer, h Heard) error {
	if to == nil {
		return nil
	}
	line, err := json.Marshal(h)
	if err == nil {
		_, err = to.Write(append(line, '\n'))
	}
	return err
}
