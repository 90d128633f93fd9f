package media_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

// numbered makes a packet with this sequence number.
func numbered(seq int) media.Packet {
	return media.Packet{Seq: uint16(seq), Payload: []byte{0, 0, byte(seq >> 8), byte(seq)}, Arrived: epoch}
}

// TestJitterEdges pushes, after packet 1000 came out, the last number that is believed on each side
// and the first that is not, RFC 3550 appendix A.1.
func TestJitterEdges(t *testing.T) {
	for _, c := range []struct {
		capacity, seq int
		want          media.Verdict
	}{
		{64, 1001, media.Accepted},
		{64, 1000, media.Late},
		{64, 1001 - 100, media.Late},
		{64, 1001 - 101, media.Held},
		{64, 1001 + 63, media.Accepted},
		{64, 1001 + 2999, media.Accepted},
		{64, 1001 + 3000, media.Held},
		{4096, 1001 + 3000, media.Accepted},
		{4096, 1001 + 4095, media.Accepted},
		{4096, 1001 + 4096, media.Held},
	} {
		j := media.NewJitter(media.JitterConfig{Capacity: c.capacity})
		j.Push(numbered(1000))
		drain(j, epoch)
		if got := j.Push(numbered(c.seq)); got != c.want {
			t.Errorf("number %d with room for %d: %v, want %v", c.seq, c.capacity, got, c.want)
		}
		s := j.Stats()
		if s.Received+s.Late+s.Held != 2 || s.Duplicates+s.Oversize != 0 {
			t.Errorf("number %d: %+v", c.seq, s)
		}
	}
}

// TestJitterCapacityIsRoundedUp fills buffers behind a gap.
func TestJitterCapacityIsRoundedUp(t *testing.T) {
	for capacity, want := range map[int]int{-1: 64, 0: 64, 1: 1, 2: 2, 3: 4, 8: 8, 9: 16, 1 << 20: 1 << 14} {
		j := media.NewJitter(media.JitterConfig{Capacity: capacity})
		j.Push(numbered(0))
		drain(j, epoch)
		for i := 2; i < 2+2*want; i++ {
			j.Push(numbered(i))
		}
		if j.Len() != want {
			t.Errorf("capacity %d holds %d packets, want %d", capacity, j.Len(), want)
		}
		if s := j.Stats(); want < 1000 && s.Overflows+s.Lost != uint64(want)+1 {
			t.Errorf("capacity %d: %+v", capacity, s)
		}
	}
}

func TestJitterDefaultDelay(t *testing.T) {
	for set, want := range map[time.Duration]time.Duration{0: 60, -1: 60, 5 * time.Millisecond: 5} {
		j := media.NewJitter(media.JitterConfig{MaxDelay: set})
		if _, ok := j.Deadline(); ok {
			t.Error("an empty buffer has a deadline")
		}
		j.Push(numbered(0))
		if _, ok := j.Deadline(); ok {
			t.Error("a packet whose turn it is has a deadline")
		}
		drain(j, epoch)
		j.Push(numbered(3))
		if due, ok := j.Deadline(); !ok || due.Sub(epoch) != want*time.Millisecond {
			t.Errorf("delay %v: due after %v, %v", set, due.Sub(epoch), ok)
		}
	}
}

// TestJitterBelievesARestartOnlyTwice sends strays that do not follow each other.
func TestJitterBelievesARestartOnlyTwice(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	j.Push(numbered(10))
	drain(j, epoch)
	for _, seq := range []int{30000, 30000, 30002, 40000, 39999} {
		if v := j.Push(numbered(seq)); v != media.Held {
			t.Errorf("stray %d: %v", seq, v)
		}
	}
	j.Push(numbered(11)) // a packet in order: the suspicion is over
	if v := j.Push(numbered(40000)); v != media.Held {
		t.Errorf("the number after the last stray, with another packet between: %v", v)
	}
	j.Push(numbered(13)) // waits behind 12
	if v := j.Push(numbered(50000)); v != media.Held {
		t.Errorf("a new start: %v", v)
	}
	if v := j.Push(numbered(50001)); v != media.Accepted {
		t.Errorf("its second packet: %v", v)
	}
	if v := j.Push(numbered(50000)); v != media.Late {
		t.Errorf("its first packet, again: %v", v)
	}
	if got := drain(j, epoch); !equal(got, []int{50001}) {
		t.Errorf("%v", got)
	}
	if s := j.Stats(); s.Restarts != 1 || s.Overflows != 2 || s.Held != 7 {
		t.Errorf("stats: %+v", s)
	}
}

func TestJitterReset(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	j.Push(numbered(1))
	drain(j, epoch)
	j.Push(numbered(5))
	j.Reset()
	if j.Len() != 0 || !j.Wants(5) {
		t.Errorf("%d packets left", j.Len())
	}
	if v := j.Push(numbered(40000)); v != media.Accepted {
		t.Errorf("the first packet after a reset: %v", v)
	}
	if v := j.Push(numbered(39990)); v != media.Accepted {
		t.Errorf("an earlier one: %v", v)
	}
	if got := drain(j, epoch); !equal(got, []int{39990}) {
		t.Errorf("%v", got)
	}
	if s := j.Stats(); s.Received != 4 || s.Popped != 2 {
		t.Errorf("stats: %+v", s)
	}
}

// TestJitterTakesTheLargestPayload bounds what a full buffer holds.
func TestJitterTakesTheLargestPayload(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	p := numbered(1)
	p.Payload = make([]byte, media.MaxPayload)
	if v := j.Push(p); v != media.Accepted {
		t.Errorf("%d bytes: %v", media.MaxPayload, v)
	}
	if media.MaxPayload < 1500 || media.MaxPayload > 1<<14 {
		t.Errorf("payloads of %d bytes: a datagram has up to 1500, and a buffer keeps a thousand of them", media.MaxPayload)
	}
}
