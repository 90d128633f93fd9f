package floor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// Tones of the voices, in hertz.
const (
	lowest = 300.0
	apart  = 60.0
)

// stage is the room and who is in it.
type stage struct {
	cfg    *Config
	watch  *watch
	said   atomic.Pointer[string] // what a person says now: what the ears hear
	server *livekit.Server
	room   *room.Room
	models []*engine.Models
	people map[string]*participant.Participant
	sounds map[string][]float32 // by who says what
}

func newStage(cfg *Config) *stage {
	s := &stage{cfg: cfg, watch: newWatch(), people: map[string]*participant.Participant{}, sounds: map[string][]float32{}}
	nothing := ""
	s.said.Store(&nothing)
	return s
}

// open starts the server and has everybody in the room. What was opened is closed by close, with an
// error too.
func (s *stage) open(ctx context.Context) (err error) {
	if s.server, err = livekit.Start(ctx, livekit.Config{}); err != nil {
		return err
	}
	name := fmt.Sprintf("floor-%d", os.Getpid())
	if err := s.seat(ctx, name); err != nil {
		return err
	}
	for _, who := range []string{first, second} {
		cfg := participant.Config{URL: s.server.URL, APIKey: s.server.APIKey, APISecret: s.server.APISecret, Room: name, Identity: who, Logger: s.cfg.Logger}
		if who == first {
			cfg.Hear = s.watch.hear
		}
		if s.people[who], err = participant.Join(ctx, cfg); err != nil {
			return err
		}
		if err := s.people[who].OpenMicrophone(ctx); err != nil {
			return err
		}
	}
	return nil
}

// seat has the personas take their seats.
func (s *stage) seat(ctx context.Context, name string) (err error) {
	s.room, err = room.Open(room.Config{
		URL: s.server.URL, APIKey: s.server.APIKey, APISecret: s.server.APISecret, Room: name, Shared: true, Policy: policy(), Logger: s.cfg.Logger,
		Observe: s.watch.observe,
	})
	if err != nil {
		return err
	}
	for i, who := range names()[:s.cfg.Personas] {
		models, err := s.cfg.Open(ctx, engine.CannedConfig{
			Tone: clause, Pitch: lowest + apart*float64(i), Hears: func() string { return *s.said.Load() }, Thinks: thinks,
		})
		if err != nil {
			return err
		}
		s.models = append(s.models, models)
		if _, err := s.room.Sit(ctx, models, room.Persona{Identity: who, History: persona.HistoryRoom}); err != nil {
			return err
		}
	}
	return nil
}

// policy is mode all where one answers what names nobody, whoever was answered before.
func policy() *turn.Policy {
	p := turn.Default()
	p.Mode, p.FollowUp = turn.ModeAll, 0
	p.Responders.Group, p.Responders.Otherwise = groupSize, 1
	return &p
}

// thinks is an answer: some clauses where much is asked for, else one.
func thinks(told string) string {
	n := 1
	if strings.Contains(asked(told), long) {
		n = clauses
	}
	return strings.TrimSpace(strings.Repeat(engine.CannedAnswer+" ", n))
}

// sound is how somebody says a text.
func (s *stage) sound(ctx context.Context, who, text string) ([]float32, error) {
	voice := "flite:slt"
	if who == second {
		voice = "flite:rms"
	}
	if pcm := s.sounds[who+text]; pcm != nil {
		return pcm, nil
	}
	pcm, err := speech.Say(ctx, voice, text)
	if err == nil {
		pcm = speech.Trim(pcm)
		s.sounds[who+text] = pcm
	}
	return pcm, err
}

// close has everybody leave.
func (s *stage) close() (errs []error) {
	for _, p := range s.people {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if s.room != nil {
		errs = append(errs, s.room.Close())
	}
	for _, m := range s.models {
		errs = append(errs, m.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	return errs
}
