package engine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
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

// TestPersonasThatSeeKeepTheirPrompts: of a prompt with a new picture, what stands before it is
// used again, and the answer is that of a model that keeps nothing.
func TestPersonasThatSeeKeepTheirPrompts(t *testing.T) {
	machine := small(t)
	models, err := engine.OpenMind(t.Context(), machine, os.DirFS(filepath.Join(gridModels, "qwen3_vl")), true)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := models.NewPromptCache(holder("iris"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(kept.Close(), models.Close()); err != nil {
			t.Error(err)
		}
	}()
	l := &lobby{t, machine, models}
	said := "Ada: is this the garden?\nBob: I think so.\n"
	for i, name := range []string{"exact", "tall", "wide"} {
		seen, err := models.See(t.Context(), decodePNG(t, filepath.Join(gridPicture, name+".png")))
		if err != nil {
			t.Fatal(err)
		}
		message := engine.Asked(said+"Ada: and what is here?", engine.Seen{{Sight: seen}}, nil)
		message[0].Before = len(said)
		req := prompt.Request{Messages: message, MaxTokens: 6}
		fresh, err1 := l.ask("iris", nil, req, nil)
		got, err2 := l.ask("iris", kept, req, nil)
		if err := errors.Join(err1, err2); err != nil || !slices.Equal(got.IDs, fresh.IDs) || len(got.IDs) == 0 {
			t.Errorf("%s: %v, without a cache %v, %v", name, got.IDs, fresh.IDs, err)
		}
		if i > 0 && (got.Reused < len(said)/2 || got.Reused > got.PromptTokens-seen.Features.Tokens) {
			t.Errorf("%s: %d of %d tokens reused", name, got.Reused, got.PromptTokens)
		}
		said += "Iris: a wall.\n"
	}
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
