package roundtable

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ErrWrong means that the conversation did not go as it should; the text says where.
var ErrWrong = errors.New("the conversation went wrong")

// stepLimit is how long all that comes of one line may take.
const stepLimit = 2 * time.Minute

// Line is what somebody says, and who is to answer.
type Line struct {
	Who, Says string
	// Answers are the personas that are meant.
	Answers []string
	// Wrong says what is wrong with an answer, empty for nothing. It is not called where nobody is
	// meant.
	Wrong func(persona, answer string) string
}

// Kind is what happened.
type Kind int

// Kinds of events.
const (
	Answered Kind = iota // a reply has ended
	Silent               // a persona says why it does not answer
	Speaks               // it is audible from now on
	Quiet                // it is not any more
)

// Event is what a persona did.
type Event struct {
	Persona string
	Kind    Kind
	At      time.Time
	Text    string // of an answer
	Err     error  // why there is none
}

// Table follows a conversation. Observe may be called by one goroutine while Run runs on another.
type Table struct {
	say      func(ctx context.Context, who, text string) error
	personas []string
	news     chan struct{}
	limit    time.Duration

	mu       sync.Mutex
	answered map[string][]Event
	silent   map[string]int
	speaks   map[string]time.Time // who is audible, since when
	overlap  time.Duration
	spoken   time.Duration
}

// New returns a table of these personas. say has somebody say something and returns when it is
// said.
func New(personas []string, say func(ctx context.Context, who, text string) error) *Table {
	return &Table{
		say: say, personas: personas, news: make(chan struct{}, 1), limit: stepLimit,
		answered: map[string][]Event{}, silent: map[string]int{}, speaks: map[string]time.Time{},
	}
}

// Observe takes an event. It does not wait.
func (t *Table) Observe(e Event) {
	t.mu.Lock()
	switch e.Kind {
	case Answered:
		t.answered[e.Persona] = append(t.answered[e.Persona], e)
	case Silent:
		t.silent[e.Persona]++
	case Speaks:
		t.speaks[e.Persona] = e.At
	case Quiet:
		t.quiet(e)
	}
	t.mu.Unlock()
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// quiet measures for how long somebody spoke, and another one with them. t.mu is held.
func (t *Table) quiet(e Event) {
	since, spoke := t.speaks[e.Persona]
	if !spoke {
		return
	}
	delete(t.speaks, e.Persona)
	t.spoken += e.At.Sub(since)
	for _, other := range t.speaks {
		if other.Before(since) {
			other = since
		}
		t.overlap += e.At.Sub(other)
	}
}

// Floor returns for how long personas were audible, and for how long two of them at once.
func (t *Table) Floor() (spoken, overlap time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.spoken, t.overlap
}

// Run has every line said, waits for what comes of it, and judges. The errors are ErrWrong with
// what is wrong, those of say, and the cause of ctx.
func (t *Table) Run(ctx context.Context, script []Line) error {
	for _, l := range script {
		before := t.tallies()
		if err := t.say(ctx, l.Who, l.Says); err != nil {
			return fmt.Errorf("%s says %q: %w", l.Who, l.Says, err)
		}
		if err := t.await(ctx, before); err != nil {
			return err
		}
		if err := t.judge(&l, before); err != nil {
			return err
		}
	}
	if _, overlap := t.Floor(); overlap > 0 {
		return fmt.Errorf("%w: two personas spoke at once for %v", ErrWrong, overlap)
	}
	return nil
}

// tally is what a persona has answered so far, and how often it had nothing to say.
type tally struct{ answers, silences int }

func (t *Table) tallies() map[string]tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string]tally{}
	for _, p := range t.personas {
		out[p] = tally{len(t.answered[p]), t.silent[p]}
	}
	return out
}

// await waits until every persona has answered, or said why not, since; for a limited time.
func (t *Table) await(ctx context.Context, before map[string]tally) error {
	limit := time.NewTimer(t.limit)
	defer limit.Stop()
	for {
		now := t.tallies()
		if !slices.ContainsFunc(t.personas, func(p string) bool { return now[p] == before[p] }) {
			return nil
		}
		select {
		case <-t.news:
		case <-limit.C:
			return nil // who says nothing is judged
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// judge compares what was answered since with what was to be.
func (t *Table) judge(l *Line, before map[string]tally) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var wrong []error
	add := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%w: %q: %w", ErrWrong, l.Says, fmt.Errorf(format, args...)))
	}
	for _, who := range l.Answers {
		all := t.answered[who]
		if len(all) <= before[who].answers {
			add("%s says nothing", who)
			continue
		}
		got := all[before[who].answers]
		if got.Err != nil {
			add("%s: %w", who, got.Err)
		} else if why := l.Wrong(who, got.Text); why != "" {
			add("%s says %s", who, why)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(t.answered)) {
		if all := t.answered[who]; !slices.Contains(l.Answers, who) && len(all) > before[who].answers {
			add("%s answers too: %q", who, all[before[who].answers].Text)
		}
	}
	return errors.Join(wrong...)
}
