package room

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// tape writes what happens in a room, and what the table decides, as a script that can be replayed.
// It belongs to the actor; a nil one writes nothing.
type tape struct {
	out    io.WriteCloser
	script *script.Recorder
	broken bool // nothing is written any more
}

// newTape begins the script of a room; nil where none is wanted.
func newTape(cfg *Config) (*tape, error) {
	if cfg.Record == nil {
		return nil, nil // nobody wants one
	}
	out, err := cfg.Record(cfg.Room)
	if err != nil {
		return nil, fmt.Errorf("record the room: %w", err)
	}
	rec, err := script.NewRecorder(out, *cfg.Policy)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record the room: %w", err), out.Close())
	}
	return &tape{out: out, script: rec}, nil
}

// record writes one step. The first error is returned; nothing is written after it.
func (t *tape) record(at time.Duration, e turn.Event, effects []turn.Effect) error {
	if t == nil || t.broken {
		return nil
	}
	if err := t.script.Record(at, e, effects); err != nil {
		t.broken = true
		return fmt.Errorf("the recording ends here: %w", err)
	}
	return nil
}

func (t *tape) close() error {
	if t == nil {
		return nil
	}
	return t.out.Close()
}
