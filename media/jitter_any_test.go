package media_test

import (
	"encoding/binary"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestJitterAnyNetwork sends packets over networks that delay, drop and repeat. Whatever they do,
// packets come out in order, unharmed, once, and each one is either popped, lost, late or dropped
// for room.
func TestJitterAnyNetwork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(1, 64).Draw(t, "capacity")
		j := media.NewJitter(media.JitterConfig{Capacity: capacity})
		n := rapid.IntRange(1, 200).Draw(t, "packets")
		delays := rapid.SliceOfN(rapid.IntRange(-1, 12), n, n).Draw(t, "delays") // −1: dropped
		last, popped := -1, uint64(0)
		pop := func(now time.Time) {
			for _, i := range drain(j, now) {
				if i < 0 {
					continue
				}
				if i <= last {
					t.Fatalf("packet %d after packet %d", i, last)
				}
				last = i
				popped++
			}
		}
		now, sent := epoch, uint64(0)
		for step := range n + 13 {
			now = epoch.Add(time.Duration(step) * 20 * time.Millisecond)
			for i := max(step-12, 0); i < min(step+1, n); i++ {
				if delays[i] >= 0 && i+delays[i] == step {
					p := rtp(i)
					p.Arrived = now
					j.Push(p)
					sent++
					if delays[i]%4 == 3 {
						j.Push(p)
						sent++
					}
				}
			}
			pop(now)
		}
		pop(now.Add(time.Second))
		s := j.Stats()
		if j.Len() != 0 || s.Popped != popped || s.Received != popped+s.Overflows {
			t.Fatalf("%d popped, %d left: %+v", popped, j.Len(), s)
		}
		if s.Received+s.Late+s.Duplicates+s.Held != sent {
			t.Fatalf("%d packets sent: %+v", sent, s)
		}
	})
}

func FuzzJitter(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 2, 10, 1, 200}, uint8(8))
	f.Add([]byte{255, 255, 0, 1, 128, 0, 128, 1}, uint8(1))
	f.Fuzz(func(t *testing.T, script []byte, capacity uint8) {
		j := media.NewJitter(media.JitterConfig{Capacity: int(capacity)})
		now := epoch
		var last uint16
		started := false
		for ; len(script) >= 2; script = script[2:] {
			now = now.Add(time.Duration(script[1]) * time.Millisecond)
			seq := binary.BigEndian.Uint16(script)
			restarts := j.Stats().Restarts
			j.Push(media.Packet{Seq: seq, Payload: script[:2], Arrived: now})
			started = started && restarts == j.Stats().Restarts
			for {
				p, status := j.Pop(now)
				if status == media.Empty {
					break
				}
				if started && int16(p.Seq-last) <= 0 {
					t.Fatalf("%d after %d", p.Seq, last)
				}
				if status == media.Ready && binary.BigEndian.Uint16(p.Payload) != p.Seq {
					t.Fatalf("packet %d with the payload of another", p.Seq)
				}
				last, started = p.Seq, true
			}
		}
	})
}

func BenchmarkJitter(b *testing.B) {
	j := media.NewJitter(media.JitterConfig{})
	payload := make([]byte, 120)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		j.Push(media.Packet{Seq: uint16(i), Timestamp: uint32(i * 960), Payload: payload, Arrived: epoch})
		if _, status := j.Pop(epoch); status != media.Ready {
			b.Fatal(status)
		}
	}
}
