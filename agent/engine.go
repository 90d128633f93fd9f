package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/tts"
	"github.com/sensory-agent/sensory-agent/vision"
)

// EngineConfig says which models an engine loads. The ids are those of the catalog.
type EngineConfig struct {
	// Path returns where a file of an installed model is.
	Path func(id, file string) (string, error)
	// Base holds the files of the language model. Remote is a model behind a server, in its place; ears and voice stay here.
	Base   fs.FS
	Remote *RemoteConfig
	// Variant is the suffix of the language graphs in Base, for example "_q4"; see [generate.GraphSource] for none.
	Variant string
	// NoVision leaves the eyes out: no video is subscribed to, nothing is shown to the model.
	NoVision bool
	// Sound gives a model in this process that hears the sound of a spoken question, beside what the ears understood of it.
	Sound bool
	// AnswerTokens bounds one answer, what the model thinks included; 0 means 96 for a model in this process and 512 for one behind a server.
	// A model's window bounds it too.
	AnswerTokens int
	// Begins says how the model's answers begin. Where that is not known, the chat template of a model in this process says it, and the first answer of a model behind a server is held back until it has ended.
	Begins answer.Beginning
	// Special are tokens that the model leaves in its text, beside the usual ones; people do not see them.
	Special []string
	// Voice is the specification of the voice, for example "piper:en_US-joe-medium".
	Voice string
	// Interim and Final are the ids of the fast and the accurate ear.
	Interim, Final string
	// Runtime is the id of the inference library.
	Runtime string
	// Host is the machine that budgets are derived from; Budgets, if set, are taken instead.
	Host    model.Host
	Budgets []compute.Budget
	// Sessions bounds the loaded models; zero sizes are taken from Host.
	Sessions ort.PoolConfig
	// Provider is where models run; nothing stands in for it.
	Provider ort.Provider
	Device   int
	// Loaded is called, from several goroutines, when a part is ready.
	Loaded func(part string, took time.Duration)
	Logger *slog.Logger
}

func (c *EngineConfig) validate() error {
	for _, d := range []struct{ value, initial *string }{
		{&c.Voice, ptr("piper:en_US-joe-medium")},
		{&c.Interim, ptr("moonshine-tiny")},
		{&c.Final, ptr("whisper-base.en")},
		{&c.Runtime, ptr("runtime-cpu")},
	} {
		if *d.value == "" {
			*d.value = *d.initial
		}
	}
	if c.Loaded == nil {
		c.Loaded = func(string, time.Duration) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.AnswerTokens < 0 {
		return fmt.Errorf("%w: answer tokens %d, want 1 or more, or 0 for the default", ErrConfig, c.AnswerTokens)
	}
	if c.AnswerTokens == 0 {
		c.AnswerTokens = ownAnswer
		if c.Remote != nil {
			c.AnswerTokens = farAnswer
		}
	}
	if c.Path == nil || (c.Base == nil) == (c.Remote == nil) {
		return fmt.Errorf("%w: engine needs Path, and one of Base and Remote", ErrConfig)
	}
	if c.Sound && c.Remote != nil {
		return fmt.Errorf("%w: a model behind a server is given no sound", ErrConfig)
	}
	return nil
}

// Tokens of one answer at most, where the configuration says nothing: a minute of speech at most here, on the processor; a server is fast, and
// what many of its models think counts too.
const (
	ownAnswer = 96
	farAnswer = 512
)

func ptr(s string) *string { return &s }

// Engine holds the models of a process. Sessions share it; it is safe for concurrent use, and is closed after the last of them.
type Engine struct {
	rt    *ort.Runtime
	ears  ears
	eyes  eyes
	sound sound
	mind  mind
	voice tts.Voice
	sees  bool
	// answerTokens bounds one answer.
	answerTokens int
	markup       *answer.Markup // of what the mind writes and people are not to see
	habit        *answer.Habit
	// pictures is set where a server is shown pictures.
	pictures *remote.PictureOptions

	broker  *compute.Broker
	silicon compute.Silicon // where the models run
	counts  ledgerCounts
	stop    context.CancelFunc
	sweeper sync.WaitGroup
	once    sync.Once
	err     error
}

// ears are the shared parts of hearing.
type ears struct {
	session   *ort.Session
	vad       *silero.Model
	moonshine *moonshine.Model
	whisper   *whisper.Model
}

// eyes are the shared parts of seeing.
type eyes struct {
	textures *vision.Preprocessor
	session  *ort.Session
	encoder  *vision.Encoder
}

// OpenEngine loads all models side by side and probes the language model: a picture must change its answer, or, for a persona without eyes,
// it must answer at all; one that is given sound must take it. Errors name the part.
func OpenEngine(ctx context.Context, cfg EngineConfig) (*Engine, error) {
	e, err := loadEngine(ctx, cfg)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := e.probe(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if cfg.Loaded != nil {
		cfg.Loaded("probe", time.Since(begin))
	}
	return e, nil
}

// loadEngine loads all models.
func loadEngine(ctx context.Context, cfg EngineConfig) (*Engine, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	library, err := cfg.Path(cfg.Runtime, runtimeFile)
	if err != nil {
		return nil, err
	}
	broker, err := cfg.newBroker()
	if err != nil {
		return nil, err
	}
	rt, err := ort.Open(ort.Config{LibraryPath: library, Pool: cfg.pool(), Logger: cfg.Logger})
	if err != nil {
		return nil, errors.Join(err, broker.Close())
	}
	e := &Engine{rt: rt, broker: broker, silicon: cfg.silicon(), sees: !cfg.NoVision, answerTokens: cfg.AnswerTokens}
	if cfg.Remote != nil && e.sees {
		e.pictures = &cfg.Remote.Picture
	}
	sweep, stop := context.WithCancel(context.Background())
	e.stop = stop
	e.sweeper.Go(func() { broker.Run(sweep) })
	l := loader{ctx: ctx, cfg: cfg, rt: rt}
	l.part("voice activity", func() (err error) { e.ears.session, e.ears.vad, err = l.silero(); return })
	l.part("interim transcripts", func() (err error) { e.ears.moonshine, err = l.moonshine(); return })
	l.part("final transcripts", func() (err error) { e.ears.whisper, err = l.whisper(); return })
	l.part("voice", func() (err error) { e.voice, err = l.voice(); return })
	if e.sees && cfg.Remote == nil {
		l.part("vision", func() (err error) { e.eyes, err = l.vision(); return })
	}
	if cfg.Sound {
		l.part("sound", func() (err error) { e.sound, err = l.sound(); return })
	}
	l.part("replies", func() (err error) { e.mind, err = l.mind(e); return })
	if err := l.wait(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.mark(&cfg)
	return e, nil
}

// Close frees all models. It is idempotent; no session may be open.
func (e *Engine) Close() error {
	e.once.Do(func() {
		e.stop()
		e.sweeper.Wait()
		errs := []error{e.broker.Close()}
		if e.mind != nil {
			errs = append(errs, e.mind.close())
		}
		if e.voice != nil {
			errs = append(errs, e.voice.Close())
		}
		if e.ears.moonshine != nil {
			errs = append(errs, e.ears.moonshine.Close())
		}
		if e.ears.whisper != nil {
			errs = append(errs, e.ears.whisper.Close())
		}
		if e.eyes.textures != nil {
			errs = append(errs, e.eyes.textures.Close())
		}
		for _, s := range []*ort.Session{e.ears.session, e.eyes.session, e.sound.session} {
			if s != nil {
				errs = append(errs, s.Close())
			}
		}
		e.err = errors.Join(append(errs, e.rt.Close())...)
	})
	return e.err
}
