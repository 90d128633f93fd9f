package media

import (
	"math/bits"
	"time"
)

// maxMisorder is how far behind the expected number a packet may be and still count as late; beyond
// that the sender has probably started over. RFC 3550 appendix A.1 uses 100.
const maxMisorder = 100

// maxDropout is how far ahead a packet may be and still belong to the same run of numbers, RFC 3550
// appendix A.1.
const maxDropout = 3000

// Jitter puts packets of one stream back into the order of their sequence numbers. Packets in order
// pass without delay; behind a gap they wait at most MaxDelay. It reads no clock and starts no
// goroutine; payloads are copied into storage that is reused, so that a steady stream allocates
// nothing. Not safe for concurrent use.
type Jitter struct {
	maxDelay time.Duration
	rate     int64
	mask     uint16

	slots   []jitterSlot
	started bool
	popped  bool
	next    uint16
	highest uint16
	held    int

	suspect    uint16
	hasSuspect bool

	transit    int64
	hasTransit bool
	jitter     int64

	stats JitterStats
}

type jitterSlot struct {
	packet  Packet
	storage []byte
	used    bool
}

// NewJitter returns an empty buffer.
func NewJitter(cfg JitterConfig) *Jitter {
	if cfg.ClockRate <= 0 {
		cfg.ClockRate = 48000
	}
	if cfg.MaxDelay <= 0 {
		cfg.MaxDelay = 60 * time.Millisecond
	}
	if cfg.Capacity <= 0 {
		cfg.Capacity = 64
	}
	size := 1 << bits.Len(uint(min(cfg.Capacity, 1<<14)-1))
	return &Jitter{
		maxDelay: cfg.MaxDelay,
		rate:     int64(cfg.ClockRate),
		mask:     uint16(size - 1),
		slots:    make([]jitterSlot, size),
	}
}

// Push takes a packet; its payload is copied.
func (j *Jitter) Push(p Packet) Verdict {
	if len(p.Payload) > MaxPayload {
		j.stats.Oversize++
		return Oversize
	}
	if !j.started {
		j.start(p.Seq)
	}
	diff := int(int16(p.Seq - j.next))
	if diff < 0 && !j.popped && j.highest-p.Seq < uint16(len(j.slots)) {
		// Nothing has been handed out yet: an earlier packet moves the start back.
		j.next, diff = p.Seq, 0
	}
	if diff < -maxMisorder || diff >= max(maxDropout, len(j.slots)) {
		if !j.confirmRestart(p.Seq) {
			j.stats.Held++
			return Held
		}
		diff = 0
	}
	if diff < 0 {
		j.stats.Late++
		return Late
	}
	if diff >= len(j.slots) {
		j.makeRoom(diff - len(j.slots) + 1)
	}
	return j.store(p)
}

func (j *Jitter) store(p Packet) Verdict {
	slot := &j.slots[p.Seq&j.mask]
	if slot.used {
		j.stats.Duplicates++
		return Duplicate
	}
	slot.storage = append(slot.storage[:0], p.Payload...)
	slot.packet = p
	slot.packet.Payload = slot.storage
	slot.used = true
	j.held++
	j.stats.Received++
	j.hasSuspect = false
	j.measure(p)
	if int16(p.Seq-j.highest) < 0 {
		j.stats.Reordered++
	} else {
		j.highest = p.Seq
	}
	return Accepted
}

// Wants reports whether a packet with this sequence number could still be used: it is not there and
// its turn is not over. Before the first packet every number is wanted.
func (j *Jitter) Wants(seq uint16) bool {
	if !j.started {
		return true
	}
	diff := int(int16(seq - j.next))
	if diff < 0 {
		return !j.popped && j.highest-seq < uint16(len(j.slots))
	}
	return diff < len(j.slots) && !j.slots[seq&j.mask].used
}

// Pop returns the next packet in order, or gives up the next missing number once a packet behind it
// has waited for MaxDelay.
func (j *Jitter) Pop(now time.Time) (Packet, Status) {
	if j.held == 0 {
		return Packet{}, Empty
	}
	slot := &j.slots[j.next&j.mask]
	if slot.used {
		slot.used = false
		j.advance()
		j.held--
		j.stats.Popped++
		return slot.packet, Ready
	}
	due, _ := j.Deadline()
	if now.Before(due) {
		return Packet{}, Empty
	}
	lost := Packet{Seq: j.next}
	j.advance()
	j.stats.Lost++
	return lost, Lost
}

// Deadline returns when the next missing number will be given up, so that the caller can set a
// timer. It returns false when nothing waits behind a gap.
func (j *Jitter) Deadline() (time.Time, bool) {
	if j.held == 0 || j.slots[j.next&j.mask].used {
		return time.Time{}, false
	}
	for i := 1; i < len(j.slots); i++ {
		if slot := &j.slots[(j.next+uint16(i))&j.mask]; slot.used {
			return slot.packet.Arrived.Add(j.maxDelay), true
		}
	}
	return time.Time{}, false
}

// Len returns the number of packets waiting.
func (j *Jitter) Len() int { return j.held }

// Stats returns the counters.
func (j *Jitter) Stats() JitterStats {
	s := j.stats
	s.Jitter = time.Duration(j.jitter/16) * time.Second / time.Duration(j.rate)
	return s
}

// Reset forgets every packet and the position in the stream; counters stay.
func (j *Jitter) Reset() {
	for i := range j.slots {
		j.slots[i].used = false
	}
	j.started, j.popped, j.hasSuspect, j.hasTransit, j.held = false, false, false, false, 0
}

func (j *Jitter) start(seq uint16) {
	j.started, j.popped, j.next, j.highest = true, false, seq, seq
}

func (j *Jitter) advance() {
	j.popped = true
	j.next++
}

// confirmRestart reports whether seq follows the last implausible number, and if so starts over at
// it.
func (j *Jitter) confirmRestart(seq uint16) bool {
	if !j.hasSuspect || seq != j.suspect {
		j.suspect, j.hasSuspect = seq+1, true
		return false
	}
	j.stats.Overflows += uint64(j.held)
	j.Reset()
	j.start(seq)
	j.popped = true
	j.stats.Restarts++
	return true
}

// makeRoom gives up the n oldest positions.
func (j *Jitter) makeRoom(n int) {
	for range n {
		if slot := &j.slots[j.next&j.mask]; slot.used {
			slot.used = false
			j.held--
			j.stats.Overflows++
		} else {
			j.stats.Lost++
		}
		j.advance()
	}
}

// measure updates the interarrival jitter, RFC 3550 appendix A.8.
func (j *Jitter) measure(p Packet) {
	arrival := p.Arrived.Unix()*j.rate + int64(p.Arrived.Nanosecond())*j.rate/int64(time.Second)
	transit := arrival - int64(p.Timestamp)
	if j.hasTransit {
		d := int64(int32(transit - j.transit))
		j.jitter += max(d, -d) - (j.jitter+8)>>4
	}
	j.transit, j.hasTransit = transit, true
}
