package remote

import (
	"bufio"
	"errors"
	"io"
)

// Limits of a stream.
const (
	maxEvent  = 1 << 20  // bytes of one line, and of the data of one event
	maxStream = 64 << 20 // bytes of a whole stream
)

// errEventSize and errStreamSize report a stream beyond its limits.
var (
	errEventSize  = errors.New("an event exceeds 1 MiB")
	errStreamSize = errors.New("the stream exceeds 64 MiB")
)

// Names of events; the empty one means messageEvent. llama.cpp writes errors in a field of that
// name.
const (
	messageEvent = "message"
	errorEvent   = "error"
)

// event is one server-sent event.
type event struct {
	name string // empty means message
	data []byte // valid until the next call
}

// eventReader reads server-sent events as the HTML standard defines them: lines end with LF, CR LF
// or CR, a line that begins with a colon is a comment, an empty line ends the event, data lines are
// joined by LF, an event without data is none.
type eventReader struct {
	in     *bufio.Reader
	line   []byte
	data   []byte
	read   int64
	skipLF bool // the last line ended with CR: an LF that follows belongs to it
	begun  bool // the first line, which may begin with a byte order mark, is behind
}

func newEventReader(r io.Reader) *eventReader { return &eventReader{in: bufio.NewReader(r)} }

// next returns the next event. io.EOF means that the stream ended between two events,
// io.ErrUnexpectedEOF that it ended inside one.
func (r *eventReader) next() (event, error) {
	var name string
	r.data = r.data[:0]
	lines, inside := 0, false
	for {
		err := r.readLine()
		if err != nil {
			if errors.Is(err, io.EOF) && (inside || len(r.line) > 0) {
				err = io.ErrUnexpectedEOF
			}
			return event{}, err
		}
		if len(r.line) == 0 {
			if lines > 0 {
				return event{name, r.data}, nil
			}
			name, inside = "", false
			continue
		}
		field, value := cut(r.line)
		inside = inside || field != ""
		switch field {
		case "data", errorEvent:
			if field == errorEvent {
				name = field
			}
			if lines++; lines > 1 {
				r.data = append(r.data, '\n')
			}
			if len(r.data)+len(value) > maxEvent {
				return event{}, errEventSize
			}
			r.data = append(r.data, value...)
		case "event":
			name = string(value)
		}
	}
}

// cut splits a line at its first colon and takes one space after it away. A comment has the empty
// field.
func cut(line []byte) (field string, value []byte) {
	for i, c := range line {
		if c != ':' {
			continue
		}
		value = line[i+1:]
		if len(value) > 0 && value[0] == ' ' {
			value = value[1:]
		}
		return string(line[:i]), value
	}
	return string(line), nil
}

// readLine reads one line into r.line, without its end. An unfinished last line is in r.line
// together with io.EOF.
func (r *eventReader) readLine() error {
	r.line = r.line[:0]
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return err
		}
		if r.read++; r.read > maxStream {
			return errStreamSize
		}
		skip := r.skipLF && c == '\n'
		r.skipLF = false
		switch {
		case skip:
			continue
		case c == '\n' || c == '\r':
			r.skipLF = c == '\r'
			r.mark()
			return nil
		case len(r.line) == maxEvent:
			return errEventSize
		}
		r.line = append(r.line, c)
	}
}

// mark takes a byte order mark away from the first line.
func (r *eventReader) mark() {
	if !r.begun && len(r.line) >= 3 && string(r.line[:3]) == "\xef\xbb\xbf" {
		r.line = append(r.line[:0], r.line[3:]...)
	}
	r.begun = true
}
