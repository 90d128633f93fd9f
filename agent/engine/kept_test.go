package engine_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// tiny is a model of random weights that takes text and pictures.
const tiny = "../../cognition/generate/testdata/idefics3"

// lobby is a room of personas that keep their prompts on a machine of their own.
type lobby struct {
	t       *testing.T
	machine *engine.Machine
	models  *engine.Models
}

// newLobby opens one. budget is in prompt caches of the usual size; 0 changes nothing.
func newLobby(t *testing.T, budget float64, change func(*engine.MachineConfig)) *lobby {
	t.Helper()
	cfg := engine.MachineConfig{
		Library: fixture.Library(), Path: func(string, string) (string, error) { return testmodels.Runtime(t), nil }, Host: model.Host{Cores: 2, MemoryBytes: 4 << 30},
	}
	cfg.PromptCacheBytes = int64(budget * usual)
	if change != nil {
		change(&cfg)
	}
	machine, err := engine.OpenMachine(cfg)
	if err != nil {
		t.Fatal(err)
	}
	models, err := engine.OpenMind(t.Context(), machine, os.DirFS(tiny), false)
	if err != nil {
		t.Fatal(errors.Join(err, machine.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(models.Close(), machine.Close()); err != nil {
			t.Error(err)
		}
	})
	if got := models.Generator().PromptCacheBytes(128); got != usual {
		t.Fatalf("a cache of 128 tokens has %d bytes", got)
	}
	return &lobby{t, machine, models}
}

// usual is what 128 tokens of the model take: two sets of keys and values of three layers, two
// heads of eight floats.
const usual = 2 * (2 * 3) * 128 * 2 * 8 * 4

// seat is a persona's cache, closed with the test.
func (l *lobby) seat(name string) *engine.PromptCache {
	l.t.Helper()
	c, err := l.models.NewPromptCache(holder(name))
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			l.t.Error(err)
		}
	})
	return c
}

func holder(name string) engine.Holder { return engine.Holder{Room: "lobby", Persona: name} }

// question takes 65 to 128 tokens with its answer: a letter is a token.
func question(name string) prompt.Request {
	return prompt.Request{Messages: []prompt.Message{{Role: prompt.User, Text: name + strings.Repeat("?", 60-len(name))}}, MaxTokens: 8}
}

// ask has a persona answer under a lease; c may be nil. What random weights say need be no answer.
func (l *lobby) ask(name string, c *engine.PromptCache, req prompt.Request, emit func(string) error) (prompt.Result, error) {
	lease, err := l.models.Lease(context.Background(), 1, holder(name), nil, c)
	if err != nil {
		return prompt.Result{}, err
	}
	defer lease.Release()
	out, err := l.models.Answer(context.Background(), req, c, emit)
	var no *answer.Error
	if errors.As(err, &no) {
		err = nil
	}
	return out, err
}

// want asks, and wants the answer of a model that keeps nothing. What was lost has to match.
func (l *lobby) want(name string, c *engine.PromptCache, reused bool, lost string) {
	l.t.Helper()
	got, err := l.ask(name, c, question(name), nil)
	if err != nil {
		l.t.Fatal(err)
	}
	fresh, err := l.ask(name, nil, question(name), nil)
	if err != nil || !slices.Equal(got.IDs, fresh.IDs) || len(got.IDs) == 0 {
		l.t.Errorf("%s: %v, without a cache %v, %v", name, got.IDs, fresh.IDs, err)
	}
	if (got.Reused == got.PromptTokens-1) != reused || !reused && got.Reused != 0 {
		l.t.Errorf("%s: %d of %d tokens reused, want %v", name, got.Reused, got.PromptTokens, reused)
	}
	if !regexp.MustCompile("^(?:" + lost + ")$").MatchString(got.Lost) {
		l.t.Errorf("%s: %q, want %s", name, got.Lost, lost)
	}
	l.counted()
}

// counted holds the machine's counts against the ledger, by persona.
func (l *lobby) counted() (stats keys.Stats, held map[string]int64) {
	l.t.Helper()
	held = map[string]int64{}
	sum, used := int64(0), int64(0)
	snap := l.machine.Compute()
	for _, lease := range snap.Leases {
		if lease.Class == compute.Memory {
			held[lease.Holder] += lease.Cost.Bytes
			sum += lease.Cost.Bytes
		}
		used += lease.Cost.Bytes
	}
	for _, s := range l.machine.PromptCaches() {
		if s.Silicon != compute.SiliconCPU || s.Bytes != sum || s.Bytes > s.Budget {
			l.t.Errorf("%+v, the ledger has %d bytes", s, sum)
		}
		stats = s.Stats
	}
	if snap.Pools[0].UsedBytes != used {
		l.t.Errorf("the pool has %d bytes, its leases %d", snap.Pools[0].UsedBytes, used)
	}
	return stats, held
}

const evictedFor = `prompt cache was evicted at \d\d:\d\d to make room for lobby/`

