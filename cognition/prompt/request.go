package prompt

import (
	"fmt"
	"time"
)

// Sampling says how the next token is chosen. What is nil takes the default: of a model in this
// process that is greedy, always the most likely token; of a server it is the server's own.
type Sampling struct {
	// Temperature: 0 is greedy, 1 takes the model's own distribution.
	Temperature *float64
	// TopP keeps the likeliest tokens of this total probability; 0 and 1 keep all.
	TopP *float64
	// TopK keeps this many tokens; 0 keeps all. The chat completions API has no such field, so
	// models behind a server refuse it.
	TopK *int
	// Seed: the same seed gives the same answer, as far as a server keeps to it.
	Seed *int64
}

// maxTemperature bounds a temperature: far beyond it every token is as likely as any other.
const maxTemperature = 100

// Check returns an error that wraps [ErrSampling] for a setting outside its range.
func (s Sampling) Check() error {
	if t := s.Temperature; t != nil && !(*t >= 0 && *t <= maxTemperature) {
		return fmt.Errorf("%w: temperature %v is not within 0 and %d", ErrSampling, *t, maxTemperature)
	}
	if p := s.TopP; p != nil && !(*p >= 0 && *p <= 1) {
		return fmt.Errorf("%w: top-p %v is not within 0 and 1", ErrSampling, *p)
	}
	if k := s.TopK; k != nil && *k < 0 {
		return fmt.Errorf("%w: top-k %d is below 0", ErrSampling, *k)
	}
	return nil
}

// Request is one question.
type Request struct {
	Messages []Message
	// MaxTokens bounds the answer. 0 takes the model's own limit, which one behind a server has
	// not.
	MaxTokens int
	Sampling  Sampling
	// CacheKey is the same for prompts that begin alike: the key of a persona
	// (context.Chain.Persona). Servers that want to know are told it; a model in this process finds
	// out by itself.
	CacheKey string
}

// Result is an answer. Where a call also returns an error, it holds what was written until then.
type Result struct {
	// Text is all pieces joined.
	Text string
	// Finish is why the answer ended, Reason the model's or the server's own word for it. Both are
	// empty where the answer did not end.
	Finish Finish
	Reason string
	// Thought says that the server told thoughts apart from the text, Tool that the model asked for
	// a tool. Neither is part of Text.
	Thought, Tool bool
	// PromptTokens is the length of the whole prompt, pictures and sound included; Reused is how
	// many of them were not computed again; Tokens is the length of the answer. 0 where a server
	// does not count.
	PromptTokens, Reused, Tokens int
	// Lost says what became of what an earlier answer had kept of the prompt, or why this one keeps
	// nothing, for people: "prompt cache was evicted at 14:03 to make room for lobby/max". Empty
	// where nothing was lost.
	Lost string
	// FirstToken is the time from the call to the first token of a model in this process, or to the
	// first piece of a server's answer, waiting for a place included. Total is the whole call.
	FirstToken, Total time.Duration
	// Compute is the part of Total inside the graphs of a model in this process.
	Compute time.Duration
	// IDs are the tokens of an answer of a model in this process, the stop token left out.
	IDs []int
}
