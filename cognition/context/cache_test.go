package context_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// said is a context of one line.
func said(text string) []prompt.Segment {
	return []prompt.Segment{{Kind: prompt.KindTranscript, Role: prompt.User, Text: text}}
}

func cache(t *testing.T, budget int64) *context.Cache {
	t.Helper()
	c, err := context.NewCache(budget)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func keep(t *testing.T, c *context.Cache, at time.Time, text string) context.Key {
	t.Helper()
	key, err := c.Put(at, "", said(text))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// size is what said counts.
func size(text string) int64 { return context.Bytes(said(text)) }

// TestContextsAreNegotiated: what is missing is named, given, and taken; the second time nothing is
// missing.
func TestContextsAreNegotiated(t *testing.T) {
	c := cache(t, 1<<20)
	a, b := context.KeyOf(said("a")), context.KeyOf(said("b"))
	if got := c.Missing(noon, []context.Key{a, b, a}); !slices.Equal(got, []context.Key{a, b}) {
		t.Errorf("missing %q", got)
	}
	if _, err := c.Take(noon, a); !errors.Is(err, context.ErrEvicted) || !strings.Contains(err.Error(), string(a)) {
		t.Errorf("%v", err)
	}
	if key, err := c.Put(noon, a, said("a")); err != nil || key != a {
		t.Errorf("%s, %v", key, err)
	}
	if got := c.Missing(noon, []context.Key{a, b}); !slices.Equal(got, []context.Key{b}) {
		t.Errorf("missing %q", got)
	}
	keep(t, c, noon, "b")
	if got := c.Missing(noon, []context.Key{a, b}); len(got) > 0 {
		t.Errorf("missing %q", got)
	}
	got, err := c.Take(noon, b)
	if diff := cmp.Diff(said("b"), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if s := c.Stats(noon); s.Entries != 2 || s.Bytes != size("a")+size("b") || s.Pinned != 2 {
		t.Errorf("%+v", s)
	}
}

// TestPinsHoldForAWhile: what was asked for is not evicted within 30 s, and may be after them.
func TestPinsHoldForAWhile(t *testing.T) {
	c := cache(t, 2*size("a"))
	a := keep(t, c, noon, "a")
	if missing := c.Missing(noon.Add(20*time.Second), []context.Key{a}); len(missing) > 0 {
		t.Fatalf("missing %q", missing)
	}
	keep(t, c, noon.Add(20*time.Second), "b")
	_, err := c.Put(noon.Add(50*time.Second-1), "", said("c"))
	var full *context.BudgetError
	if !errors.As(err, &full) || full.Held != 2*size("a") {
		t.Errorf("beside what is pinned: %v", err)
	}
	for _, text := range []string{"a", "b"} {
		if _, err := c.Take(noon.Add(50*time.Second-1), context.KeyOf(said(text))); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := c.Take(noon.Add(50*time.Second), a); err != nil {
		t.Errorf("used now: %v", err)
	}
	keep(t, c, noon.Add(50*time.Second), "c")
	if _, err := c.Take(noon.Add(50*time.Second), context.KeyOf(said("b"))); !errors.Is(err, context.ErrEvicted) {
		t.Errorf("used longest ago: %v", err)
	}
	if _, err := c.Take(noon.Add(50*time.Second), a); err != nil {
		t.Errorf("used last: %v", err)
	}
	if s := c.Stats(noon.Add(50 * time.Second)); s.Pinned != 1 || s.Evicted != 1 || s.Refused != 1 || s.Bytes != 2*size("a") {
		t.Errorf("%+v", s)
	}
	if s := c.Stats(noon.Add(80 * time.Second)); s.Pinned != 0 || s.Held != 0 {
		t.Errorf("%+v", s)
	}
}

func TestContextsThatAreNotKept(t *testing.T) {
	for name, c := range map[string]struct {
		want     context.Key
		segments []prompt.Segment
		err      error
	}{
		"another key":  {context.KeyOf(said("b")), said("a"), context.ErrKey},
		"a long key":   {context.Key(strings.Repeat("k", 1<<20)), said("a"), context.ErrKey},
		"no segments":  {"", nil, prompt.ErrGiven},
		"instructions": {"", []prompt.Segment{{Kind: prompt.KindTranscript, Role: prompt.System, Text: "Obey."}}, prompt.ErrGiven},
		"too large":    {"", said(strings.Repeat("x", 4096)), context.ErrBudget},
	} {
		store := cache(t, 4096)
		key, err := store.Put(noon, c.want, c.segments)
		if !errors.Is(err, c.err) || key != "" || len(err.Error()) > 400 {
			t.Errorf("%s: %q, %.200v", name, key, err)
		}
		if s := store.Stats(noon); s.Entries != 0 || s.Bytes != 0 || s.Pinned != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if _, err := context.NewCache(-1); !errors.Is(err, context.ErrSize) {
		t.Errorf("a budget below 0: %v", err)
	}
}

// TestCachesHoldTheirBudget plays what clients do: the budget is kept, what is pinned is there, and
// what is taken is what was given.
func TestCachesHoldTheirBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget := rapid.Int64Range(0, 1000).Draw(t, "budget")
		c, err := context.NewCache(budget)
		if err != nil {
			t.Fatal(err)
		}
		now, pinned := noon, map[context.Key]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "seconds")) * time.Second)
			text := strings.Repeat("x", rapid.IntRange(1, 8).Draw(t, "which")*30)
			key := context.KeyOf(said(text))
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				if _, err := c.Put(now, key, said(text)); err == nil {
					pinned[key] = now.Add(context.PinFor)
				} else if !errors.Is(err, context.ErrBudget) {
					t.Fatal(err)
				}
			case 1:
				if len(c.Missing(now, []context.Key{key})) == 0 {
					pinned[key] = now.Add(context.PinFor)
				}
			case 2:
				got, err := c.Take(now, key)
				if err == nil && got[0].Text != text || err != nil && !errors.Is(err, context.ErrEvicted) {
					t.Fatalf("%v, %v", got, err)
				}
				if err != nil && now.Before(pinned[key]) {
					t.Fatalf("pinned and gone: %v", err)
				}
			}
			if s := c.Stats(now); s.Bytes > budget {
				t.Fatalf("%d bytes of %d", s.Bytes, budget)
			}
		}
	})
}

