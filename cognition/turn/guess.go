package turn

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// guessLimit is how long a guess is kept at most: longer than any silence that ends a turn by
// default.
const guessLimit = 10 * time.Second

// guess is an answer that is thought of before its question is certain. There is one at a time.
type guess struct {
	number uint64
	seat   string
	mic    *mic
	who    string
	text   string // without what makes no difference
	look   string
	at     time.Duration
}

// likely takes what an utterance will probably be: where nobody else is to be answered, the persona
// that would be begins to think.
func (t *Table) likely(e Likely) {
	m := t.mic(e.Who, e.Track)
	text := strings.TrimSpace(e.Text)
	if g := t.guess; g != nil && (g.mic != m || g.text != unsigned(text)) {
		t.drop(ReasonDiffers)
	}
	if t.guess != nil || !t.policy.Speculate || t.closing || t.order.shut || t.turn != nil || len(t.order.waiting) > 0 || t.floor.human != nil ||
		t.people.isAgent(e.Who) || !t.asksSomething(text) {
		return
	}
	q := trigger{Who: e.Who, Text: text, Spoken: true}
	meant := t.meant(&q, nil)
	if len(meant.Responders) == 0 {
		return
	}
	s := t.seat(meant.Responders[0])
	if s == nil || s.muted || s.leaving || s.remembers || !s.heard() {
		return
	}
	start := Start{Who: e.Who, Text: text}
	if s.sees {
		if t.lookAt(&start); start.Soon != "" {
			return // it is waited for
		}
	}
	t.guesses++
	t.stats.Guessed++
	t.guess = &guess{number: t.guesses, seat: s.name, mic: m, who: e.Who, text: unsigned(text), look: start.Look, at: t.now}
	t.emit(Guess{Number: t.guesses, Seat: s.name, Who: e.Who, Text: text, Look: start.Look, Dark: start.Dark})
}

// drop discards what was thought of.
func (t *Table) drop(why Reason) {
	if t.guess == nil {
		return
	}
	t.stats.Discarded++
	t.emit(Drop{Number: t.guess.number, Why: why})
	t.guess = nil
}

// dropOf discards what was thought of for an utterance of a microphone.
func (t *Table) dropOf(m *mic, why Reason) {
	if t.guess != nil && t.guess.mic == m {
		t.drop(why)
	}
}

// takeGuess has a reply that begins be what was thought of already, where it answers the same.
func (t *Table) takeGuess(c *current, start *Start) {
	g := t.guess
	if g == nil {
		return
	}
	if c.own() || !c.Plan.none() || !c.Spoken || c.Who != g.who || start.Reply.Seat != g.seat || start.Reply.Try > 0 ||
		start.Soon != "" || start.Look != g.look || unsigned(c.Text) != g.text {
		t.drop(ReasonDiffers)
		return
	}
	t.guess = nil
	t.stats.Confirmed++
	start.Guess = g.number
}

// watchGuess discards what nobody waits for any more.
func (t *Table) watchGuess() {
	if t.guess == nil {
		return
	}
	s := t.seat(t.guess.seat)
	switch end := t.guess.at + guessLimit; {
	case t.closing:
		t.drop(ReasonClosed)
	case s == nil || s.leaving || s.muted || !s.heard():
		t.drop(ReasonRemoved)
	case !slices.Contains(t.mics, t.guess.mic) || t.now >= end:
		t.drop(ReasonStale)
	default:
		t.wakeBy(end)
	}
}

// unsigned is a text without signs and capitals: two that are alike ask the same.
func unsigned(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\''
	}), " ")
}
