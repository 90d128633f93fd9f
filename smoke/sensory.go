package smoke

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

const (
	joinLimit = 60 * time.Second // loading the models included
	tokenLife = time.Hour
)

// Identities of those who ask.
const (
	human   = "human"
	control = "control"
)

// What a run may withhold, to prove that the smoke notices.
const (
	WithholdNothing = ""
	WithholdVideo   = "video"  // the human shows nothing
	WithholdSpeech  = "speech" // the human says nothing
	WithholdData    = "data"   // the persona's token does not allow data, so that its transcripts cannot leave
)

// Config describes a sensory smoke.
type Config struct {
	// Binary is the program that is tested, by its public commands.
	Binary string
	// URL, APIKey and APISecret name a running server; an empty URL starts one on loopback.
	URL, APIKey, APISecret string
	Profile, Voice         string
	ModelsDir              string
	Seed                   uint64
	// Kind is what is shown and asked: one of the kinds of stimuli.
	Kind     string
	Codec    string
	Withhold string
	Budgets  Budgets
	// Artifacts is the folder for recordings; empty uses a temporary one that is removed.
	Artifacts string
	// Speech measures how much of a recording (mono, 48 kHz) is speech.
	Speech func(ctx context.Context, pcm []float32) (time.Duration, error)
	// Progress is told what is being done.
	Progress func(text string)
}

// Check says what of the call is wrong, before anything is started.
func (c *Config) Check() error {
	switch c.Withhold {
	case WithholdNothing, WithholdVideo, WithholdSpeech, WithholdData:
	default:
		return fmt.Errorf("nothing called %q can be withheld: use video, speech or data", c.Withhold)
	}
	if !slices.Contains([]string{KindAny, KindDrawn, KindChange, KindReal}, c.Kind) {
		return fmt.Errorf("no kind of picture is called %q: use drawn, change or real", c.Kind)
	}
	if c.Kind != KindAny && c.Profile == AssistedProfile {
		return fmt.Errorf("profile %s is shown a sign or a photograph, not a picture of kind %s", c.Profile, c.Kind)
	}
	if c.Budgets.FirstAudio <= 0 || c.Budgets.Complete <= 0 {
		return fmt.Errorf("budgets of %s to the first audio and %s to all of it: nothing takes no time", c.Budgets.FirstAudio, c.Budgets.Complete)
	}
	return nil
}

// sensory is a run under way.
type sensory struct {
	Config
	record  Record
	seen    Observation
	room    string
	persona string
	scene   *scene.Scene // nil where something else is held up
	held    Held
	ask     scene.QA
}

// Sensory runs the smoke once. It always returns a record: faults of the harness are one of its
// buckets.
func Sensory(ctx context.Context, cfg Config) Record {
	s := &sensory{Config: cfg, room: fmt.Sprintf("smoke-%d", time.Now().UnixNano()), persona: "persona-under-test"}
	s.record = Record{
		Smoke: "sensory", Profile: cfg.Profile, Seed: cfg.Seed, Codec: cfg.Codec, Withheld: cfg.Withhold,
		Facts: []string{}, StartedAt: time.Now().UTC().Format(time.RFC3339),
	}
	if err := s.run(ctx); err != nil {
		s.record.Bucket, s.record.Reason = HarnessError, err.Error()
	} else {
		s.record.Bucket, s.record.Reason = Judge(s.seen, cfg.Budgets)
	}
	s.fill()
	return s.record
}

func (s *sensory) run(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if s.Artifacts == "" {
		dir, err := os.MkdirTemp("", "smoke-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder is no result
		s.Artifacts = dir
	} else if err := os.MkdirAll(s.Artifacts, 0o755); err != nil { // results for everybody
		return err
	} else {
		s.record.Artifacts = s.Artifacts
	}
	s.Progress("resolving profile " + s.Profile)
	if err := s.resolve(ctx); err != nil || s.seen.Refused != "" {
		return err
	}
	if s.URL == "" {
		server, err := livekit.Start(ctx, livekit.Config{})
		if err != nil {
			return err
		}
		defer func() { _ = server.Stop() }() // the verdict stands whether or not the server ends well
		s.URL, s.APIKey, s.APISecret = server.URL, server.APIKey, server.APISecret
	}
	s.Progress("a persona joins")
	persona, err := s.spawnPersona(ctx)
	if err != nil || s.seen.NotJoined != "" {
		return err
	}
	defer func() { _ = persona.stop() }()
	go persona.drain()
	if err := s.roundTrip(ctx); err != nil {
		return err
	}
	return s.control(ctx)
}

func (s *sensory) prepare() error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Progress == nil {
		s.Progress = func(string) {}
	}
	if s.Profile == AssistedProfile {
		s.held = NewHeld(s.Seed)
		s.seen.Wanted = s.held.Wanted()
		s.ask = scene.QA{Question: s.held.Question(), Answer: s.held.Expected()}
		s.record.Kind, s.record.Question, s.record.Expected = s.held.Kind(), s.ask.Question, s.ask.Answer
		return nil
	}
	var err error
	s.scene, s.ask, err = Stimulus(s.Seed, true)
	if err != nil {
		return err
	}
	s.record.Kind, s.record.Question, s.record.Expected = string(s.scene.Kind), s.ask.Question, s.ask.Answer
	return nil
}

