package media_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

var epoch = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// rtp makes packet number i of a stream of 20 ms packets that starts just below the wrap of its
// numbers.
func rtp(i int) media.Packet {
	return media.Packet{
		Seq:       uint16(65530 + i),
		Timestamp: uint32(4294960000 + i*960),
		Payload:   binary.BigEndian.AppendUint32(nil, uint32(i)),
		Arrived:   epoch.Add(time.Duration(i) * 20 * time.Millisecond),
	}
}

func number(p media.Packet) int { return int(binary.BigEndian.Uint32(p.Payload)) }

// drain pops until nothing is left and returns the numbers of the packets, −1 for each one given
// up.
func drain(j *media.Jitter, now time.Time) []int {
	var out []int
	for {
		switch p, status := j.Pop(now); status {
		case media.Ready:
			out = append(out, number(p))
		case media.Lost:
			out = append(out, -1)
		case media.Empty:
			return out
		}
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestJitterPassesWithoutDelay(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	for i := range 70000 { // once around all sequence numbers
		p := rtp(i)
		if v := j.Push(p); v != media.Accepted {
			t.Fatalf("packet %d: %v", i, v)
		}
		if got := drain(j, p.Arrived); !equal(got, []int{i}) {
			t.Fatalf("packet %d: %v", i, got)
		}
	}
	if s := j.Stats(); s.Received != 70000 || s.Popped != 70000 || s.Lost+s.Late+s.Reordered+s.Overflows != 0 {
		t.Errorf("stats: %+v", s)
	}
}

func TestJitterReordersAndGivesUpInTime(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{MaxDelay: 60 * time.Millisecond})
	j.Push(rtp(0))
	drain(j, rtp(0).Arrived)
	for _, i := range []int{3, 2} {
		j.Push(rtp(i))
	}
	if got := drain(j, rtp(3).Arrived); got != nil {
		t.Fatalf("came out too early: %v", got)
	}
	j.Push(rtp(1))
	if got := drain(j, rtp(3).Arrived); !equal(got, []int{1, 2, 3}) {
		t.Fatalf("after the missing packet: %v", got)
	}
	j.Push(rtp(6)) // 4 and 5 are missing
	j.Push(rtp(7))
	due, ok := j.Deadline()
	if want := rtp(6).Arrived.Add(60 * time.Millisecond); !ok || !due.Equal(want) {
		t.Fatalf("deadline %v, %v; want %v", due, ok, want)
	}
	if got := drain(j, due.Add(-1)); got != nil {
		t.Fatalf("given up too early: %v", got)
	}
	if got := drain(j, due); !equal(got, []int{-1, -1, 6, 7}) {
		t.Fatalf("at the deadline: %v", got)
	}
	if _, ok := j.Deadline(); ok {
		t.Error("a deadline although nothing waits")
	}
	if v := j.Push(rtp(5)); v != media.Late {
		t.Errorf("a packet that was given up: %v", v)
	}
	j.Push(rtp(9))
	if v := j.Push(rtp(9)); v != media.Duplicate {
		t.Errorf("the same packet twice: %v", v)
	}
	if s := j.Stats(); s.Lost != 2 || s.Late != 1 || s.Duplicates != 1 || s.Reordered != 2 {
		t.Errorf("stats: %+v", s)
	}
}

func TestJitterKnowsWhatIsWanted(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{Capacity: 8})
	if !j.Wants(77) {
		t.Error("before the first packet every number is wanted")
	}
	j.Push(rtp(0))
	drain(j, epoch)
	j.Push(rtp(2))
	for i, want := range map[int]bool{0: false, 1: true, 2: false, 3: true, 8: true, 9: false} {
		if got := j.Wants(rtp(i).Seq); got != want {
			t.Errorf("packet %d wanted: %v", i, got)
		}
	}
}

func TestJitterFirstPacketsMayBeSwapped(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	j.Push(rtp(2))
	j.Push(rtp(0))
	j.Push(rtp(1))
	if got := drain(j, epoch); !equal(got, []int{0, 1, 2}) {
		t.Errorf("%v", got)
	}
}

func TestJitterOverflowKeepsTheNewest(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{Capacity: 8})
	j.Push(rtp(0))
	drain(j, epoch)
	for i := 2; i < 13; i++ { // 1 is missing, so that nothing moves
		j.Push(rtp(i))
	}
	if j.Len() != 8 {
		t.Fatalf("%d packets wait, want 8", j.Len())
	}
	if got := drain(j, epoch); !equal(got, []int{5, 6, 7, 8, 9, 10, 11, 12}) {
		t.Errorf("%v", got)
	}
	if s := j.Stats(); s.Overflows != 3 || s.Lost != 1 {
		t.Errorf("stats: %+v", s)
	}
}

func TestJitterFollowsASenderThatStartsOver(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	for i := range 5 {
		j.Push(rtp(i))
		drain(j, epoch)
	}
	stray := rtp(0)
	stray.Seq = 30000
	if v := j.Push(stray); v != media.Held {
		t.Fatalf("a stray packet: %v", v)
	}
	j.Push(rtp(5))
	if got := drain(j, epoch); !equal(got, []int{5}) {
		t.Fatalf("after a stray packet: %v", got)
	}
	for i := range 3 {
		p := rtp(100 + i)
		p.Seq = uint16(40000 + i)
		j.Push(p)
	}
	if got := drain(j, epoch); !equal(got, []int{101, 102}) {
		t.Errorf("after a new start: %v", got)
	}
	if s := j.Stats(); s.Restarts != 1 || s.Held != 2 {
		t.Errorf("stats: %+v", s)
	}
}

func TestJitterMeasuresJitter(t *testing.T) {
	even, uneven := media.NewJitter(media.JitterConfig{}), media.NewJitter(media.JitterConfig{})
	for i := range 500 {
		even.Push(rtp(i))
		p := rtp(i)
		p.Arrived = p.Arrived.Add(time.Duration(i%2) * 10 * time.Millisecond)
		uneven.Push(p)
		drain(even, epoch)
		drain(uneven, epoch)
	}
	if d := even.Stats().Jitter; d != 0 {
		t.Errorf("even arrivals: %v", d)
	}
	if d := uneven.Stats().Jitter; d < 9*time.Millisecond || d > 11*time.Millisecond {
		t.Errorf("arrivals that alternate by 10 ms: %v", d)
	}
}

func TestJitterRefusesOversizedPayloads(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	p := rtp(0)
	p.Payload = make([]byte, media.MaxPayload+1)
	if v := j.Push(p); v != media.Oversize || j.Stats().Oversize != 1 {
		t.Errorf("%v", v)
	}
}

func TestJitterCopiesAndDoesNotAllocate(t *testing.T) {
	j := media.NewJitter(media.JitterConfig{})
	buf := make([]byte, 200)
	i := 0
	step := func() { // packets come in pairs, swapped
		for _, k := range []int{i + 1, i} {
			for n := range buf {
				buf[n] = byte(k)
			}
			j.Push(media.Packet{Seq: uint16(k), Timestamp: uint32(k * 960), Payload: buf, Arrived: epoch})
			clear(buf)
		}
		for k := i; k < i+2; k++ {
			p, status := j.Pop(epoch)
			if status != media.Ready || p.Seq != uint16(k) || p.Payload[0] != byte(k) || p.Payload[199] != byte(k) {
				t.Fatalf("packet %d: %v, number %d", k, status, p.Seq)
			}
		}
		i += 2
	}
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a pair", n)
	}
}
