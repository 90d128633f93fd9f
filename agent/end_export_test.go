package agent

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// panicMind thinks of a panic.
type panicMind struct {
	mind
	value any
}

func (m panicMind) think(context.Context, prompt.Request, *promptCache, func(string) error) (prompt.Result, error) {
	panic(m.value)
}

// PanicInMind has the model panic until restore is called. No answer may be under way.
func (e *Engine) PanicInMind(value any) (restore func()) {
	before := e.mind
	e.mind = panicMind{before, value}
	return func() { e.mind = before }
}

// deafEar panics.
type deafEar struct{}

func (deafEar) Transcribe(context.Context, []float32) (hearing.Transcript, error) { panic("deaf") }

func (deafEar) Probability([]float32) (float32, error) { panic("deaf") }

func (deafEar) Reset() {}

// PanicInEar transcribes with an engine that panics, under a lease as in a session.
func PanicInEar(ctx context.Context) error {
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1000}}})
	if err != nil {
		return err
	}
	defer func() { _ = broker.Close() }()
	e := &Engine{broker: broker, silicon: compute.SiliconCPU}
	ear := governedEar{next: deafEar{}, engine: e, holder: holder{"lab", "iris"}, name: "final", cost: 1, count: &e.counts.final}
	_, err = ear.Transcribe(ctx, nil)
	return err
}

// PanicInDetector judges a window with a detector that panics.
func PanicInDetector() error {
	_, err := fencedDetector{deafEar{}}.Probability(nil)
	return err
}

// HurryEnd shortens the limits of Close.
func (s *Session) HurryEnd() {
	s.endings = endings{finish: 10 * time.Millisecond, stop: 10 * time.Millisecond}
}

// Abandoned waits for what Close left behind.
func (s *Session) Abandoned() {
	s.work.Wait()
	_ = s.player.Close()
	_ = s.coder.Close()
}
