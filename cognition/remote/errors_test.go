package remote_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// status answers with a status and a body.
func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// partly writes a stream that stops without an end mark.
func partly(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		head(w)
		fmt.Fprint(w, raw)
	}
}

// broken writes the beginning of a stream and drops the connection.
func broken(w http.ResponseWriter, _ *http.Request) {
	head(w)
	event(w, piece("half a"))
	panic(http.ErrAbortHandler)
}

func TestEveryErrorIsTyped(t *testing.T) {
	line := func(s string) string { return "data: " + s + "\n\n" }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   error
		says   string
		text   string // written before the error
	}{
		"no key":            {status(401, `{"error":{"message":"You need a key"}}`), remote.ErrUnauthorized, "HTTP 401: You need a key; name the key's variable or file", ""},
		"forbidden":         {status(403, `no`), remote.ErrUnauthorized, "HTTP 403: no", ""},
		"no such model":     {status(404, "{\"object\":\"error\",\"message\":\"The model `seer` does not exist.\",\"code\":404}"), remote.ErrNoModel, "does not exist.; correct remote.model", ""},
		"model by code":     {status(404, `{"error":{"message":"unknown","code":"model_not_found"}}`), remote.ErrNoModel, "/v1/models lists", ""},
		"no such path":      {status(404, `{"detail":"Not Found"}`), remote.ErrNoEndpoint, "Not Found; correct the endpoint", ""},
		"path of another":   {status(404, `{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}`), remote.ErrNoEndpoint, "File Not Found", ""},
		"limit":             {status(429, `{"error":"slow down"}`, "Retry-After", "7"), remote.ErrRateLimited, "slow down; the server asks to wait 7s; ask again later", ""},
		"overload":          {status(503, `<html>sorry</html>`, "Retry-After", "30"), remote.ErrServer, "HTTP 503: <html>sorry</html>; the server asks to wait 30s", ""},
		"gateway":           {status(502, ``), remote.ErrServer, "look at the server's log", ""},
		"long prompt":       {status(400, `{"error":{"message":"too many tokens","code":"context_length_exceeded"}}`), prompt.ErrTooLong, "too many tokens; ask something shorter", ""},
		"blind":             {status(400, `{"error":{"message":"image input is not supported"}}`), remote.ErrRefused, "image input is not supported", ""},
		"redirection":       {status(307, ``, "Location", "http://192.0.2.1/"), remote.ErrProtocol, "HTTP 307", ""},
		"not a stream":      {status(200, `{"id":"x","choices":[]}`, "Content-Type", "application/json"), remote.ErrProtocol, `content type "application/json"`, ""},
		"error as 200":      {status(200, `{"error":"out of memory"}`, "Content-Type", "application/json"), remote.ErrServer, "out of memory", ""},
		"web page":          {status(200, `<html>login</html>`, "Content-Type", "text/html"), remote.ErrProtocol, "<html>login</html>; check that the endpoint", ""},
		"no JSON":           {stream(piece("It"), `{"choices":`), remote.ErrProtocol, "no JSON completion", "It"},
		"two choices":       {stream(`{"choices":[{"index":1,"delta":{"content":"x"}}]}`), remote.ErrProtocol, "choice 1", ""},
		"text after end":    {stream(piece("a"), finish("stop"), piece("b")), remote.ErrProtocol, "text after the finish_reason", "a"},
		"no reason":         {stream(piece("It is")), remote.ErrProtocol, "without a finish_reason", "It is"},
		"error in stream":   {stream(piece("It "), `{"error":{"message":"CUDA out of memory","type":"server_error"}}`), remote.ErrStream, "CUDA out of memory", "It "},
		"error as a word":   {stream(`{"error":"out of memory"}`), remote.ErrStream, "out of memory", ""},
		"error event":       {partly("event: error\ndata: {\"message\":\"boom\"}\n\n"), remote.ErrStream, "boom", ""},
		"error field":       {partly("error: {\"message\":\"boom\"}\n\n"), remote.ErrStream, "boom", ""},
		"long in stream":    {stream(`{"error":{"message":"This model's maximum context length is 64 tokens"}}`), prompt.ErrTooLong, "64 tokens", ""},
		"empty end":         {partly(line("")), remote.ErrTruncated, "EOF", ""},
		"cut between":       {partly(line(piece("half"))), remote.ErrTruncated, "EOF", "half"},
		"cut in an event":   {partly(line(piece("half")) + "data: {\"choi"), remote.ErrTruncated, "unexpected EOF", "half"},
		"connection broken": {broken, remote.ErrTruncated, "EOF", "half a"},
		"no answer":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, remote.ErrTruncated, "EOF", ""},
		"huge event":        {partly("data: " + strings.Repeat("x", 1<<20+9) + "\n\n"), remote.ErrTooLarge, "1 MiB", ""},
		"huge answer":       {stream(piece(strings.Repeat("a", 1<<19)), piece(strings.Repeat("b", 1<<19)), piece("c")), remote.ErrTooLarge, "bytes of text", strings.Repeat("a", 1<<19) + strings.Repeat("b", 1<<19)},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, c.answer)
			s.Config.ErrorLog = nil
			got, err := open(t, s, nil).Chat(t.Context(), ask("hello"), nil)
			var typed *remote.Error
			if !errors.Is(err, c.kind) || !errors.As(err, &typed) {
				t.Fatalf("got %v, want %v", err, c.kind)
			}
			if got.Text != c.text || got.Finish != "" {
				t.Errorf("result %+v", got)
			}
			wantText(t, err.Error(), "provider lab ("+s.URL+"/v1, model seer): ", c.says)
			if typed.Next == "" && !errors.Is(err, remote.ErrTooLarge) {
				t.Errorf("%v does not say what to do", err)
			}
			s.only(t) // one attempt
		})
	}
}

