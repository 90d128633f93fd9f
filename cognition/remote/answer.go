package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

const (
	maxText   = 1 << 20                // bytes of one answer
	drainTime = 100 * time.Millisecond // for the end of the body behind the end mark, so that the connection can be used again
	endMark   = "[DONE]"
)

// answer is the state of one call.
type answer struct {
	client *Client
	model  string
	start  time.Time
	watch  *watch
	emit   func(string) error
	result Result
	text   strings.Builder

	connected bool  // a response came
	emitted   error // what emit returned
}

// chunk is the part of a streamed completion that is used here.
type chunk struct {
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Content          string `json:"content"`
			Refusal          string `json:"refusal"`
			ReasoningContent string `json:"reasoning_content"`
			Reasoning        string `json:"reasoning"`
		} `json:"delta"`
		FinishReason FinishReason `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
}

// run sends the request and reads the whole answer. Its errors are explained by explain.
func (a *answer) run(ctx context.Context, body []byte) error {
	resp, err := a.client.send(ctx, a.watch, body)
	if err != nil {
		return err
	}
	a.connected = true
	defer func() { _ = resp.Body.Close() }() // nothing can be learnt from it: the stream's end mark says whether the answer is whole
	if resp.StatusCode != http.StatusOK {
		return a.client.refused(resp, a.model)
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "text/event-stream" {
		return a.client.unexpected(resp, a.model)
	}
	stream := newEventReader(resp.Body)
	for {
		e, err := stream.next()
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(e.data)) == endMark {
			return a.done(stream)
		}
		if err := a.take(e); err != nil {
			return err
		}
	}
}

// done accepts the end mark.
func (a *answer) done(stream *eventReader) error {
	if a.result.FinishReason == "" {
		return a.protocol("the end mark came without a finish_reason", nil)
	}
	a.watch.enter(ErrTokenTimeout, drainTime)
	for {
		if _, err := stream.next(); err != nil {
			return nil //nolint:nilerr // the answer is whole; what follows its end mark does not concern it
		}
	}
}

// take reads one event of the stream.
func (a *answer) take(e event) error {
	if said, ok := readFault(e.data); ok || e.name == "error" {
		f := a.client.fail(ErrStream, a.model, nil)
		f.Detail = a.client.words(said.Message, e.data)
		if said.tooLong() {
			f.Kind, f.Next = ErrPromptTooLong, a.client.advice(ErrPromptTooLong)
		}
		return f
	}
	var c chunk
	if err := json.Unmarshal(e.data, &c); err != nil {
		return a.protocol("an event is no JSON completion: "+a.client.words("", e.data), err)
	}
	if c.Usage != nil {
		a.result.PromptTokens, a.result.Tokens = c.Usage.Prompt, c.Usage.Completion
	}
	for i := range c.Choices {
		choice := &c.Choices[i]
		if choice.Index != 0 {
			return a.protocol(fmt.Sprintf("choice %d although one was asked for", choice.Index), nil)
		}
		d := &choice.Delta
		if d.ReasoningContent != "" || d.Reasoning != "" {
			a.watch.token() // the model is at work, but this is not said
		}
		if err := a.piece(d.Content + d.Refusal); err != nil {
			return err
		}
		if choice.FinishReason != "" {
			a.result.FinishReason = choice.FinishReason
		}
	}
	return nil
}

// piece passes text on.
func (a *answer) piece(text string) error {
	if text == "" {
		return nil
	}
	if a.result.FinishReason != "" {
		return a.protocol("text after the finish_reason", nil)
	}
	a.watch.token()
	if a.result.FirstToken == 0 {
		a.result.FirstToken = time.Since(a.start)
	}
	if a.text.Len()+len(text) > maxText {
		return a.client.fail(ErrTooLarge, a.model, fmt.Errorf("more than %d bytes of text", maxText))
	}
	a.text.WriteString(text)
	if a.emit == nil {
		return nil
	}
	a.emitted = a.emit(text)
	return a.emitted
}

func (a *answer) protocol(detail string, cause error) error {
	e := a.client.fail(ErrProtocol, a.model, cause)
	e.Detail = detail
	return e
}

// explain turns what run returned into what the caller gets. The caller's own reasons come first: they are why the connection broke.
func (a *answer) explain(ctx, watched context.Context, err error) error {
	var typed *Error
	var late *overdue
	switch {
	case a.emitted != nil:
		return a.emitted
	case errors.As(context.Cause(watched), &late):
		e := a.client.fail(late.kind, a.model, nil)
		e.Detail = "waited " + late.limit.String()
		return e
	case ctx.Err() != nil:
		return fmt.Errorf("provider %s: %w", a.client.cfg.Provider, context.Cause(ctx))
	case errors.As(err, &typed):
		return typed
	case errors.Is(err, errEventSize) || errors.Is(err, errStreamSize):
		return a.client.fail(ErrTooLarge, a.model, err)
	case !a.connected && !a.watch.reached():
		return a.client.fail(ErrConnect, a.model, err)
	case errors.Is(err, io.EOF) && a.result.FinishReason != "":
		return a.client.fail(ErrNoDone, a.model, nil)
	}
	return a.client.fail(ErrTruncated, a.model, err)
}
