package context_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/context"
)

// TestStoreEqualsASlowOne does random things to a store and to a list.
func TestStoreEqualsASlowOne(t *testing.T) {
	type slow struct {
		key    string
		bytes  int64
		held   int
		pinned time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		s, _ := context.NewStore[string, int](100)
		var list []slow // used last, last
		now := noon
		find := func(key string) int { return slices.IndexFunc(list, func(x slow) bool { return x.key == key }) }
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "key")
			at := find(key)
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				bytes := rapid.Int64Range(0, 70).Draw(t, "bytes")
				stay := int64(0)
				for _, x := range list {
					if x.key != key && (x.held > 0 || now.Before(x.pinned)) {
						stay += x.bytes
					}
				}
				_, err := s.Put(now, key, 1, bytes)
				if fits := stay+bytes <= 100; fits != (err == nil) {
					t.Fatalf("%d bytes beside %d: %v", bytes, stay, err)
				}
				if err != nil {
					break
				}
				next := slow{key: key, bytes: bytes}
				if at >= 0 {
					next.held, next.pinned = list[at].held, list[at].pinned
					list = slices.Delete(list, at, at+1)
				}
				list = append(list, next)
				total := int64(0)
				for _, x := range list {
					total += x.bytes
				}
				for i := 0; i < len(list)-1 && total > 100; {
					if x := list[i]; x.held == 0 && !now.Before(x.pinned) {
						total -= x.bytes
						list = slices.Delete(list, i, i+1)
						continue
					}
					i++
				}
			case 2:
				if _, ok := s.Get(key); ok != (at >= 0) {
					t.Fatalf("get %s: %v", key, ok)
				}
				if at >= 0 {
					list = append(slices.Delete(slices.Clone(list), at, at+1), list[at])
				}
			case 3:
				if s.Hold(key) && at >= 0 {
					list[at].held++
				}
			case 4:
				s.Release(key)
				if at >= 0 && list[at].held > 0 {
					list[at].held--
				}
			case 5:
				until := now.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "until")) * time.Second)
				if s.Pin(key, until) && at >= 0 && until.After(list[at].pinned) {
					list[at].pinned = until
				}
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "later")) * time.Second)
			total := int64(0)
			for _, x := range list {
				total += x.bytes
			}
			if st := s.Stats(now); st.Entries != len(list) || st.Bytes != total {
				t.Fatalf("%+v, want %d entries of %d bytes", st, len(list), total)
			}
		}
		for _, e := range s.Drain() {
			if e.Key != list[0].key || e.Bytes != list[0].bytes {
				t.Fatalf("%+v, want %+v", e, list[0])
			}
			list = list[1:]
		}
	})
}
