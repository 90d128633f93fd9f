package agent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// mark learns what the mind writes that is not for people, and how its answers begin: from the configuration, and from a model's own files.
func (e *Engine) mark(cfg *EngineConfig) {
	begins, special := cfg.Begins, cfg.Special
	if own, ok := e.mind.(*ownMind); ok {
		special = slices.Concat(special, own.model.Specials())
		if begins == answer.Unsure {
			begins = own.model.Begins()
		}
	}
	e.markup, e.habit = answer.NewMarkup(special...), answer.NewHabit(begins)
}

// reply has the mind answer and keeps inside what is not for people: thoughts, tool calls, tokens of templates. emit receives what may be
// seen and heard, piece by piece, on this goroutine; nil receives nothing. The result's text is the same as a whole, and valid with any
// error. Where the mind came to no answer, or not to its end, the error is an *answer.Error; it is Partial where something was emitted.
func (e *Engine) reply(ctx context.Context, req prompt.Request, kept *promptCache, emit func(visible string) error) (prompt.Result, error) {
	filter := e.markup.NewFilter(e.habit.Begins())
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
	err := fenced(func() (err error) {
		out, err = e.mind.think(ctx, req, kept, func(piece string) error { return show(filter.Push(piece)) })
		return err
	})
	if err == nil {
		err = show(filter.End(out.Finish))
	}
	out.Text = strings.TrimSpace(visible.String())
	if err != nil {
		return out, err
	}
	e.habit.Learn(filter)
	outcome := filter.Outcome(out.Reason, req.MaxTokens)
	outcome.Thought = outcome.Thought || out.Thought
	outcome.Tool = outcome.Tool || out.Tool
	return out, outcome.Err()
}

// partial tells whether an error says that an answer is there and was cut off.
func partial(err error) bool {
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
