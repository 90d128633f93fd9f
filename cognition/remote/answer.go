package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

const (
	maxText   = 1 << 20                // bytes of one answer
	drainTime = 100 * time.Millisecond // for the end of the body behind the end mark, so that the connection can be used again
	// tailTime is for what follows the finish_reason: the counts of tokens and the end mark, which
	// servers send at once or not at all.
	tailTime = time.Second
	endMark  = "[DONE]"
)

// reply is the state of one call.
type reply struct {
	client *Client
	model  string
	start  time.Time
	watch  *watch
	emit   func(string) error
	result prompt.Result
	text   strings.Builder

	connected bool  // a response came
	emitted   error // what emit returned
}

// run sends the request and reads the whole answer. Its errors are explained by explain.
func (a *reply) run(ctx context.Context, body []byte) error {
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
	plain, err := decoded(resp)
	if err != nil {
		return a.protocol(err.Error(), nil)
	}
	return a.events(newEventReader(plain))
}

// events reads the stream. An answer with a finish_reason is whole: what follows, and how the
// stream ends, does not concern it.
func (a *reply) events(stream *eventReader) error {
	for {
		e, err := stream.next()
		if err != nil {
			return a.ended(err)
		}
		data := strings.TrimSpace(string(e.data))
		switch {
		case data == "" && e.name != errorEvent: // a sign of life
			continue
		case data == endMark:
			if err := a.ended(nil); err != nil {
				return err
			}
			a.watch.enter(ErrTokenTimeout, drainTime)
			for err == nil {
				_, err = stream.next()
			}
			return nil
		}
		if err := a.take(e); err != nil {
			return err
		}
	}
}

// ended says whether the answer is whole when its stream ends, with err or with the end mark.
func (a *reply) ended(err error) error {
	switch {
	case a.result.Reason != "":
		return nil
	case err == nil:
		return a.protocol("the end mark came without a finish_reason", nil)
	}
	return err
}

// take reads one event of the stream.
func (a *reply) take(e event) error {
	if said, ok := readFault(e.data); ok || e.name == errorEvent {
		if a.result.Reason != "" {
			return nil
		}
		f := a.client.fail(ErrStream, a.model, nil)
		f.Detail = a.client.words(said.Message, e.data)
		if said.tooLong() {
			f.Kind, f.Next = prompt.ErrTooLong, a.client.advice(prompt.ErrTooLong)
		}
		return f
	}
	var c chunk
	if err := json.Unmarshal(e.data, &c); err != nil {
		if e.name != "" && e.name != messageEvent || a.result.Reason != "" {
			return nil // an event of another name need not be a completion
		}
		return a.protocol("an event is no JSON completion: "+a.client.words("", e.data), err)
	}
	c.count(&a.result)
	for i := range c.Choices {
		if err := a.choice(&c.Choices[i]); err != nil {
			return err
		}
	}
	return nil
}

// choice adds what an event says.
func (a *reply) choice(c *choice) error {
	if n := countOf(c.Index); n != 0 {
		return a.protocol(fmt.Sprintf("choice %d although one was asked for", n), nil)
	}
	s, err := c.Delta.read()
	if err != nil {
		return a.protocol("the content of an event is neither text nor a list of parts", err)
	}
	if s.thought || s.tool {
		a.watch.token() // the model is at work, but this is not said
		a.result.Thought, a.result.Tool = a.result.Thought || s.thought, a.result.Tool || s.tool
	}
	if err := a.piece(s.text); err != nil {
		return err
	}
	if word := wordOf(c.Finish); word != "" && a.result.Reason == "" {
		a.result.Reason, a.result.Finish = word, prompt.FinishOf(word)
		a.watch.enter(ErrTokenTimeout, tailTime)
	}
	return nil
}

// piece passes text on.
func (a *reply) piece(text string) error {
	if text == "" {
		return nil
	}
	if a.result.Reason != "" {
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

func (a *reply) protocol(detail string, cause error) error {
	e := a.client.fail(ErrProtocol, a.model, cause)
	e.Detail = detail
	return e
}

// explain turns what run returned into what the caller gets. The caller's own reasons come first:
// they are why the connection broke.
func (a *reply) explain(ctx, watched context.Context, err error) error {
	var typed *Error
	var late *overdue
	switch {
	case a.emitted != nil:
		return a.emitted
	case errors.As(context.Cause(watched), &late):
		e := a.client.fail(late.kind, a.model, nil)
		e.Detail = late.detail()
		return e
	case ctx.Err() != nil:
		return fmt.Errorf("provider %s: %w", a.client.cfg.Provider, context.Cause(ctx))
	case errors.As(err, &typed):
		return typed
	case errors.Is(err, errEventSize) || errors.Is(err, errStreamSize):
		return a.client.fail(ErrTooLarge, a.model, err)
	case !a.connected && !a.watch.reached():
		return a.client.fail(ErrConnect, a.model, err)
	}
	return a.client.fail(ErrTruncated, a.model, err)
}

// unanswered is nil where an answer came; otherwise it says why there is none.
func (a *reply) unanswered(limit int) error {
	if a.text.Len() > 0 {
		return nil
	}
	r := &a.result
	why := answer.Outcome{Thought: r.Thought, Tool: r.Tool, Finish: r.Finish, Reason: r.Reason, Limit: limit}.Err()
	e := a.client.fail(ErrNoAnswer, a.model, why)
	e.Next = "" // the cause says it
	return e
}
