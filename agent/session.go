package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

const (
	inboxSize    = 256
	voiceBitrate = 48000
)

// endings are the limits of a session's end.
type endings struct {
	finish time.Duration // for what is being said then: its transcript takes a second or two on two cores
	stop   time.Duration // for goroutines that were told to end
}

// Config says which room a persona joins, and as whom.
type Config struct {
	URL, APIKey, APISecret string
	// Token joins as it stands; without it the key pair mints one of kind AGENT.
	Token string
	Room  string
	// Identity and Name of the persona in the room.
	Identity, Name string
	// Limits bound what other participants can send; zero fields mean limits.Default.
	Limits limits.Limits
	// VoiceOnly joins although the token gives no right to send data: the persona speaks, and writes neither transcripts nor chat. Without it
	// such a token is refused.
	VoiceOnly bool
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
	if err := c.Limits.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// Session is one persona in one room. Its methods are safe from any goroutine.
type Session struct {
	cfg     Config
	models  *engine.Models
	log     *slog.Logger
	holder  engine.Holder // of everything that the session does
	room    *lk.Connection
	senses  *senses.Senses
	replies *reply.Replies
	coder   *codec.OpusEncoder
	player  *playout.Player
	line    line

	inbox    chan message
	leave    chan struct{}   // closed when Close begins
	life     context.Context //nolint:containedctx // the session's own lifetime; the loop ends it
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // loop, tracks, turns
	endings  endings
	once     sync.Once
	failure  error
	speaking atomic.Int32        // participants that speak now: sampling looks at it
	ready    atomic.Bool         // see Ready
	kept     *engine.PromptCache // of the persona's answers; nil where nothing is kept
	counts   atomic.Pointer[QuestionStats]
}

// Join enters the room, publishes the voice and starts listening. ctx bounds joining only. The models must stay open until the session
// is closed. A token without a right that a persona needs is refused before anything else: a *StageError around a *GrantError.
func Join(ctx context.Context, models *engine.Models, cfg Config) (*Session, error) {
	begin := time.Now()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	room, err := lk.Join(ctx, lk.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Token: cfg.Token, Room: cfg.Room,
		Identity: cfg.Identity, Name: cfg.Name, Agent: true, Logger: cfg.Logger, Limits: cfg.Limits,
		Attributes: map[string]string{lk.AttrState: lk.StateInitializing},
		Topics:     []string{lk.TopicChat},
	})
	if err != nil {
		return nil, err
	}
	rights := standing{Up: true, Rights: room.Permissions(), VoiceOnly: cfg.VoiceOnly}
	if missing := rights.Missing(); len(missing) > 0 {
		return nil, errors.Join(&StageError{Stage: StageRoom, Err: &GrantError{Missing: missing}}, room.Close())
	}
	s := &Session{
		cfg: cfg, models: models, room: room, holder: engine.Holder{Room: room.Name(), Persona: room.Identity()},
		inbox: make(chan message, inboxSize), leave: make(chan struct{}),
		endings: endings{finish: 5 * time.Second, stop: 5 * time.Second}, kept: models.NewPromptCache(),
	}
	s.log = cfg.Logger.With("room", s.holder.Room, "persona", s.holder.Persona)
	if err := s.publish(ctx); err != nil {
		return nil, errors.Join(err, room.Close(), s.kept.Close())
	}
	s.life, s.cancel = context.WithCancelCause(context.Background())
	s.senses = senses.New(s.life, senses.Deps{
		Models: models, Holder: s.holder, Speaking: func() bool { return s.speaking.Load() > 0 }, KeepFrames: cfg.KeepFrames, Log: s.log,
		Sink: s.perceive,
	})
	s.replies = reply.New(s.life, reply.Deps{
		Mind: models, Voice: models.Voice(s.holder), Player: s.player, Holder: s.holder, Kept: s.kept, Heard: s.line.audible, Sink: s.report, Log: s.log,
	})
	s.work.Go(func() { newLoop(s, rights).run(begin) })
	return s, nil
}

func (s *Session) publish(ctx context.Context) error {
	coder, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: voiceBitrate, FEC: true, ExpectedLossPercent: 10})
	if err != nil {
		return &StageError{Stage: StageVoice, Err: err}
	}
	voice, err := s.room.PublishVoice("voice")
	if err != nil {
		return errors.Join(&StageError{Stage: StageVoice, Err: err}, coder.Close())
	}
	bound(ctx, voice)
	s.coder = coder
	s.line.track.Store(voice)
	s.player = playout.New(coder, &s.line)
	return nil
}

// Ask puts a question to the persona as if it had been typed in the room's chat by who.
func (s *Session) Ask(ctx context.Context, who, text string) error {
	select {
	case <-s.leave:
		return ErrClosed
	case <-s.life.Done():
		return ErrClosed
	default:
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

// Ready tells whether the persona can do its work now: it is connected, has the rights that it needs, and its voice is published.
func (s *Session) Ready() bool { return s.ready.Load() }

// Limits returns what was refused of other participants so far, and what became of questions.
func (s *Session) Limits() LimitStats {
	out := LimitStats{Room: s.room.Stats(), UnheardPackets: s.line.unheard.Load()}
	if q := s.counts.Load(); q != nil {
		out.Questions = *q
	}
	return out
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

// Close has what is being said by others finalised and kept, within 5 s, leaves the room, and waits until every goroutine, decoder
// and buffer of the session is gone. It is idempotent and returns what went wrong while closing: ErrCloseLimit where something did
// not end within 20 s.
func (s *Session) Close() error {
	s.once.Do(func() {
		close(s.leave)
		if !within(s.endings.finish+s.endings.stop, s.life.Done()) {
			s.cancel(ErrClosed) // the loop is stuck
		}
		leave := s.room.Close()
		ended := make(chan struct{})
		go func() {
			s.work.Wait()
			s.senses.Wait()
			s.replies.Wait()
			close(ended)
		}()
		if !within(s.endings.stop, ended) { // what still runs uses the rest, which stays open
			s.failure = errors.Join(leave, fmt.Errorf("%w: tracks or answers of room %q still run", ErrCloseLimit, s.holder.Room))
			return
		}
		s.failure = errors.Join(leave, s.player.Close(), s.coder.Close(), s.kept.Close())
	})
	return s.failure
}

// within waits for a channel to be closed, and tells whether it was in time.
func within(limit time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// post hands a message to the loop; it waits while the inbox is full and gives up when the session ends.
func (s *Session) post(m message) { s.hand(s.life, m, true) }

// perceive hands what the senses report to the loop; an interim transcript does not wait.
func (s *Session) perceive(ctx context.Context, p senses.Percept) bool {
	heard, _ := p.(senses.Heard)
	_, interim := heard.Event.(hearing.Interim)
	return s.hand(ctx, perceived{p}, !interim)
}

// report hands what replies report to the loop; what the player's goroutine says does not wait.
func (s *Session) report(ctx context.Context, r reply.Report) bool {
	switch r.(type) {
	case reply.Audible, reply.Unheard:
		return s.hand(ctx, replied{r}, false)
	}
	return s.hand(ctx, replied{r}, true)
}

// hand hands a message to the loop and tells whether it was taken. It waits while the inbox is full, if it is to, until ctx or the session
// ends.
func (s *Session) hand(ctx context.Context, m message, wait bool) bool {
	select {
	case s.inbox <- m:
		return true
	default:
	}
	if !wait {
		return false
	}
	select {
	case s.inbox <- m:
		return true
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return false
}
