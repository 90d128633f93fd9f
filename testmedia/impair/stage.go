package impair

import (
	"math/rand/v2"
	"time"
)

// homeQueue is how long packets may wait for a slow link where nothing else is said.
const homeQueue = 200 * time.Millisecond

// stage decides what becomes of the packets of one direction. It is pure but for its random
// numbers.
type stage struct {
	c      Conditions
	random *rand.Rand
	free   time.Time // when the link has sent what it has taken
	last   time.Time // the latest arrival
	counts Counts
}

// Path is one direction of a network in the caller's time, which need not be that of a clock. One
// goroutine uses it.
type Path struct{ stage stage }

// NewPath returns a path. The same seed treats the same packets at the same times in the same way.
func NewPath(c Conditions, seed uint64) *Path { return &Path{newStage(c, seed)} }

// Pass says when a packet of so many bytes, sent now, arrives: at no time, once or twice.
func (p *Path) Pass(size int, now time.Time) []time.Time {
	v := p.stage.pass(size, now)
	return v.at[:v.times]
}

// Counts returns what became of the packets so far.
func (p *Path) Counts() Counts { return p.stage.counts }

// verdict is what becomes of a packet: it arrives so often, and when.
type verdict struct {
	times int
	at    [2]time.Time
}

func newStage(c Conditions, seed uint64) stage {
	return stage{c: c, random: rand.New(rand.NewPCG(seed, 5))} // a bad link, not a secret
}

// pass takes a packet of so many bytes.
func (s *stage) pass(size int, now time.Time) verdict {
	s.counts.Packets++
	// As many random numbers a packet whatever becomes of it: a seed means the same losses under
	// other delays.
	loss, twice, early, late := s.random.Float64(), s.random.Float64(), s.random.Float64(), s.random.Float64()
	if loss < s.c.Loss {
		s.counts.Lost++
		return verdict{}
	}
	sent, ok := s.send(size, now)
	if !ok {
		s.counts.Lost++
		s.counts.Full++
		return verdict{}
	}
	v := verdict{times: 1}
	v.at[0] = s.arrive(sent, now, early)
	if twice < s.c.Duplicate {
		s.counts.Duplicated++
		v.times, v.at[1] = 2, s.arrive(sent, now, late)
	}
	return v
}

// send is when the last bit of a packet has left, if the queue takes it.
func (s *stage) send(size int, now time.Time) (time.Time, bool) {
	if s.c.Bandwidth <= 0 {
		return now, true
	}
	queue := s.c.Queue
	if queue <= 0 {
		queue = homeQueue
	}
	begin := now
	if s.free.After(now) {
		begin = s.free
	}
	if begin.Sub(now) > queue {
		return now, false
	}
	s.free = begin.Add(time.Duration(size) * 8 * time.Second / time.Duration(s.c.Bandwidth))
	return s.free, true
}

// arrive is when a packet arrives; chance is between 0 and 1.
func (s *stage) arrive(sent, now time.Time, chance float64) time.Time {
	at := sent.Add(s.c.Delay + time.Duration((2*chance-1)*float64(s.c.Jitter)))
	if at.Before(now) {
		at = now
	}
	if at.Before(s.last) {
		s.counts.Overtook++
	} else {
		s.last = at
	}
	return at
}
