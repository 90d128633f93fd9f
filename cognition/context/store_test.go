package context_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/context"
)

type (
	store = context.Store[string, int]
	entry = context.Entry[string, int]
)

// open makes a store of 100 bytes with entries of 30 under these keys, whose values are 1, 2 and so
// on.
func open(tb testing.TB, keys ...string) *store {
	tb.Helper()
	s, err := context.NewStore[string, int](100)
	if err != nil {
		tb.Fatal(err)
	}
	for i, key := range keys {
		put(tb, s, key, i+1, 30)
	}
	return s
}

// put adds what must fit, and wants these keys evicted for it.
func put(tb testing.TB, s *store, key string, value int, bytes int64, evicted ...string) {
	tb.Helper()
	gone, err := s.Put(noon, key, value, bytes)
	if err != nil {
		tb.Fatal(err)
	}
	wantGone(tb, gone, evicted...)
}

func wantGone(tb testing.TB, gone []entry, want ...string) {
	tb.Helper()
	got := []string{}
	for _, e := range gone {
		got = append(got, e.Key)
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		tb.Errorf("evicted: %s", diff)
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	s := open(t, "a", "b", "c")
	if v, ok := s.Get("a"); !ok || v != 1 {
		t.Errorf("%d, %v", v, ok)
	}
	put(t, s, "d", 4, 30, "b")
	if _, ok := s.Get("b"); ok {
		t.Error("what was evicted is there")
	}
	put(t, s, "e", 5, 70, "c", "a")
	if got, want := s.Stats(noon), (context.Stats{Entries: 2, Bytes: 100, Budget: 100, Hits: 1, Misses: 1, Evicted: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if at, ok := s.EvictedAt("c"); !ok || !at.Equal(noon) {
		t.Errorf("evicted at %v, %v", at, ok)
	}
	put(t, s, "c", 6, 0)
	if _, ok := s.EvictedAt("c"); ok {
		t.Error("what came again counts as evicted")
	}
	if _, ok := s.EvictedAt("d"); ok {
		t.Error("what is there counts as evicted")
	}
}

func TestPutReplaces(t *testing.T) {
	s := open(t, "a", "b", "c")
	gone, err := s.Put(noon, "a", 9, 40)
	if diff := cmp.Diff([]entry{{Key: "a", Value: 1, Bytes: 30}}, gone); diff != "" || err != nil {
		t.Error(diff, err)
	}
	gone, err = s.Put(noon, "b", 8, 60)
	if diff := cmp.Diff([]entry{{Key: "b", Value: 2, Bytes: 30}, {Key: "c", Value: 3, Bytes: 30}}, gone); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if st := s.Stats(noon); st.Bytes != 100 || st.Entries != 2 {
		t.Errorf("%+v", st)
	}
}

func TestWhatIsHeldOrPinnedStays(t *testing.T) {
	s := open(t, "a", "b", "c")
	twice := s.Hold("a")
	if twice = s.Hold("a") && twice; !twice || s.Hold("x") || !s.Pin("b", noon.Add(time.Second)) || s.Pin("x", noon) {
		t.Fatal("hold or pin")
	}
	s.Pin("b", noon) // an earlier end does not shorten the pin
	put(t, s, "d", 4, 30, "c")
	var full *context.BudgetError
	if gone, err := s.Put(noon, "e", 5, 41); !errors.As(err, &full) || !errors.Is(err, context.ErrBudget) || gone != nil || *full != (context.BudgetError{Need: 41, Held: 60, Budget: 100}) {
		t.Errorf("%v, %v", gone, err)
	}
	if st := s.Stats(noon); st.Entries != 3 || st.Pinned != 2 || st.Bytes != 90 {
		t.Errorf("a refusal changed the store: %+v", st)
	}
	put(t, s, "e", 5, 40, "d")
	s.Release("a")
	if gone, err := s.Put(noon, "f", 6, 41); err == nil {
		t.Errorf("one of two holds was released: %v", gone)
	}
	s.Release("a")
	s.Release("a") // once too often: a later hold counts all the same
	s.Release("x")
	later := noon.Add(time.Second) // the pin ends now
	if !s.Hold("e") {
		t.Fatal("e is gone")
	}
	gone, err := s.Put(later, "f", 6, 60)
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, gone, "a", "b")
	if !s.Hold("f") {
		t.Fatal("f is gone")
	}
	if _, err := s.Put(later, "g", 7, 1); err == nil {
		t.Error("everything is held, and something fit")
	}
}

func TestResize(t *testing.T) {
	s := open(t, "a", "b", "c")
	gone, err := s.Resize(noon, "a", 60)
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, gone, "b")
	s.Hold("c")
	gone, err = s.Resize(noon, "a", 71)
	var full *context.BudgetError
	if !errors.As(err, &full) || len(gone) != 0 || s.Stats(noon).Bytes != 101 {
		t.Errorf("%v, %v, %+v", gone, err, s.Stats(noon))
	}
	if e, ok := s.Remove("a"); !ok || e.Value != 1 || e.Bytes != 71 || s.Stats(noon).Bytes != 30 {
		t.Errorf("%+v, %v", e, ok)
	}
	if _, ok := s.Remove("a"); ok {
		t.Error("removed twice")
	}
	if _, err := s.Resize(noon, "a", 1); !errors.Is(err, context.ErrEvicted) {
		t.Errorf("resized what is gone: %v", err)
	}
	for name, err := range map[string]error{
		"put": func() error { _, err := s.Put(noon, "z", 1, -1); return err }(), "resize": func() error { _, err := s.Resize(noon, "c", -1); return err }(),
		"budget": func() error { _, err := s.SetBudget(noon, -1); return err }(), "new": func() error { _, err := context.NewStore[string, int](-1); return err }(),
	} {
		if !errors.Is(err, context.ErrSize) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBudgetShrinks(t *testing.T) {
	s := open(t, "a", "b", "c")
	s.Hold("b")
	gone, err := s.SetBudget(noon, 10)
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, gone, "a", "c")
	if st := s.Stats(noon); st.Bytes != 30 || st.Budget != 10 {
		t.Errorf("%+v", st)
	}
	if _, err := s.Put(noon, "d", 1, 0); err == nil {
		t.Error("something fits beside what is over the budget")
	}
	s.Release("b")
	put(t, s, "d", 1, 10, "b")
	put(t, s, "e", 1, 0)
	wantGone(t, s.Drain(), "d", "e")
	if st := s.Stats(noon); st.Entries != 0 || st.Bytes != 0 {
		t.Errorf("%+v", st)
	}
}

func TestMissingPinsWhatIsThere(t *testing.T) {
	s := open(t, "a", "b", "c")
	until := noon.Add(30 * time.Second)
	if diff := cmp.Diff([]string{"x", "y"}, s.Missing([]string{"x", "a", "y", "b", "x", "a"}, until)); diff != "" {
		t.Error(diff)
	}
	put(t, s, "x", 7, 30, "c")
	put(t, s, "y", 8, 10)
	got, err := s.All([]string{"x", "a", "y", "b"})
	if diff := cmp.Diff([]int{7, 1, 8, 2}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, err = s.All([]string{"x", "c", "q"})
	var gone *context.EvictedError[string]
	if !errors.As(err, &gone) || !errors.Is(err, context.ErrEvicted) || !slices.Equal(gone.Keys, []string{"c", "q"}) || !strings.Contains(err.Error(), "c, q; send it again") {
		t.Error(err)
	}
	if s.Missing([]string{"x", "y"}, until) != nil {
		t.Error("what is there is missing")
	}
}

// TestOldEvictionsAreForgotten: what is remembered of them is bounded.
func TestOldEvictionsAreForgotten(t *testing.T) {
	s := open(t)
	for i := range 1026 {
		if _, err := s.Put(noon, fmt.Sprint(i), i, 100); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]bool{"0": false, "1": true, "1024": true, "1025": false} {
		if _, ok := s.EvictedAt(key); ok != want {
			t.Errorf("%s: %v", key, ok)
		}
	}
}

// TestEveryUseCounts: what is put again, resized or asked for goes last.
func TestEveryUseCounts(t *testing.T) {
	for name, use := range map[string]func(s *store){
		"put":    func(s *store) { put(t, s, "a", 9, 30, "a") },
		"resize": func(s *store) { _, _ = s.Resize(noon, "a", 30) },
		"get":    func(s *store) { s.Get("a") },
		"all":    func(s *store) { _, _ = s.All([]string{"a"}) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, "a", "b", "c")
			use(s)
			put(t, s, "d", 4, 30, "b")
		})
	}
}

// TestEmptyBudget holds what needs no memory, and nothing else.
func TestEmptyBudget(t *testing.T) {
	s, err := context.NewStore[string, int](0)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", 1, 0)
	if _, err := s.Put(noon, "b", 1, 1); !errors.Is(err, context.ErrBudget) {
		t.Error(err)
	}
	if gone, err := s.SetBudget(noon, 0); err != nil || gone != nil {
		t.Error(gone, err)
	}
	if gone, err := s.Resize(noon, "a", 0); err != nil || gone != nil {
		t.Error(gone, err)
	}
}
