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
	case is(ErrConnect), is(ErrConnectTimeout):
		return "start the server, or correct the endpoint in the catalog file"
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
	case is(ErrPromptTooLong):
		return "ask something shorter, send smaller pictures (picture.longest_side), or choose a model with a larger window"
	case is(ErrRefused):
		return "the server does not take this request; a model without vision refuses pictures, some models refuse temperature or max_tokens"
	case is(ErrServer), is(ErrStream), is(ErrTruncated), is(ErrNoDone):
		return "look at the server's log"
	case is(ErrProtocol):
		return "check that the endpoint speaks the OpenAI-compatible chat completions and streams them"
	}
	return ""
}

// fault is what servers say of an error: {"error": {...}}, {"error": "..."}, {"object": "error", ...} or {"detail": ...}.
type fault struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    any    `json:"code"`
}

// tooLong tells whether a server says that the prompt exceeds the window: by code where it has one, else by the words vLLM uses.
func (f fault) tooLong() bool {
	return f.Code == "context_length_exceeded" || f.Type == "exceed_context_size_error" || strings.Contains(f.Message, "maximum context length")
}

// readFault finds an error object in a body or an event; ok is false where there is none.
func readFault(data []byte) (f fault, ok bool) {
	var body struct {
		Object string          `json:"object"`
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
		fault
	}
	if json.Unmarshal(data, &body) != nil {
		return fault{}, false
	}
	switch {
	case len(body.Error) > 0 && string(body.Error) != "null":
		if json.Unmarshal(body.Error, &f) == nil {
			return f, true
		}
		if json.Unmarshal(body.Error, &f.Message) != nil {
			f.Message = string(body.Error)
		}
		return f, true
	case body.Object == "error":
		return body.fault, true
	case len(body.Detail) > 0:
		if json.Unmarshal(body.Detail, &f.Message) != nil {
			f.Message = string(body.Detail)
		}
		return f, true
	}
	return fault{}, false
}

// words shortens what a server said, or the raw bytes where it said nothing, and takes the key and control characters out.
func (c *Client) words(text string, raw []byte) string {
	if text == "" {
		text = string(raw)
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(c.key.hide(text), "�"))
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > maxWords {
		text = string(runes[:maxWords]) + "…"
	}
	return text
}

// refused turns a status other than 200 into an error.
func (c *Client) refused(resp *http.Response, model string) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFaultBody))
	said, _ := readFault(body)
	e := &Error{Provider: c.cfg.Provider, URL: c.cfg.BaseURL, Model: model, Status: resp.StatusCode, Detail: c.words(said.Message, body), Err: err}
	e.Kind = kindOf(resp.StatusCode, model, said)
	e.Next = c.advice(e.Kind)
	if errors.Is(e.Kind, ErrRateLimited) || errors.Is(e.Kind, ErrServer) {
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return e
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
		return ErrPromptTooLong
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
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFaultBody))
	e := c.fail(ErrProtocol, model, err)
	e.Status = resp.StatusCode
	said, ok := readFault(body)
	if ok {
		e.Kind, e.Next = ErrServer, c.advice(ErrServer)
	}
	e.Detail = fmt.Sprintf("content type %q: %s", resp.Header.Get("Content-Type"), c.words(said.Message, body))
	return e
}
