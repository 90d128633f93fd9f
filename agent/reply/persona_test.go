package reply_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

var lab = engine.Holder{Room: "lab", Persona: "iris"}

// persona answers with parts that cost nothing.
type persona struct {
	replies *reply.Replies
	broker  *compute.Broker
	mind    *mind
	voice   *voice
	player  *player
	log     *reports
	deaf    atomic.Bool // nobody hears it
}

func newPersona(t *testing.T) *persona {
	t.Helper()
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{
		{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 8, Units: 1000},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p := &persona{
		broker: broker, mind: &mind{broker: broker, says: []string{"Yes."}}, voice: &voice{}, player: &player{}, log: &reports{},
	}
	p.replies = reply.New(t.Context(), reply.Deps{
		Mind: p.mind, Voice: p.voice, Player: p.player, Holder: lab, Names: []string{"Iris"}, Heard: func() bool { return !p.deaf.Load() }, Sink: p.log.take,
		Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		p.replies.Wait()
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func question(turn uint64, text string) reply.Question {
	return reply.Question{Turn: turn, Who: "ada", Text: text}
}

// sight is a picture under a lease, which ends with the test.
func (p *persona) sight(t *testing.T, name string) *engine.Sight {
	t.Helper()
	lease, err := p.broker.TryAcquire(compute.Demand{
		Artifact: "vision.picture/" + name, Class: compute.Render, Silicon: compute.SiliconCPU, Holder: name, Cost: compute.Cost{Units: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Publish(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Release)
	return &engine.Sight{Picture: &remote.Picture{}, Lease: lease, Captured: time.Now()}
}

// mind says what it is told to.
type mind struct {
	broker  *compute.Broker
	says    []string
	fails   error // with what it has said
	unfit   error // of any prompt
	mute    error // of any sound
	listens bool
	heard   int    // clips
	waits   func() // nil, or called while a lease is waited for
	panics  any
	unsound any           // panics when asked whether a prompt fits
	stays   bool          // it does not end by itself when it has said everything
	gate    chan struct{} // nil, or closed before it answers
	deaf    bool          // it goes on when its context has ended

	mu       sync.Mutex
	asked    []string
	pictures int
	from     []string // what the last lease was made from
	lease    *compute.Lease
}

func (m *mind) questions() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

func (m *mind) HearsSound() bool { return m.listens }

func (m *mind) AnswerTokens() int { return 32 }

func (m *mind) Listen(context.Context, uint64, engine.Holder, []float32) (*usm.Clip, error) {
	m.heard++
	if m.mute != nil {
		return nil, m.mute
	}
	return &usm.Clip{Tokens: 1, Hidden: 1, Data: []float32{1}}, nil
}

func (*mind) Told() prompt.Room { return prompt.Room{} }

func (m *mind) Fits([]prompt.Message) error {
	if m.unsound != nil {
		panic(m.unsound)
	}
	return m.unfit
}

func (m *mind) Lease(ctx context.Context, turn uint64, h engine.Holder, seen engine.Seen, _ *engine.PromptCache) (*compute.Lease, error) {
	d := compute.Demand{
		Artifact: fmt.Sprintf("cognition.reply/%s/%d/%s", h.Room, turn, h.Persona), Class: compute.LocalGeneration, Silicon: compute.SiliconCPU,
		Holder: h.String(), Cost: compute.Cost{Units: 1},
	}
	m.from = nil
	for _, v := range seen {
		d.From = append(d.From, v.Lease)
		m.from = append(m.from, v.Lease.Artifact())
	}
	if m.waits != nil {
		m.waits()
	}
	var err error
	m.lease, err = m.broker.Acquire(ctx, d)
	return m.lease, err
}

func (m *mind) Answer(ctx context.Context, req prompt.Request, _ *engine.PromptCache, emit func(string) error) (prompt.Result, error) {
	m.mu.Lock()
	for _, message := range req.Messages {
		m.asked, m.pictures = append(m.asked, message.Text), len(message.Parts)
	}
	m.mu.Unlock()
	if m.gate != nil {
		done := ctx.Done()
		if m.deaf {
			done = nil
		}
		select {
		case <-m.gate:
		case <-done:
			return prompt.Result{}, context.Cause(ctx)
		}
	}
	if m.panics != nil {
		panic(m.panics)
	}
	out := prompt.Result{PromptTokens: 5, Reused: 3, Lost: "evicted", Reason: "stop"}
	for _, piece := range m.says {
		out.Text += piece
		if err := emit(piece); err != nil {
			return out, err
		}
	}
	if m.stays {
		<-ctx.Done()
		return out, context.Cause(ctx)
	}
	return out, m.fails
}

// voice makes 100 ms of sound of each clause.
type voice struct {
	tts.Voice
	rate   int // playout's where it is 0
	fails  error
	panics any

	mu      sync.Mutex
	clauses []string
}

func (v *voice) SampleRate() int { return cmp.Or(v.rate, playout.SampleRate) }

func (v *voice) Synthesize(_ context.Context, clause string, emit func([]float32) error) error {
	if v.panics != nil {
		panic(v.panics)
	}
	if v.fails != nil {
		return v.fails
	}
	v.mu.Lock()
	v.clauses = append(v.clauses, clause)
	v.mu.Unlock()
	return emit(make([]float32, v.SampleRate()/10))
}

func (v *voice) said() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.clauses)
}

var errRefused = errors.New("not written")

// player plays at once.
type player struct {
	drains  error
	refuses int // this write, from 1

	mu       sync.Mutex
	writes   int
	played   int
	finished int
}

func (p *player) Write(_ context.Context, pcm []float32, mark playout.Mark) error {
	p.mu.Lock()
	p.writes++
	refused := p.writes == p.refuses
	if !refused {
		p.played += len(pcm)
	}
	p.mu.Unlock()
	if refused {
		return errRefused
	}
	if mark != nil {
		mark(time.Now())
	}
	return nil
}

func (p *player) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished++
}

func (p *player) FinishClause() (heard, cut bool) { return true, false }

func (p *player) Drain(context.Context) error { return p.drains }

func (p *player) samples() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.played
}

// reports keeps what replies report, one line each.
type reports struct {
	mu   sync.Mutex
	all  []string
	saw  []string // the keys of the last pictures
	done []reply.Trace
}

func (r *reports) take(_ context.Context, report reply.Report) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := report.(type) {
	case reply.Ready:
		r.all = append(r.all, fmt.Sprintf("ready %d", e.Reply.Turn))
	case reply.Thought:
		r.all = append(r.all, fmt.Sprintf("thought %d %s", e.Reply.Turn, e.Text))
	case reply.Saw:
		r.saw = e.Keys
	case reply.Noted:
		r.all = append(r.all, fmt.Sprintf("noted %d %s", e.Reply.Turn, e.Field))
	case reply.Audible:
		r.all = append(r.all, fmt.Sprintf("audible %d %s", e.Reply.Turn, e.Text))
	case reply.Unheard:
		r.all = append(r.all, fmt.Sprintf("unheard %d", e.Reply.Turn))
	case reply.Troubled:
		part := map[reply.Part]string{reply.Looking: "looking", reply.Listening: "listening", reply.Thinking: "thinking"}[e.Part]
		r.all = append(r.all, fmt.Sprintf("trouble %d %s %s: %v", e.Reply.Turn, part, e.Who, e.Err))
	case reply.Done:
		r.all = append(r.all, fmt.Sprintf("done %d %v", e.Reply.Turn, e.Trace.Err))
		r.done = append(r.done, e.Trace)
	}
	return true
}

func (r *reports) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}
