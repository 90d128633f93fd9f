package generate

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Why an answer ended: prompt.Result.Reason.
const (
	ReasonEnd     = "end"     // the model ended it
	ReasonLength  = "length"  // MaxTokens reached
	ReasonContext = "context" // the window is full
)

// Generate answers a conversation. emit receives the answer piece by piece, on this goroutine, each
// piece valid UTF-8, all of them together the result's Text; it may be nil. An error of emit ends
// the answer and is returned.
//
// The whole prompt is measured before anything is computed: where it leaves no room for an answer,
// Generate returns a [*prompt.TooLongError]. Cancelling ctx ends the call between two tokens, and a
// long prompt between two graph nodes, with the context's error. The result is valid with any
// error, and holds what was written until then.
func (m *Model) Generate(ctx context.Context, req prompt.Request, emit func(piece string) error) (prompt.Result, error) {
	return m.generate(ctx, req, nil, emit)
}

// Generate answers like [Model.Generate] and keeps the keys and values for the next call: what this
// prompt begins with and the cache already holds is not computed again (prompt.Result.Reused). It
// returns [ErrBusy] while another call uses the cache.
func (c *PromptCache) Generate(ctx context.Context, req prompt.Request, emit func(piece string) error) (prompt.Result, error) {
	return c.model.generate(ctx, req, c, emit)
}

// generate answers; cache may be nil.
func (m *Model) generate(ctx context.Context, req prompt.Request, cache *PromptCache, emit func(piece string) error) (result prompt.Result, err error) {
	start := time.Now()
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return prompt.Result{}, ErrClosed
	}
	if err := errors.Join(req.Sampling.Check(), ctx.Err()); err != nil {
		return prompt.Result{}, err
	}
	p, err := m.preparePrompt(req.Messages)
	if err != nil {
		return prompt.Result{}, err
	}
	result.PromptTokens = len(p.ids)
	if len(p.ids) >= m.window {
		return result, &prompt.TooLongError{Tokens: len(p.ids), Limit: m.window - 1}
	}
	kept := cache != nil
	if !kept {
		cache = m.NewPromptCache()
	}
	if err := cache.take(); err != nil {
		return result, err
	}
	defer func() { // of a panic of emit as well
		if !kept {
			err = errors.Join(err, cache.kv.drop())
		}
		cache.busy.Store(false)
	}()
	limit := req.MaxTokens
	if limit <= 0 {
		limit = m.cfg.maxTokens
	}
	run := &call{m: m, start: start, limit: min(limit, m.window-len(p.ids)), sampler: newSampler(settingsOf(req.Sampling)), stream: newStream(m.tokens, m.written, emit), result: &result}
	err = run.all(ctx, &cache.kv, p)
	if err == nil && result.Reason == ReasonLength && run.limit < limit {
		result.Reason = ReasonContext
	}
	if err == nil {
		result.Finish = prompt.FinishOf(result.Reason)
	}
	result.Tokens, result.Text, result.Total = len(result.IDs), run.stream.text.String(), time.Since(start)
	return result, err
}

// call is the state of one answer.
type call struct {
	m       *Model
	start   time.Time
	limit   int // tokens
	sampler *sampler
	stream  *stream
	result  *prompt.Result
}

// all computes the prompt and then the answer token by token.
func (a *call) all(ctx context.Context, k *kv, p *encoded) (err error) {
	reused, total := reusable(k, p), len(p.ids)+a.limit
	if err := k.fit(ctx, reused, total); err != nil {
		return err
	}
	a.result.Reused = reused
	l := newLane(a.m, k, total)
	l.at = p.at
	defer func() {
		a.result.Compute = l.compute
		err = errors.Join(err, l.close())
	}()
	if err := a.prefill(ctx, l, p, reused); err != nil {
		return err
	}
	// A step of one token is not interrupted: the context is looked at between steps, which spares
	// every step the means to stop it.
	step := context.WithoutCancel(ctx)
	for {
		id, err := a.sampler.pick(l.scores)
		if err != nil {
			return err
		}
		if len(a.result.IDs) == 0 && a.result.FirstToken == 0 {
			a.result.FirstToken = time.Since(a.start)
		}
		if a.m.stop[id] {
			a.result.Reason = ReasonEnd
			return a.stream.finish()
		}
		a.result.IDs = append(a.result.IDs, id)
		if err := a.stream.push(id); err != nil {
			return err
		}
		if len(a.result.IDs) >= a.limit {
			a.result.Reason = ReasonLength
			return a.stream.finish()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := l.feed(step, []int{id}, []uint64{uint64(id)}, nil); err != nil {
			return err
		}
	}
}

// reusable is how many tokens cache and prompt have in common. At least the last token of the
// prompt is computed, because its scores are needed.
func reusable(k *kv, p *encoded) int {
	n := 0
	for n < len(k.keys) && n < len(p.keys)-1 && k.keys[n] == p.keys[n] {
		n++
	}
	return n
}

// prefill computes the rest of the prompt in chunks.
func (a *call) prefill(ctx context.Context, l *lane, p *encoded, from int) error {
	rows := p.rows
	for _, id := range p.ids[:from] {
		if a.m.placeholder(id) {
			rows = rows[1:]
		}
	}
	for from < len(p.ids) {
		to := min(from+a.m.chunk, len(p.ids))
		var err error
		if rows, err = l.feed(ctx, p.ids[from:to], p.keys[from:to], rows); err != nil {
			return err
		}
		from = to
	}
	return nil
}
