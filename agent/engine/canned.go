package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/tts"
	"github.com/sensory-agent/sensory-agent/vision/naming"
	"github.com/sensory-agent/sensory-agent/vision/reading"
)

// What canned parts say where the configuration says nothing. Both name themselves, so that nobody
// takes them for what somebody heard or thought.
const (
	CannedTranscript = "This is a canned question."
	CannedAnswer     = "This is a canned answer."
	cannedTone       = 2 * time.Second
	cannedTokens     = 64
)

// CannedConfig says what canned parts do.
type CannedConfig struct {
	// Detector is the voice detector, which is real: a part of family "silero". Path returns where
	// its file is.
	Detector model.Part
	Path     func(id, file string) (string, error)
	// Transcript is what both ears hear in every clip that holds speech; [CannedTranscript] by
	// default.
	Transcript string
	// Answer is what is answered to every question, in one clause; [CannedAnswer] by default.
	Answer string
	// Tone is how long the voice sounds for one clause; 2 s by default.
	Tone time.Duration
	// Pitch is that of the tone in hertz, by which voices can be told apart from outside; 440 by
	// default.
	Pitch float64
	// Hears, if set, says what both ears hear in a clip, in place of Transcript. Thinks says what
	// is answered to a question, with what the model is told beside it, in place of Answer. Both
	// are called from any goroutine.
	Hears  func() string
	Thinks func(asked string) string
	// Answers, if set, answers a question with all that the model is given beside it, in place of
	// Thinks. It is called from any goroutine.
	Answers func(asked prompt.Message) string
	// Eyes is the folder of a model that says how pictures are prepared; nil for a persona without
	// eyes. Frames are decoded, sampled and scaled as for that model; what it would see is fixed.
	Eyes fs.FS
	// Reads, and Names where it is set, are adapters that tell the mind what is in a picture, in
	// place of Eyes. They are called from any goroutine.
	Reads func(ctx context.Context, picture *image.RGBA) ([]reading.Line, error)
	Names func(ctx context.Context, picture *image.RGBA) (name naming.Name, ok bool, err error)
	// Takes is how long the eyes are said to take for a picture, as if that had been measured: slow
	// ones rest while nobody speaks.
	Takes time.Duration
	// Series says which pictures an answer is made from; zero is the newest alone.
	Series Series
}

func (c *CannedConfig) validate() error {
	c.Transcript, c.Answer = cmp.Or(c.Transcript, CannedTranscript), cmp.Or(c.Answer, CannedAnswer)
	c.Tone, c.Pitch = cmp.Or(c.Tone, cannedTone), cmp.Or(c.Pitch, cannedPitch)
	if c.Hears == nil {
		c.Hears = func() string { return c.Transcript }
	}
	if c.Thinks == nil {
		c.Thinks = func(string) string { return c.Answer }
	}
	if c.Answers == nil {
		c.Answers = func(asked prompt.Message) string { return c.Thinks(asked.Text) }
	}
	switch {
	case c.Path == nil:
		return fmt.Errorf("%w: Path", ErrConfig)
	case c.Detector.Family != detectorFamily:
		return &PartError{Part: c.Detector, Role: model.RoleDetector, Want: "one of family " + detectorFamily}
	case c.Tone < 0 || !(c.Pitch > 0 && c.Pitch < cannedRate/2): // NaN is neither
		return fmt.Errorf("%w: a tone of %v at %v Hz", ErrConfig, c.Tone, c.Pitch)
	}
	return nil
}

// OpenCanned opens models that cost nothing: ears that always hear the same words, a mind that
// always answers the same sentence, a voice that is a tone. The voice detector is real, and so is
// everything around the models: rooms, codecs, turns, leases. So what is measured is the framework
// alone, and can be compared with another one. They are for benchmarks and for tests of rooms;
// nothing falls back to them, no configuration names them, the log warns of them, and everything
// that they say says that it is canned.
func (m *Machine) OpenCanned(ctx context.Context, cfg CannedConfig) (*Models, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	out := &Models{machine: m, answerTokens: cannedTokens, canned: true}
	on := &loader{machine: m, cfg: Config{Path: cfg.Path, Resolution: model.Resolution{Detector: cfg.Detector}}}
	if err := out.openCanned(ctx, on, &cfg); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	m.cfg.Logger.Warn("canned models are open: nobody is heard, understood or answered by them")
	return out, nil
}

// cannedKey tells canned parts apart.
type cannedKey struct {
	part  string
	tone  time.Duration
	pitch float64
}

// openCanned opens the parts.
func (m *Models) openCanned(ctx context.Context, on *loader, cfg *CannedConfig) (err error) {
	if m.detector, err = hold(ctx, m, detectorKey{cfg.Detector.ID}, on.detector); err != nil {
		return fmt.Errorf("load voice activity: %w", err)
	}
	ear := func(context.Context) (transcriber, error) { return cannedEar{cfg.Hears}, nil }
	if m.interim, err = hold(ctx, m, new(cannedKey), station(m.machine, "canned interim", onProcessor, ear)); err != nil {
		return err
	}
	if m.final, err = hold(ctx, m, new(cannedKey), station(m.machine, "canned final", onProcessor, ear)); err != nil {
		return err
	}
	voice := func(context.Context) (tts.Voice, error) { return newCannedVoice(cfg.Tone, cfg.Pitch), nil }
	key := cannedKey{part: "voice", tone: cfg.Tone, pitch: cfg.Pitch}
	if m.voice, err = hold(ctx, m, key, station(m.machine, "canned voice", onProcessor, voice)); err != nil {
		return err
	}
	m.base, err = hold(ctx, m, new(cannedKey), func(context.Context) (*base, error) { return m.cannedBase(cfg) })
	return err
}

// cannedBase is a canned mind with what it sees.
func (m *Models) cannedBase(cfg *CannedConfig) (*base, error) {
	b := &base{
		place: onProcessor, machine: m.machine, mind: &cannedMind{place: onProcessor, broker: m.machine.broker, says: cfg.Answers},
		sees: cfg.Eyes != nil || cfg.Reads != nil, probed: true, markup: answer.NewMarkup(), habit: answer.NewHabit(answer.Plain),
	}
	if !b.sees {
		return b, nil
	}
	var err error
	if cfg.Reads != nil {
		b.eyes, err = m.machine.cannedReaders(onProcessor, cfg.Reads, cfg.Names)
	} else {
		b.eyes, err = m.machine.cannedEyes(onProcessor, cfg.Eyes)
	}
	if err == nil {
		b.eyes.takes, b.eyes.series = cfg.Takes, cfg.Series
	}
	return b, err
}

// Canned tells whether these are models that cost nothing, from [Machine.OpenCanned].
func (m *Models) Canned() bool { return m.canned }

var (
	_ transcriber = (*moonshine.Model)(nil)
	_ transcriber = (*whisper.Model)(nil)
	_ transcriber = cannedEar{}
)
