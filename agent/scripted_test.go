package agent_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg" // decoders of what a server is shown
	_ "image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// scripted is a server on the loopback that answers as OpenAI-compatible ones do. Asked by the probe, it names the colour it is shown.
type scripted struct {
	*httptest.Server
	// answer writes the answer to a question that is not the probe's; questions receives it first.
	answer    func(w http.ResponseWriter, r *http.Request, q asked)
	questions chan asked

	mu     sync.Mutex
	probes int
}

// asked is one request.
type asked struct {
	model, text string
	picture     image.Image // nil where none was sent
	format      string
}

func newScripted(t *testing.T) *scripted {
	t.Helper()
	s := &scripted{questions: make(chan asked, 16)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := parseAsked(r)
		if err != nil {
			t.Error(err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if q.text == "what do you see?" {
			s.mu.Lock()
			s.probes++
			s.mu.Unlock()
			stream(w, "A ", colour(q.picture), " square.")
			return
		}
		s.questions <- q
		s.answer(w, r, q)
	}))
	t.Cleanup(s.Close)
	return s
}

// parseAsked reads a chat completion request with one message.
func parseAsked(r *http.Request) (asked, error) {
	var body struct {
		Model    string
		Stream   bool
		Messages []struct {
			Role    string
			Content json.RawMessage
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return asked{}, err
	}
	if !body.Stream || len(body.Messages) != 1 || body.Messages[0].Role != "user" {
		return asked{}, fmt.Errorf("request %+v", body)
	}
	q := asked{model: body.Model}
	if json.Unmarshal(body.Messages[0].Content, &q.text) == nil {
		return q, nil
	}
	var parts []struct {
		Type, Text string
		Image      struct{ URL string } `json:"image_url"`
	}
	if err := json.Unmarshal(body.Messages[0].Content, &parts); err != nil {
		return q, err
	}
	for _, p := range parts {
		if p.Type == "text" {
			q.text = p.Text
			continue
		}
		_, data, _ := strings.Cut(p.Image.URL, ";base64,")
		raw, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return q, err
		}
		if q.picture, q.format, err = image.Decode(bytes.NewReader(raw)); err != nil {
			return q, err
		}
	}
	return q, nil
}

// colour names the colour in the middle of a picture.
func colour(img image.Image) string {
	if img == nil {
		return "missing"
	}
	b := img.Bounds()
	red, green, blue, _ := img.At(b.Min.X+b.Dx()/2, b.Min.Y+b.Dy()/2).RGBA()
	switch {
	case red > green && red > blue:
		return "red"
	case green > blue:
		return "green"
	}
	return "blue"
}

// begin starts a stream with one piece.
func begin(w http.ResponseWriter, piece string) {
	w.Header().Set("Content-Type", "text/event-stream")
	write(w, fmt.Sprintf(`{"choices":[{"index":0,"delta":{"content":%q}}]}`, piece))
}

func write(w http.ResponseWriter, data string) {
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data) // a client that went away is what some tests want
	w.(http.Flusher).Flush()
}

// stream answers with these pieces.
func stream(w http.ResponseWriter, pieces ...string) {
	for _, p := range pieces {
		begin(w, p)
	}
	write(w, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)
	write(w, `[DONE]`)
}

// openWith opens an engine of its own, with ears and voice from the store, closed with the test.
func openWith(t *testing.T, change func(*agent.EngineConfig)) (*agent.Engine, error) {
	t.Helper()
	testmodels.Runtime(t)
	store, err := models.OpenDefault(models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	facts, err := host.Probe(t.Context(), models.Families())
	if err != nil {
		t.Fatal(err)
	}
	cfg := agent.EngineConfig{Path: store.Path, Host: facts}
	change(&cfg)
	engine, err := agent.OpenEngine(context.Background(), cfg)
	if err == nil {
		t.Cleanup(func() {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return engine, err
}

// behind makes the configuration of a model behind a server.
func behind(url string) *agent.RemoteConfig {
	return &agent.RemoteConfig{
		Server: remote.Config{Provider: "scripted", BaseURL: url + "/v1", Concurrency: 1}, Model: "seer", Context: 4096,
		Picture: remote.PictureOptions{LongestSide: 512},
	}
}

// said waits for what the persona wrote: its transcript, and its chat message where the question was typed.
func (s *stage) said(t *testing.T) (transcript, chat string) {
	t.Helper()
	limit := time.After(answerLimit)
	for transcript == "" || chat == "" {
		select {
		case e := <-s.human.Events():
			switch e := e.(type) {
			case participant.Transcript:
				if e.Final && e.From == "iris" {
					transcript = e.Text
				}
			case participant.Chat:
				if e.From == "iris" {
					chat = e.Text
				}
			}
		case <-limit:
			t.Fatalf("transcript %q, chat %q", transcript, chat)
		}
	}
	return transcript, chat
}
