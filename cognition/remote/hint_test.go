package remote_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// conversation is a question behind instructions and an exchange, with the key of its persona.
func conversation(key string) remote.Request {
	req := ask("what is my name?")
	req.CacheKey = key
	req.Messages = append([]prompt.Message{
		{Role: prompt.System, Text: "be brief"}, {Role: prompt.User, Text: "Ada: my name is Ada."}, {Role: prompt.Assistant, Text: "Hello!"},
	}, req.Messages...)
	return req
}

// messages are the messages of a request as they were sent, a mark as a star.
func messages(t *testing.T, body map[string]any) []string {
	t.Helper()
	var out []string
	for _, m := range body["messages"].([]any) {
		message := m.(map[string]any)
		text, ok := message["content"].(string)
		if !ok {
			for _, p := range message["content"].([]any) {
				part := p.(map[string]any)
				text += fmt.Sprint(part["text"])
				if diff := cmp.Diff(map[string]any{"type": "ephemeral"}, part["cache_control"]); diff == "" {
					text += "*"
				}
			}
		}
		out = append(out, fmt.Sprintf("%s: %s", message["role"], text))
	}
	return out
}

func TestHistoryIsSentAsMessages(t *testing.T) {
	s := script(t, stream(piece("Ada."), finish("stop")))
	if _, err := open(t, s, nil).Chat(t.Context(), conversation("k"), nil); err != nil {
		t.Fatal(err)
	}
	sent := s.only(t)
	want := []string{"system: be brief", "user: Ada: my name is Ada.", "assistant: Hello!", "user: what is my name?"}
	if diff := cmp.Diff(want, messages(t, sent.body)); diff != "" {
		t.Error(diff)
	}
	for field := range sent.body {
		if !strings.Contains("model messages stream stream_options max_tokens", field) {
			t.Errorf("%s was sent", field)
		}
	}
}

func TestCacheHintIsSentAsTheProviderWantsIt(t *testing.T) {
	sent := func(hint remote.CacheHint, req remote.Request) map[string]any {
		s := script(t, stream(piece("Ada."), finish("stop")))
		if _, err := open(t, s, func(c *remote.Config) { c.Cache = hint }).Chat(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
		return s.only(t).body
	}
	if body := sent(remote.CacheHint{KeyField: "prompt_cache_key"}, conversation("0123456789abcdef01234567")); body["prompt_cache_key"] != "0123456789abcdef01234567" {
		t.Errorf("sent %v", body)
	}
	if body := sent(remote.CacheHint{KeyField: "prompt_cache_key", Slots: 3}, conversation("")); body["prompt_cache_key"] != nil || body["id_slot"] != nil {
		t.Errorf("without a key, sent %v", body)
	}
	slots := map[any]bool{}
	for i := range 24 {
		key := fmt.Sprintf("%024x", i)
		one, again := sent(remote.CacheHint{Slots: 3}, conversation(key)), sent(remote.CacheHint{Slots: 3}, conversation(key))
		if one["id_slot"] != again["id_slot"] {
			t.Errorf("one key, two slots: %v, %v", one["id_slot"], again["id_slot"])
		}
		slots[one["id_slot"]] = true
	}
	if !slots[0.0] || !slots[1.0] || !slots[2.0] || len(slots) != 3 {
		t.Errorf("slots %v of 3", slots)
	}
	picture := remote.Picture{MIME: "image/png", Data: []byte{1}}
	marked := conversation("k")
	marked.Messages[3].Parts = []prompt.Part{picture}
	want := []string{"system: be brief*", "user: Ada: my name is Ada.", "assistant: Hello!*", "user: <nil>what is my name?"}
	if diff := cmp.Diff(want, messages(t, sent(remote.CacheHint{Marks: true}, marked))); diff != "" {
		t.Error(diff)
	}
	marked.Messages = marked.Messages[3:]
	if diff := cmp.Diff([]string{"user: <nil>what is my name?"}, messages(t, sent(remote.CacheHint{Marks: true}, marked))); diff != "" {
		t.Error(diff)
	}
}

func TestCacheHintIsChecked(t *testing.T) {
	for says, hint := range map[string]remote.CacheHint{
		`cache.key_field: "messages"`: {KeyField: "messages"}, `cache.key_field: "max_completion_tokens"`: {KeyField: "max_completion_tokens"},
		`cache.key_field: "a-b"`: {KeyField: "a-b"}, `cache.key_field: "A"`: {KeyField: "A"}, `cache.key_field: "id_slot"`: {KeyField: "id_slot"},
		"cache.slots: -1": {Slots: -1}, "cache.slots: 1025": {Slots: 1025},
	} {
		_, err := remote.Open(remote.Config{Provider: "lab", BaseURL: "http://127.0.0.1:1/v1", Cache: hint})
		if !errors.Is(err, remote.ErrConfig) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	for _, hint := range []remote.CacheHint{{KeyField: "user"}, {Slots: 1024}, {Marks: true, Slots: 1, KeyField: "x_1"}} {
		c, err := remote.Open(remote.Config{Provider: "lab", BaseURL: "http://127.0.0.1:1/v1", Cache: hint})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestEstimateIsABound compares it with counts of published tokenizers, taken with their own
// libraries or known from their vocabularies.
func TestEstimateIsABound(t *testing.T) {
	count := remote.Traits(0).Count
	for text, least := range map[string]int{
		"": 0, "What is the name of the flower on the table?": 11, "1234567890": 10, "{\"a\":[1,2]}": 9, "naïve café": 4, "花が好きです": 6,
		"Как тебя зовут?": 8, "🌷🌷": 4, "\n\n\n": 3,
	} {
		if n := count(text); n < least || n > 2*least+8 {
			t.Errorf("%q: %d tokens, want between %d and %d", text, n, least, 2*least+8)
		}
	}
	if n := count("abc"); n != 1 {
		t.Errorf("three letters are %d tokens", n)
	}
	if n := count("abcd"); n != 2 {
		t.Errorf("four letters are %d tokens", n)
	}
}

func TestTraitsOfServers(t *testing.T) {
	if got := remote.Traits(4096); got.Window != 4096 || !got.Instructions || !got.History || got.UserFirst {
		t.Errorf("%+v", got)
	}
	if got := remote.Traits(0).Window; got != 1<<20 {
		t.Errorf("an undeclared window is %d", got)
	}
	c, err := prompt.NewConversation(prompt.Persona{Name: "Iris", Instructions: "Be kind."}, remote.Traits(4096), prompt.Limits{Answer: 256})
	if err != nil || c.Len() != 0 {
		t.Errorf("%v", err)
	}
}
