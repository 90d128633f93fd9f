package turn

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Account is what came of a turn that is over.
type Account struct {
	Turn uint64
	// Who asked: a person, or a persona that called others or greets.
	Who string
	// Result has every persona that was there in exactly one place. Turn and Fingerprint are those
	// of the plan that was carried out; of a turn that nobody planned, its number and the
	// fingerprint of Planned, empty where nobody was to reply. Divergences are left to Compare.
	Result Result
}

// Accounts follow the turns of a room through what its table is told and says, and say what came of
// each. They keep a turn from its beginning until it is over, as the table does. The zero value is
// ready. They are pure and belong to one goroutine.
type Accounts struct{ open []*account }

// account is a turn that is under way, or waits.
type account struct {
	turn    uint64
	who     string
	began   time.Duration
	plan    Ordered
	planned *Planned // nil before its replies are arranged
	parts   []*share // of personas, in the order in which they are heard of
}

// share is one persona's part of a turn.
type share struct {
	seat, lane, key string
	sources         []string
	try             int
	start, finish   time.Duration // since the turn began
	heard           time.Duration // 0 before that
	begun, thought  bool          // its text is there: finish is when
	finishing       bool          // it ends with its clause
	text            string        // that people heard, or read
	said            bool
	why             Reason // it ended before its end; empty while it is not known to be so
	cut             Reason // why text is not the whole of it
}

// Take takes a step of the table: its time, what it was told, and what it said. It returns the
// turns that are over with it.
func (a *Accounts) Take(now time.Duration, e Event, effects []Effect) (over []Account) {
	switch e := e.(type) {
	case Thought:
		a.known(e.Reply, now)
	case Done:
		if e.Outcome == Spoken {
			a.known(e.Reply, now)
		} else if p := a.running(e.Reply); p != nil {
			p.why = cmp.Or(p.why, e.Outcome.Reason())
		}
	}
	for _, x := range effects {
		switch x := x.(type) {
		case Keep:
			a.opened(x.Turn, x.Who, now, e)
		case Wakes:
			a.opened(x.Turn, x.Reply.Seat, now, nil)
		case Greet:
			a.opened(x.Turn, x.Seat, now, nil)
		case Round:
			a.opened(x.Turn, "", now, nil)
		case Over:
			if i := a.index(x.Turn); i >= 0 {
				over = append(over, a.open[i].close())
				a.open = slices.Delete(a.open, i, i+1)
			}
		default:
			a.follow(now, x)
		}
	}
	return over
}

// Made notes what a reply that was begun is made with: the key of its context.
func (a *Accounts) Made(r Reply, contextKey string) {
	if p := a.part(r.Turn, r.Seat); p != nil {
		p.key = contextKey
	}
}

// Used notes what else a reply is made from: the keys of its sources.
func (a *Accounts) Used(r Reply, sources ...string) {
	if p := a.running(r); p != nil {
		p.sources = slices.Clone(sources)
	}
}

// Told is what is known of a reply so far.
func (a *Accounts) Told(r Reply) Told {
	if p := a.part(r.Turn, r.Seat); p != nil {
		return p.told()
	}
	return Told{Persona: r.Seat}
}

// Len is how many turns are followed.
func (a *Accounts) Len() int { return len(a.open) }

// opened takes note of a turn that begins, or waits from now on.
func (a *Accounts) opened(turn uint64, who string, now time.Duration, e Event) {
	if turn == 0 {
		return
	}
	x := &account{turn: turn, who: who, began: now}
	if asked, is := e.(Asked); is {
		x.plan = asked.Plan.clone()
	}
	a.open = append(a.open, x)
}

func (a *Accounts) index(turn uint64) int {
	return slices.IndexFunc(a.open, func(x *account) bool { return x.turn == turn })
}

// part is a persona's part of a turn, which is made where there is none; nil for a turn that is not
// followed.
func (a *Accounts) part(turn uint64, seat string) *share {
	i := a.index(turn)
	if i < 0 {
		return nil
	}
	x := a.open[i]
	if j := slices.IndexFunc(x.parts, func(p *share) bool { return p.seat == seat }); j >= 0 {
		return x.parts[j]
	}
	p := &share{seat: seat}
	x.parts = append(x.parts, p)
	return p
}

