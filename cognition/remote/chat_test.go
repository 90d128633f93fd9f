package remote_test

import (
	"context"
	"encoding/base64"
	"errors"
	"image"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

func TestAnswerIsStreamed(t *testing.T) {
	s := script(t, stream(
		`{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`,
		piece("It is "), piece("gr\u00fcn"), piece("."), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}`))
	c := open(t, s, nil)
	var pieces []string
	picture, err := remote.EncodeImage(image.NewGray(image.Rect(0, 0, 20, 10)), remote.PictureOptions{Format: remote.PNG})
	if err != nil {
		t.Fatal(err)
	}
	temperature := 0.0
	req := remote.Request{
		Model: "seer",
		Request: prompt.Request{
			MaxTokens: 40, Sampling: prompt.Sampling{Temperature: &temperature},
			Messages: []prompt.Message{{Role: prompt.System, Text: "be brief"}, {Role: prompt.User, Text: "hello\nwhat is this?", Before: 6, Parts: []prompt.Part{prompt.SeenAgo(0), picture}}},
		},
	}
	got, err := c.Chat(t.Context(), req, func(p string) error { pieces = append(pieces, p); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got.FirstToken <= 0 || got.Total < got.FirstToken {
		t.Errorf("times %v, %v", got.FirstToken, got.Total)
	}
	got.FirstToken, got.Total = 0, 0
	want := prompt.Result{Text: "It is gr\u00fcn.", Finish: prompt.FinishEnd, Reason: "stop", PromptTokens: 12, Tokens: 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"It is ", "gr\u00fcn", "."}, pieces); diff != "" {
		t.Error(diff)
	}
	sent := s.only(t)
	if sent.path != "/v1/chat/completions" || sent.key != "" {
		t.Errorf("sent to %q with key %q", sent.path, sent.key)
	}
	body := map[string]any{
		"model": "seer", "stream": true, "stream_options": map[string]any{"include_usage": true}, "max_tokens": 40.0, "temperature": 0.0,
		"messages": []any{
			map[string]any{"role": "system", "content": "be brief"},
			map[string]any{"role": "user", "content": []any{
				map[string]any{"type": "text", "text": "hello\n"},
				map[string]any{"type": "text", "text": "Now:"},
				map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.Data)}},
				map[string]any{"type": "text", "text": "what is this?"},
			}},
		},
	}
	if diff := cmp.Diff(body, sent.body); diff != "" {
		t.Error(diff)
	}
}

// A whole answer leaves its connection open for the next one.
func TestConnectionIsUsedAgain(t *testing.T) {
	s := script(t, stream(piece("yes"), finish("length")))
	c := open(t, s, nil)
	req := ask("hello")
	req.MaxTokensField = remote.FieldMaxCompletionTokens
	for range 3 {
		got, err := c.Chat(t.Context(), req, nil)
		if err != nil || got.Text != "yes" || got.Finish != prompt.FinishLimit {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if s.conns != 1 {
		t.Errorf("%d connections for 3 calls", s.conns)
	}
	if n := s.calls[2].body["max_completion_tokens"]; n != 40.0 {
		t.Errorf("max_completion_tokens is %v", n)
	}
}

func TestKeyIsSentAndNeverShown(t *testing.T) {
	const key = "sk-very-secret-7"
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LAB_KEY", key)
	for source, change := range map[string]func(*remote.Config){
		"$LAB_KEY": func(c *remote.Config) { c.KeyEnv = "LAB_KEY" },
		file:       func(c *remote.Config) { c.KeyFile = file },
	} {
		s := script(t, func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, `{"error":{"message":"Incorrect API key provided: `+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+`"}}`, http.StatusUnauthorized)
		})
		_, err := open(t, s, change).Chat(t.Context(), ask("hello"), nil)
		if !errors.Is(err, remote.ErrUnauthorized) {
			t.Fatalf("%s: %v", source, err)
		}
		if strings.Contains(err.Error(), key) {
			t.Errorf("the key is in %q", err)
		}
		wantText(t, err.Error(), "Incorrect API key provided: [key]", "check the key in "+source)
		if got := s.only(t).key; got != "Bearer "+key {
			t.Errorf("sent %q", got)
		}
	}
}

func TestCancelClosesTheConnection(t *testing.T) {
	stop := errors.New("somebody spoke")
	for name, byCaller := range map[string]bool{"context": true, "emit": false} {
		gone := make(chan struct{})
		s := script(t, func(w http.ResponseWriter, r *http.Request) {
			head(w)
			event(w, piece("one "))
			<-r.Context().Done()
			close(gone)
		})
		c := open(t, s, nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		got, err := c.Chat(ctx, ask("count"), func(string) error {
			if !byCaller {
				return stop
			}
			cancel(stop)
			return nil
		})
		if !errors.Is(err, stop) || got.Text != "one " || got.Finish != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the server still writes", name)
		}
		cancel(nil)
	}
}

func TestFullProvider(t *testing.T) {
	begun, end := make(chan struct{}, 8), make(chan struct{})
	s := script(t, func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		select {
		case <-end:
		case <-r.Context().Done():
		}
		stream(piece("done"), finish("stop"))(w, r)
	})
	refuses := open(t, s, func(c *remote.Config) { c.Concurrency = 1 })
	waits := open(t, s, func(c *remote.Config) { c.Concurrency, c.Queue = 1, time.Minute })
	waitsShortly := open(t, s, func(c *remote.Config) { c.Concurrency, c.Queue = 1, 20*time.Millisecond })
	answers := make(chan error, 8)
	call := func(c *remote.Client) {
		_, err := c.Chat(t.Context(), ask("wait"), nil)
		answers <- err
	}
	for _, c := range []*remote.Client{refuses, waits, waitsShortly} {
		go call(c)
		<-begun
	}
	for c, part := range map[*remote.Client]string{refuses: "1 of 1 calls are under way;", waitsShortly: "none ended within 20ms"} {
		_, err := c.Chat(t.Context(), ask("me too"), nil)
		if !errors.Is(err, remote.ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
			continue
		}
		wantText(t, err.Error(), "provider lab", part, "ask again later")
	}
	go call(waits)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := waits.Chat(ctx, ask("never mind"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
	close(end)
	for range 4 {
		if err := <-answers; err != nil {
			t.Errorf("a call that had a place: %v", err)
		}
	}
}

func TestClosedClientRefuses(t *testing.T) {
	c := open(t, script(t, stream(piece("x"), finish("stop"))), nil)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Chat(t.Context(), ask("hello"), nil); !errors.Is(err, remote.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