// TestLeastRecentlyHeardPersonaPaysOnce seats three where two fit.
func TestLeastRecentlyHeardPersonaPaysOnce(t *testing.T) {
	l := newLobby(t, 2.5, nil)
	iris, max, otto := l.seat("iris"), l.seat("max"), l.seat("otto")
	l.want("iris", iris, false, "")
	l.want("max", max, false, "")
	l.want("iris", iris, true, "")
	l.want("otto", otto, false, "") // max goes
	l.want("iris", iris, true, "")
	stats, held := l.counted()
	if stats != (keys.Stats{Entries: 2, Bytes: 2 * usual, Budget: 5 * usual / 2, Evicted: 1}) || held["lobby/iris"] != usual || held["lobby/max"] != 0 || held["lobby/otto"] != usual {
		t.Errorf("%+v, %v", stats, held)
	}
	l.want("max", max, false, evictedFor+"otto") // otto goes
	l.want("max", max, true, "")
	l.want("iris", iris, true, "")
	if err := iris.Close(); err != nil {
		t.Fatal(err)
	}
	l.want("otto", otto, false, evictedFor+"max") // where iris was
	if stats, held := l.counted(); stats.Evicted != 2 || len(held) != 2 {
		t.Errorf("%+v, %v", stats, held)
	}
}

// TestCachesInUseStay: an answer that finds no room beside one under way does without a cache, and
// nobody notices but for the time.
func TestCachesInUseStay(t *testing.T) {
	l := newLobby(t, 1, nil)
	iris, max := l.seat("iris"), l.seat("max")
	full := "prompt cache does not fit into the budget of the store: 98304 bytes, 98304 of 98304 are in use"
	asked := false
	got, err := l.ask("iris", iris, question("iris"), func(string) error {
		if asked {
			return nil
		}
		asked = true
		l.want("max", max, false, full)
		if err := iris.Close(); err == nil {
			t.Error("it was closed while in use")
		}
		return nil
	})
	if err != nil || !asked || got.Lost != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	l.want("iris", iris, true, "")
	l.want("max", max, false, "")
	l.want("iris", iris, false, evictedFor+"max")
	if stats, _ := l.counted(); stats != (keys.Stats{Entries: 1, Bytes: usual, Budget: usual, Evicted: 2, Refused: 1}) {
		t.Errorf("%+v", stats)
	}
}

// TestCachesGrowAndRestart: one that grows is counted anew, one that is too large for the machine
// is not kept, and what is closed is counted from nothing again.
func TestCachesGrowAndRestart(t *testing.T) {
	l := newLobby(t, 3, nil)
	iris := l.seat("iris")
	l.want("iris", iris, false, "")
	long, longer := question("iris"), question("iris")
	long.Messages[0].Text += strings.Repeat("!", 80)
	longer.Messages[0].Text += strings.Repeat("!", 500)
	got, err := l.ask("iris", iris, long, nil)
	if stats, held := l.counted(); err != nil || got.Reused < 60 || held["lobby/iris"] <= usual || stats.Entries != 1 {
		t.Errorf("%v; %d tokens reused; %+v, %v", err, got.Reused, stats, held)
	}
	got, err = l.ask("iris", iris, longer, nil)
	if err != nil || got.Reused != 0 || !strings.HasPrefix(got.Lost, "prompt cache does not fit into the budget of the store: ") {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = l.ask("iris", iris, long, nil); err != nil || got.Reused != got.PromptTokens-1 || got.Lost != "" {
		t.Errorf("what it had is gone: %+v, %v", got, err)
	}
	if err := errors.Join(iris.Close(), iris.Close()); err != nil {
		t.Fatal(err)
	}
	if stats, held := l.counted(); stats.Entries != 0 || stats.Bytes != 0 || len(held) != 0 {
		t.Errorf("closed: %+v, %v", stats, held)
	}
	l.want("iris", l.seat("iris"), false, "")
}

// TestLedgerHasTheLastWord where its pool is full although the budget of the caches is not.
func TestLedgerHasTheLastWord(t *testing.T) {
	l := newLobby(t, 100, func(c *engine.MachineConfig) {
		c.Budgets = []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 4, Units: 2000, Bytes: usual + 1}}
	})
	iris, max := l.seat("iris"), l.seat("max")
	l.want("iris", iris, false, "")
	l.want("max", max, false, "prompt cache cognition.prompt_cache/lobby/.*/max on CPU for lobby/max refused: .* needs? .*")
	l.want("iris", iris, true, "")
}

// TestCacheWithoutALeaseIsRefused: nothing is kept that the ledger does not count.
func TestCacheWithoutALeaseIsRefused(t *testing.T) {
	l := newLobby(t, 1, nil)
	iris := l.seat("iris")
	if _, err := l.models.Answer(t.Context(), question("iris"), iris, nil); !errors.Is(err, engine.ErrConfig) || !strings.Contains(err.Error(), "lobby/iris") {
		t.Error(err)
	}
	l.want("iris", iris, false, "")
}

// TestPanicInAnAnswerLeavesTheCache to the next one.
func TestPanicInAnAnswerLeavesTheCache(t *testing.T) {
	l := newLobby(t, 1, nil)
	iris := l.seat("iris")
	if _, err := l.ask("iris", iris, question("iris"), func(string) error { panic("emit") }); err == nil {
		t.Fatal("no error")
	}
	l.want("iris", iris, true, "")
}