func TestRetryAfterAsDate(t *testing.T) {
	at := time.Now().Add(90 * time.Second)
	s := script(t, status(429, `{}`, "Retry-After", at.UTC().Format(http.TimeFormat)))
	_, err := open(t, s, nil).Chat(t.Context(), ask("hello"), nil)
	var typed *remote.Error
	if !errors.As(err, &typed) || typed.RetryAfter < 80*time.Second || typed.RetryAfter > 95*time.Second || typed.Status != 429 {
		t.Fatalf("%+v", typed)
	}
}

func TestServersWordsAreCutAndCleaned(t *testing.T) {
	s := script(t, status(500, "one\ntwo\x1b[31m "+strings.Repeat("x", 5000)+"\xff"))
	_, err := open(t, s, nil).Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrServer) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 600 {
		t.Errorf("%d bytes: %q", len(err.Error()), err)
	}
}

func TestFourTimeouts(t *testing.T) {
	const short = 40 * time.Millisecond
	wait := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	comments := func(w http.ResponseWriter, r *http.Request) {
		head(w)
		event(w, piece("a"))
		for r.Context().Err() == nil { // signs of life without a token do not count
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		limits remote.Timeouts
		kind   error
		says   string
	}{
		"first token":  {wait, remote.Timeouts{FirstToken: short}, remote.ErrFirstTokenTimeout, "waited 40ms for the first token (timeouts.first_token); the server may be loading"},
		"next token":   {comments, remote.Timeouts{BetweenTokens: short}, remote.ErrTokenTimeout, "waited 40ms for the next token (timeouts.between_tokens); the server stalled"},
		"whole answer": {comments, remote.Timeouts{Answer: 500 * time.Millisecond}, remote.ErrAnswerTimeout, "waited 500ms for the whole answer (timeouts.answer), in the end for the next token; raise timeouts.answer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, c.answer)
			_, err := open(t, s, func(cfg *remote.Config) { cfg.Timeouts = c.limits }).Chat(t.Context(), ask("hello"), nil)
			if !errors.Is(err, c.kind) || !errors.Is(err, remote.ErrTimeout) {
				t.Fatalf("got %v, want %v", err, c.kind)
			}
			wantText(t, err.Error(), "provider lab ("+s.URL, c.says)
		})
	}
}

