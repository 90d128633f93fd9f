package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/tts"
)

const (
	inboxSize    = 256
	voiceBitrate = 48000
)

// Config says which room a persona joins, and as whom.
type Config struct {
	URL, APIKey, APISecret string
	// Token joins as it stands; without it the key pair mints one of kind AGENT.
	Token string
	Room  string
	// Identity and Name of the persona in the room.
	Identity, Name string
	// KeepFrames puts the frame into every Saw event.
	KeepFrames bool
	// Transcripts keeps what is said; nil keeps nothing. It must stay open until the session is closed.
	Transcripts *Transcripts
	// Observe is called for every Event, by the session's goroutine: it must not block. Nil observes nothing.
	Observe func(Event)
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
		c.Observe = func(Event) {}
	}
	if c.URL == "" || c.Room == "" && c.Token == "" {
		return fmt.Errorf("%w: url and room", ErrConfig)
	}
	return nil
}

// Session is one persona in one room. Its methods are safe from any goroutine.
type Session struct {
	cfg     Config
	engine  *Engine
	log     *slog.Logger
	holder  holder // of everything that the session does
	room    *lkroom.Room
	voice   *lkroom.VoiceTrack
	speaker tts.Voice
	coder   *codec.OpusEncoder
	player  *playout.Player

	inbox    chan message
	life     context.Context //nolint:containedctx // the session's own lifetime, ended by Close
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // loop, tracks, turns
	ended    chan struct{}
	finish   sync.Once
	failure  error
	speaking atomic.Int32  // participants that speak now: sampling looks at it
	memory   *memory       // of the persona's answers; nil where nothing is kept
	replies  compute.Fence // every clause of an answer passes it
}

// Join enters the room, publishes the voice and starts listening. ctx bounds joining only. The engine must stay open until the session
// is closed.
func Join(ctx context.Context, engine *Engine, cfg Config) (*Session, error) {
	begin := time.Now()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	room, err := lkroom.Join(ctx, lkroom.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Token: cfg.Token, Room: cfg.Room,
		Identity: cfg.Identity, Name: cfg.Name, Agent: true, Logger: cfg.Logger,
		Attributes: map[string]string{lkroom.AttrState: lkroom.StateInitializing},
		Topics:     []string{lkroom.TopicChat},
	})
	if err != nil {
		return nil, err
	}
	s := &Session{
		cfg: cfg, engine: engine, room: room, holder: holder{room: room.Name(), persona: room.Identity()},
		inbox: make(chan message, inboxSize), ended: make(chan struct{}), memory: engine.mind.remember(),
	}
	s.log = cfg.Logger.With("room", s.holder.room, "persona", s.holder.persona)
	s.speaker = engine.speaker(s.holder)
	if err := s.publish(); err != nil {
		return nil, errors.Join(err, room.Close())
	}
	s.life, s.cancel = context.WithCancelCause(context.Background())
	s.work.Go(func() { newLoop(s).run(begin) })
	return s, nil
}

func (s *Session) publish() error {
	coder, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: voiceBitrate, FEC: true, ExpectedLossPercent: 10})
	if err != nil {
		return &StageError{Stage: StageVoice, Err: err}
	}
	voice, err := s.room.PublishVoice("voice")
	if err != nil {
		return errors.Join(&StageError{Stage: StageVoice, Err: err}, coder.Close())
	}
	s.coder, s.voice = coder, voice
	s.player = playout.New(coder, voice)
	return nil
}

// Ask puts a question to the persona as if it had been typed in the room's chat by who.
func (s *Session) Ask(ctx context.Context, who, text string) error {
	if s.life.Err() != nil {
		return ErrClosed
	}
	select {
	case s.inbox <- typed{who: who, text: text}:
		return nil
	case <-s.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Done is closed when the session has ended by itself or by Close.
func (s *Session) Done() <-chan struct{} { return s.life.Done() }

// Err says why the session ended: nil before that and after Close.
func (s *Session) Err() error {
	if s.life.Err() == nil {
		return nil
	}
	if err := context.Cause(s.life); !errors.Is(err, ErrClosed) {
		return err
	}
	return nil
}

// Close leaves the room and waits until every goroutine, decoder and buffer of the session is gone. It is idempotent and
// returns what went wrong while closing.
func (s *Session) Close() error {
	s.finish.Do(func() {
		s.cancel(ErrClosed)
		leave := s.room.Close()
		s.work.Wait()
		s.failure = errors.Join(leave, s.player.Close(), s.coder.Close(), s.memory.close())
	})
	return s.failure
}

// post hands a message to the loop; it waits while the inbox is full and gives up when the session ends.
func (s *Session) post(m message) {
	select {
	case s.inbox <- m:
	case <-s.life.Done():
	}
}
