package room

import (
	"context"
	"errors"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

const voiceBitrate = 48000

// Seat is a persona in a room: its connection, its voice, and its replies. It belongs to the room's
// actor, but for its line, which the player uses too.
type Seat struct {
	log     *slog.Logger
	holder  engine.Holder // of everything that the persona does
	conn    *lk.Connection
	coder   *codec.OpusEncoder
	player  *playout.Player
	line    line
	kept    *engine.PromptCache // of the persona's answers; nil where nothing is kept
	talk    *conversation       // nil where every question stands alone
	replies *reply.Replies

	// What it can do; the table knows the same, and says what follows.
	up, voice bool // connected; its voice is published
	allowed   lk.Permissions
}

// take joins the room and publishes the persona's voice.
func take(ctx context.Context, r *Room) (*Seat, error) {
	cfg := &r.cfg
	conn, err := lk.Join(ctx, lk.Config{
		URL: cfg.URL, APIKey: cfg.APIKey, APISecret: cfg.APISecret, Token: cfg.Token, Room: cfg.Room,
		Identity: cfg.Identity, Name: cfg.Name, Agent: true, Logger: cfg.Logger, Limits: cfg.Limits,
		Attributes: map[string]string{lk.AttrState: lk.StateInitializing},
		Topics:     []string{lk.TopicChat},
	})
	if err != nil {
		return nil, err
	}
	s := &Seat{conn: conn, holder: engine.Holder{Room: conn.Name(), Persona: conn.Identity()}, up: true, allowed: conn.Permissions()}
	if missing := missing(s.allowed, cfg.VoiceOnly); len(missing) > 0 {
		return nil, errors.Join(&StageError{Stage: StageRoom, Err: &GrantError{Missing: missing}}, conn.Close())
	}
	s.log = cfg.Logger.With("room", s.holder.Room, "persona", s.holder.Persona)
	if err := s.publish(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if s.talk, err = converse(r.models, cfg, s.log); err == nil && cfg.History == persona.HistoryStored {
		err = s.talk.recall(ctx, cfg.Transcripts, s.holder.Room, s.holder.Persona)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(), s.player.Close(), s.coder.Close())
	}
	if s.kept, err = r.models.NewPromptCache(s.holder); err != nil {
		return nil, errors.Join(err, conn.Close(), s.player.Close(), s.coder.Close())
	}
	s.replies = reply.New(r.life, reply.Deps{
		Mind: r.models, Voice: r.models.Voice(s.holder), Player: s.player, Holder: s.holder, Kept: s.kept, Heard: s.line.audible,
		Sink: r.report, Log: s.log,
	})
	return s, nil
}

func (s *Seat) publish(ctx context.Context) error {
	coder, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: voiceBitrate, FEC: true, ExpectedLossPercent: 10})
	if err != nil {
		return &StageError{Stage: StageVoice, Err: err}
	}
	voice, err := s.conn.PublishVoice("voice")
	if err != nil {
		return errors.Join(&StageError{Stage: StageVoice, Err: err}, coder.Close())
	}
	bound(ctx, voice)
	s.coder, s.voice = coder, true
	s.line.track.Store(voice)
	s.player = playout.New(coder, &s.line)
	return nil
}

// heard tells whether somebody can hear the persona.
func (s *Seat) heard() bool { return s.up && s.voice && s.allowed.CanPublish }

// stand takes note of what the persona can do now. What it says while nobody can hear it goes
// nowhere.
func (s *Seat) stand() {
	if !s.allowed.CanPublish {
		s.voice = false // the server takes the track back with the right
	}
	s.line.open.Store(s.heard())
}

// free gives back what the replies used; none of them runs any more.
func (s *Seat) free() error { return errors.Join(s.player.Close(), s.coder.Close(), s.kept.Close()) }
