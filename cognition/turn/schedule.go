package turn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
)

// waves numbers replies by their lanes: as many as a lane takes at once are in its first wave, and
// so on. They say who goes before whom; nobody waits for a whole wave.
func waves(lanes []string, capOf func(lane string) int) []int {
	out := make([]int, len(lanes))
	seen := map[string]int{}
	for i, lane := range lanes {
		out[i] = 1
		if most := capOf(lane); most > 0 {
			out[i] += seen[lane] / most
		}
		seen[lane]++
	}
	return out
}

// moment is a time that may not be known.
type moment struct {
	at    int64
	known bool
}

func later(a, b moment) moment { return moment{max(a.at, b.at), a.known && b.known} }

// schedule numbers the waves of a plan and says when its replies are expected, and whether they are
// in time.
func (p *planner) schedule(out *Plan) {
	lanes := make([]string, len(out.Replies))
	for i := range out.Replies {
		lanes[i] = out.Replies[i].Lane
	}
	for i, w := range waves(lanes, p.policy.capOf) {
		out.Replies[i].Wave = w
	}
	starts, finishes := p.times(out.Replies, func(s *Speed) int64 { return s.P50 })
	_, late := p.times(out.Replies, func(s *Speed) int64 { return s.P95 })
	first, all := p.request.FirstBudget, p.request.AllBudget
	if first == 0 {
		first = defaultFirst
	}
	if all == 0 {
		all = defaultAll
	}
	out.First, out.All = Misses, Meets
	if len(out.Replies) == 0 {
		out.First = Meets
	}
	for i := range out.Replies {
		r := &out.Replies[i]
		if starts[i].known {
			r.Start = &starts[i].at
		}
		if finishes[i].known {
			r.Finish = &finishes[i].at
		}
		r.Verdict = verdict(late[i], all)
		switch v := verdict(late[i], first); {
		case v == Meets:
			out.First = Meets
		case v == Unknown && out.First == Misses:
			out.First = Unknown
		}
		switch {
		case r.Verdict == Misses:
			out.All = Misses
		case r.Verdict == Unknown && out.All == Meets:
			out.All = Unknown
		}
	}
}

func verdict(m moment, budget int64) Verdict {
	switch {
	case !m.known:
		return Unknown
	case m.at > budget:
		return Misses
	}
	return Meets
}

// times plays the replies: each begins when there is a place in its lane and, where it is to know
// what those before it say, when their texts are there. What begins after something of unknown
// length begins at an unknown time, unless there is a place that is known to be free.
func (p *planner) times(replies []PlannedReply, took func(*Speed) int64) (starts, finishes []moment) {
	starts, finishes = make([]moment, len(replies)), make([]moment, len(replies))
	places := map[string][]moment{} // when they are free
	before := moment{known: true}
	for i := range replies {
		lane := replies[i].Lane
		begin := moment{known: true}
		place := -1
		if most := p.policy.capOf(lane); most > 0 {
			free := places[lane]
			if len(free) < most {
				free = append(free, begin)
				places[lane] = free
				place = len(free) - 1
			} else {
				place = soonest(free)
				begin = free[place]
			}
		}
		if p.policy.Context == Sequential {
			begin = later(begin, before)
		}
		end := moment{at: begin.at}
		if s := p.candidate(replies[i].Persona).Speed; s != nil {
			end = moment{begin.at + took(s), begin.known}
		}
		if place >= 0 {
			places[lane][place] = end
		}
		starts[i], finishes[i] = begin, end
		before = later(before, end)
	}
	return starts, finishes
}

// soonest is the place that is free first, one that is known to be before others.
func soonest(free []moment) int {
	best := 0
	for i, m := range free {
		if m.known && (!free[best].known || m.at < free[best].at) {
			best = i
		}
	}
	return best
}

// fingerprint is the digest of what a plan does.
func (p *Plan) fingerprint() string {
	parts := []string{p.Turn, string(p.Rule), strconv.Itoa(len(p.Replies))}
	for _, r := range p.Replies {
		parts = append(parts, r.Persona, r.Lane, strconv.Itoa(r.Wave), r.ContextKey, strconv.Itoa(len(r.SourceKeys)))
		parts = append(parts, r.SourceKeys...)
	}
	for _, q := range p.Silences {
		parts = append(parts, q.Seat, string(q.Why))
	}
	return digest(parts...)
}

// digest is a name for texts in their order: the first 12 bytes of the SHA-256 of them, each behind
// its length, as 24 hexadecimal digits.
func digest(parts ...string) string {
	var all []byte
	for _, part := range parts {
		all = binary.BigEndian.AppendUint64(all, uint64(len(part)))
		all = append(all, part...)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(slices.Clone(sum[:12]))
}
