package remote

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// chunk is what is used of one event of a streamed completion. Only the text and the reason why it
// ends matter to an answer: everything else is read as far as it can be and left out where it
// cannot, since servers write it in many ways.
type chunk struct {
	Choices []choice        `json:"choices"`
	Usage   json.RawMessage `json:"usage"`
	Timings json.RawMessage `json:"timings"`
}

// choice is one of the answers that a server writes; one is asked for.
type choice struct {
	Index  json.RawMessage `json:"index"`
	Delta  *delta          `json:"delta"`
	Finish json.RawMessage `json:"finish_reason"`
}

// delta is what an event adds to an answer.
type delta struct {
	Content          json.RawMessage `json:"content"`
	Refusal          json.RawMessage `json:"refusal"`
	ReasoningContent json.RawMessage `json:"reasoning_content"` // DeepSeek, vLLM, llama.cpp
	Reasoning        json.RawMessage `json:"reasoning"`         // OpenRouter, Ollama, newer vLLM
	ReasoningDetails json.RawMessage `json:"reasoning_details"` // OpenRouter
	Thinking         json.RawMessage `json:"thinking"`
	ToolCalls        json.RawMessage `json:"tool_calls"`
	FunctionCall     json.RawMessage `json:"function_call"`
}

// step is what an event means.
type step struct {
	text          string
	thought, tool bool // the model thinks, or asks for a tool
}

// read sums up a delta.
func (d *delta) read() (step, error) {
	if d == nil {
		return step{}, nil
	}
	s, err := readContent(d.Content)
	if err != nil {
		return step{}, err
	}
	refusal, err := readContent(d.Refusal)
	if err != nil {
		return step{}, err
	}
	s.text += refusal.text
	for _, raw := range []json.RawMessage{d.ReasoningContent, d.Reasoning, d.ReasoningDetails, d.Thinking} {
		s.thought = s.thought || !empty(raw)
	}
	s.tool = s.tool || !empty(d.ToolCalls) || !empty(d.FunctionCall)
	return s, nil
}

// part of a content that is a list.
type contentPart struct {
	Type    string          `json:"type"`
	Text    json.RawMessage `json:"text"`
	Refusal json.RawMessage `json:"refusal"`
}

// readContent reads text, or a list of parts of which some are text (Mistral's reasoning models,
// gateways of other APIs).
func readContent(raw json.RawMessage) (step, error) {
	if empty(raw) {
		return step{}, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return step{text: text}, nil
	}
	var parts []json.RawMessage
	if raw[0] == '{' { // one part alone
		parts = []json.RawMessage{raw}
	} else if err := json.Unmarshal(raw, &parts); err != nil {
		return step{}, err
	}
	var out step
	for _, p := range parts {
		if json.Unmarshal(p, &text) == nil {
			out.text += text
			continue
		}
		var part contentPart
		if err := json.Unmarshal(p, &part); err != nil {
			return step{}, err
		}
		kind := strings.ToLower(part.Type)
		switch {
		case strings.Contains(kind, "think") || strings.Contains(kind, "reason"):
			out.thought = true
		case strings.Contains(kind, "tool") || strings.Contains(kind, "function"):
			out.tool = true
		case kind == "refusal":
			out.text += textOf(part.Refusal)
		case kind == "" || strings.Contains(kind, "text"):
			out.text += textOf(part.Text)
		}
	}
	return out, nil
}

// textOf reads a text, or one inside an object of its own ({"value": "..."}).
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var inner struct {
		Value string `json:"value"`
	}
	_ = json.Unmarshal(raw, &inner) // what is neither has no text
	return inner.Value
}

// empty tells whether a field holds nothing: it is not there, null, false, or an empty text, list
// or object.
func empty(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", `""`, "[]", "{}":
		return true
	}
	return false
}

// wordOf reads a reason: a text, or whatever stands in its place. Nothing is "".
func wordOf(raw json.RawMessage) string {
	if empty(raw) {
		return ""
	}
	if text := textOf(raw); text != "" {
		return text
	}
	return string(raw)
}

// countOf reads a number of tokens: 7, 7.0 or "7". What is none, or below 0, is 0, because no
// answer depends on it.
func countOf(raw json.RawMessage) int {
	n, err := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	if err != nil || !(n > 0) || n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// count reads the server's counts of prompt, answer and what it had kept of the prompt. What it
// does not give stays as it is.
func (c *chunk) count(r *prompt.Result) {
	var u struct {
		Prompt     json.RawMessage `json:"prompt_tokens"`
		Completion json.RawMessage `json:"completion_tokens"`
		Details    json.RawMessage `json:"prompt_tokens_details"`   // OpenAI, vLLM, OpenRouter
		Hit        json.RawMessage `json:"prompt_cache_hit_tokens"` // DeepSeek
		Read       json.RawMessage `json:"cache_read_input_tokens"` // gateways of Anthropic's models
		Cached     json.RawMessage `json:"cached_tokens"`           // Moonshot
	}
	if !empty(c.Usage) && json.Unmarshal(c.Usage, &u) == nil {
		var details struct {
			Cached json.RawMessage `json:"cached_tokens"`
		}
		_ = json.Unmarshal(u.Details, &details) // details of another form count nothing
		r.PromptTokens, r.Tokens = countOf(u.Prompt), countOf(u.Completion)
		r.Reused = min(max(countOf(details.Cached), countOf(u.Hit), countOf(u.Read), countOf(u.Cached)), r.PromptTokens)
	}
	var t struct {
		Cached json.RawMessage `json:"cache_n"` // llama.cpp; its other counts are those of usage
	}
	if r.Reused == 0 && !empty(c.Timings) && json.Unmarshal(c.Timings, &t) == nil {
		r.Reused = countOf(t.Cached)
	}
}
