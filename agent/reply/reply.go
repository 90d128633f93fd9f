package reply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/tts"
)

// leastClauses is how many clauses may wait between the model and the voice at least. As many as an
// answer has tokens may: a model that waited for the voice would keep its lease from others.
const leastClauses = 8

// guessWait is how long a guess waits for a place: granting a free one takes less, also beside
// other work.
const guessWait = 100 * time.Millisecond

// Reply is one answer under way. Its methods are safe from any goroutine.
type Reply struct {
	// Turn is the number of its question.
	Turn uint64

	from     *Replies
	cancel   context.CancelCauseFunc
	question Question
	target   Target
	look     Look        // that the target came to
	told     prompt.Room // for what adapters see
	trace    Trace
	heard    *usm.Clip       // the question as the model hears it; nil without sound
	floor    chan struct{}   // closed when it may be audible
	granted  sync.Once       // closes floor
	asked    bool            // for the floor; owned by the speaking goroutine
	before   <-chan struct{} // closed when the reply before has given its lease back; nil where there is none
	thought  chan struct{}   // closed when this one has
	once     sync.Once       // closes thought

	speech      speech
	mu          sync.Mutex // the player's goroutine reports the first packet
	firstPacket time.Time
}

// Cancel stops the reply; Done says why.
func (r *Reply) Cancel(why error) { r.cancel(why) }

// GiveFloor lets it become audible. More than the first call changes nothing.
func (r *Reply) GiveFloor() { r.granted.Do(func() { close(r.floor) }) }

// run is the reply's goroutine.
func (r *Reply) run(ctx context.Context) {
	defer r.cancel(nil)
	err := fence.Do(func() error { return r.answer(ctx) })
	r.endThought() // a panic may have come before
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	r.trace.Err, r.trace.Done, r.trace.Voiced = err, time.Now(), r.speech.given()
	r.mu.Lock()
	r.trace.FirstPacket = r.firstPacket
	r.mu.Unlock()
	r.tell(Done{r, r.trace})
}

// tell reports, unless everything ends.
func (r *Reply) tell(report Report) bool { return r.from.Sink(r.from.life, report) }

// answer looks, thinks and speaks. Thinking does not wait for speaking.
func (r *Reply) answer(ctx context.Context) error {
	switch {
	case r.question.Say:
		return r.say(ctx)
	case r.question.Refused != nil:
		r.endThought()
		return fmt.Errorf("reply: %w", r.question.Refused)
	}
	seen, lease, err := r.admit(ctx)
	if err != nil {
		r.endThought()
		return fmt.Errorf("reply: %w", err)
	}
	r.trace.Features, r.trace.Picture, r.trace.Sound = time.Now(), len(seen) > 0, r.heard != nil
	r.saw(seen)
	clauses := make(chan string, max(leastClauses, r.from.Mind.AnswerTokens()))
	result := make(chan error, 1)
	quitting, quit := context.WithCancelCause(ctx)
	defer quit(nil)
	r.speech.thinking(func() { quit(ErrFinished) })
	thinking, stop := lease.Context(quitting)
	defer stop()
	go func() {
		var err error
		defer func() { result <- err }() // last: whoever takes it finds the lease given back
		defer close(clauses)
		defer r.endThought()
		defer lease.Release()
		err = lease.Do(func() error { // what the lease stands for is not given to others meanwhile
			return fence.Do(func() error { return r.think(thinking, seen, lease, clauses) })
		})
	}()
	spoken := fence.Do(func() error { return r.speak(ctx, clauses) })
	last := r.speech.end(r.from.Player)
	stop()
	thought := <-result
	if last {
		spoken, thought = r.speech.outcome(spoken, thought), nil
	}
	if thought != nil && spoken == nil {
		return fmt.Errorf("reply: %w", thought)
	}
	return spoken
}

