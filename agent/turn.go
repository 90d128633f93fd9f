package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

const (
	clauseQueue  = 8                      // clauses between the model and the voice
	freshLimit   = 300 * time.Millisecond // wait for a picture taken after the question began
	firstPicture = 2 * time.Second        // wait for the first picture of a track that has shown none
)

// question is what a turn answers.
type question struct {
	who, text string
	timing    hearing.Timing // zero when typed
	typed     bool
	pcm       []float32 // how it sounded; nil when typed, and where the model takes no sound
}

// target is where a question looks. soon is the asker's own track that is being subscribed to: it is waited for, and eye stands in where
// it does not come. eye is nil where nothing is shown, dark where nothing was seen on it although there was time for it.
type target struct {
	eye  *eye
	soon *offer
	wait time.Duration // for soon
	dark bool
}

// resolve waits for a track that is on its way.
func (t target) resolve(ctx context.Context) (look *eye, dark bool) {
	if t.soon == nil {
		return t.eye, t.dark
	}
	wait, cancel := context.WithTimeout(ctx, t.wait)
	defer cancel()
	select {
	case <-t.soon.ready:
		if t.soon.eye != nil {
			return t.soon.eye, false
		}
	case <-wait.Done():
	}
	return t.eye, t.dark
}

// turn is one answer under way: one cancellable scope around looking, thinking and speaking.
type turn struct {
	id      uint64
	cancel  context.CancelCauseFunc
	thought <-chan struct{} // closed when it holds no lease any more
	again   bool            // the loop began the same answer anew: of this one nothing is reported
}

// stop ends the turn; its goroutine reports why.
func (t *turn) stop(why error) { t.cancel(why) }

// startTurn starts an answer. before is the turn that it takes the place of, if any.
func startTurn(s *Session, id uint64, q question, look target, before *turn) *turn {
	ctx, cancel := context.WithCancelCause(s.life)
	run := &turnRun{
		session: s, target: look, question: q, audible: make(chan clauseHeard, 2*clauseQueue), thought: make(chan struct{}),
		trace: Trace{
			Turn: id, Who: q.who, Question: q.text, Begin: time.Now(),
			SpeechEnd: q.timing.SpeechEnd, Stopped: q.timing.Stopped, STTBegin: q.timing.STTBegin, STTEnd: q.timing.STTEnd,
			EndOfTurn: q.timing.EndOfTurn,
		},
	}
	if before != nil {
		run.before = before.thought
	}
	t := &turn{id: id, cancel: cancel, thought: run.thought}
	run.turn = t
	done := make(chan struct{})
	reported := make(chan struct{})
	s.work.Go(func() {
		defer close(reported)
		run.report(done)
	})
	s.work.Go(func() {
		defer cancel(nil)
		err := fence.Do(func() error { return run.answer(ctx) })
		run.endThought() // a panic may have come before
		close(done)
		<-reported // the last clause is reported before the end
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		run.trace.Err, run.trace.Done = err, time.Now()
		run.mu.Lock()
		run.trace.FirstPacket = run.firstPacket
		run.mu.Unlock()
		s.post(turnEnded{t, run.trace})
	})
	return t
}

// turnRun is the state of a turn's goroutine.
type turnRun struct {
	session  *Session
	turn     *turn
	target   target
	look     *eye // that the target came to
	dark     bool
	question question
	trace    Trace
	heard    *usm.Clip        // the question as the model hears it; nil without sound
	audible  chan clauseHeard // clauses whose first packet was sent
	before   <-chan struct{}  // closed when the turn before has given its lease back; nil where there is none
	thought  chan struct{}    // closed when this one has
	once     sync.Once        // closes thought

	mu          sync.Mutex // the player's goroutine reports the first packet
	firstPacket time.Time
}

// answer looks, thinks and speaks. Thinking runs ahead of speaking by at most clauseQueue clauses.
func (r *turnRun) answer(ctx context.Context) error {
	look, lease, err := r.admit(ctx)
	if err != nil {
		r.endThought()
		return fmt.Errorf("reply: %w", err)
	}
	r.trace.Features, r.trace.Picture, r.trace.Sound = time.Now(), look != nil, r.heard != nil
	clauses := make(chan string, clauseQueue)
	result := make(chan error, 1)
	thinking, stop := lease.Context(ctx)
	defer stop()
	go func() {
		var err error
		defer func() { result <- err }() // last: whoever takes it finds the lease given back
		defer close(clauses)
		defer r.endThought()
		defer lease.Release()
		err = fence.Do(func() error { return r.think(thinking, look, lease, clauses) })
	}()
	spoken := fence.Do(func() error { return r.speak(ctx, clauses) })
	stop()
	if err := <-result; err != nil && spoken == nil {
		return fmt.Errorf("reply: %w", err)
	}
	return spoken
}

