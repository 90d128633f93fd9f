package generate

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/jinja"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// templateIdefics3 is the chat template of the Idefics3 processor family, for folders of that
// family without a template file.
const templateIdefics3 = "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}" +
	"{% if message['content'][0]['type'] == 'image' %}:{% else %}{{ ': ' }}{% endif %}" +
	"{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %}" +
	"<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"

// template is the model's chat template.
type template struct {
	parsed *jinja.Template
	// parts says that the template takes a message's content as a list of typed parts; otherwise as
	// one string.
	parts bool
	// within says that it writes parts where they stand within a message's text.
	within bool
	file   string      // where it was found
	names  *jinja.Dict // special tokens that templates use by name
	// begins says how an answer begins behind what the template writes.
	begins answer.Beginning
}

// readTemplate finds the template in the files where publishers put it.
func readTemplate(fsys fs.FS, modelType string) (*template, error) {
	source, file, err := templateSource(fsys)
	if err != nil {
		return nil, err
	}
	if source == "" {
		if modelType != "idefics3" && modelType != "smolvlm" {
			return nil, missing("tokenizer_config.json", "chat_template")
		}
		source, file = templateIdefics3, fileConfig
	}
	parsed, err := jinja.Parse(source)
	if err != nil {
		return nil, &FileError{Kind: ErrField, File: file, Field: "chat_template", Err: err}
	}
	t := &template{parsed: parsed, file: file}
	if t.names, err = specialNames(fsys); err != nil {
		return nil, err
	}
	return t, t.probe()
}

// templateSource returns the text of the template and the file that holds it.
func templateSource(fsys fs.FS) (source, file string, err error) {
	data, found, err := readFile(fsys, "chat_template.jinja")
	if err != nil || found {
		return string(data), "chat_template.jinja", err
	}
	for _, name := range []string{"chat_template.json", "tokenizer_config.json", fileProcessor} {
		var f struct {
			Template json.RawMessage `json:"chat_template"`
		}
		if _, err := readJSON(fsys, name, &f); err != nil {
			return "", name, err
		}
		if len(f.Template) == 0 || string(f.Template) == "null" {
			continue
		}
		source, err := templateField(name, f.Template)
		return source, name, err
	}
	return "", "", nil
}

// templateField reads one template, or the one named default out of a list.
func templateField(name string, raw json.RawMessage) (string, error) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one, nil
	}
	var list []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return "", &FileError{Kind: ErrField, File: name, Field: "chat_template", Err: err}
	}
	for _, t := range list {
		if t.Name == "default" {
			return t.Template, nil
		}
	}
	return "", &FileError{Kind: ErrField, File: name, Field: "chat_template", Detail: "no template named default"}
}

// probe finds out which form of content the template takes, and how answers begin, by a message
// whose text is known.
func (t *template) probe() error {
	const word = "probe7word"
	var err error
	for _, parts := range []bool{true, false} {
		t.parts = parts
		var text string
		text, err = t.render([]prompt.Message{{Role: prompt.User, Text: word}}, true)
		if err == nil && strings.Contains(text, word) && !strings.Contains(text, "'"+word) {
			t.begins = answer.BeginsAfter(text)
			return nil
		}
	}
	return &FileError{Kind: ErrField, File: t.file, Field: "chat_template", Detail: "does not write the text of a message", Err: err}
}

// probeOne makes sure that the template writes the tokenizer's token once for one image or clip:
// the two files belong together.
func (t *template) probeOne(what, token string, one prompt.Message) error {
	text, err := t.render([]prompt.Message{one}, true)
	if err == nil && strings.Count(text, token) == 1 {
		return nil
	}
	return &FileError{Kind: ErrField, File: t.file, Field: "chat_template", Detail: "does not write " + token + " for " + what, Err: err}
}

