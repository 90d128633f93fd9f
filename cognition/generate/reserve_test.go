package generate_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestMemoryIsReservedBeforeItIsTaken: the cache says what it will have before it has it, in graphs
// that append in place and others; where it may not, the call ends, the cache stays as it was, and
// answers as before what needs no more.
func TestMemoryIsReservedBeforeItIsTaken(t *testing.T) {
	for name, m := range map[string]*generate.Model{
		"two sets": openModel(t, os.DirFS("testdata/idefics3"), generate.Options{}), "in place": openModel(t, appendingFolder(t), generate.Options{}),
	} {
		t.Run(name, func(t *testing.T) {
			cache := m.NewPromptCache()
			closeAfter(t, cache)
			var asked []int64
			full := errors.New("full")
			refuse := false
			cache.Reserve(func(bytes int64) error {
				if bytes <= cache.Bytes() {
					t.Errorf("%d bytes are asked for, it has %d", bytes, cache.Bytes())
				}
				if refuse {
					return full
				}
				asked = append(asked, bytes)
				return nil
			})
			short := prompt.Request{Messages: user("one"), MaxTokens: 8}
			long := prompt.Request{Messages: user("one " + strings.Repeat("and two ", 40)), MaxTokens: 8}
			first := answer(t, cache, short)
			if len(asked) != 1 || asked[0] != cache.Bytes() {
				t.Fatalf("%v bytes were asked for, it has %d", asked, cache.Bytes())
			}
			refuse = true
			held := cache.Tokens()
			strange := prompt.Request{Messages: slices.Concat([]prompt.Message{{Role: prompt.Assistant, Text: "x"}}, long.Messages), MaxTokens: 8}
			if _, err := cache.Generate(t.Context(), strange, nil); !errors.Is(err, full) || cache.Tokens() != held {
				t.Errorf("%v; %d tokens, there were %d", err, cache.Tokens(), held)
			}
			if got, err := cache.Generate(t.Context(), long, nil); !errors.Is(err, full) || got.Text != "" || got.Reused != 0 || cache.Tokens() != held || cache.Bytes() != asked[0] {
				t.Errorf("%+v, %v; %d tokens in %d bytes", got, err, cache.Tokens(), cache.Bytes())
			}
			if got := answer(t, cache, short); !slices.Equal(got.IDs, first.IDs) || got.Reused != got.PromptTokens-1 {
				t.Errorf("after a refusal %v, %d tokens reused; before %v", got.IDs, got.Reused, first.IDs)
			}
			refuse = false
			if got, want := answer(t, cache, long), answer(t, m, long); !slices.Equal(got.IDs, want.IDs) {
				t.Errorf("grown %v, want %v", got.IDs, want.IDs)
			}
			if len(asked) != 2 || asked[1] != cache.Bytes() {
				t.Errorf("%v bytes were asked for, it has %d", asked, cache.Bytes())
			}
			if err := cache.Close(); err != nil || cache.Bytes() != 0 {
				t.Errorf("closed with %d bytes, %v", cache.Bytes(), err)
			}
			answer(t, cache, short)
			if len(asked) != 3 || asked[2] != asked[0] {
				t.Errorf("%v bytes were asked for", asked)
			}
		})
	}
}