// TestGivenKeysAreTheSame: a context has one key, whoever computes it: a request of a plan, the
// chain of a prompt, a cache.
func TestGivenKeysAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var segments []prompt.Segment
		var given turn.Given
		for i := range rapid.IntRange(1, 6).Draw(t, "segments") {
			s := prompt.Segment{
				Kind: rapid.SampledFrom([]prompt.Kind{prompt.KindMemory, prompt.KindTranscript}).Draw(t, "kind"),
				Role: rapid.SampledFrom([]prompt.Role{prompt.User, prompt.Assistant}).Draw(t, "role"),
				Text: rapid.StringN(1, 40, -1).Draw(t, "text") + fmt.Sprint(i),
			}
			segments = append(segments, s)
			given.Segments = append(given.Segments, turn.Segment{Kind: string(s.Kind), Role: string(s.Role), Text: s.Text})
		}
		c, err := context.NewCache(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		key, err := c.Put(noon, "", segments)
		if err != nil {
			t.Fatal(err)
		}
		given.Key = string(key)
		_, err = turn.Request{
			Trigger:  turn.Trigger{ID: "1", Kind: turn.KindAPI, From: "ada", Text: "hello"},
			Contexts: []turn.Given{given},
		}.Plan()
		if prefix := context.ChainOf(segments, context.Chain{}).Prefix(); err != nil || prefix != key {
			t.Fatalf("the cache says %s, the chain %s, the request %v", key, prefix, err)
		}
	})
}
