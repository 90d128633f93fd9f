package reply

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

// admit chooses the pictures, bounds the prompt and takes the lease. A sight whose lease ends in
// between is followed by a newer one; one that is kept is answered from, since it is what was seen
// when the question came, and a lease that is there is not given back for a newer one. How old the
// pictures are is said as of when the lease is there. The reply before this one is waited for until
// it has given its lease back.
func (r *Reply) admit(ctx context.Context) (engine.Seen, *compute.Lease, error) {
	if r.before != nil {
		<-r.before
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	r.listen(ctx)
	r.look = r.target.resolve(ctx)
	for {
		newest, err := r.look.see(ctx, r.question.Timing.SpeechStart)
		if err != nil {
			r.tell(Troubled{r, Looking, r.look.Who, err})
		}
		seen, err := r.fit(r.look.around(newest))
		if err != nil {
			return nil, nil, err
		}
		if r.trace.LeaseAsked.IsZero() {
			r.trace.LeaseAsked = time.Now()
		}
		lease, err := r.lease(ctx, seen)
		if errors.Is(err, compute.ErrDependencyLost) && ctx.Err() == nil && r.look.lost(seen) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		r.trace.LeaseGiven = time.Now()
		if len(seen) == 0 {
			return nil, lease, nil
		}
		if seen, err = r.fit(seen.At(r.trace.LeaseGiven)); err != nil {
			lease.Release()
			return nil, nil, err
		}
		return seen, lease, nil
	}
}

// fit is what is seen as far as the prompt holds it: where the question is too long for all
// pictures, the oldest are left out, but never the newest; where it is too long for what is told of
// one, less is. Other errors are the mind's.
func (r *Reply) fit(seen engine.Seen) (engine.Seen, error) {
	r.told = r.from.Mind.Told()
	for {
		err := r.from.Mind.Fits(r.messages(seen))
		switch {
		case !errors.Is(err, prompt.ErrTooLong):
			return seen, err
		case len(seen) > 1:
			seen = seen[1:]
		case r.told.Tokens > 0 && seen.Told(r.told) != "":
			r.told.Tokens /= 2
		default:
			return seen, err
		}
	}
}

// lease takes the lease of the answer; a guess gets one at once or not at all.
func (r *Reply) lease(ctx context.Context, seen engine.Seen) (*compute.Lease, error) {
	if !r.question.Guess {
		return r.from.Mind.Lease(ctx, r.Turn, r.from.Holder, seen, r.from.Kept)
	}
	brief, cancel := context.WithTimeoutCause(ctx, guessWait, ErrNoPlace)
	defer cancel()
	lease, err := r.from.Mind.Lease(brief, r.Turn, r.from.Holder, seen, r.from.Kept)
	if err != nil && ctx.Err() == nil && brief.Err() != nil {
		return nil, ErrNoPlace
	}
	return lease, err
}

// listen has the model hear the question. One that is longer than the model hears, and one that it
// could not be made to hear, is answered from its transcript alone; the trace says so, and the
// second is reported.
func (r *Reply) listen(ctx context.Context) {
	longest := int(usm.MaxClip.Seconds()) * hearing.SampleRate
	if !r.from.Mind.HearsSound() || len(r.question.PCM) == 0 || len(r.question.PCM) > longest {
		return
	}
	var err error
	if r.heard, err = r.from.Mind.Listen(ctx, r.Turn, r.from.Holder, r.question.PCM); err != nil && ctx.Err() == nil {
		r.tell(Troubled{r, Listening, r.question.Who, err})
	}
}
