package context_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/context"
)

type store = context.Store[string]

// open makes a store of 100 bytes with 30 under each of these keys.
func open(tb testing.TB, keys ...string) *store {
	tb.Helper()
	s, err := context.NewStore[string](100)
	if err != nil {
		tb.Fatal(err)
	}
	for _, key := range keys {
		put(tb, s, key, 30)
	}
	return s
}

// put keeps what must fit, and wants these keys evicted for it.
func put(tb testing.TB, s *store, key string, bytes int64, evicted ...string) {
	tb.Helper()
	gone, err := s.Put(key, bytes)
	if err != nil {
		tb.Fatal(err)
	}
	if !slices.Equal(gone, evicted) {
		tb.Errorf("%s evicted %v, want %v", key, gone, evicted)
	}
}

// want compares the counts of a store of 100 bytes.
func want(tb testing.TB, s *store, counts context.Stats) {
	tb.Helper()
	counts.Budget = 100
	if diff := cmp.Diff(counts, s.Stats()); diff != "" {
		tb.Error(diff)
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	s := open(t, "a", "b", "c")
	s.Hold("a")
	s.Release("a")
	put(t, s, "d", 30, "b")
	put(t, s, "c", 31) // and is used
	put(t, s, "e", 60, "a", "d")
	want(t, s, context.Stats{Entries: 2, Bytes: 91, Evicted: 3})
	put(t, s, "f", 100, "c", "e")
	put(t, s, "f", 0)
	want(t, s, context.Stats{Evicted: 5})
}

func TestWhatIsInUseStays(t *testing.T) {
	s := open(t, "a", "b", "c")
	s.Hold("a")
	s.Hold("a")
	s.Hold("new") // before anything is kept under it
	want(t, s, context.Stats{Entries: 3, Held: 2, Bytes: 90})
	put(t, s, "new", 30, "b")
	var full *context.BudgetError
	gone, err := s.Put("d", 41)
	if !errors.As(err, &full) || !errors.Is(err, context.ErrBudget) || gone != nil || *full != (context.BudgetError{Need: 41, Held: 60, Budget: 100}) {
		t.Errorf("%v, %v", gone, err)
	}
	if !strings.Contains(err.Error(), "41 bytes, 60 of 100 are in use") {
		t.Error(err)
	}
	want(t, s, context.Stats{Entries: 3, Held: 2, Bytes: 90, Evicted: 1, Refused: 1}) // it changed nothing
	s.Release("a")
	if _, err := s.Put("d", 41); err == nil {
		t.Error("one of two uses has ended, and it was evicted")
	}
	s.Release("a")
	s.Release("a") // once too often: a later use counts all the same
	s.Release("x")
	put(t, s, "d", 70, "c", "a")
	s.Hold("d")
	if _, err := s.Put("e", 1); err == nil {
		t.Error("everything is in use, and something fit")
	}
	put(t, s, "d", 60) // who shrinks always may
	put(t, s, "new", 0)
	s.Release("new")
	want(t, s, context.Stats{Entries: 1, Held: 1, Bytes: 60, Evicted: 3, Refused: 3})
}

func TestRemoveForgets(t *testing.T) {
	s := open(t, "a", "b")
	s.Hold("a")
	if got := s.Remove("a"); got != 30 {
		t.Errorf("%d bytes", got)
	}
	if got := s.Remove("a"); got != 0 {
		t.Errorf("removed twice: %d bytes", got)
	}
	want(t, s, context.Stats{Entries: 1, Bytes: 30})
	put(t, s, "c", 100, "b")
}

func TestSizesBelow0(t *testing.T) {
	if _, err := context.NewStore[string](-1); !errors.Is(err, context.ErrSize) {
		t.Error(err)
	}
	s := open(t, "a")
	if gone, err := s.Put("a", -1); !errors.Is(err, context.ErrSize) || gone != nil {
		t.Error(gone, err)
	}
	want(t, s, context.Stats{Entries: 1, Bytes: 30})
}

// TestEmptyBudget keeps what needs no memory, and nothing else.
func TestEmptyBudget(t *testing.T) {
	s, err := context.NewStore[string](0)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", 0)
	if _, err := s.Put("b", 1); !errors.Is(err, context.ErrBudget) {
		t.Error(err)
	}
	if got := s.Stats(); got != (context.Stats{Refused: 1}) {
		t.Errorf("%+v", got)
	}
}

// TestStoreEqualsASlowOne does random things to a store and to a list.
func TestStoreEqualsASlowOne(t *testing.T) {
	type slow struct {
		key   string
		bytes int64
		holds int
	}
	rapid.Check(t, func(t *rapid.T) {
		s, _ := context.NewStore[string](100)
		var list []slow // used last, last
		use := func(key string) *slow {
			x := slow{key: key}
			if at := slices.IndexFunc(list, func(x slow) bool { return x.key == key }); at >= 0 {
				x = list[at]
				list = slices.Delete(list, at, at+1)
			}
			list = append(list, x)
			return &list[len(list)-1]
		}
		sum := func(of func(slow) bool) (total int64) {
			for _, x := range list {
				if of(x) {
					total += x.bytes
				}
			}
			return total
		}
		all := func(slow) bool { return true }
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "key")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				bytes := rapid.Int64Range(0, 70).Draw(t, "bytes")
				others := sum(func(x slow) bool { return x.key != key && x.holds > 0 })
				now := sum(func(x slow) bool { return x.key == key })
				gone, err := s.Put(key, bytes)
				if fits := others+bytes <= 100 || bytes <= now; fits != (err == nil) {
					t.Fatalf("%d bytes beside %d: %v", bytes, others, err)
				}
				if err != nil {
					break
				}
				use(key).bytes = bytes
				var want []string
				for i := 0; i < len(list)-1 && sum(all) > 100; {
					if list[i].holds > 0 {
						i++
						continue
					}
					want = append(want, list[i].key)
					list = slices.Delete(list, i, i+1)
				}
				if !slices.Equal(gone, want) {
					t.Fatalf("evicted %v, want %v", gone, want)
				}
			case 1:
				s.Hold(key)
				use(key).holds++
			case 2:
				s.Release(key)
				for i := range list {
					if list[i].key == key && list[i].holds > 0 {
						list[i].holds--
					}
				}
			case 3:
				want := sum(func(x slow) bool { return x.key == key })
				if got := s.Remove(key); got != want {
					t.Fatalf("removed %d bytes, want %d", got, want)
				}
				list = slices.DeleteFunc(list, func(x slow) bool { return x.key == key })
			}
			list = slices.DeleteFunc(list, func(x slow) bool { return x.bytes == 0 && x.holds == 0 })
			entries, held := 0, 0
			for _, x := range list {
				entries += int(min(x.bytes, 1))
				held += min(x.holds, 1)
			}
			if s.Len() != len(list) {
				t.Fatalf("%d keys are known, want %d", s.Len(), len(list))
			}
			if st := s.Stats(); st.Entries != entries || st.Held != held || st.Bytes != sum(all) || st.Bytes > 100 {
				t.Fatalf("%+v, want %d entries, %d in use, of %d bytes", st, entries, held, sum(all))
			}
		}
	})
}
