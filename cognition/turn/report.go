package turn

import (
	"strconv"
	"strings"
	"time"
)

// Reply names one persona's part of a turn. A reply that was begun anew has a higher Try: what the
// older one still reports is not mistaken for the newer one's.
type Reply struct {
	Turn uint64
	Seat string
	Try  int
}

// String returns the reply as "3/iris", begun anew as "3/iris#1".
func (r Reply) String() string {
	s := strconv.FormatUint(r.Turn, 10) + "/" + r.Seat
	if r.Try > 0 {
		s += "#" + strconv.Itoa(r.Try)
	}
	return s
}

// ParseReply reads what String wrote. ok is false for anything else.
func ParseReply(s string) (r Reply, ok bool) {
	number, seat, ok := strings.Cut(s, "/")
	if !ok {
		return Reply{}, false
	}
	if i := strings.LastIndexByte(seat, '#'); i >= 0 {
		try, err := strconv.Atoi(seat[i+1:])
		if err == nil && try > 0 && strconv.Itoa(try) == seat[i+1:] {
			r.Try, seat = try, seat[:i]
		}
	}
	var err error
	if r.Turn, err = strconv.ParseUint(number, 10, 64); err != nil || strconv.FormatUint(r.Turn, 10) != number {
		return Reply{}, false
	}
	r.Seat = seat
	return r, true
}

// Outcome is how a reply ended by itself.
type Outcome string

// Outcomes.
const (
	Spoken  Outcome = "spoken"  // to its end
	Passed  Outcome = "passed"  // the persona chose to say nothing
	Refused Outcome = "refused" // it got no lease
	Broken  Outcome = "failed"  // it could not be made, or not to its end
	Evicted Outcome = "evicted" // the context that was given for it is not there any more
)

// What whoever carries replies out reports of them. Each started reply reports Done once, cancelled
// ones included; a cancelled reply's reports change nothing.

// Ready reports that a reply has speech prepared; it waits for GiveFloor before anybody hears it.
type Ready struct{ Reply Reply }

// Thought reports that the whole text of a reply is there.
type Thought struct {
	Reply Reply
	Text  string
}

// Audible reports that the first packet of a clause was sent.
type Audible struct {
	Reply Reply
	Text  string
}

// Sounded reports how long ago the last sound of an audible reply left: the silence that fills gaps
// between clauses is none.
type Sounded struct {
	Reply Reply
	Ago   time.Duration
}

// Unheard reports that a clause was sent and nobody could hear it.
type Unheard struct{ Reply Reply }

// Done is the end of a reply. Text is the whole answer, empty where there is none.
type Done struct {
	Reply   Reply
	Outcome Outcome
	Text    string
}

func (Ready) event()   {}
func (Thought) event() {}
func (Audible) event() {}
func (Sounded) event() {}
func (Unheard) event() {}
func (Done) event()    {}
