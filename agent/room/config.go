package room

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Config says which room is attended, and how.
type Config struct {
	URL, APIKey, APISecret string
	Room                   string
	// Policy says how the conversation goes; nil is turn.Default with everything answered.
	Policy *turn.Policy
	// Shared says that several personas will sit here: a hidden connection listens for all of them
	// from the start, and not the first one's until the second one comes. It needs the key pair.
	Shared bool
	// Transport says what media may go through.
	Transport lk.Transport
	// Limits bound what other participants can send; zero fields mean limits.Default.
	Limits limits.Limits
	// KeepFrames puts the frame into every Saw event.
	KeepFrames bool
	// KeepSights keeps the newest pictures that models were given, and those of the latest answers,
	// for people: see Room.Sight.
	KeepSights bool
	// Frames count the pictures of everybody's tracks, of all rooms that are given the same ones;
	// nil counts them for nobody.
	Frames *senses.Frames
	// Transcripts keeps what is said; nil keeps nothing. It must stay open until the room is
	// closed.
	Transcripts *Transcripts
	// Record opens what the conversation of a room is written to, as a script that can be replayed
	// (package script); nil records nothing. Its writes must not wait. It is closed with the room.
	Record func(room string) (io.WriteCloser, error)
	// Steps is told every step of the room's table, by the room's goroutine: it must not block. Nil
	// tells nobody. The first step is the policy that the room begins with.
	Steps func(room string, s Step)
	// Observe is called for every Event, by the room's goroutine: it must not block. Nil observes
	// nothing.
	Observe func(Origin, Event)
	Logger  *slog.Logger
}

// Persona says who takes a seat.
type Persona struct {
	// Identity in the room, and the Name that people use; "persona" and the identity where they are
	// empty.
	Identity, Name string
	// Token joins as it stands; without it the key pair mints one of kind AGENT.
	Token string
	// Prompt is what the persona is told to be; a model that takes no instructions refuses it.
	// Greeting is said once, when the first human is there. Aliases are other names that it answers
	// to, Specialty words for what it knows about. History is what it knows of what was said
	// before.
	Prompt, Greeting   string
	Aliases, Specialty []string
	History            persona.History
	// Remember says what it remembers beyond this conversation; empty is memory.Never. It needs
	// Config.Transcripts.
	Remember memory.Mode
	// Idle is what it says where nobody has said anything for a while; the zero value is what the
	// policy has.
	Idle turn.Idle
	// Lane is where its replies are generated, as the policy's lanes name it; empty is its model's
	// provider, which is empty for here.
	Lane string
	// VoiceOnly joins although the token gives no right to send data: the persona speaks, and
	// writes neither transcripts nor chat. Without it such a token is refused.
	VoiceOnly bool
	// Muted has it come silent: see Seat.Mute. Attributes are shown of it from the start, beside
	// its state.
	Muted      bool
	Attributes map[string]string
	// Sent is the SID of the room that it was sent to: in another one of the same name it stays
	// only while a human is there, and leaves after 20 s otherwise (ErrOtherRoom). Empty takes any.
	Sent string
}

func (c *Config) validate() error {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(Origin, Event) {}
	}
	if c.Policy == nil {
		p := turn.Default()
		p.Mode = turn.ModeFront
		c.Policy = &p
	}
	if c.URL == "" {
		return fmt.Errorf("%w: url", ErrConfig)
	}
	if err := c.Limits.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

func (p *Persona) validate(c *Config) error {
	if p.Identity == "" {
		p.Identity = "persona"
	}
	if p.Name == "" {
		p.Name = p.Identity
	}
	if c.Room == "" && p.Token == "" {
		return fmt.Errorf("%w: room", ErrConfig)
	}
	return nil
}

// names are what the persona answers to besides its identity.
func (p *Persona) names() []string {
	if p.Name == p.Identity {
		return p.Aliases
	}
	return append([]string{p.Name}, p.Aliases...)
}
