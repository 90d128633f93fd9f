package remote_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// with puts fields beside the choices of a piece of text.
func with(text, fields string) string {
	return fmt.Sprintf(`{"choices":[{"index":0,"delta":{"content":%q},"finish_reason":null}],%s}`, text, fields)
}

// withDelta is an event with this delta.
func withDelta(delta string) string {
	return `{"choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}]}`
}

// counted is the last event of servers that count.
func counted(prompt, answer string) string {
	return `{"choices":[],"usage":{"prompt_tokens":` + prompt + `,"completion_tokens":` + answer + `}}`
}

// Whatever stands beside the text, in whatever type, does not cost a whole answer.
func TestSideFieldsLoseNoAnswer(t *testing.T) {
	one, two, end := piece("One. "), piece("Two."), finish("stop")
	for name, c := range map[string]struct {
		events         []string
		prompt, tokens int
	}{
		"counts with a point":       {[]string{one, two, end, counted("5.0", "7.0")}, 5, 7},
		"counts as text":            {[]string{one, two, end, counted(`"5"`, `"7"`)}, 5, 7},
		"counts of nothing":         {[]string{one, two, end, counted(`null`, `{}`)}, 0, 0},
		"counts below zero":         {[]string{one, two, end, counted(`-1`, `1e99`)}, 0, 0},
		"usage is a text":           {[]string{one, with("Two.", `"usage":"none"`), end}, 0, 0},
		"usage is null":             {[]string{with("One. ", `"usage":null`), two, end, counted("5", "7")}, 5, 7},
		"data without data":         {[]string{one, "", two, end, ""}, 0, 0},
		"error is empty":            {[]string{with("One. ", `"error":""`), two, end}, 0, 0},
		"error is null":             {[]string{with("One. ", `"error":null`), two, end}, 0, 0},
		"error is an empty object":  {[]string{with("One. ", `"error":{}`), two, end}, 0, 0},
		"error says nothing":        {[]string{with("One. ", `"error":{"message":"","code":0,"type":null}`), two, end}, 0, 0},
		"error is false":            {[]string{with("One. ", `"error":false`), with("Two.", `"error":0`), end}, 0, 0},
		"error is an empty list":    {[]string{with("One. ", `"error":[]`), two, end}, 0, 0},
		"detail beside text":        {[]string{with("One. ", `"detail":"fast lane"`), two, end}, 0, 0},
		"detail is empty":           {[]string{one, `{"detail":""}`, two, end}, 0, 0},
		"index is a text":           {[]string{strings.Replace(one, `"index":0`, `"index":"0"`, 1), strings.Replace(two, `"index":0,`, ``, 1), end}, 0, 0},
		"no choices":                {[]string{`{"choices":null}`, one, `{}`, two, end}, 0, 0},
		"no delta":                  {[]string{one, two, `{"choices":[{"index":0,"delta":null,"finish_reason":"stop"}]}`}, 0, 0},
		"finish_reason is empty":    {[]string{strings.Replace(one, `"finish_reason":null`, `"finish_reason":""`, 1), two, end}, 0, 0},
		"finish_reason comes twice": {[]string{one, two, end, finish("length")}, 0, 0},
		"other fields":              {[]string{with("One. ", `"id":7,"model":null,"created":"now","system_fingerprint":[]`), two, end}, 0, 0},
		"an error after the end":    {[]string{one, two, end, `{"error":"cannot count"}`}, 0, 0},
		"nonsense after the end":    {[]string{one, two, end, `<html>`}, 0, 0},
		"content is null":           {[]string{withDelta(`{"role":"assistant","content":null,"refusal":null,"reasoning":"","tool_calls":[]}`), one, two, end}, 0, 0},
		"content is a list":         {[]string{withDelta(`{"content":[{"type":"text","text":"One. "}]}`), withDelta(`{"content":[{"type":"output_text","text":{"value":"Tw"}},"o",{"text":"."}]}`), end}, 0, 0},
		"content is one part":       {[]string{withDelta(`{"content":{"type":"text","text":"One. Two."}}`), end}, 0, 0},
		"parts without text":        {[]string{one, withDelta(`{"content":[{"type":"image_url","image_url":{}},{"type":"text"},{"type":"text","text":7}]}`), two, end}, 0, 0},
		"a refusal":                 {[]string{withDelta(`{"refusal":"One. "}`), withDelta(`{"content":[{"type":"refusal","refusal":"Two."}]}`), end}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(t, script(t, stream(c.events...)), nil).Chat(t.Context(), ask("hello"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != "One. Two." || got.Finish != prompt.FinishEnd || got.PromptTokens != c.prompt || got.Tokens != c.tokens || got.Thought || got.Tool {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What a server had kept of the prompt is said in many ways.
func TestKeptTokensAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		fields         string
		prompt, reused int
	}{
		"nothing":                 {`"usage":{"prompt_tokens":90,"completion_tokens":2}`, 90, 0},
		"OpenAI":                  {`"usage":{"prompt_tokens":90,"prompt_tokens_details":{"cached_tokens":64}}`, 90, 64},
		"DeepSeek":                {`"usage":{"prompt_tokens":90,"prompt_cache_hit_tokens":65,"prompt_cache_miss_tokens":25}`, 90, 65},
		"a gateway":               {`"usage":{"prompt_tokens":90,"cache_read_input_tokens":66}`, 90, 66},
		"Moonshot":                {`"usage":{"prompt_tokens":90,"cached_tokens":67}`, 90, 67},
		"llama.cpp":               {`"usage":{"prompt_tokens":90},"timings":{"cache_n":68,"prompt_n":22}`, 90, 68},
		"llama.cpp, by itself":    {`"timings":{"cache_n":68}`, 0, 68},
		"both":                    {`"usage":{"prompt_tokens":90,"prompt_tokens_details":{"cached_tokens":60}},"timings":{"cache_n":68}`, 90, 60},
		"more than the prompt":    {`"usage":{"prompt_tokens":90,"cached_tokens":91}`, 90, 90},
		"details of another form": {`"usage":{"prompt_tokens":90,"prompt_tokens_details":[],"cached_tokens":"5"},"timings":7`, 90, 5},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(t, script(t, stream(piece("Yes."), finish("stop"), `{"choices":[],`+c.fields+`}`)), nil).Chat(t.Context(), ask("hello"), nil)
			if err != nil || got.PromptTokens != c.prompt || got.Reused != c.reused || got.Text != "Yes." {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// Events of other names and signs of life are not part of an answer.
func TestOtherEventsAreIgnored(t *testing.T) {
	body := "event: ping\ndata: still here\n\n: comment\n\ndata\n\nevent: message\ndata: " + piece("yes") + "\n\nevent: ping\ndata: {}\n\ndata: " + finish("stop") + "\n\ndata: [DONE]\n\n"
	got, err := open(t, script(t, partly(body)), nil).Chat(t.Context(), ask("hello"), nil)
	if err != nil || got.Text != "yes" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{withDelta(`{"content":7}`), withDelta(`{"content":[7]}`), withDelta(`{"refusal":7}`)} {
		if _, err := open(t, script(t, stream(bad)), nil).Chat(t.Context(), ask("hello"), nil); !errors.Is(err, remote.ErrProtocol) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// An answer with a finish_reason is whole, however its stream ends.
func TestFinishedAnswerIsWhole(t *testing.T) {
	whole := "data: " + piece("whole") + "\n\ndata: " + finish("stop") + "\n\n"
	for name, h := range map[string]http.HandlerFunc{
		"no end mark":     partly(whole),
		"cut in an event": partly(whole + "data: {\"usa"),
		"broken": func(w http.ResponseWriter, r *http.Request) {
			partly(whole)(w, r)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"left open": func(w http.ResponseWriter, r *http.Request) {
			partly(whole)(w, r)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, h)
			c := open(t, s, func(c *remote.Config) { c.Timeouts.Answer = time.Minute })
			got, err := c.Chat(t.Context(), ask("hello"), nil)
			if err != nil || got.Text != "whole" || got.Finish != prompt.FinishEnd {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// Why there is no answer is said, with the server's own reason.
func TestNoAnswerIsTyped(t *testing.T) {
	for name, c := range map[string]struct {
		events        []string
		kind          error
		reason        string
		thought, tool bool
	}{
		"reasoning up to the limit": {[]string{withDelta(`{"content":null,"reasoning_content":"hidden"}`), finish("length")}, answer.ErrOnlyReasoning, "length", true, false},
		"reasoning, other field":    {[]string{withDelta(`{"reasoning":"hidden"}`), finish("stop")}, answer.ErrOnlyReasoning, "stop", true, false},
		"reasoning in details":      {[]string{withDelta(`{"reasoning_details":[{"text":"hidden"}]}`), finish("stop")}, answer.ErrOnlyReasoning, "stop", true, false},
		"reasoning as a part":       {[]string{withDelta(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hidden"}]}]}`), finish("stop")}, answer.ErrOnlyReasoning, "stop", true, false},
		"tool call":                 {[]string{withDelta(`{"tool_calls":[{"index":0,"function":{"name":"look"}}]}`), finish("tool_calls")}, answer.ErrToolCall, "tool_calls", false, true},
		"function call":             {[]string{withDelta(`{"function_call":{"name":"look"}}`), finish("function_call")}, answer.ErrToolCall, "function_call", false, true},
		"tool as a part":            {[]string{withDelta(`{"content":[{"type":"tool_use","name":"look"}]}`), finish("stop")}, answer.ErrToolCall, "stop", false, true},
		"filtered":                  {[]string{withDelta(`{"content":""}`), finish("content_filter")}, answer.ErrFiltered, "content_filter", false, false},
		"empty":                     {[]string{finish("stop")}, answer.ErrEmpty, "stop", false, false},
		"empty up to the limit":     {[]string{finish("length")}, answer.ErrCutOff, "length", false, false},
		"a reason of no type":       {[]string{`{"choices":[{"delta":{},"finish_reason":3}]}`}, answer.ErrEmpty, "3", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(t, script(t, stream(c.events...)), nil).Chat(t.Context(), ask("hello"), func(p string) error {
				t.Errorf("emitted %q", p)
				return nil
			})
			var why *answer.Error
			if !errors.Is(err, remote.ErrNoAnswer) || !errors.Is(err, answer.ErrNoAnswer) || !errors.Is(err, c.kind) || !errors.As(err, &why) {
				t.Fatalf("%v", err)
			}
			if why.Reason != c.reason || why.Limit != 40 || got.Text != "" || got.Reason != c.reason || got.Thought != c.thought || got.Tool != c.tool {
				t.Errorf("%+v, %+v", why, got)
			}
			wantText(t, err.Error(), "provider lab (", "no answer", "finish reason "+c.reason)
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the thought is in %q", err)
			}
		})
	}
}

// A stream that is packed unasked is unpacked as it comes, or its packing is named.
func TestPackedStreams(t *testing.T) {
	plain := "data: " + piece("packed") + "\n\ndata: " + finish("stop") + "\n\ndata: [DONE]\n\n"
	packed := func(kind string, body string) []byte {
		var b bytes.Buffer
		var w io.WriteCloser = gzip.NewWriter(&b)
		if kind == "deflate" {
			w = zlib.NewWriter(&b)
		}
		if _, err := io.WriteString(w, body); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, kind := range []string{"gzip", "X-GZIP", "deflate", "identity"} {
		s := script(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", kind)
			head(w)
			if kind == "identity" {
				fmt.Fprint(w, plain)
				return
			}
			_, _ = w.Write(packed(kind, plain))
		})
		got, err := open(t, s, nil).Chat(t.Context(), ask("hello"), nil)
		if err != nil || got.Text != "packed" {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
		if asked := s.only(t).head.Get("Accept-Encoding"); asked != "identity" {
			t.Errorf("asked for %q", asked)
		}
	}
	for kind, says := range map[string]string{"br": `packed as "br"`, "gzip, gzip": `packed as "gzip, gzip"`} {
		_, err := open(t, script(t, status(200, plain, "Content-Encoding", kind, "Content-Type", "text/event-stream")), nil).Chat(t.Context(), ask("hello"), nil)
		if !errors.Is(err, remote.ErrProtocol) {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		wantText(t, err.Error(), says, "identity was asked for")
	}
	_, err := open(t, script(t, status(401, string(packed("gzip", `{"error":"no key"}`)), "Content-Encoding", "gzip")), nil).Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrUnauthorized) {
		t.Fatal(err)
	}
	wantText(t, err.Error(), "no key")
	cut := packed("gzip", plain)
	_, err = open(t, script(t, status(200, string(cut[:20]), "Content-Encoding", "gzip", "Content-Type", "text/event-stream")), nil).Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrTruncated) {
		t.Errorf("cut: %v", err)
	}
}
