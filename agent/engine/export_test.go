package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Load loads models without probing them: random weights name no colour.
func Load(ctx context.Context, m *Machine, cfg Config) (*Models, error) { return m.load(ctx, cfg) }

// Agree loads models and agrees what pictures may cost, without probing them.
func Agree(ctx context.Context, m *Machine, cfg Config) (*Models, error) {
	out, err := m.load(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := out.base.agree(ctx, &cfg); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

// Generator is the language model in this process.
func (m *Models) Generator() *generate.Model { return m.base.mind.(*localMind).model }

// Ask asks about a picture and a sound, each of which may be missing, and says how long the prompt
// was.
func (m *Models) Ask(ctx context.Context, text string, picture image.Image, pcm []float32, limit int) (answer string, length int, err error) {
	var seen Seen
	var heard *usm.Clip
	if picture != nil {
		one, err := m.base.eyes.see(ctx, picture)
		if err != nil {
			return "", 0, err
		}
		seen = Seen{{Sight: one}}
	}
	if pcm != nil {
		if heard, err = m.Listen(ctx, 1, Holder{"lab", "iris"}, pcm); err != nil {
			return "", 0, err
		}
	}
	out, err := m.base.mind.generate(ctx, prompt.Request{Messages: Tell(Asked(text, seen, heard), seen.Told(m.Told())), MaxTokens: limit}, nil, nil)
	return out.Text, out.PromptTokens, err
}

// Costs measures with runs that are told: of each number of pieces how long they take to encode and
// to begin an answer. The last one is repeated. It returns how often there was a run too.
func Costs(told map[int][][2]time.Duration, allowed []int, wait time.Duration, log *slog.Logger) (costs []model.SightCost, runs map[int]int, err error) {
	runs = map[int]int{}
	m := measurer{wait: wait, log: log, try: func(pieces, run int) (trial, error) {
		of := told[pieces]
		if run != runs[pieces] {
			return trial{}, fmt.Errorf("run %d of %d pieces after %d", run, pieces, runs[pieces])
		}
		if len(of) == 0 {
			return trial{}, &prompt.TooLongError{}
		}
		runs[pieces]++
		one := of[min(run, len(of)-1)]
		return trial{one[0], one[1]}, nil
	}}
	costs, err = m.costs(allowed)
	return costs, runs, err
}

// What is decided without a model.
var (
	Pace     = pace
	ToldRoom = toldRoom
)

// Seer is what a model in this process sees and thinks with, without ears and voice.
type Seer struct{ base *base }

// OpenSeer loads the eyes and the mind of a model's folder.
func OpenSeer(ctx context.Context, m *Machine, files fs.FS) (*Seer, error) {
	cfg := Config{Files: files, Loaded: ignore}
	cfg.Resolution.Sources = []model.Source{{Capability: model.Vision}}
	b, err := (&loader{machine: m, cfg: cfg}).base(ctx)
	if err != nil {
		return nil, err
	}
	return &Seer{b}, nil
}

// Describe answers a question about a picture. It is all that the model writes but for special
// tokens, which random weights write anywhere.
func (s *Seer) Describe(ctx context.Context, picture image.Image, question string) (string, error) {
	seen, err := s.base.eyes.see(ctx, picture)
	if err != nil {
		return "", err
	}
	answer, err := s.base.mind.generate(ctx, prompt.Request{Messages: Asked(question, Seen{{Sight: seen}}, nil), MaxTokens: probeTokens}, nil, nil)
	for _, special := range s.base.mind.(*localMind).model.Specials() {
		answer.Text = strings.ReplaceAll(answer.Text, special, "")
	}
	return strings.TrimSpace(answer.Text), err
}

// Close frees both.
func (s *Seer) Close() error { return s.base.Close() }

// panicMind thinks of a panic.
type panicMind struct {
	mind
	value any
}

func (m panicMind) generate(context.Context, prompt.Request, *PromptCache, func(string) error) (prompt.Result, error) {
	panic(m.value)
}

// PanicInMind has the model panic until restore is called. No answer may be under way.
func (m *Models) PanicInMind(value any) (restore func()) {
	before := m.base.mind
	m.base.mind = panicMind{before, value}
	return func() { m.base.mind = before }
}

// deafEar panics.
type deafEar struct{}

func (deafEar) Transcribe(context.Context, []float32) (hearing.Transcript, error) { panic("deaf") }

// PanicInEar transcribes with an engine that panics, under a lease as in a session.
func PanicInEar(ctx context.Context) error {
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{
		{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1000},
	}})
	if err != nil {
		return err
	}
	m := &Machine{broker: broker}
	ear := &leasedEar{
		onProcessor, deafEar{}, nil, &Models{machine: m}, Holder{"lab", "iris"}, "final", priorityFinal, 1, &m.counts.final,
	}
	_, err = ear.Transcribe(ctx, nil)
	return errors.Join(err, broker.Close())
}

