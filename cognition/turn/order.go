package turn

import (
	"slices"
	"time"
)

// trigger is a question, from when it was asked until its turn is over.
type trigger struct {
	Turn   uint64
	Who    string
	Text   string
	Spoken bool
	// Began is when its asker began: the first speech of a spoken question, else when the text
	// came. Asked is when it was whole.
	Began, Asked time.Duration
	// Responders are the seats that are to reply, in their order.
	Responders []string
	// Try counts how often its turn was begun before.
	Try int
	// Plan is what was planned for it.
	Plan Ordered

	// Group is true where several were asked at once; Round counts how often they were asked again.
	Group bool
	Round int
	// Say is true for a greeting: nobody asked.
	Say bool
	// Hop is 0 for what a person asked, and one more for each persona that was woken by another.
	Hop int

	passed int  // spoken questions that went before it
	over   *mic // that holds a persona with it, perhaps
}

// own tells whether personas began it themselves.
func (t *trigger) own() bool { return t.Hop > 0 || t.Round > 0 || t.Say }

// lost is a question that the order gave up.
type lost struct {
	trigger trigger
	why     Reason
}

// decision is what is to be done: stop the turn under way, for why, then begin another. lost lists
// the questions that nothing will come of; the one whose turn is stopped is not among them.
type decision struct {
	stop  bool
	why   Reason
	start *trigger
	lost  []lost
}

// order decides whose question is answered when.
//
// A newer question takes the place of the answer to an older one of the same asker. Nobody else's
// answer is taken away: a question waits until the turn under way is over, one for each asker, the
// newest of theirs; somebody who waits is answered before anybody is answered twice in a row.
// Spoken questions go before written ones, past the same one a few times at most. One exception:
// whoever had begun to speak before the question under way was asked is answered first, since an
// answer to somebody else is not to begin while they speak.
type order struct {
	shut bool // no answer may begin: no persona could be heard

	answering *trigger
	audible   bool      // somebody has heard of the answer under way
	waiting   []trigger // at most Waiting.Places
	stats     Stats
}

// ask takes a new question.
func (o *order) ask(a trigger, p *Waiting) (d decision) {
	o.stats.Asked++
	switch {
	case o.shut:
		d.lost = o.wait(a, p)
	case o.answering == nil:
		d.start = o.start(a)
	case o.answering.own(): // people go before what personas have to say to each other
		o.stats.Superseded++
		d.stop, d.why, d.start = true, ReasonSuperseded, o.start(a)
	case o.answering.Who == a.Who && !o.othersWait(a.Who):
		o.stats.Superseded++
		d.lost = o.forget(a.Who)
		d.stop, d.why, d.start = true, ReasonSuperseded, o.start(a)
	case a.Spoken && a.Began < o.answering.Began && o.answering.Who != a.Who:
		interrupted, heard := *o.answering, o.audible
		o.stats.Yielded++
		d.lost = o.forget(a.Who)
		d.stop, d.why, d.start = true, ReasonSuperseded, o.start(a)
		if !heard {
			d.why = ReasonYielded
			interrupted.Try++
			d.lost = append(d.lost, o.again(interrupted, p)...)
		}
	default:
		d.lost = o.wait(a, p)
	}
	return d
}

// replace takes a question that follows an interruption: what was left of the turn under way gives
// way to it, or to whoever waits where that is somebody else.
func (o *order) replace(a trigger, p *Waiting) decision {
	again := o.answering.Who == a.Who && o.othersWait(a.Who)
	o.answering, o.audible = nil, false
	o.stats.Superseded++
	var d decision
	if again {
		o.stats.Asked++
		d.lost = o.wait(a, p)
		d.start = o.next().start
	} else {
		d = o.ask(a, p)
	}
	d.stop, d.why = true, ReasonSuperseded
	return d
}

// wake begins a turn that a persona has begun; nobody waits.
func (o *order) wake(a trigger) decision {
	o.stats.Asked++
	return decision{start: o.start(a)}
}

// ended takes note that a turn is over, and says which comes next.
func (o *order) ended(turn uint64) decision {
	if o.answering == nil || o.answering.Turn != turn {
		return decision{}
	}
	o.answering, o.audible = nil, false
	return o.next()
}

