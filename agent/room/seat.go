package room

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/store"
)

const voiceBitrate = 48000

// Sit has a persona enter the room, publish its voice and take its seat. ctx bounds entering only.
// The models must stay open until the seat's end. A token without a right that a persona needs is
// refused before anything else: a *StageError around a *GrantError. Other errors: ErrTaken,
// ErrClosed, ErrNoHistory and ErrConfig, in a *StageError where a part is concerned, those of
// prompt.NewConversation, and *lk.JoinError.
func (r *Room) Sit(ctx context.Context, models *engine.Models, who Persona) (*Seat, error) {
	s := &Seat{
		room: r, who: who, sent: who.Sent, begin: time.Now(), models: models, state: turn.Listening, seated: make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.who.validate(&r.cfg); err != nil {
		return nil, err
	}
	s.muted.Store(s.who.Muted)
	if !r.take(s.who.Identity) {
		return nil, fmt.Errorf("%w: %q in room %q", ErrTaken, s.who.Identity, r.Name())
	}
	if err := s.enter(ctx); err != nil {
		r.vacate(s.who.Identity)
		return nil, err
	}
	if r.hand(ctx, arrived{s}, true) {
		select {
		case <-s.seated:
			return s, nil
		case <-r.life.Done():
		}
		select {
		case <-s.seated: // the room has ended since, and sees to it
			return s, nil
		default:
		}
	}
	err := ErrClosed
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return nil, errors.Join(err, s.leave(), s.end(err))
}

// take takes note of an identity that has a seat, or is on its way to it; it tells whether it was
// free.
func (r *Room) take(identity string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken[identity] {
		return false
	}
	r.taken[identity] = true
	return true
}

func (r *Room) vacate(identity string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.taken, identity)
}

// enter joins the room, publishes the voice, and makes everything that replies need.
func (s *Seat) enter(ctx context.Context) (err error) {
	r := s.room
	s.conn, err = r.connect(ctx, lk.Config{
		Token: s.who.Token, Identity: s.who.Identity, Name: s.who.Name, Attributes: s.who.attributes(),
	})
	if err != nil {
		return err
	}
	s.holder = engine.Holder{Room: s.conn.Name(), Persona: s.conn.Identity()}
	s.log = r.cfg.Logger.With("room", s.holder.Room, "persona", s.holder.Persona)
	s.up, s.allowed = true, s.conn.Permissions()
	if missing := missing(s.allowed, s.who.VoiceOnly); len(missing) > 0 {
		err = &StageError{Stage: StageRoom, Err: &GrantError{Missing: missing}}
		return errors.Join(err, s.leave())
	}
	if err = s.equip(ctx); err != nil {
		return errors.Join(err, s.leave(), s.free())
	}
	s.replies = reply.New(r.life, reply.Deps{
		Mind: s.models, Model: s.models.Name(), Provider: s.models.Provider(), Voice: s.models.Voice(s.holder), Player: s.player, Holder: s.holder, Kept: s.kept, Heard: s.line.audible,
		Names: []string{s.who.Name, s.holder.Persona},
		Sink:  r.report, Log: s.log,
	})
	return nil
}

// equip publishes the voice, and makes what the persona knows and keeps.
func (s *Seat) equip(ctx context.Context) (err error) {
	if err := s.publish(ctx); err != nil {
		return err
	}
	if s.talk, err = s.converse(); err != nil {
		return err
	}
	if s.who.History == persona.HistoryStored {
		if err := s.talk.recall(ctx, s.room.cfg.Transcripts, s.holder.Room, s.holder.Persona); err != nil {
			return err
		}
	}
	if s.kept, err = s.models.NewPromptCache(s.holder); err != nil {
		return err
	}
	if s.ears, err = s.models.Share(); err != nil {
		return err
	}
	s.memory = s.remember()
	return nil
}