// hearsNothing is an ear.
type hearsNothing struct{}

func (hearsNothing) Transcribe(context.Context, []float32) (hearing.Transcript, error) {
	return hearing.Transcript{}, nil
}

func (hearsNothing) Close() error { return nil }

// OnGPU are the ears and the voice of models that run on a GPU where cfg says so, without the
// models themselves.
func OnGPU(b *compute.Broker, cfg Config, voice tts.Voice) (*Models, error) {
	m := &Models{machine: &Machine{broker: b}}
	var errs [3]error
	ctx := context.Background()
	ear := func(context.Context) (transcriber, error) { return hearsNothing{}, nil }
	m.interim, errs[0] = station(m.machine, "interim", onProcessor, ear)(ctx)
	m.final, errs[1] = station(m.machine, "final", cfg.place(), ear)(ctx)
	m.voice, errs[2] = station(m.machine, "voice", cfg.voicePlace(), func(context.Context) (tts.Voice, error) { return voice, nil })(ctx)
	return m, errors.Join(errs[:]...)
}

// Parts are shared parts of tests.
type Parts struct{ parts parts }

// Share is share.
func Share[T io.Closer](ctx context.Context, p *Parts, key any, load func(context.Context) (T, error)) (T, func() error, error) {
	value, held, err := share(ctx, &p.parts, key, load)
	return value, held.give, err
}

// Held is how many parts are held; nobody may hold one after it.
func (p *Parts) Held() int { return p.parts.close() }

// ReplaceVoice has another voice speak until restore is called.
func (m *Models) ReplaceVoice(v tts.Voice) (restore func()) {
	before := m.voice.model
	m.voice.model = v
	return func() { m.voice.model = before }
}

// SlowEar is the accurate ear of a holder with another model in its place.
func (m *Models) SlowEar(h Holder, next hearing.Transcriber) hearing.Transcriber {
	ear := m.Final(h).(*leasedEar)
	ear.next = next
	return ear
}

// Validate is validate.
func (c *Config) Validate() error { return c.validate() }

// PerceiveWith has a reader, and a namer or nil, look at a picture, within a limit.
func PerceiveWith(
	ctx context.Context, reader textReader, namer thingNamer, limit time.Duration, picture *image.RGBA,
) (told string, failures []*AdapterError, err error) {
	seen, failures, err := (&adapters{reader: reader, namer: namer, limit: limit}).perceive(ctx, picture, early{})
	if err != nil {
		return "", nil, err
	}
	return seen.Text(0, prompt.Room{}), failures, nil
}

// PerceiveSoon is the same within the limit of eyes that took so long at load; soon gets what is
// told early.
func PerceiveSoon(ctx context.Context, reader textReader, namer thingNamer, takes time.Duration, picture *image.RGBA, soon func(told string)) (string, error) {
	y := &Eyes{adapters: &adapters{reader: reader, namer: namer, limit: perceiveLimit}, takes: takes}
	seen, _, err := y.Perceive(ctx, picture, func(some *prompt.Perceived) { soon(some.Text(0, prompt.Room{})) })
	if err != nil {
		return "", err
	}
	return seen.Text(0, prompt.Room{}), nil
}
