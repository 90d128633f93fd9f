package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const (
	arrow       = "→ "
	longestLine = 1 << 20 // bytes
)

// line is one line of a script: an event, an effect, or words for readers.
type line struct {
	number int
	text   string // of an effect or comment
	effect bool
	event  turn.Event // nil for the others
	at     time.Duration
}

// FormatEvent writes an event as it stands in a script.
func FormatEvent(at time.Duration, e turn.Event) (string, error) {
	c := codec{out: []byte(Seconds(at))}
	for _, f := range forms() {
		if f.write(&c, e) {
			return string(c.out), nil
		}
	}
	return "", fmt.Errorf("%w: an event of type %T has no form", ErrScript, e)
}

// ParseEvent reads what FormatEvent wrote.
func ParseEvent(s string) (at time.Duration, e turn.Event, err error) {
	words, err := split(s)
	if err != nil {
		return 0, nil, err
	}
	if len(words) < 2 || words[0].key != "" || words[1].key != "" {
		return 0, nil, errors.New("a time and an event are expected")
	}
	if at, err = readSeconds(words[0].text); err != nil {
		return 0, nil, fmt.Errorf("%q: %w", words[0].text, err)
	}
	for _, f := range forms() {
		if f.verb != words[1].text {
			continue
		}
		c := codec{reading: true, words: words[2:]}
		e = f.read(&c)
		if c.problem == "" && len(c.words) > 0 {
			c.fail("%q is not expected", strings.TrimPrefix(c.words[0].key+"="+c.words[0].text, "="))
		}
		if c.problem != "" {
			return 0, nil, fmt.Errorf("%s: %s", f.verb, c.problem)
		}
		return at, e, nil
	}
	return 0, nil, fmt.Errorf("%q: no event is called so", words[1].text)
}

// scan reads a script line by line.
func scan(r io.Reader, each func(line) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), longestLine)
	number, begun := 0, false
	for lines.Scan() {
		number++
		l := line{number: number, text: strings.TrimRight(lines.Text(), "\r")}
		trimmed := strings.TrimSpace(l.text)
		effect, isEffect := strings.CutPrefix(trimmed, strings.TrimSpace(arrow))
		switch {
		case isEffect && !begun:
			return &LineError{number, "an effect without an event before it"}
		case isEffect:
			l.effect, l.text = true, strings.TrimSpace(effect)
		case trimmed == "" || trimmed[0] == '#':
		default:
			var err error
			if l.at, l.event, err = ParseEvent(trimmed); err != nil {
				return &LineError{number, err.Error()}
			}
			begun = true
		}
		if err := each(l); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &LineError{number + 1, fmt.Sprintf("longer than %d bytes", longestLine)}
	}
	return lines.Err()
}