func (s *Seat) publish(ctx context.Context) error {
	coder, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: voiceBitrate, FEC: true, ExpectedLossPercent: 10})
	if err != nil {
		return &StageError{Stage: StageVoice, Err: err}
	}
	s.coder = coder
	voice, err := s.conn.PublishVoice("voice")
	if err != nil {
		return &StageError{Stage: StageVoice, Err: err}
	}
	bound(ctx, voice)
	s.voice = true
	s.line.track.Store(voice)
	s.meter = media.NewMeter(&s.room.metering, playout.SampleRate)
	s.player = playout.New(gauged{coder, s.meter}, &s.line)
	return nil
}

// Leave has the persona answer nothing new, end with the clause that it is saying, within 10 s, and
// leave the room. It returns when nothing of it runs any more, see Done; ErrCloseLimit where that
// is not so after 20 s.
func (s *Seat) Leave() error {
	e := s.room.endings
	limit, cancel := context.WithTimeout(context.Background(), e.clause+e.finish+e.stop)
	defer cancel()
	s.room.hand(limit, leaving{s}, true)
	select {
	case <-s.done:
	case <-limit.Done():
		s.abandon(ErrClosed)
	}
	return s.Err()
}

// heard tells whether somebody can hear the persona.
func (s *Seat) heard() bool { return s.up && s.voice && s.allowed.CanPublish }

// sounded is when the last sound of the persona left.
func (s *Seat) sounded() time.Time {
	made, left := s.player.Sounded(), time.Unix(0, s.line.left.Load())
	if left.Before(made) {
		return left
	}
	return made
}

// stand takes note of what the persona can do now. What it says while nobody can hear it goes
// nowhere.
func (s *Seat) stand() {
	if !s.allowed.CanPublish {
		s.voice = false // the server takes the track back with the right
	}
	s.line.open.Store(s.heard())
}

// silence has the persona say nothing any more.
func (s *Seat) silence() {
	s.ready.Store(false)
	s.line.open.Store(false)
	s.player.Flush()
}

// leave ends the persona's connection.
func (s *Seat) leave() error { return s.room.hangUp(s.conn) }

// end gives back what the replies used, none of which runs any more, and closes Done. why is that
// of the end. It is idempotent, from any goroutine.
func (s *Seat) end(why error) (err error) {
	s.once.Do(func() {
		err = s.free()
		s.failure = errors.Join(left(why), err)
		s.room.vacate(s.who.Identity)
		close(s.done)
	})
	return err
}

// abandon closes Done although something of the seat still runs, and uses the rest.
func (s *Seat) abandon(why error) {
	s.once.Do(func() {
		s.failure = errors.Join(left(why), fmt.Errorf("%w: answers of %q still run", ErrCloseLimit, s.holder.Persona))
		close(s.done)
	})
}

// free gives back what was made so far.
func (s *Seat) free() error {
	var errs []error
	if s.player != nil {
		errs = append(errs, s.player.Close())
	}
	if s.coder != nil {
		errs = append(errs, s.coder.Close())
	}
	if s.ears != nil {
		errs = append(errs, s.ears.Close())
	}
	if s.memory != nil {
		errs = append(errs, s.memory.Close())
	}
	return errors.Join(append(errs, s.kept.Close())...)
}

// mayRemember tells whether a persona is to remember something and there is where to keep it.
func (s *Seat) mayRemember() bool {
	return s.room.cfg.Transcripts != nil && s.who.Remember != "" && s.who.Remember != memory.Never
}

// person is the persona, as what is remembered names it.
func (s *Seat) person() memory.Person {
	return memory.Person{ID: s.holder.Persona, Names: s.who.names()}
}

// remember is what a persona remembers of the room; nil where that is nothing: it is told to
// remember nothing, nothing is kept here, or its model takes neither prompt nor history.
func (s *Seat) remember() *store.Remember {
	kept := s.room.cfg.Transcripts
	if s.talk == nil || !s.mayRemember() {
		return nil
	}
	keeper := memory.NewKeeper(memory.Gate{Persona: s.person(), Prompt: s.who.Prompt}, s.holder.Room, s.who.Remember)
	return store.NewRemember(store.RememberConfig{
		DB: kept.db, Broker: kept.broker, Keeper: keeper, Logger: s.log,
		Report: func(came store.Remembered) { s.room.post(remembered{s, came}) },
	})
}
