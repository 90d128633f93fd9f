package floor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/media"
)

// lostInARow is how many turns may not come to an end before the measurement ends.
const lostInARow = 3

// Config says what is measured.
type Config struct {
	// Open opens canned models; detector and files are its business. They are closed here.
	Open func(ctx context.Context, cfg engine.CannedConfig) (*engine.Models, error)
	// Turns and Personas are how many; two personas at least, [MaxPersonas] at most.
	Turns, Personas int
	// Progress, if set, is told how far it is.
	Progress func(text string)
	Logger   *slog.Logger
}

func (c *Config) validate() error {
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Open == nil:
		return fmt.Errorf("%w: nothing opens models", ErrConfig)
	case c.Turns < 1:
		return fmt.Errorf("%w: %d turns; 1 or more", ErrConfig, c.Turns)
	case c.Personas < 2 || c.Personas > MaxPersonas:
		return fmt.Errorf("%w: %d personas; 2 to %d", ErrConfig, c.Personas, MaxPersonas)
	}
	return nil
}

// Run measures. It returns when everything that it started has ended. Errors: ErrConfig, ErrStuck,
// and those of the server, the models and the room.
func Run(ctx context.Context, cfg Config) (out *Result, err error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := newStage(&cfg)
	defer func() { err = errors.Join(append([]error{err}, s.close()...)...) }()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	begin := time.Now()
	turns, err := s.converse(ctx)
	if err != nil {
		return nil, err
	}
	took := time.Since(begin)
	if err := media.Sleep(ctx, arrives); err != nil {
		return nil, err
	}
	frames, problems := s.watch.heard()
	out = Score(cfg.Personas, turns, frames, clause, clauses)
	out.Seconds, out.Problems = took.Seconds(), problems
	return out, nil
}

// converse holds the turns.
func (s *stage) converse(ctx context.Context) ([]Turn, error) {
	script := Script(s.cfg.Turns, s.cfg.Personas)
	turns, lost := make([]Turn, 0, len(script)), 0
	for _, step := range script {
		t, err := s.take(ctx, step)
		if err != nil {
			return nil, fmt.Errorf("turn %d: %w", step.Number, err)
		}
		turns = append(turns, t)
		s.cfg.Progress(fmt.Sprintf("turn %d of %d: %s, %.1f s", step.Number, len(script), step.Kind, t.Over.Sub(t.Began).Seconds()))
		if lost++; !t.Lost {
			lost = 0
		}
		if lost == lostInARow {
			return nil, fmt.Errorf("%w: turn %d and those before it", ErrStuck, step.Number)
		}
	}
	return turns, nil
}
