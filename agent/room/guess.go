package room

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// guessTurn is added to the number of a guess to name what it leases, beside those of turns.
const guessTurn = 1 << 48

// think begins a guess. Where none can be made, the reply begins when it is certain.
func (a *actor) think(e turn.Guess) {
	s := a.seat(e.Seat)
	if s == nil || s.models.HearsSound() || s.mayRemember() {
		return
	}
	look := s.look(a.eyes[e.Look])
	look.Dark = e.Dark
	q := reply.Question{Turn: guessTurn + e.Number, Who: e.Who, Text: e.Text, Guess: true}
	line := prompt.Line{Seq: a.line + 1, Speaker: a.called(e.Who), Text: e.Text}
	var err error
	if q.Prompt, err = s.talk.imagine(line, prompt.Tail{PartTokens: s.sightTokens(look)}); err != nil {
		return // the reply will say so
	}
	a.guess = &guessed{Reply: s.replies.Start(q, reply.Target{Look: look}), number: e.Number, seat: s, asked: q.Prompt.Messages, begun: time.Now()}
	a.guesses[a.guess.Reply] = a.guess
}

// takeUp returns the guess that a reply is, as far as it was made of the same; nil where there is
// none. What it has reported is taken in steps behind this one.
func (a *actor) takeUp(e turn.Start, asked *reply.Question) *guessed {
	g := a.guess
	if e.Guess == 0 || g == nil || g.number != e.Guess {
		return nil
	}
	switch {
	case asked.Refused != nil || !same(g.asked, asked.Prompt.Messages):
		a.discard(e.Guess, turn.ReasonDiffers)
		return nil
	case g.done != nil && g.done.Trace.Err != nil:
		a.discard(e.Guess, turn.ReasonFailed)
		return nil
	}
	a.guess = nil
	delete(a.guesses, g.Reply)
	for _, r := range g.reports {
		a.behind = append(a.behind, func() { a.replied(r) })
	}
	return g
}

// discard ends a guess; its end is noted in the trace of the persona's next answer.
func (a *actor) discard(number uint64, why turn.Reason) {
	g := a.guess
	if g == nil || g.number != number {
		return
	}
	a.guess = nil
	g.why = why
	g.Cancel(fmt.Errorf("%w: %s", ErrGuess, why))
	if g.done != nil {
		a.discarded(g)
	}
}

// guesses takes what a reply reports that is a guess, and tells whether it is.
func (a *actor) guessReports(r reply.Report) bool {
	g := a.guesses[r.Of()]
	if g == nil {
		return false
	}
	done, ended := r.(reply.Done)
	if ended {
		g.done = &done
	}
	switch {
	case g.why == "":
		g.reports = append(g.reports, r) // a few for each clause at most: nothing is audible
	case ended:
		a.discarded(g)
	}
	return true
}

// discarded takes note of a guess of which nothing runs any more.
func (a *actor) discarded(g *guessed) {
	delete(a.guesses, g.Reply)
	why := string(g.why)
	if errors.Is(g.done.Trace.Err, reply.ErrNoPlace) {
		why = string(turn.ReasonLeaseRefused)
	}
	g.seat.discards = append(g.seat.discards, reply.Discard{Why: why, Took: g.done.Trace.Done.Sub(g.begun), Tokens: g.done.Trace.Tokens})
	if n := len(g.seat.discards) - discardsKept; n > 0 {
		g.seat.discards = slices.Delete(g.seat.discards, 0, n)
	}
	g.seat.log.Debug("a guess was discarded", "why", why)
	a.departed()
}

// discardsKept bounds what an answer's trace says of guesses before it.
const discardsKept = 16

// certain puts what is known of its question into the trace of a guess that was taken up.
func (g *guessed) certain(t *reply.Trace, q *reply.Question, began time.Time) {
	t.Turn, t.Question, t.Ahead = q.Turn, q.Text, began.Sub(g.begun)
	t.SpeechEnd, t.Stopped, t.EndOfTurn = q.Timing.SpeechEnd, q.Timing.Stopped, q.Timing.EndOfTurn
	t.STTBegin, t.STTEnd = q.Timing.STTBegin, q.Timing.STTEnd
}

// same tells whether two prompts ask the same: all but signs and capitals of the last message.
func same(a, b []prompt.Message) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i].Text, b[i].Text
		if i == len(a)-1 {
			x, y = unsigned(x), unsigned(y)
		}
		if a[i].Role != b[i].Role || x != y {
			return false
		}
	}
	return true
}

// unsigned is a text without signs and capitals.
func unsigned(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}
