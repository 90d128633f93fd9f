package remote

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Fields that limit an answer: most servers take the first, some hosted models the second only.
const (
	FieldMaxTokens           = "max_tokens"
	FieldMaxCompletionTokens = "max_completion_tokens"
)

// Request is one question.
type Request struct {
	prompt.Request
	// Model is the server's name of the model.
	Model string
	// MaxTokensField is how the bound of the answer, which must be set, is called; empty means
	// FieldMaxTokens.
	MaxTokensField string
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
		case prompt.System, prompt.User, prompt.Assistant:
		default:
			return fmt.Errorf("messages[%d]: role %q is unknown", i, m.Role)
		}
		for _, p := range m.Parts {
			picture, ok := p.(Picture)
			_, caption := p.(prompt.Caption)
			switch {
			case caption:
			case !ok:
				return fmt.Errorf("messages[%d]: %w: a %s as %T", i, prompt.ErrPart, p.Modality(), p)
			case len(picture.Data) == 0 || picture.MIME == "":
				return fmt.Errorf("messages[%d]: empty picture", i)
			}
		}
	}
	if r.Sampling.TopK != nil {
		return fmt.Errorf("%w: the chat completions API has no top-k", prompt.ErrSampling)
	}
	return nil
}

// part is one part of a message's content on the wire.
type part struct {
	Type  string   `json:"type"`
	Text  string   `json:"text,omitempty"`
	Image *address `json:"image_url,omitempty"`
	Cache *mark    `json:"cache_control,omitempty"`
}

type address struct {
	URL string `json:"url"`
}

// encode writes the request as JSON; usage asks for the counts of tokens. A message without
// pictures and marks is one string, which every server takes.
func (r *Request) encode(usage bool, hint CacheHint) ([]byte, error) {
	type message struct {
		Role    prompt.Role `json:"role"`
		Content any         `json:"content"`
	}
	messages := make([]message, 0, len(r.Messages))
	for i, m := range r.Messages {
		marked := hint.marked(r.Messages, i)
		if len(m.Parts) == 0 && !marked {
			messages = append(messages, message{m.Role, m.Text})
			continue
		}
		var parts []part
		before, behind := m.Split()
		if len(m.Parts) == 0 {
			before, behind = "", m.Text
		}
		if before != "" {
			parts = append(parts, part{Type: "text", Text: before})
		}
		for _, p := range m.Parts {
			switch p := p.(type) {
			case Picture:
				parts = append(parts, part{Type: "image_url", Image: &address{p.dataURL()}})
			case prompt.Caption:
				parts = append(parts, part{Type: "text", Text: string(p)})
			}
		}
		if behind != "" {
			parts = append(parts, part{Type: "text", Text: behind})
		}
		if marked && len(parts) > 0 {
			parts[len(parts)-1].Cache = &mark{"ephemeral"}
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
	hint.add(fields, r.CacheKey)
	return json.Marshal(fields)
}
