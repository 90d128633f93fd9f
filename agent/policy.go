package agent

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// Bounds of the questions that wait for their answer.
const (
	waitingPlaces = 8           // questions of different people; more than that nobody waits for
	waitingLimit  = time.Minute // a question that waited longer is not what its asker thinks of any more
	passesLimit   = 2           // spoken questions that go before a written one that came earlier
)

// ask is a question as the order of answers sees it.
type ask struct {
	Turn   uint64 // its number, given when it was asked
	Who    string
	Spoken bool
	// Began is when its asker began: the first speech of a spoken question, else when the text came. Asked is when it was whole.
	Began, Asked time.Time

	question reply.Question
	passed   int // spoken questions that went before it
}

// fate says why a question will not be answered, or not any more.
type fate uint8

const (
	fateSuperseded fate = iota // its asker asked another
	fateCrowded                // too many people wait
	fateLate                   // it waited too long
	fateYielded                // its answer gave way to somebody who had begun to speak before it was asked
)

// err is what is reported of a question with that fate.
func (f fate) err() error {
	switch f {
	case fateCrowded:
		return ErrCrowded
	case fateLate:
		return ErrLate
	case fateYielded:
		return ErrYielded
	case fateSuperseded:
	}
	return ErrSuperseded
}

// lost is a question that the order gave up.
type lost struct {
	Ask  ask
	Fate fate
}

// decision is what is to be done: stop the answer under way, for Why, then start another. Lost lists the questions that nothing will
// come of; the one whose answer is stopped is not among them, since the turn itself reports its end.
type decision struct {
	Stop  bool
	Why   fate
	Start *ask
	Lost  []lost
}

// order decides whose question is answered when. It is pure: it belongs to the loop, and time is passed in.
//
// A newer question takes the place of the answer to an older one of the same asker. Nobody else's answer is taken away: a question waits
// until the answer under way has ended, one for each asker, the newest of theirs; somebody who waits is answered before anybody is answered
// twice in a row. Spoken questions go before written ones, past the same one at most twice. One exception: whoever had begun to speak
// before the question under way was asked is answered first, since an answer to somebody else is not to begin while they speak.
type order struct {
	Shut bool // no answer may begin: the persona could not be heard

	answering *ask
	audible   bool // the answer under way has been heard in part
	waiting   []ask
	stats     QuestionStats
}

// Ask takes a new question.
func (o *order) Ask(a ask) decision {
	o.stats.Asked++
	d := decision{Lost: o.drop(a.Asked)}
	switch {
	case o.Shut:
		d.Lost = append(d.Lost, o.wait(a)...)
	case o.answering == nil:
		d.Start = o.start(a)
	case o.answering.Who == a.Who && !o.othersWait(a.Who):
		o.stats.Superseded++
		d.Lost = append(d.Lost, o.forget(a.Who)...)
		d.Stop, d.Start = true, o.start(a)
	case a.Spoken && a.Began.Before(o.answering.Began) && o.answering.Who != a.Who:
		interrupted, heard := *o.answering, o.audible
		o.stats.Yielded++
		d.Lost = append(d.Lost, o.forget(a.Who)...)
		d.Stop, d.Start = true, o.start(a)
		if !heard {
			d.Why = fateYielded
			d.Lost = append(d.Lost, o.again(interrupted)...)
		}
	default:
		d.Lost = append(d.Lost, o.wait(a)...)
	}
	return d
}

// Audible takes note that the answer under way is being heard.
func (o *order) Audible() { o.audible = true }

// Ended takes note that an answer has ended, however it did, and says which comes next. An answer that was stopped for another one ends
// after that one has begun; it changes nothing.
func (o *order) Ended(turn uint64, now time.Time) decision {
	if o.answering == nil || o.answering.Turn != turn {
		return decision{}
	}
	o.answering, o.audible = nil, false
	return o.next(now)
}

// Open says whether the persona can be heard. While it cannot, questions wait.
func (o *order) Open(can bool, now time.Time) decision {
	o.Shut = !can
	return o.next(now)
}

// Answering is the question under way; ok is false where there is none.
func (o *order) Answering() (a ask, ok bool) {
	if o.answering == nil {
		return ask{}, false
	}
	return *o.answering, true
}

// Heard tells whether the answer under way has been heard in part.
func (o *order) Heard() bool { return o.audible }

// Stats returns the counts so far.
func (o *order) Stats() QuestionStats {
	out := o.stats
	out.Waiting = len(o.waiting)
	return out
}

func (o *order) start(a ask) *ask {
	o.stats.Answered++
	o.answering, o.audible = &a, false
	return &a
}

// next starts the first of those who wait, where an answer may begin.
func (o *order) next(now time.Time) decision {
	d := decision{Lost: o.drop(now)}
	if o.Shut || o.answering != nil || len(o.waiting) == 0 {
		return d
	}
	first := o.waiting[0]
	o.waiting = slices.Delete(o.waiting, 0, 1)
	d.Start = o.start(first)
	return d
}

// wait puts a question into the queue. The newest of an asker takes the place of their older one.
func (o *order) wait(a ask) []lost {
	if i := o.indexOf(a.Who); i >= 0 {
		old := o.waiting[i]
		if a.Spoken == old.Spoken || old.Spoken {
			a.passed = old.passed
			o.waiting[i] = a
		} else { // they wrote, and now say it: the place is that of a spoken one
			o.waiting = slices.Delete(o.waiting, i, i+1)
			o.insert(a)
		}
		o.stats.Superseded++
		return []lost{{old, fateSuperseded}}
	}
	o.stats.Waited++
	o.insert(a)
	if len(o.waiting) <= waitingPlaces {
		return nil
	}
	return o.crowd()
}

// again puts a question back whose answer nobody has heard anything of. It keeps its rank among those who wait, at their head; a newer one of
// the same asker is already waiting where there is one.
func (o *order) again(a ask) []lost {
	if o.indexOf(a.Who) >= 0 {
		return []lost{{a, fateSuperseded}}
	}
	o.waiting = slices.Insert(o.waiting, 0, a)
	if len(o.waiting) <= waitingPlaces {
		return nil
	}
	return o.crowd()
}

// crowd gives up the last of the queue.
func (o *order) crowd() []lost {
	last := o.waiting[len(o.waiting)-1]
	o.waiting = o.waiting[:len(o.waiting)-1]
	o.stats.Crowded++
	return []lost{{last, fateCrowded}}
}

// insert puts a spoken question before the written ones that were not passed too often, a written one at the end.
func (o *order) insert(a ask) {
	at := len(o.waiting)
	if a.Spoken {
		for at > 0 && !o.waiting[at-1].Spoken && o.waiting[at-1].passed < passesLimit {
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
	return []lost{{old, fateSuperseded}}
}

// drop gives up what has waited too long.
func (o *order) drop(now time.Time) []lost {
	var out []lost
	o.waiting = slices.DeleteFunc(o.waiting, func(a ask) bool {
		late := now.Sub(a.Asked) > waitingLimit
		if late {
			o.stats.Late++
			out = append(out, lost{a, fateLate})
		}
		return late
	})
	return out
}

func (o *order) indexOf(who string) int {
	return slices.IndexFunc(o.waiting, func(a ask) bool { return a.Who == who })
}

func (o *order) othersWait(who string) bool {
	return slices.ContainsFunc(o.waiting, func(a ask) bool { return a.Who != who })
}