// render writes the messages, and with answer the head of the one that follows; every image and
// every clip is one placeholder as the template writes it.
func (t *template) render(messages []prompt.Message, answer bool) (string, error) {
	list := make([]any, len(messages))
	names := jinja.NewDict("messages", list, "add_generation_prompt", answer)
	for i, m := range messages {
		var content any = m.Text
		if t.parts {
			content = t.content(&m)
		}
		list[i] = jinja.NewDict("role", string(m.Role), "content", content)
	}
	t.names.Range(func(key string, value any) { names.Set(key, value) })
	return t.parsed.Render(names)
}

// content is a message as a list of typed parts.
func (t *template) content(m *prompt.Message) []any {
	before, behind := m.Split()
	if !t.within || len(m.Parts) == 0 {
		before, behind = "", captions(m.Parts)+m.Text
	}
	list := make([]any, 0, len(m.Parts)+2)
	if before != "" {
		list = append(list, jinja.NewDict("type", "text", "text", before))
	}
	for _, p := range m.Parts {
		caption, ok := p.(prompt.Caption)
		switch {
		case !ok:
			list = append(list, jinja.NewDict("type", typeOf(p)))
		case t.within:
			list = append(list, jinja.NewDict("type", "text", "text", string(caption)))
		}
	}
	return append(list, jinja.NewDict("type", "text", "text", behind))
}

// captions are the captions among parts, a line each, for templates that write no text between
// parts.
func captions(parts []prompt.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if caption, ok := p.(prompt.Caption); ok {
			b.WriteString(string(caption) + "\n")
		}
	}
	return b.String()
}

// probeWithin finds out whether the template writes this part, whose token is known, between two
// texts of a message.
func (t *template) probeWithin(token string, part prompt.Part) (within bool) {
	t.within = true
	text, err := t.render([]prompt.Message{{Role: prompt.User, Text: probeOne + probeTwo, Before: len(probeOne), Parts: []prompt.Part{part}}}, true)
	_, behind, before := strings.Cut(text, probeOne)
	between, _, found := strings.Cut(behind, probeTwo)
	return err == nil && before && found && strings.Count(between, token) == 1
}

// typeOf is how templates call a part.
func typeOf(p prompt.Part) string {
	if p.Modality() == prompt.Sound {
		return "audio"
	}
	return "image"
}

// specialNames reads the special tokens that tokenizer_config.json names; each is a string or an
// object with its content.
func specialNames(fsys fs.FS) (*jinja.Dict, error) {
	const file = "tokenizer_config.json"
	var f map[string]json.RawMessage
	if _, err := readJSON(fsys, file, &f); err != nil {
		return nil, err
	}
	if err := named(f); err != nil {
		return nil, &FileError{Kind: ErrField, File: file, Err: err}
	}
	names := jinja.NewDict()
	for _, key := range []string{"bos_token", "eos_token", "pad_token", "unk_token"} {
		text, err := tokenText(f[key])
		if err != nil {
			return nil, &FileError{Kind: ErrField, File: file, Field: key, Err: err}
		}
		if text != "" {
			names.Set(key, text)
		}
	}
	return names, nil
}

// named adds the tokens that newer versions of the transformers library list under a name of their
// own.
func named(f map[string]json.RawMessage) error {
	for _, list := range []string{"model_specific_special_tokens", "extra_special_tokens"} {
		raw := f[list]
		if len(raw) == 0 || raw[0] != '{' {
			continue // a list, in most files: its tokens have no names
		}
		var more map[string]json.RawMessage
		if err := json.Unmarshal(raw, &more); err != nil {
			return fmt.Errorf("%s: %w", list, err)
		}
		for key, token := range more {
			if _, ok := f[key]; !ok {
				f[key] = token
			}
		}
	}
	return nil
}

// tokenText is a token as tokenizer_config.json names it: a string, an object with its content, or
// nothing.
func tokenText(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var object struct {
		Content string `json:"content"`
	}
	err := json.Unmarshal(raw, &object)
	return object.Content, err
}
