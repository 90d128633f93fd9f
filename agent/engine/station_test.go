package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/tts"
)

// slow is a voice and an ear that work until they are told to stop.
type slow struct {
	tts.Voice
	inside, most atomic.Int32
	entered      chan struct{}
	leave        chan struct{}
}

func newSlow() *slow { return &slow{entered: make(chan struct{}, 8), leave: make(chan struct{})} }

func (s *slow) work(ctx context.Context) error {
	s.most.Store(max(s.most.Load(), s.inside.Add(1)))
	defer s.inside.Add(-1)
	s.entered <- struct{}{}
	select {
	case <-s.leave:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *slow) Synthesize(ctx context.Context, _ string, _ func([]float32) error) error {
	return s.work(ctx)
}

func (s *slow) Transcribe(ctx context.Context, _ []float32) (hearing.Transcript, error) {
	return hearing.Transcript{}, s.work(ctx)
}

// queue counts the leases and the waiting demands of artifacts that begin alike, as soon as there
// are n of them.
func queue(t *testing.T, m *engine.Machine, prefix string, n int) (leases, waiting int) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; <-time.After(time.Millisecond) {
		s := m.Compute()
		leases, waiting = 0, 0
		for _, l := range s.Leases {
			if strings.HasPrefix(l.Artifact, prefix) {
				leases++
			}
		}
		for _, w := range s.Waiting {
			if strings.HasPrefix(w.Artifact, prefix) {
				waiting++
			}
		}
		if leases+waiting == n {
			return leases, waiting
		}
		if time.Now().After(limit) {
			t.Fatalf("%d at work, %d wait, want %d in all", leases, waiting, n)
		}
	}
}

// TestQueueingForAModelHoldsNothing: of several that want one voice, or one ear, one holds a lease
// and is inside; the others wait in the ledger and hold none. Who gives up leaves the queue.
func TestQueueingForAModelHoldsNothing(t *testing.T) {
	machine, models := shared.Open(t)
	for name, c := range map[string]struct {
		artifact string
		use      func(ctx context.Context, s *slow, h engine.Holder) error
	}{
		"voice": {"tts.speech/queue", func(ctx context.Context, _ *slow, h engine.Holder) error {
			return models.Voice(h).Synthesize(ctx, "hello", nil)
		}},
		"final ear": {"hearing.transcript/queue", func(ctx context.Context, s *slow, h engine.Holder) error {
			_, err := models.SlowEar(h, s).Transcribe(ctx, nil)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSlow()
			defer models.ReplaceVoice(s)()
			use := func(ctx context.Context, room string) error {
				return c.use(ctx, s, engine.Holder{Room: room, Persona: "iris"})
			}
			ended := make(chan error, 3)
			go func() { ended <- use(t.Context(), "queue-1") }()
			<-s.entered
			go func() { ended <- use(t.Context(), "queue-2") }()
			ctx, cancel := context.WithCancel(t.Context())
			gave := make(chan error, 1)
			go func() { gave <- use(ctx, "queue-3") }()
			if leases, waiting := queue(t, machine, c.artifact, 3); leases != 1 || waiting != 2 {
				t.Errorf("%d at work, %d wait", leases, waiting)
			}
			cancel()
			if err := <-gave; !errors.Is(err, context.Canceled) {
				t.Errorf("gave up with %v", err)
			}
			if _, waiting := queue(t, machine, c.artifact, 2); waiting != 1 {
				t.Errorf("%d wait", waiting)
			}
			close(s.leave)
			for range 2 {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
			if leases, waiting := queue(t, machine, c.artifact, 0); leases+waiting != 0 || s.most.Load() != 1 {
				t.Errorf("%d at work, %d wait; %d were inside at once", leases, waiting, s.most.Load())
			}
		})
	}
}

// TestQueueingForAPromptCacheHoldsNothing: a persona's second reply gets its lease when the first
// has given back the prompt that both use; a reply of another persona need not wait.
func TestQueueingForAPromptCacheHoldsNothing(t *testing.T) {
	machine := machine(t)
	models, err := calibrated(t, machine, func(c *engine.Config) {
		c.Resolution.Sources = []model.Source{{Capability: model.Chat, Native: true}}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := models.Close(); err != nil {
			t.Error(err)
		}
	}()
	lab := engine.Holder{Room: "lab", Persona: "iris"}
	iris, err1 := models.NewPromptCache(lab)
	otto, err2 := models.NewPromptCache(engine.Holder{Room: "lab", Persona: "otto"})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(iris.Close(), otto.Close()); err != nil {
			t.Error(err)
		}
	}()
	first, err := models.Lease(t.Context(), 1, lab, nil, iris)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan *compute.Lease, 1)
	go func() {
		lease, err := models.Lease(t.Context(), 2, lab, nil, iris)
		if err != nil {
			t.Error(err)
		}
		second <- lease
	}()
	if leases, waiting := queue(t, machine, "cognition.reply/lab", 2); leases != 1 || waiting != 1 {
		t.Errorf("%d at work, %d wait", leases, waiting)
	}
	other, err := models.Lease(t.Context(), 1, engine.Holder{Room: "lab", Persona: "otto"}, nil, otto)
	if err != nil {
		t.Errorf("another persona: %v", err)
	}
	other.Release()
	first.Release()
	if lease := <-second; lease != nil {
		lease.Release()
	}
}
