package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Models are what one persona hears, sees, thinks and speaks with. Several rooms may use the same;
// they are closed after the last of them.
type Models struct {
	machine      *Machine
	answerTokens int
	canned       bool

	detector  *detector
	endOfTurn *stationed[turnDetector] // nil where nobody plays the role
	interim   *stationed[transcriber]
	final     *stationed[transcriber]
	voice     *stationed[tts.Voice]
	base      *base

	mu     sync.Mutex
	grips  []grip // of the parts above
	closed bool
	err    error // of Close
}

// Open loads what nobody on the machine has loaded yet, side by side, and probes the language
// model: a picture must change its answer, or, for a persona without eyes, it must answer at all;
// one that is given sound must take it. Before that it measures what pictures cost, where the
// resolution says what they may, and bounds them; a model that cannot keep it is a
// *model.SightError. Errors name the part, and concern nobody else.
func (m *Machine) Open(ctx context.Context, cfg Config) (*Models, error) {
	before := m.rt.Pool().Status().Loads
	out, err := m.load(ctx, cfg)
	if m.rt.Pool().Status().Loads != before {
		defer ort.Settle() // after the probe
	}
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := out.base.agree(ctx, &cfg); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	if err := out.probe(ctx); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	if cfg.Loaded != nil {
		cfg.Loaded("probe", time.Since(begin))
	}
	return out, nil
}

// load loads the models without probing them.
func (m *Machine) load(ctx context.Context, cfg Config) (*Models, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := m.fits(&cfg); err != nil {
		return nil, err
	}
	key, err := cfg.baseKey()
	if err != nil {
		return nil, err
	}
	out := &Models{machine: m, answerTokens: cfg.AnswerTokens}
	l, res := &loader{machine: m, cfg: cfg}, &cfg.Resolution
	var work group
	for name, load := range map[string]func() error{
		"voice activity": func() (err error) {
			out.detector, err = hold(ctx, out, detectorKey{res.Detector.ID}, l.detector)
			return
		},
		"interim transcripts": func() (err error) {
			out.interim, err = hold(ctx, out, interimKey{res.Interim.ID}, station(m, res.Interim.ID, onProcessor, l.moonshine))
			return
		},
		"final transcripts": func() (err error) {
			out.final, err = hold(ctx, out, finalKey{res.Ear.ID, cfg.provider(), cfg.device()}, station(m, res.Ear.ID, cfg.place(), l.whisper))
			return
		},
		"voice": func() (err error) {
			out.voice, err = hold(ctx, out, voiceKey{cfg.Voice, cfg.provider(), cfg.device()}, station(m, cfg.Voice.String(), cfg.voicePlace(), l.voice))
			return
		},
	} {
		work.part(&cfg, name, load)
	}
	if id := res.EndOfTurn.ID; id != "" {
		work.part(&cfg, "end of turn", func() (err error) {
			out.endOfTurn, err = hold(ctx, out, turnKey{id}, station(m, id, onProcessor, l.smartTurn))
			return
		})
	}
	work.do(func() (err error) { out.base, err = hold(ctx, out, key, l.base); return })
	if err := work.wait(); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return out, nil
}

// fits refuses models that this process cannot run whatever is loaded.
func (m *Machine) fits(cfg *Config) error {
	switch want := cfg.Resolution.Library.ID; cfg.Resolution.ExecutionProvider {
	case model.ProviderCPU, "": // every library runs on the processor
	case model.ProviderCUDA:
		if want != m.cfg.Library.ID {
			return &LibraryError{Wanted: want, Loaded: m.cfg.Library.ID}
		}
	default:
		return fmt.Errorf("%w: model %s wants the execution provider %q, which this program does not have",
			ErrConfig, cfg.Resolution.Base.ID, cfg.Resolution.ExecutionProvider)
	}
	if cfg.Remote == nil {
		return nil
	}
	pool := compute.Pool{Silicon: compute.SiliconCloud, Provider: cfg.Remote.Server.Provider}
	if !slices.ContainsFunc(m.cfg.Budgets, func(b compute.Budget) bool { return b.Pool == pool }) {
		return fmt.Errorf("%w: %s", ErrProvider, pool.Provider)
	}
	return nil
}

// hold shares a part and notes that these models hold it.
func hold[T interface{ Close() error }](ctx context.Context, m *Models, key any, load func(context.Context) (T, error)) (T, error) {
	value, held, err := share(ctx, &m.machine.parts, key, load)
	if err == nil {
		m.mu.Lock()
		m.grips = append(m.grips, held)
		m.mu.Unlock()
	}
	return value, err
}

// Share returns another holder of the same models: nothing is loaded or probed. Each is closed on
// its own, in any order; the last Close frees what nobody else holds. Errors: [ErrModelsClosed],
// [ErrClosed].
func (m *Models) Share() (*Models, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrModelsClosed
	}
	out := &Models{
		machine: m.machine, answerTokens: m.answerTokens, canned: m.canned,
		detector: m.detector, endOfTurn: m.endOfTurn, interim: m.interim, final: m.final, voice: m.voice, base: m.base,
	}
	for _, held := range m.grips {
		again, err := held.again()
		if err != nil {
			return nil, errors.Join(err, out.Close())
		}
		out.grips = append(out.grips, again)
	}
	return out, nil
}

