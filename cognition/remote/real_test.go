package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// realServer returns the base URL that SENSORY_AGENT_TEST_OPENAI_URL names, and its first model, or
// SENSORY_AGENT_TEST_OPENAI_MODEL. scripts/test-remote starts such a server; without one the tests
// are skipped.
func realServer(t *testing.T) (base, model string) {
	t.Helper()
	base = os.Getenv("SENSORY_AGENT_TEST_OPENAI_URL")
	if base == "" {
		t.Skip("SENSORY_AGENT_TEST_OPENAI_URL names no server; scripts/test-remote starts one and runs this test")
	}
	if model = os.Getenv("SENSORY_AGENT_TEST_OPENAI_MODEL"); model != "" {
		return base, model
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/models", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var list struct {
		Data []struct{ ID string } `json:"data"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list.Data) == 0 {
		t.Fatalf("models: %+v, %v", list, err)
	}
	return base, list.Data[0].ID
}

func TestRealServer(t *testing.T) {
	base, name := realServer(t)
	c, err := remote.Open(remote.Config{
		Provider: "real", BaseURL: base, Concurrency: 1,
		Timeouts: remote.Timeouts{FirstToken: 3 * time.Minute, BetweenTokens: time.Minute, Answer: 5 * time.Minute}, // a loaded machine
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	zero := 0.0
	question := func(text string, tokens int) remote.Request {
		r := ask(text)
		r.Model, r.MaxTokens, r.Sampling = name, tokens, prompt.Sampling{Temperature: &zero}
		return r
	}
	var texts []string
	for range 2 {
		pieces := 0
		got, err := c.Chat(t.Context(), question("What is the capital of France?", 40), func(string) error { pieces++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%q: %s, %d pieces, first after %v, all after %v, %d + %d tokens", got.Text, got.Finish, pieces, got.FirstToken, got.Total, got.PromptTokens, got.Tokens)
		if !strings.Contains(got.Text, "Paris") || got.Finish != prompt.FinishEnd || pieces < 3 {
			t.Errorf("answer %+v in %d pieces", got, pieces)
		}
		texts = append(texts, got.Text)
	}
	if texts[0] != texts[1] {
		t.Errorf("greedy answers differ: %q", texts)
	}
	short, err := c.Chat(t.Context(), question("Count from one to one hundred.", 5), nil)
	if err != nil || short.Finish != prompt.FinishLimit || short.Text == "" {
		t.Errorf("five tokens: %+v, %v", short, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cut, err := c.Chat(ctx, question("Tell me a long story.", 400), func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || cut.Text == "" {
		t.Errorf("cancelled: %+v, %v", cut, err)
	}
	// The one place is free again, and the server does not go on with the cancelled story.
	again, err := c.Chat(t.Context(), question("What is the capital of France?", 40), nil)
	if err != nil || again.Text != texts[0] {
		t.Errorf("after the cancelled one: %+v, %v", again, err)
	}
	// Some servers say that a prompt is too long before they answer, some begin to answer and drop
	// the stream.
	long, err := c.Chat(t.Context(), question(strings.Repeat("many words ", 20000), 5), nil)
	if !errors.Is(err, prompt.ErrTooLong) && !errors.Is(err, remote.ErrTruncated) || long.Text != "" {
		t.Errorf("40,000 words: %+v, %v", long, err)
	}
}

func TestRealServerWithoutThatPath(t *testing.T) {
	base, name := realServer(t)
	c, err := remote.Open(remote.Config{Provider: "real", BaseURL: base + "/elsewhere", Timeouts: remote.Timeouts{FirstToken: 3 * time.Minute, Answer: 5 * time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	req := ask("hello")
	req.Model = name
	if _, err := c.Chat(t.Context(), req, nil); !errors.Is(err, remote.ErrNoEndpoint) {
		t.Errorf("got %v", err)
	}
}
