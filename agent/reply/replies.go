package reply

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Mind is what thinks: *engine.Models is one, whose methods say what these do.
type Mind interface {
	HearsSound() bool
	AnswerTokens() int
	Listen(ctx context.Context, turn uint64, h engine.Holder, pcm []float32) (*usm.Clip, error)
	Fits(messages []prompt.Message) error
	Told() prompt.Room
	Lease(ctx context.Context, turn uint64, h engine.Holder, seen engine.Seen, kept *engine.PromptCache) (*compute.Lease, error)
	Answer(ctx context.Context, req prompt.Request, kept *engine.PromptCache, emit func(visible string) error) (prompt.Result, error)
}

// Player is what makes speech audible: *playout.Player is one.
type Player interface {
	Write(ctx context.Context, pcm []float32, mark playout.Mark) error
	Finish()
	FinishClause() (heard, cut bool)
	Drain(ctx context.Context) error
}

var (
	_ Mind   = (*engine.Models)(nil)
	_ Player = (*playout.Player)(nil)
)

// Deps are what a persona answers with.
type Deps struct {
	Mind   Mind
	Voice  tts.Voice
	Player Player
	// Model and Provider name the mind in traces.
	Model, Provider string
	// Holder is who leases name.
	Holder engine.Holder
	// Kept is what is kept from answer to answer, or nil. It stays open until Wait has returned.
	Kept *engine.PromptCache
	// Names are what the persona is called: its own name before an answer is cut.
	Names []string
	// Heard tells whether what is played now reaches anybody.
	Heard func() bool
	// Sink takes what replies report, from several goroutines, in order for each reply. It waits
	// while there is no room for it, for Audible and Unheard not at all, until ctx ends; it returns
	// whether it has taken it.
	Sink func(ctx context.Context, r Report) bool
	Log  *slog.Logger
}

// Question is what a reply answers.
type Question struct {
	// Turn is its number, unique for the holder.
	Turn      uint64
	Who, Text string
	Timing    hearing.Timing // zero when typed
	Typed     bool
	PCM       []float32 // how it sounded; nil when typed, and where the model takes no sound
	// Prompt is the question within what was said before; without messages it stands alone.
	Prompt Prompt
	// Refused says why there is no prompt for it, nil where there is: the reply ends with it.
	Refused error
	// Guess is true for a question that nobody has asked for certain: it is not waited for a place
	// to think, and nothing that is said of it is to reach anybody before it is.
	Guess bool
	// Say has Text said as it stands: nothing is asked.
	Say bool
}

// Prompt is what the model is asked.
type Prompt struct {
	// Messages end with the question's; pictures and sounds are put into that one.
	Messages []prompt.Message
	// Key is the same for prompts of one persona: see prompt.Request.CacheKey.
	Key string
	// Context is the key of what stands before the question.
	Context string
	// Break is what changed since the prompt before, besides what was added; nil for nothing.
	Break *keys.Break
}

// Replies are the replies of one persona, one after another.
type Replies struct {
	Deps
	life  context.Context //nolint:containedctx // the lifetime of all replies
	fence compute.Fence   // every clause passes it
	work  sync.WaitGroup
	last  *Reply
}

// New returns what starts replies. They end with life at the latest, and are waited for with Wait.
func New(life context.Context, deps Deps) *Replies { return &Replies{Deps: deps, life: life} }

// Wait waits until all goroutines of all replies have ended. None may be started any more.
func (s *Replies) Wait() { s.work.Wait() }

// Start begins a reply. The one before is cancelled by the caller; this one thinks when that one
// has given its lease back, so that a persona never competes with itself. Start belongs to one
// goroutine.
func (s *Replies) Start(q Question, look Target) *Reply {
	ctx, cancel := context.WithCancelCause(s.life)
	r := &Reply{
		Turn: q.Turn, from: s, cancel: cancel, question: q, target: look, floor: make(chan struct{}), thought: make(chan struct{}),
		trace: Trace{
			Turn: q.Turn, Who: q.Who, Question: q.Text, Begin: time.Now(), Model: s.Model, Provider: s.Provider,
			SpeechEnd: q.Timing.SpeechEnd, Stopped: q.Timing.Stopped, STTBegin: q.Timing.STTBegin, STTEnd: q.Timing.STTEnd,
			EndOfTurn: q.Timing.EndOfTurn,
		},
	}
	if s.last != nil {
		r.before = s.last.thought
	}
	s.last = r
	s.work.Go(func() { r.run(ctx) })
	return r
}
