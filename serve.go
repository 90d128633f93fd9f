package sensory

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/lines"
)

type (
	// Persona is a definition: its name, what it must be able to do, its voice, what it is told to
	// be. Zero fields leave it to the profile.
	Persona = persona.Persona
	// Room is a room and who sits in it.
	Room = persona.Room
	// Set is personas and their rooms.
	Set = persona.Set
	// Event is one thing that happened, as the command prints it with --json: Event says what
	// (heard, saw, said, turn, silent, problem, …; docs/operating.md), Who and Room of whom and
	// where.
	Event = lines.Line
)

// Server says where rooms are, and who wants to know what happens in them.
type Server struct {
	// URL is that of the LiveKit server; the key pair mints a token for each connection.
	URL, APIKey, APISecret string
	// Token, if set, is what Join joins with; it says room and identity.
	Token string
	// Observe, if set, is told every event, by goroutines of the rooms: it must not block.
	Observe func(Event)
}

// Keep opens the file that keeps what is said from here on, and what personas remember. The
// machine's Close closes it. It is called before Join, Serve and Hosting, by the goroutine that
// does so, and once. Errors: ErrConfig for a second call; those of room.OpenTranscripts.
func (m *Machine) Keep(ctx context.Context, cfg room.TranscriptConfig) (*room.Transcripts, error) {
	if m.kept != nil {
		return nil, wrong("a machine keeps what is said in one place")
	}
	var err error
	m.kept, err = room.OpenTranscripts(ctx, m.engine, cfg)
	return m.kept, err
}

// Serve seats the personas of set in their rooms and stays until ctx ends, which is no error. A
// persona that cannot be seated is an Event ("seat", with Error) and keeps nobody else away.
// Errors: ErrConfig, where the set or the settings are wrong.
func (m *Machine) Serve(ctx context.Context, at Server, set Set) (err error) {
	host, err := m.Hosting(at, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	if err := host.Apply(set); err != nil {
		return &configError{err}
	}
	<-ctx.Done()
	return nil
}

// Join loads one persona and keeps it in one room until ctx ends, which is no error. The server
// closes a room some time after its last human has left; the persona then opens it again. Every
// other end is an error: *agent.NotJoinedError where the room was not entered, those of Load, of
// the connection, and of the room's work.
func (m *Machine) Join(ctx context.Context, at Server, in string, p Persona) (err error) {
	cfg, err := m.attends(at)
	if err != nil {
		return err
	}
	cfg.Room = in
	loaded, _, err := m.Load(ctx, p, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, loaded.Close()) }()
	who := agent.Seating(&p)
	who.Token = at.Token
	return agent.Stay(ctx, loaded, cfg, who, agent.Watch{At: func(string) {}, In: func(*room.Room) {}})
}

// attends is how rooms are attended there.
func (m *Machine) attends(at Server) (cfg room.Config, err error) {
	cfg = room.Config{URL: at.URL, APIKey: at.APIKey, APISecret: at.APISecret, Logger: m.cfg.Logger, Transcripts: m.kept}
	if see := at.Observe; see != nil {
		cfg.Observe = func(o room.Origin, e room.Event) {
			if l, ok := lines.OfAgent(o.Persona, e); ok {
				l.Room = o.Room
				see(l)
			}
		}
	}
	if only := m.cfg.Settings.Text("ice.transport", "all"); only != "all" {
		cfg.Transport = lk.Transport(only)
	}
	if cfg.Limits, err = m.cfg.Settings.Limits(); err != nil {
		return cfg, &configError{err}
	}
	return cfg, nil
}

// Hosting is a host of rooms on this machine, still empty: it seats personas (Apply, Spawn), and
// answers what is asked of their rooms. change, if set, changes how rooms are attended. The caller
// closes it, before the machine. Errors: ErrConfig.
func (m *Machine) Hosting(at Server, change func(*agent.HostConfig)) (*agent.Host, error) {
	see := at.Observe
	if see == nil {
		see = func(Event) {}
	}
	in, err := m.attends(at)
	if err != nil {
		return nil, err
	}
	cfg := agent.HostConfig{
		Report: func(s agent.SeatStatus) { see(lines.OfSeat(s)) },
		Room:   in,
		Open: func(ctx context.Context, p Persona) (*engine.Models, error) {
			models, res, err := m.Load(ctx, p, nil)
			if err == nil {
				see(Event{At: time.Now(), Event: "ready", Who: p.Name, Detail: res.Reason})
			}
			return models, err
		},
	}
	if change != nil {
		change(&cfg)
	}
	return agent.NewHost(cfg)
}
