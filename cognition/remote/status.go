package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	maxFaultBody = 64 << 10 // bytes read of an error's body
	maxWords     = 300      // characters of a server's words in an error
	maxRetry     = 24 * time.Hour
)

// advice says what to do about a kind of error.
func (c *Client) advice(kind error) string {
	key := "name the key's variable or file in the catalog file (key_env, key_file)"
	if source := c.cfg.keySource(); source != "" {
		key = "check the key in " + source
	}
	is := func(other error) bool { return errors.Is(kind, other) }
	switch {
	case is(ErrConnect):
		return "start the server, or correct the endpoint in the catalog file"
	case is(ErrConnectTimeout):
		return "start the server, correct the endpoint in the catalog file, or raise timeouts.connect"
	case is(ErrFirstTokenTimeout):
		return "the server may be loading the model or be overloaded; look there, or raise timeouts.first_token"
	case is(ErrTokenTimeout):
		return "the server stalled; look there, or raise timeouts.between_tokens"
	case is(ErrAnswerTimeout):
		return "raise timeouts.answer, or choose a faster model"
	case is(ErrUnauthorized):
		return key
	case is(ErrNoModel):
		return "correct remote.model in the catalog file; GET " + c.cfg.BaseURL + "/models lists what the server has"
	case is(ErrNoEndpoint):
		return "correct the endpoint in the catalog file; it mostly ends in /v1"
	case is(ErrRateLimited):
		return "ask again later, or lower concurrency"
	case is(prompt.ErrTooLong):
		return "ask something shorter, send smaller pictures (picture.longest_side), or choose a model with a larger window"
	case is(ErrRefused):
		return "the server does not take this request; a model without vision refuses pictures, some models refuse temperature or max_tokens"
	case is(ErrServer), is(ErrStream), is(ErrTruncated):
		return "look at the server's log"
	case is(ErrProtocol):
		return "check that the endpoint speaks the OpenAI-compatible chat completions and streams them"
	}
	return ""
}

// fault is what servers say of an error: {"error": {...}}, {"error": "..."}, {"object": "error",
// ...} or {"detail": ...}.
type fault struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    any    `json:"code"`
}

// tooLong tells whether a server says that the prompt exceeds the window: by code where it has one,
// else by the words vLLM uses.
func (f fault) tooLong() bool {
	return f.Code == "context_length_exceeded" || f.Type == "exceed_context_size_error" || strings.Contains(f.Message, "maximum context length")
}

// readFault finds an error object in a body or an event; ok is false where there is none, or one
// that says nothing: some servers write an empty error beside every piece of a good answer.
func readFault(data []byte) (f fault, ok bool) {
	var body struct {
		Object  string          `json:"object"`
		Error   json.RawMessage `json:"error"`
		Detail  json.RawMessage `json:"detail"`
		Choices json.RawMessage `json:"choices"`
	}
	if json.Unmarshal(data, &body) != nil {
		return fault{}, false
	}
	switch {
	case !vacuous(body.Error):
		return faultOf(body.Error), true
	case body.Object == "error":
		return faultOf(data), true
	case !vacuous(body.Detail) && empty(body.Choices):
		return faultOf(body.Detail), true
	}
	return fault{}, false
}

// faultOf reads an error object, a text, or whatever else stands there. Fields of another type than
// usual are left out one by one.
func faultOf(raw json.RawMessage) (f fault) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		if json.Unmarshal(raw, &f.Message) != nil {
			f.Message = string(raw)
		}
		return f
	}
	for name, to := range map[string]any{"message": &f.Message, "type": &f.Type, "code": &f.Code} {
		if json.Unmarshal(fields[name], to) != nil {
			continue // words falls back on the whole of it
		}
	}
	return f
}

// vacuous tells whether an error says nothing: it is empty, zero, or an object of such fields.
func vacuous(raw json.RawMessage) bool {
	if empty(raw) || string(raw) == "0" {
		return true
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return false
	}
	for _, f := range fields {
		if !empty(f) && string(f) != "0" {
			return false
		}
	}
	return true
}

// words shortens what a server said, or the raw bytes where it said nothing, and takes the key and
// control characters out.
func (c *Client) words(text string, raw []byte) string {
	if text == "" {
		text = string(raw)
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(c.secrets.hide(text), "�"))
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > maxWords {
		text = string(runes[:maxWords]) + "…"
	}
	return text
}

// refused turns a status other than 200 into an error.
func (c *Client) refused(resp *http.Response, model string) error {
	body, err := readFaultBody(resp)
	said, _ := readFault(body)
	e := &Error{Provider: c.cfg.Provider, URL: c.cfg.BaseURL, Model: model, Status: resp.StatusCode, Detail: c.words(said.Message, body), Err: err}
	e.Kind = kindOf(resp.StatusCode, model, said)
	e.Next = c.advice(e.Kind)
	if errors.Is(e.Kind, ErrRefused) {
		e.Next = refusedField(string(body), e.Next)
	}
	if errors.Is(e.Kind, ErrRateLimited) || errors.Is(e.Kind, ErrServer) {
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return e
}

// readFaultBody reads the beginning of a body, unpacked.
func readFaultBody(resp *http.Response) ([]byte, error) {
	plain, err := decoded(resp)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(plain, maxFaultBody))
}

// refusedField says which key of the catalog concerns a field that a server names when it refuses a
// request.
func refusedField(body, otherwise string) string {
	for _, f := range [][2]string{
		{"stream_options", "set remote.stream_options: false in the catalog file"},
		{FieldMaxCompletionTokens, "set remote.max_tokens_field in the catalog file to the name that the server takes"},
		{FieldMaxTokens, "set remote.max_tokens_field in the catalog file to the name that the server takes"},
		{"temperature", "leave remote.temperature out of the catalog file, or set what the server takes"},
		{"api-version", "name it in remote.query in the catalog file"},
	} {
		if strings.Contains(body, f[0]) {
			return f[1]
		}
	}
	return otherwise
}

// kindOf classifies a status and what the server said with it.
func kindOf(status int, model string, said fault) error {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return ErrUnauthorized
	case status == http.StatusNotFound && (said.Code == "model_not_found" || strings.Contains(said.Message, model)):
		return ErrNoModel
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return ErrNoEndpoint
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 500:
		return ErrServer
	case status >= 400 && said.tooLong():
		return prompt.ErrTooLong
	case status >= 400:
		return ErrRefused
	}
	return ErrProtocol // another 2xx or a redirection
}

// retryAfter reads the header in both of its forms; 0 where it says nothing usable.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		if seconds > int(maxRetry/time.Second) {
			return maxRetry
		}
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now).Round(time.Second)
	}
	return min(max(wait, 0), maxRetry)
}

// unexpected turns a 200 that is no stream into an error.
func (c *Client) unexpected(resp *http.Response, model string) error {
	body, err := readFaultBody(resp)
	e := c.fail(ErrProtocol, model, err)
	e.Status = resp.StatusCode
	said, ok := readFault(body)
	if ok {
		e.Kind, e.Next = ErrServer, c.advice(ErrServer)
	}
	e.Detail = fmt.Sprintf("content type %q: %s", resp.Header.Get("Content-Type"), c.words(said.Message, body))
	return e
}
