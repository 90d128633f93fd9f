package crowd

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	// greeting is what both personas say first, in one clause, and what the second one's voice says
	// before, twice: what a voice needs to speak is there after it.
	greeting = "Hello and welcome to this room."
	// greetLimit is for a greeting, on a machine that does other things too.
	greetLimit = time.Minute
	// settled is how long a memory is left alone after somebody has spoken.
	settled = 2 * time.Second
)

// Stages of the memory of a second persona.
const (
	stageFirst  = "first"  // the first persona has greeted the human
	stageVoice  = "voice"  // the voice of the second one is loaded and has said the same
	stageSecond = "second" // the second one has taken its seat, and has said it too
)

// SecondVoice is what a second persona beside the first one adds to the memory of the process, in
// megabytes of PSS, where it differs in its voice.
type SecondVoice struct {
	Voice string `json:"voice"`
	// VoiceMB is what the voice adds when it is loaded and has spoken, RestMB what the persona adds
	// beyond it when it sits in the room and has said the same. TotalMB is the sum.
	VoiceMB float64 `json:"voice_mb"`
	RestMB  float64 `json:"rest_mb"`
	TotalMB float64 `json:"total_mb"`
}

// secondOf reads the stages.
func secondOf(voice string, stages []Memory) *SecondVoice {
	at := map[string]float64{}
	for _, m := range stages {
		at[m.Stage] = m.PSSMB
	}
	return &SecondVoice{voice, at[stageVoice] - at[stageFirst], at[stageSecond] - at[stageVoice], at[stageSecond] - at[stageFirst]}
}

// seatFirst has the first of two personas take its seat, in a room that is listened to for both
// from the start.
func (b *bench) seatFirst(ctx context.Context, cfg room.Config) (err error) {
	cfg.Shared = true
	b.rooms[0], err = room.Join(ctx, b.cfg.Models, cfg, room.Persona{Identity: "first", Greeting: greeting})
	return err
}

// seatSecond has the second persona come once the first one has greeted the human, and looks at the
// memory before, between and after.
func (b *bench) seatSecond(ctx context.Context) (err error) {
	if err := b.greeted(ctx, 1, stageFirst); err != nil {
		return err
	}
	if b.second, err = b.cfg.Second(ctx); err != nil {
		return err
	}
	voice := b.second.Voice(engine.Holder{Room: b.rooms[0].Name(), Persona: "second"})
	for range 2 {
		if err := voice.Synthesize(ctx, greeting, func([]float32) error { return nil }); err != nil {
			return fmt.Errorf("%s cannot be heard: %w", voice.Name(), err)
		}
	}
	if err := b.settle(ctx, stageVoice); err != nil {
		return err
	}
	if _, err := b.rooms[0].Sit(ctx, b.second, room.Persona{Identity: "second", Greeting: greeting}); err != nil {
		return err
	}
	if err := b.greeted(ctx, 2, stageSecond); err != nil {
		return err
	}
	b.record.SecondVoice = secondOf(voice.Name(), b.record.Memory)
	return nil
}

// greeted waits until so many greetings have been said, and looks at the memory.
func (b *bench) greeted(ctx context.Context, n int, stage string) error {
	for limit := time.Now().Add(greetLimit); ; {
		done := b.taken()[0]
		if i := failed(done); i >= 0 {
			return fmt.Errorf("%w: %w", ErrGreeting, done[i].Err)
		}
		switch {
		case len(done) >= n:
			return b.settle(ctx, stage)
		case time.Now().After(limit):
			return fmt.Errorf("%w: %d of %d were said within %v", ErrGreeting, len(done), n, greetLimit)
		}
		if err := media.Sleep(ctx, askAgain); err != nil {
			return err
		}
	}
}

// failed is the first reply that failed, -1 for none.
func failed(replies []reply.Trace) int {
	for i, t := range replies {
		if t.Err != nil {
			return i
		}
	}
	return -1
}

// settle looks at the memory when what was used for a moment is free again.
func (b *bench) settle(ctx context.Context, stage string) error {
	if err := media.Sleep(ctx, settled); err != nil {
		return err
	}
	return b.remember(stage)
}

// release gives the models of the second persona back.
func (b *bench) release() error {
	if b.second == nil {
		return nil
	}
	return b.second.Close()
}