// saw takes note of the pictures that the answer is made from.
func (r *Reply) saw(seen engine.Seen) {
	newest := seen.Newest()
	if newest == nil {
		return
	}
	r.trace.Squares, r.trace.PictureTokens, r.trace.Pictures = newest.Squares(), seen.Tokens(), max(r.look.Pictures, 1)
	r.trace.PictureTook = newest.Took
	r.trace.PictureAge = seen[len(seen)-1].Ago
	var keys []string
	for _, v := range seen[:len(seen)-1] {
		r.trace.Earlier = append(r.trace.Earlier, Looked{v.Key, v.Ago})
		keys = append(keys, v.Key)
	}
	if newest.Key != "" {
		r.trace.Sight = newest.Key
		r.tell(Saw{r, append(keys, newest.Key), newest})
	}
}

// say says a text that nobody has to think of.
func (r *Reply) say(ctx context.Context) error {
	r.endThought()
	r.trace.Answer = r.question.Text
	var split tts.Splitter
	parts := append(split.Push(r.question.Text), split.Flush()...)
	clauses := make(chan string, len(parts))
	for _, p := range parts {
		clauses <- p
	}
	close(clauses)
	r.tell(Thought{r, r.question.Text})
	spoken := r.speak(ctx, clauses)
	if r.speech.end(r.from.Player) {
		return r.speech.outcome(spoken, nil)
	}
	return spoken
}

// messages are what the model is asked, with what is seen and heard beside it.
func (r *Reply) messages(seen engine.Seen) []prompt.Message {
	asked := engine.Asked(r.question.Text, seen, r.heard)
	if told := r.question.Prompt.Messages; len(told) > 0 {
		asked = slices.Clone(told)
		asked[len(asked)-1].Parts = engine.Beside(seen, r.heard)
	}
	if len(seen) == 0 && r.look.Assisted {
		return engine.Tell(asked, engine.Unseen(r.look.Eye != nil))
	}
	return engine.Tell(asked, seen.Told(r.told))
}

// endThought lets the reply after this one begin.
func (r *Reply) endThought() { r.once.Do(func() { close(r.thought) }) }

// think generates the answer and cuts it into clauses. It runs in its own goroutine; the trace
// fields it sets are read after it has ended, or, for the times of the first token and clause, by
// nobody before. A clause is handed on only while the lease of the answer is live and no newer
// answer has begun.
func (r *Reply) think(ctx context.Context, seen engine.Seen, lease *compute.Lease, clauses chan<- string) error {
	var split tts.Splitter
	hand := func(parts []string) error {
		for _, p := range parts {
			if err := r.from.fence.Accept(lease); err != nil {
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
	req := prompt.Request{Messages: r.messages(seen), MaxTokens: r.from.Mind.AnswerTokens(), CacheKey: r.question.Prompt.Key}
	cutter := answer.NewCutter(r.from.Names...)
	var text strings.Builder
	said, err := r.from.Mind.Answer(ctx, req, r.from.Kept, func(visible string) error {
		if r.trace.FirstToken.IsZero() {
			r.trace.FirstToken = time.Now()
		}
		visible = cutter.Push(visible)
		text.WriteString(visible)
		return hand(split.Push(visible))
	})
	r.trace.ModelEnd, r.trace.Finish = time.Now(), said.Reason
	r.trace.PromptTokens, r.trace.Tokens, r.trace.Reused = said.PromptTokens, said.Tokens, said.Reused
	r.trace.Break, r.trace.Lost = r.question.Prompt.Break, said.Lost
	if engine.Partial(err) {
		r.tell(Troubled{r, Thinking, r.question.Who, err})
		err = nil
	}
	rest := cutter.End()
	text.WriteString(rest)
	r.trace.Answer = strings.TrimSpace(text.String())
	if err != nil {
		return err
	}
	if field := cutter.Field(); field != "" {
		r.tell(Noted{r, field})
	}
	if r.trace.Answer == "" {
		return &answer.Error{Kind: answer.ErrEmpty, Reason: said.Reason, Next: "ask it to say something beside what it remembers"}
	}
	if err := hand(append(split.Push(rest), split.Flush()...)); err != nil {
		return err
	}
	r.tell(Thought{r, r.trace.Answer})
	return nil
}