// A server that takes connections and never answers the TLS handshake is not reached in time.
func TestConnectTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := remote.Open(remote.Config{Provider: "lab", BaseURL: "https://" + l.Addr().String() + "/v1", Timeouts: remote.Timeouts{Connect: 40 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrConnectTimeout) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err.Error(), "waited 40ms for a connection (timeouts.connect)", "raise timeouts.connect")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestNobodyListens(t *testing.T) {
	s := script(t, nil)
	c := open(t, s, nil)
	s.Close()
	_, err := c.Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrConnect) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err.Error(), "connection refused", "start the server")
}

func TestConfigurationIsChecked(t *testing.T) {
	for says, cfg := range map[string]remote.Config{
		"provider: missing":      {BaseURL: "http://h/v1"},
		"not an http":            {Provider: "p", BaseURL: "ftp://h"},
		"holds a user name":      {Provider: "p", BaseURL: "https://me:hunter2@h/v1"},
		"holds a query":          {Provider: "p", BaseURL: "https://h/v1?api-key=hunter2"},
		"only one may be set":    {Provider: "p", BaseURL: "https://h", KeyEnv: "A", KeyFile: "b"},
		"concurrency: 5000":      {Provider: "p", BaseURL: "https://h", Concurrency: 5000},
		"queue: -1ns":            {Provider: "p", BaseURL: "https://h", Queue: -1},
		"timeouts.between_token": {Provider: "p", BaseURL: "https://h", Timeouts: remote.Timeouts{BetweenTokens: -1}},
	} {
		_, err := remote.Open(cfg)
		if !errors.Is(err, remote.ErrConfig) {
			t.Errorf("%s: got %v", says, err)
			continue
		}
		wantText(t, err.Error(), says)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in %q", err)
		}
	}
	t.Setenv("EMPTY_KEY", " ")
	t.Setenv("BAD_KEY", "hunter2\nX-Evil: 1")
	for env, says := range map[string]string{"EMPTY_KEY": "$EMPTY_KEY: empty", "BAD_KEY": "white space", "NO_SUCH_KEY_1": "empty"} {
		_, err := remote.Open(remote.Config{Provider: "p", BaseURL: "https://h/v1", KeyEnv: env})
		if !errors.Is(err, remote.ErrKey) {
			t.Errorf("%s: got %v", env, err)
			continue
		}
		wantText(t, err.Error(), says, "put the key there")
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in %q", err)
		}
	}
	if _, err := remote.Open(remote.Config{Provider: "p", BaseURL: "https://h/v1", KeyFile: "/no/such/file"}); !errors.Is(err, remote.ErrKey) {
		t.Errorf("missing key file: %v", err)
	}
}

func TestRequestIsChecked(t *testing.T) {
	c := open(t, script(t, nil), nil)
	for says, change := range map[string]func(*remote.Request){
		"model: missing":      func(r *remote.Request) { r.Model = "" },
		"messages: missing":   func(r *remote.Request) { r.Messages = nil },
		"max tokens: missing": func(r *remote.Request) { r.MaxTokens = 0 },
		"max_tokens_field":    func(r *remote.Request) { r.MaxTokensField = "n" },
		"role":                func(r *remote.Request) { r.Messages[0].Role = "tool" },
		"empty picture":       func(r *remote.Request) { r.Messages[0].Parts = []prompt.Part{remote.Picture{}} },
		"a sound as remote_test.noise": func(r *remote.Request) {
			r.Messages[0].Parts = []prompt.Part{noise{}}
		},
		"no top-k": func(r *remote.Request) { r.Sampling.TopK = new(3) },
	} {
		req := ask("hello")
		change(&req)
		if _, err := c.Chat(t.Context(), req, nil); !errors.Is(err, remote.ErrConfig) {
			t.Errorf("%s: %v", says, err)
		} else {
			wantText(t, err.Error(), says)
		}
	}
}

// noise is a part that no server takes.
type noise struct{}

func (noise) Modality() prompt.Modality { return prompt.Sound }
