package engine_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestManyPersonasShareABudget lets eight answer side by side where three fit: every answer is as
// without a cache, the budget holds, and in the end nothing is left.
func TestManyPersonasShareABudget(t *testing.T) {
	l := newLobby(t, 3, nil)
	var work sync.WaitGroup
	reused := make([]int, 8)
	for i := range reused {
		name := fmt.Sprint("persona", i)
		c := l.seat(name)
		fresh, err := l.ask(name, nil, question(name), nil)
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			for range 12 {
				got, err := l.ask(name, c, question(name), nil)
				if err != nil || !slices.Equal(got.IDs, fresh.IDs) {
					t.Errorf("%s: %v, want %v, %v", name, got.IDs, fresh.IDs, err)
				}
				reused[i] += got.Reused
				if s := l.machine.PromptCaches()[0]; s.Bytes > s.Budget || s.Entries > 3 {
					t.Errorf("%+v", s)
				}
			}
			if i%2 == 0 {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	stats, held := l.counted()
	if stats.Held != 0 || len(held) != 4 {
		t.Errorf("%+v, %v", stats, held)
	}
	t.Logf("%v tokens reused, %+v", reused, stats)
}

// TestMachineKnowsWhatIsLeft closes it before a cache.
func TestMachineKnowsWhatIsLeft(t *testing.T) {
	machine, err := engine.OpenMachine(engine.MachineConfig{
		Library: fixture.Library(), Path: func(string, string) (string, error) { return testmodels.Runtime(t), nil },
		Host: model.Host{Cores: 2, MemoryBytes: 4 << 30, GPUs: []model.GPU{{MemoryBytes: 1 << 33}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	models, err := engine.OpenMind(t.Context(), machine, os.DirFS(tiny), false)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := models.NewPromptCache(holder("iris"))
	if err != nil {
		t.Fatal(err)
	}
	if got := machine.PromptCaches(); len(got) != 1 || got[0].Budget != 512<<20 {
		t.Errorf("an eighth of 4 GiB: %+v", got)
	}
	if err := models.Close(); err != nil {
		t.Error(err)
	}
	if err := machine.Close(); !errors.Is(err, engine.ErrInUse) || err.Error() != "models are still open: 1 prompt caches" {
		t.Error(err)
	}
	if err := kept.Close(); err != nil {
		t.Error(err)
	}
}
