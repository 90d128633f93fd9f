package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// answer has the mind answer and keeps inside what is not for people: thoughts, tool calls, tokens
// of templates. See [Models.Answer].
func (b *base) answer(
	ctx context.Context, req prompt.Request, kept *PromptCache, emit func(visible string) error,
) (prompt.Result, error) {
	filter := b.markup.NewFilter(b.habit.Begins())
	var visible strings.Builder
	show := func(text string) error {
		if text == "" {
			return nil
		}
		visible.WriteString(text)
		if emit == nil {
			return nil
		}
		return emit(text)
	}
	var out prompt.Result
	err := fence.Do(func() (err error) {
		out, err = b.mind.generate(ctx, req, kept, func(piece string) error { return show(filter.Push(piece)) })
		return err
	})
	if err == nil {
		err = show(filter.End(out.Finish))
	}
	out.Text = strings.TrimSpace(visible.String())
	if err != nil {
		return out, err
	}
	b.habit.Learn(filter)
	outcome := filter.Outcome(out.Reason, req.MaxTokens)
	outcome.Thought = outcome.Thought || out.Thought
	outcome.Tool = outcome.Tool || out.Tool
	return out, outcome.Err()
}

// Partial tells whether an error says that an answer is there and was cut off.
func Partial(err error) bool {
	var cut *answer.Error
	return errors.As(err, &cut) && cut.Partial
}

// noAnswer is the error if it says that there is no answer, and nil for every other one.
func noAnswer(err error) error {
	if errors.Is(err, answer.ErrNoAnswer) {
		return err
	}
	return nil
}
