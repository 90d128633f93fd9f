package room

import (
	"fmt"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Config says which room a persona joins, and as whom.
type Config struct {
	URL, APIKey, APISecret string
	// Token joins as it stands; without it the key pair mints one of kind AGENT.
	Token string
	Room  string
	// Identity and Name of the persona in the room.
	Identity, Name string
	// Prompt is what the persona is told to be; a model that takes no instructions refuses it.
	// Greeting is said once, when the first human is there. Aliases are other names that it answers
	// to. History is what it knows of what was said before.
	Prompt, Greeting string
	Aliases          []string
	History          persona.History
	// Mode decides what the persona answers that is addressed to nobody by name; empty is
	// turn.ModeFront: everything.
	Mode turn.Mode
	// Limits bound what other participants can send; zero fields mean limits.Default.
	Limits limits.Limits
	// VoiceOnly joins although the token gives no right to send data: the persona speaks, and
	// writes neither transcripts nor chat. Without it such a token is refused.
	VoiceOnly bool
	// KeepFrames puts the frame into every Saw event.
	KeepFrames bool
	// Transcripts keeps what is said; nil keeps nothing. It must stay open until the room is
	// closed.
	Transcripts *Transcripts
	// Observe is called for every Event, by the room's goroutine: it must not block. Nil observes
	// nothing.
	Observe func(Origin, Event)
	Logger  *slog.Logger
}

func (c *Config) validate() error {
	if c.Identity == "" {
		c.Identity = "persona"
	}
	if c.Name == "" {
		c.Name = c.Identity
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(Origin, Event) {}
	}
	if c.URL == "" || c.Room == "" && c.Token == "" {
		return fmt.Errorf("%w: url and room", ErrConfig)
	}
	if err := c.Limits.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}