// running is the part of a reply that has begun and not ended; nil for any other.
func (a *Accounts) running(r Reply) *share {
	i := a.index(r.Turn)
	if i < 0 {
		return nil
	}
	j := slices.IndexFunc(a.open[i].parts, func(p *share) bool {
		return p.seat == r.Seat && p.begun && p.try == r.Try && (p.why == "" || p.finishing && !p.said)
	})
	if j < 0 {
		return nil
	}
	return a.open[i].parts[j]
}

// known takes note that the whole text of a reply is there.
func (a *Accounts) known(r Reply, now time.Duration) {
	if p := a.running(r); p != nil && !p.thought {
		p.thought, p.finish = true, now-a.open[a.index(r.Turn)].began
	}
}

// follow takes what the table says of the replies of a turn.
func (a *Accounts) follow(now time.Duration, e Effect) {
	switch e := e.(type) {
	case Planned:
		if i := a.index(e.Turn); i >= 0 {
			a.open[i].planned = &e
			for _, r := range e.Replies {
				a.part(e.Turn, r.Seat).lane = r.Lane
			}
		}
	case Start:
		if i := a.index(e.Reply.Turn); i >= 0 {
			p := a.part(e.Reply.Turn, e.Reply.Seat)
			*p = share{seat: p.seat, lane: p.lane, begun: true, try: e.Reply.Try, start: now - a.open[i].began}
		}
	case Caption:
		if i := a.index(e.Reply.Turn); i >= 0 && !e.Final {
			if p := a.part(e.Reply.Turn, e.Reply.Seat); p.heard == 0 {
				p.heard = max(now-a.open[i].began, time.Millisecond)
			}
		}
	case Said:
		if i := a.index(e.Reply.Turn); i >= 0 {
			p := a.part(e.Reply.Turn, e.Reply.Seat)
			p.said, p.text = true, e.Text
			if e.Cut {
				p.cut = p.why
			}
			if !p.thought {
				p.finish = now - a.open[i].began
			}
		}
	case Cancel:
		if p := a.part(e.Reply.Turn, e.Reply.Seat); p != nil && e.Why != ReasonYielded && e.Why != ReasonAgain {
			p.why = e.Why
			if p.said { // it was written in the place of being heard
				p.cut = e.Why
			}
		}
	case Finish:
		p := a.part(e.Reply.Turn, e.Reply.Seat)
		p.why, p.finishing = cmp.Or(e.Why, ReasonRemoved), true
	case Silence:
		if p := a.part(e.Turn, e.Seat); p != nil {
			p.why = e.Why
		}
	}
}

func (p *share) told() Told {
	return Told{
		Persona: p.seat, Text: p.text, Lane: p.lane, ContextKey: p.key, SourceKeys: slices.Clone(p.sources), Cut: p.cut,
		Start: p.start.Milliseconds(), Finish: p.finish.Milliseconds(), Heard: p.heard.Milliseconds(),
	}
}

// close is the account of a turn that is over. Who is in its plan and was not there any more has
// been removed.
func (x *account) close() Account {
	out := Account{Turn: x.turn, Who: x.who, Result: Result{
		Turn: strconv.FormatUint(x.turn, 10), Replies: []Told{}, Silences: []Quiet{}, Divergences: []Deviation{},
	}}
	r := &out.Result
	for _, p := range x.parts {
		switch {
		case p.said:
			r.Replies = append(r.Replies, p.told())
		case p.why != "":
			r.Silences = append(r.Silences, Quiet{p.seat, p.why})
		}
	}
	if x.planned != nil {
		r.Fingerprint = x.planned.Fingerprint
	}
	if x.plan.none() {
		return out
	}
	r.Turn = x.plan.Key
	if x.planned == nil || x.planned.Plan != "" {
		r.Fingerprint = x.plan.Print
	}
	there := func(seat string) bool {
		return slices.ContainsFunc(x.parts, func(p *share) bool { return p.seat == seat })
	}
	for _, p := range x.plan.Replies {
		if !there(p.Seat) {
			r.Silences = append(r.Silences, Quiet{p.Seat, ReasonRemoved})
		}
	}
	for _, q := range x.plan.Silences {
		if !there(q.Seat) {
			r.Silences = append(r.Silences, Quiet{q.Seat, ReasonRemoved})
		}
	}
	return out
}