// resolve asks the program which model serves the profile.
func (s *sensory) resolve(ctx context.Context) error {
	out, problem, err := output(ctx, s.Binary, "models", "resolve", "--json", "--profile", s.Profile, "--models-dir", s.ModelsDir)
	if err != nil && !exited(err) {
		return err
	}
	var answer struct {
		Base struct {
			ID string `json:"id"`
		} `json:"base"`
		Sight struct {
			Pictures int `json:"pictures"`
		} `json:"sight"`
		Message string `json:"message"`
		Refusal struct {
			Blockers []struct {
				Model string `json:"model"`
				Lacks string `json:"lacks"`
			} `json:"blockers"`
		} `json:"refusal"`
	}
	if json.Unmarshal(out, &answer) != nil || err == nil && answer.Base.ID == "" {
		return fmt.Errorf("models resolve answered neither a model nor a refusal: %s%s", out, problem)
	}
	s.record.Model = answer.Base.ID
	if err != nil {
		s.seen.Refused = answer.Message
		for _, b := range answer.Refusal.Blockers {
			s.seen.Blockers = append(s.seen.Blockers, b.Model+": "+b.Lacks)
		}
		return nil
	}
	return s.choose(max(answer.Sight.Pictures, 1))
}

// spawnPersona starts the persona as an operator would and waits until it listens.
func (s *sensory) spawnPersona(ctx context.Context) (*child, error) {
	token, err := s.token(s.persona, true)
	if err != nil {
		return nil, err
	}
	args := []string{
		"join", "--json", "--url", s.URL, "--room", s.room, "--identity", s.persona,
		"--profile", s.Profile, "--models-dir", s.ModelsDir, "--listen", "", "--store", "", // whatever the operator's configuration says
	}
	if s.Voice != "" {
		args = append(args, "--voice", s.Voice)
	}
	if s.Withhold == WithholdData {
		args = append(args, "--voice-only") // otherwise the persona would refuse to join, and rightly
	}
	persona, err := spawn(ctx, s.Binary, []string{"LIVEKIT_TOKEN=" + token}, args...)
	if err != nil {
		return nil, err
	}
	limit := time.NewTimer(joinLimit)
	defer limit.Stop()
	for {
		select {
		case r, ok := <-persona.reports:
			if !ok {
				<-persona.ended
				s.seen.NotJoined = "join ended: " + persona.problem()
				return nil, nil
			}
			if r.Event == "joined" {
				return persona, nil
			}
		case <-limit.C:
			s.seen.NotJoined = fmt.Sprintf("the persona was not in the room after %s", joinLimit)
			_ = persona.stop() // how it ends does not matter any more
			return nil, nil
		}
	}
}

// roundTrip lets a human ask the question and notes what comes back.
func (s *sensory) roundTrip(ctx context.Context) error {
	s.Progress(fmt.Sprintf("a human shows a picture (%s, seed %d) and asks %q", s.record.Kind, s.Seed, s.ask.Question))
	wav := filepath.Join(s.Artifacts, "answer.wav")
	args := s.botArgs(human, wav)
	if s.Withhold != WithholdVideo {
		shown, err := s.shown()
		if err != nil {
			return err
		}
		args = append(args, append(shown, "--codec", s.Codec)...)
	}
	seen, err := s.ask1(ctx, human, args)
	if err != nil {
		return err
	}
	s.seen.Spoke, s.seen.FirstAudio, s.seen.Transcribed = seen.spoke, seen.audio, seen.transcribed
	s.seen.Transcript, s.record.Heard = seen.transcript, seen.heard
	s.seen.Facts = s.facts(seen.transcript)
	if s.seen.FirstAudio.IsZero() {
		return nil
	}
	s.seen.Speech, err = s.speech(ctx, wav)
	return err
}

// control asks again without a picture, when there was something to compare with.
func (s *sensory) control(ctx context.Context) error {
	if s.Withhold != WithholdNothing || len(s.seen.Facts) < s.seen.wanted() {
		return nil
	}
	if s.scene == nil {
		end, err := s.fresh(ctx)
		if err != nil || end == nil {
			return err
		}
		defer end()
	}
	s.Progress("control: another human asks the same without a picture")
	seen, err := s.ask1(ctx, control, s.botArgs(control, filepath.Join(s.Artifacts, "control.wav")))
	if err != nil {
		return err
	}
	s.seen.Controlled, s.seen.ControlTranscribed, s.seen.ControlFacts = true, seen.transcribed, s.facts(seen.transcript)
	s.record.Control = &Control{Transcript: seen.transcript, Facts: s.seen.ControlFacts}
	return nil
}
