package remote

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// CacheHint is how a provider is told which prompts begin alike, so that what it kept of one serves
// the next. The zero value tells it nothing, and the provider finds out by itself, or not.
type CacheHint struct {
	// KeyField is the field of a request that takes a key: prompt_cache_key for OpenAI, cache_salt
	// for vLLM. Requests with the same key are sent to where the prompt was kept.
	KeyField string
	// Slots is how many slots llama.cpp's server has: every key is given one of them (id_slot), and
	// with it a cache of its own. At most 1024.
	Slots int
	// Marks says that the provider wants the ends of what stays marked (cache_control, for models
	// of Anthropic): behind the instructions, and behind everything but the last message.
	Marks bool
}

const maxSlots = 1024

// fieldName is what a field of a request may be called.
var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// check refuses what cannot be sent.
func (h CacheHint) check() error {
	own := []string{
		"model", "messages", "stream", "stream_options", "temperature", "top_p", "seed", "id_slot", FieldMaxTokens, FieldMaxCompletionTokens,
	}
	switch {
	case h.KeyField != "" && (!fieldName.MatchString(h.KeyField) || slices.Contains(own, h.KeyField)):
		return fmt.Errorf("cache.key_field: %q cannot take a key", h.KeyField)
	case h.Slots < 0 || h.Slots > maxSlots:
		return fmt.Errorf("cache.slots: %d is not within 0 and %d", h.Slots, maxSlots)
	}
	return nil
}

// add puts the key where the provider looks for it.
func (h CacheHint) add(fields map[string]any, key string) {
	if key == "" {
		return
	}
	if h.KeyField != "" {
		fields[h.KeyField] = key
	}
	if h.Slots > 0 {
		sum := fnv.New32a()
		sum.Write([]byte(key))
		fields["id_slot"] = sum.Sum32() % uint32(h.Slots)
	}
}

// marked tells whether a mark stands behind a message.
func (h CacheHint) marked(messages []prompt.Message, i int) bool {
	return h.Marks && i < len(messages)-1 && (messages[i].Role == prompt.System || i == len(messages)-2)
}

// mark is what stands there.
type mark struct {
	Type string `json:"type"`
}