// endThought lets the answer after this one begin.
func (r *turnRun) endThought() { r.once.Do(func() { close(r.thought) }) }

// admit chooses the picture, bounds the prompt and takes the lease of the reply. A sight that is replaced in between is followed by a newer
// one. The answer before this one was stopped; it is waited for until it has given its lease back, so that a persona never competes with
// itself.
func (r *turnRun) admit(ctx context.Context) (*engine.Sight, *compute.Lease, error) {
	if r.before != nil {
		<-r.before
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	r.listen(ctx)
	r.look, r.dark = r.target.resolve(ctx)
	for {
		look, err := r.see(ctx)
		if err != nil {
			r.session.post(trouble{&StageError{Stage: StageSight, Who: r.look.who, Err: err}})
		}
		if err := r.session.models.Fits(engine.Asked(r.question.text, look, r.heard)); err != nil {
			return nil, nil, err
		}
		lease, err := r.session.models.Lease(ctx, r.trace.Turn, r.session.holder, look)
		if errors.Is(err, compute.ErrDependencyLost) && ctx.Err() == nil && r.look.replaced(look) {
			continue
		}
		return look, lease, err
	}
}

// see returns the newest sight, or nil where nothing is shown. An error means that a track is there but nothing could be seen on it.
func (r *turnRun) see(ctx context.Context) (*engine.Sight, error) {
	if r.look == nil {
		return nil, nil
	}
	since := r.question.timing.SpeechStart
	wait, cancel := context.WithTimeout(ctx, freshLimit)
	defer cancel()
	have := r.look.newest(wait, since)
	if have == nil && ctx.Err() == nil && !r.dark {
		first, cancel := context.WithTimeout(ctx, firstPicture)
		defer cancel()
		have = r.look.newest(first, time.Time{})
	}
	if have == nil {
		return nil, ErrNoPicture
	}
	return have, nil
}

// think generates the answer and cuts it into clauses. It runs in its own goroutine; the trace fields it sets are read after it has
// ended, or, for the times of the first token and clause, by nobody before. A clause is handed on only while the lease of the answer is live
// and no newer answer has begun.
func (r *turnRun) think(ctx context.Context, look *engine.Sight, lease *compute.Lease, clauses chan<- string) error {
	var split tts.Splitter
	hand := func(parts []string) error {
		for _, p := range parts {
			if err := r.session.replies.Accept(lease); err != nil {
				return err
			}
			if r.trace.FirstClause.IsZero() {
				r.trace.FirstClause = time.Now()
			}
			select {
			case clauses <- p:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	}
	req := prompt.Request{Messages: engine.Asked(r.question.text, look, r.heard), MaxTokens: r.session.models.AnswerTokens()}
	said, err := r.session.models.Answer(ctx, req, r.session.kept, func(visible string) error {
		if r.trace.FirstToken.IsZero() {
			r.trace.FirstToken = time.Now()
		}
		return hand(split.Push(visible))
	})
	r.trace.Answer, r.trace.Finish = said.Text, said.Reason
	r.trace.PromptTokens, r.trace.Tokens, r.trace.Reused = said.PromptTokens, said.Tokens, said.Reused
	if engine.Partial(err) {
		r.session.post(trouble{&StageError{Stage: StageReply, Who: r.question.who, Err: err}})
		err = nil
	}
	if err != nil {
		return err
	}
	return hand(split.Flush())
}

// listen has the model hear the question. One that is longer than the model hears, and one that it could not be made to hear, is answered
// from its transcript alone; the trace says so, and the second is reported.
func (r *turnRun) listen(ctx context.Context) {
	models := r.session.models
	longest := int(usm.MaxClip.Seconds()) * hearing.SampleRate
	if !models.HearsSound() || len(r.question.pcm) == 0 || len(r.question.pcm) > longest {
		return
	}
	var err error
	if r.heard, err = models.Listen(ctx, r.trace.Turn, r.session.holder, r.question.pcm); err != nil && ctx.Err() == nil {
		r.session.post(trouble{&StageError{Stage: StageHearing, Who: r.question.who, Err: err}})
	}
}