// open says whether a persona can be heard. While none can, questions wait.
func (o *order) open(can bool) decision {
	o.shut = !can
	return o.next()
}

// expire gives up what has waited for p.Limit.
func (o *order) expire(now time.Duration, p *Waiting) (out []lost) {
	if len(o.waiting) == 0 {
		return nil
	}
	o.waiting = slices.DeleteFunc(o.waiting, func(a trigger) bool {
		late := now-a.Asked >= p.Limit
		if late {
			o.stats.Late++
			out = append(out, lost{a, ReasonStale})
		}
		return late
	})
	return out
}

// due is when the next question will have waited too long; ok is false where none waits.
func (o *order) due(p *Waiting) (at time.Duration, ok bool) {
	for _, a := range o.waiting {
		if t := a.Asked + p.Limit; !ok || t < at {
			at, ok = t, true
		}
	}
	return at, ok
}

func (o *order) start(a trigger) *trigger {
	o.stats.Answered++
	o.answering, o.audible = &a, false
	return &a
}

// next starts the first of those who wait, where an answer may begin.
func (o *order) next() (d decision) {
	if o.shut || o.answering != nil || len(o.waiting) == 0 {
		return d
	}
	first := o.waiting[0]
	o.waiting = slices.Delete(o.waiting, 0, 1)
	d.start = o.start(first)
	return d
}

// wait puts a question into the queue. The newest of an asker takes the place of their older one.
func (o *order) wait(a trigger, p *Waiting) []lost {
	if i := o.indexOf(a.Who); i >= 0 {
		old := o.waiting[i]
		if a.Spoken == old.Spoken || old.Spoken {
			a.passed = old.passed
			o.waiting[i] = a
		} else { // they wrote, and now say it: the place is that of a spoken one
			o.waiting = slices.Delete(o.waiting, i, i+1)
			o.insert(a, p)
		}
		o.stats.Superseded++
		return []lost{{old, ReasonSuperseded}}
	}
	o.stats.Waited++
	o.insert(a, p)
	return o.crowd(p)
}

// again puts a question back whose answer nobody has heard anything of. It keeps its rank among
// those who wait, at their head; a newer one of the same asker is already waiting where there is
// one.
func (o *order) again(a trigger, p *Waiting) []lost {
	if o.indexOf(a.Who) >= 0 {
		return []lost{{a, ReasonSuperseded}}
	}
	o.waiting = slices.Insert(o.waiting, 0, a)
	return o.crowd(p)
}

// crowd gives up the last of a queue that is too long.
func (o *order) crowd(p *Waiting) (out []lost) {
	for len(o.waiting) > p.Places {
		last := o.waiting[len(o.waiting)-1]
		o.waiting = slices.Delete(o.waiting, len(o.waiting)-1, len(o.waiting))
		o.stats.Crowded++
		out = append(out, lost{last, ReasonCrowded})
	}
	return out
}

// insert puts a spoken question before the written ones that were not passed too often, a written
// one at the end.
func (o *order) insert(a trigger, p *Waiting) {
	at := len(o.waiting)
	if a.Spoken {
		for at > 0 && !o.waiting[at-1].Spoken && o.waiting[at-1].passed < p.Passes {
			at--
			o.waiting[at].passed++
		}
	}
	o.waiting = slices.Insert(o.waiting, at, a)
}

// forget takes an asker's older question out of the queue.
func (o *order) forget(who string) []lost {
	i := o.indexOf(who)
	if i < 0 {
		return nil
	}
	old := o.waiting[i]
	o.waiting = slices.Delete(o.waiting, i, i+1)
	o.stats.Superseded++
	return []lost{{old, ReasonSuperseded}}
}

// withdraw takes a question out of the queue.
func (o *order) withdraw(turn uint64) []lost {
	i := slices.IndexFunc(o.waiting, func(a trigger) bool { return a.Turn == turn })
	if i < 0 {
		return nil
	}
	old := o.waiting[i]
	o.waiting = slices.Delete(o.waiting, i, i+1)
	return []lost{{old, ReasonWithdrawn}}
}

func (o *order) indexOf(who string) int {
	return slices.IndexFunc(o.waiting, func(a trigger) bool { return a.Who == who })
}

func (o *order) othersWait(who string) bool {
	return slices.ContainsFunc(o.waiting, func(a trigger) bool { return a.Who != who })
}