// Close gives the models back. It is idempotent; nobody may use them any more.
func (m *Models) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return m.err
	}
	m.closed = true
	var errs []error
	for _, held := range m.grips {
		errs = append(errs, held.give())
	}
	m.err = errors.Join(errs...)
	return m.err
}

// Machine is what the models run on.
func (m *Models) Machine() *Machine { return m.machine }

// Sees tells whether the language model is shown pictures.
func (m *Models) Sees() bool { return m.base.sees }

// Name is what the language model is called: its id here, its server's name there; it may be empty.
func (m *Models) Name() string { return m.base.name }

// Provider is who runs the language model; empty for this process.
func (m *Models) Provider() string {
	if far, is := m.base.mind.(*remoteMind); is {
		return far.client.Provider()
	}
	return ""
}

// HearsSound tells whether the language model is given the sound of questions.
func (m *Models) HearsSound() bool { return m.base.sound != nil }

// AnswerTokens bounds one answer.
func (m *Models) AnswerTokens() int { return m.answerTokens }

// Detector makes a detector of speech for one microphone, closed by the caller.
func (m *Models) Detector() (Detector, error) { return m.detector.model.NewDetector() }

// Eyes are what makes sights of frames; nil where nothing is shown to the model.
func (m *Models) Eyes() *Eyes { return m.base.eyes }

// Fits refuses a prompt that exceeds the model's window. It is asked before anything is admitted.
func (m *Models) Fits(messages []prompt.Message) error { return m.base.mind.fits(messages) }

// Lease takes the lease of an answer. seen are the sights that it is made of, none without a
// picture: one that has ended meanwhile is refused, so that nothing is said about a picture that is
// gone.
//
// kept is what the answer will be given, so that one answer at a time uses it; or nil. The first
// time it gets a lease of its own, under which its bytes are counted.
func (m *Models) Lease(ctx context.Context, turn uint64, h Holder, seen Seen, kept *PromptCache) (*compute.Lease, error) {
	if err := kept.admit(ctx); err != nil {
		return nil, err
	}
	d := compute.Demand{Artifact: h.artifact("cognition.reply", turn), Holder: h.String(), Priority: priorityReply, At: kept.stations()}
	d.From = seen.leases()
	return m.base.mind.acquire(ctx, d)
}

// Answer has the model answer; the caller holds the lease. emit receives what may be seen and
// heard, piece by piece, on this goroutine; nil receives nothing. The result's text is the same as
// a whole, and valid with any error. Where the model came to no answer, or not to its end, the
// error is an *answer.Error; it is Partial where something was emitted. kept is what NewPromptCache
// made, or nil.
func (m *Models) Answer(ctx context.Context, req prompt.Request, kept *PromptCache, emit func(visible string) error) (prompt.Result, error) {
	return m.base.answer(ctx, req, kept, emit)
}

// NewPromptCache makes what one persona keeps from answer to answer; nil where there is nothing to
// keep.
func (m *Models) NewPromptCache(h Holder) (*PromptCache, error) {
	return m.base.mind.newPromptCache(h)
}

// Traits are what prompts for the language model have to fit: its window, and what it takes.
func (m *Models) Traits() prompt.Traits { return m.base.mind.traits() }

// Told is the room for what the language model is told of a picture that adapters see for it, or of
// there being none.
func (m *Models) Told() prompt.Room { return toldRoom(m.Traits(), m.answerTokens) }

// SightTokens is at most how many tokens a question's pictures have, of which the newest is like
// this one; 0 for none. What adapters see, or do not see, is kept room for whatever it is.
func (m *Models) SightTokens(seen *Sight) int {
	if m.base.eyes.Assisted() {
		return m.Told().Tokens + 1 // the line break behind it
	}
	if seen == nil {
		return 0
	}
	total := 0
	for _, part := range times(seen, max(m.base.eyes.Series().Pictures, 1)).parts() {
		total += m.base.mind.partTokens(part)
	}
	return total
}

// longAgo makes a long caption of a picture's age.
const longAgo = 59 * time.Second

// PartTokens is how many tokens a picture or a sound adds to a prompt at most; 0 where only the
// model's server counts.
func (m *Models) PartTokens(part prompt.Part) int { return m.base.mind.partTokens(part) }

// Listen has the language model hear the sound of a question, under a lease. What was made under
// one that ended meanwhile is refused.
func (m *Models) Listen(ctx context.Context, turn uint64, h Holder, pcm []float32) (*usm.Clip, error) {
	return m.base.listen(ctx, turn, h, pcm)
}

// Detector finds speech in one microphone's sound. It belongs to one goroutine.
type Detector interface {
	hearing.VoiceDetector
	Close() error
}
