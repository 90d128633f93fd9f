package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Role says who wrote a message.
type Role string

// The roles that servers know.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one turn of a conversation. Its pictures stand before its text.
type Message struct {
	Role     Role
	Text     string
	Pictures []Picture
}

// Sampling says how the server chooses tokens. What is nil is not sent, and the server's own default holds.
type Sampling struct {
	Temperature *float64
	TopP        *float64
	Seed        *int64
}

// Fields that limit an answer: most servers take the first, some hosted models the second only.
const (
	FieldMaxTokens           = "max_tokens"
	FieldMaxCompletionTokens = "max_completion_tokens"
)

// Request is one question.
type Request struct {
	// Model is the server's name of the model.
	Model    string
	Messages []Message
	// MaxTokens bounds the answer; it must be set.
	MaxTokens int
	// MaxTokensField is how the bound is called; empty means FieldMaxTokens.
	MaxTokensField string
	Sampling       Sampling
}

// FinishReason is the server's word for why an answer ended.
type FinishReason string

// The usual reasons; a server may have others. answer.FinishOf reads them all.
const (
	FinishStop   FinishReason = "stop"           // the model ended it
	FinishLength FinishReason = "length"         // MaxTokens or the window was reached
	FinishFilter FinishReason = "content_filter" // the server withheld the rest
)

// Result is an answer. Where Chat also returns an error, it holds what was written until then.
type Result struct {
	// Text is all pieces joined.
	Text string
	// FinishReason is empty where an error is returned, but for ErrNoAnswer.
	FinishReason FinishReason
	// Thought says that the server told thoughts apart from the text, Tool that the model asked for a tool. Neither is part of Text.
	Thought, Tool bool
	// PromptTokens and Tokens are the server's counts; 0 where it gives none.
	PromptTokens, Tokens int
	// FirstToken is the time from the call to the first piece, waiting for a place included.
	FirstToken time.Duration
	// Total is the time from the call to its end.
	Total time.Duration
}

// check names what is missing.
func (r *Request) check() error {
	switch {
	case r.Model == "":
		return errors.New("model: missing")
	case len(r.Messages) == 0:
		return errors.New("messages: missing")
	case r.MaxTokens < 1:
		return errors.New("max tokens: missing")
	}
	switch r.MaxTokensField {
	case "":
		r.MaxTokensField = FieldMaxTokens
	case FieldMaxTokens, FieldMaxCompletionTokens:
	default:
		return fmt.Errorf("max_tokens_field: %q is neither %s nor %s", r.MaxTokensField, FieldMaxTokens, FieldMaxCompletionTokens)
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		switch m.Role {
		case System, User, Assistant:
		default:
			return fmt.Errorf("messages[%d]: role %q is unknown", i, m.Role)
		}
		for _, p := range m.Pictures {
			if len(p.Data) == 0 || p.MIME == "" {
				return fmt.Errorf("messages[%d]: empty picture", i)
			}
		}
	}
	return nil
}

// part is one part of a message's content on the wire.
type part struct {
	Type  string   `json:"type"`
	Text  string   `json:"text,omitempty"`
	Image *address `json:"image_url,omitempty"`
}

type address struct {
	URL string `json:"url"`
}

// encode writes the request as JSON; usage asks for the counts of tokens. A message without pictures is one string, which every server
// takes.
func (r *Request) encode(usage bool) ([]byte, error) {
	type message struct {
		Role    Role `json:"role"`
		Content any  `json:"content"`
	}
	messages := make([]message, 0, len(r.Messages))
	for _, m := range r.Messages {
		if len(m.Pictures) == 0 {
			messages = append(messages, message{m.Role, m.Text})
			continue
		}
		var parts []part
		for _, p := range m.Pictures {
			parts = append(parts, part{Type: "image_url", Image: &address{p.dataURL()}})
		}
		if m.Text != "" {
			parts = append(parts, part{Type: "text", Text: m.Text})
		}
		messages = append(messages, message{m.Role, parts})
	}
	fields := map[string]any{
		"model": r.Model, "messages": messages, "stream": true, r.MaxTokensField: r.MaxTokens,
	}
	if usage {
		fields["stream_options"] = map[string]bool{"include_usage": true}
	}
	if r.Sampling.Temperature != nil {
		fields["temperature"] = *r.Sampling.Temperature
	}
	if r.Sampling.TopP != nil {
		fields["top_p"] = *r.Sampling.TopP
	}
	if r.Sampling.Seed != nil {
		fields["seed"] = *r.Sampling.Seed
	}
	return json.Marshal(fields)
}
