package remote

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// feed lets a call receive events, each after a wait, and returns why its context ended.
func feed(t *testing.T, limits Timeouts, events []string, wait time.Duration) (cause error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if err := limits.complete(); err != nil {
			t.Fatal(err)
		}
		ctx, w := newWatch(t.Context(), limits)
		w.connected()
		a := &reply{client: &Client{}, watch: w}
		for _, e := range events {
			time.Sleep(wait)
			if err := a.take(event{data: []byte(e)}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if ctx.Err() != nil {
			cause = context.Cause(ctx)
		}
		w.stop()
	})
	return cause
}

// A model that thinks, or writes a tool call, is at work: that ends the wait for the first token
// and keeps the watch between tokens quiet. What is no work does not.
func TestThoughtsFeedTheWatch(t *testing.T) {
	limits := Timeouts{FirstToken: 3 * time.Second, BetweenTokens: 3 * time.Second}
	for delta, works := range map[string]bool{
		`{"reasoning_content":"h"}`: true, `{"reasoning":"h"}`: true, `{"reasoning_details":[1]}`: true, `{"thinking":"h"}`: true,
		`{"content":[{"type":"thinking"}]}`: true, `{"tool_calls":[{"index":0}]}`: true, `{"function_call":{"name":"x"}}`: true, `{"content":"x"}`: true,
		`{"content":""}`: false, `{"reasoning_content":""}`: false, `{"reasoning":null}`: false, `{"role":"assistant"}`: false, `null`: false,
	} {
		e := `{"choices":[{"delta":` + delta + `}]}`
		cause := feed(t, limits, []string{e, e, e, e}, 2*time.Second)
		if works != (cause == nil) {
			t.Errorf("%s: %v", delta, cause)
		}
		var late *overdue
		if !works && (!errors.As(cause, &late) || !errors.Is(late.kind, ErrFirstTokenTimeout)) {
			t.Errorf("%s: %v", delta, cause)
		}
	}
}

// Behind the finish_reason there is little time, whatever the limits are: the answer is whole by
// then.
func TestTailIsShort(t *testing.T) {
	end := `{"choices":[{"delta":{},"finish_reason":"stop"}]}`
	if cause := feed(t, Timeouts{}, []string{end, end}, tailTime/2); cause != nil {
		t.Errorf("within the tail: %v", cause)
	}
	if cause := feed(t, Timeouts{}, []string{end, `{}`, `{}`}, tailTime*3/4); cause == nil {
		t.Error("a stream that stays open is waited for")
	}
}

// Every limit says how long, for what, and what it is called.
func TestStagesAreNamed(t *testing.T) {
	for says, o := range map[string]*overdue{
		"waited 1s for a connection (timeouts.connect)":                                    {kind: ErrConnectTimeout, limit: time.Second},
		"waited 2s for the first token (timeouts.first_token)":                             {kind: ErrFirstTokenTimeout, limit: 2 * time.Second},
		"waited 3s for the next token (timeouts.between_tokens)":                           {kind: ErrTokenTimeout, limit: 3 * time.Second},
		"waited 4s for the whole answer (timeouts.answer), in the end for the first token": {kind: ErrAnswerTimeout, limit: 4 * time.Second, phase: ErrFirstTokenTimeout},
		"waited 5s for the whole answer (timeouts.answer), in the end for the next token":  {kind: ErrAnswerTimeout, limit: 5 * time.Second, phase: ErrTokenTimeout},
		"waited 6s for the whole answer (timeouts.answer), in the end for a connection":    {kind: ErrAnswerTimeout, limit: 6 * time.Second, phase: ErrConnectTimeout},
	} {
		if got := o.detail(); got != says {
			t.Errorf("%q, want %q", got, says)
		}
	}
}

// The four limits, each at its time, in the order of a call.
func TestWatch(t *testing.T) {
	limits := Timeouts{Connect: time.Second, FirstToken: 10 * time.Second, BetweenTokens: 3 * time.Second, Answer: 20 * time.Second}
	for name, c := range map[string]struct {
		steps func(w *watch)
		kind  error
		after time.Duration
	}{
		"connect":     {func(*watch) {}, ErrConnectTimeout, time.Second},
		"first token": {func(w *watch) { w.connected() }, ErrFirstTokenTimeout, 10 * time.Second},
		"next token":  {func(w *watch) { w.connected(); w.token(); time.Sleep(2 * time.Second); w.token() }, ErrTokenTimeout, 5 * time.Second},
		"answer": {func(w *watch) {
			w.connected()
			for range 12 {
				w.token()
				time.Sleep(2 * time.Second)
			}
		}, ErrAnswerTimeout, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx, w := newWatch(t.Context(), limits)
			go c.steps(w)
			<-ctx.Done()
			var late *overdue
			if !errors.As(context.Cause(ctx), &late) || !errors.Is(late.kind, c.kind) || time.Since(start) != c.after {
				t.Errorf("%s: %v after %v", name, context.Cause(ctx), time.Since(start))
			}
			if w.reached() != (name != "connect") {
				t.Errorf("%s: reached is %v", name, w.reached())
			}
			time.Sleep(time.Minute)
			w.stop()
			w.token()
			w.expired()
		})
	}
}

// FuzzTake feeds any event: it is text, a sign of work, a typed error, or nothing, and text is
// never longer than its event.
func FuzzTake(f *testing.F) {
	for _, s := range []string{
		`{"choices":[{"delta":{"content":[{"type":"text","text":"a"}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":"7"}}`, `{"error":{}}`,
		`{"choices":[{"index":"0","delta":{"content":{"text":{"value":"x"}},"tool_calls":[{}]}}],"error":""}`, `{"choices":[{"index":1}]}`, `[]`,
		`{"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":"8"},"cached_tokens":99},"timings":{"cache_n":1e3}}`, `null`, `{"choices":[null]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, w := newWatch(t.Context(), Timeouts{Connect: time.Hour, FirstToken: time.Hour, BetweenTokens: time.Hour, Answer: time.Hour})
		defer w.stop()
		a := &reply{client: &Client{}, watch: w}
		var typed *Error
		if err := a.take(event{data: data}); err != nil && !errors.As(err, &typed) {
			t.Errorf("%v", err)
		}
		if r := a.result; r.PromptTokens > 0 && r.Reused > r.PromptTokens || r.Reused < 0 {
			t.Errorf("%d of %d tokens kept", r.Reused, r.PromptTokens)
		}
		if a.text.Len() > 3*len(data) { // a broken byte becomes U+FFFD
			t.Errorf("%d bytes of text from %d", a.text.Len(), len(data))
		}
	})
}
