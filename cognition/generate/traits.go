package generate

import (
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// probe are the texts of messages whose place in a rendered conversation is looked for.
const (
	probeOne   = "probe1word"
	probeTwo   = "probe2word"
	probeThree = "probe3word"
)

// Traits are what prompts for this model have to fit, as its files say it: the window of the
// configuration, and what the chat template accepts and writes around messages. Count is safe for
// any number of goroutines.
func (m *Model) Traits() prompt.Traits {
	t := m.traits
	t.Window = m.window
	return t
}

// readTraits tries the template with conversations of several shapes, and measures it.
func (m *Model) readTraits() (prompt.Traits, error) {
	one, two := said(prompt.User, probeOne), said(prompt.Assistant, probeTwo)
	t := prompt.Traits{
		Instructions: m.takes(said(prompt.System, probeTwo), one),
		History:      m.takes(one, two, said(prompt.User, probeThree)),
		Count:        m.countText,
	}
	t.UserFirst = t.History && !m.takes(two, one)
	alone, err := m.length(true, one)
	if err != nil {
		return t, err
	}
	shapes := [][2][]prompt.Message{}
	if t.Instructions {
		shapes = append(shapes, [2][]prompt.Message{{one}, {said(prompt.System, probeTwo), one}})
	}
	if t.History {
		shapes = append(shapes, [2][]prompt.Message{{one}, {one, two}}, [2][]prompt.Message{{one, two}, {one, two, said(prompt.User, probeThree)}})
	}
	t.Frame = 1
	for _, shape := range shapes {
		without, err := m.length(false, shape[0]...)
		if err != nil {
			return t, err
		}
		with, err := m.length(false, shape[1]...)
		if err != nil {
			return t, err
		}
		// One more than measured: the first and the last letter of a message may join what stands
		// around it.
		t.Frame = max(t.Frame, with-without-m.countText(probeTwo)+1)
	}
	t.Empty = max(alone-m.countText(probeOne)-t.Frame, 0) + 1
	return t, nil
}

// said is a message of text.
func said(role prompt.Role, text string) prompt.Message {
	return prompt.Message{Role: role, Text: text}
}

// takes tells whether the template writes the texts of messages, all of them and in order.
func (m *Model) takes(messages ...prompt.Message) bool {
	text, err := m.template.render(messages, true)
	if err != nil {
		return false
	}
	for _, message := range messages {
		_, rest, found := strings.Cut(text, message.Text)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

// length is how many tokens a conversation has, with or without the head of the answer.
func (m *Model) length(answer bool, messages ...prompt.Message) (int, error) {
	text, err := m.template.render(messages, answer)
	if err != nil {
		return 0, err
	}
	ids, err := m.tokens.Encode(text)
	return len(ids), err
}

// countText is how many tokens a text of somebody has. A text that has none, which the prompt will
// be refused for, counts as its bytes.
func (m *Model) countText(text string) int {
	plain, guards := unshield(m.shield(text))
	ids, err := m.tokens.EncodeGuarded(plain, guards)
	if err != nil {
		return len(text)
	}
	return len(ids)
}

// PartTokens is at most how many tokens a picture or a clip adds to a prompt, with what stands
// around it. A part that the model does not take adds none: the prompt will be refused.
func (m *Model) PartTokens(part prompt.Part) int {
	var text strings.Builder
	switch part := part.(type) {
	case Image:
		if m.cfg.imageToken < 0 {
			return 0
		}
		m.writeImage(&text, part)
	case Audio:
		if m.cfg.audioToken < 0 {
			return 0
		}
		m.around.clip.write(&text, m.audioText, part.Tokens)
	case prompt.Caption:
		return m.countText(string(part)) + 1 // a line of its own where the template wants one
	default:
		return 0
	}
	ids, err := m.tokens.Encode(text.String())
	if err != nil {
		return text.Len()
	}
	with := said(prompt.User, probeOne)
	without, _ := m.length(true, with) // the template was measured with this when the model was opened
	with.Parts = []prompt.Part{part}
	around, err := m.length(true, with)
	if err != nil {
		return len(ids)
	}
	return len(ids) + max(around-without, 0)
}
