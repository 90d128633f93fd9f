package rtpin_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

func TestAudioSteadyStateDoesNotAllocate(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000*4, 48000, 440, 0.5), voice)
	r, _ := newAudio(t, rtpin.AudioConfig{})
	samples := 0
	take := func(f rtpin.Frame) { samples += len(f.PCM) }
	p := packet(0, 0, false, nil)
	i := 0
	step := func() {
		p.SequenceNumber, p.Timestamp, p.Payload = uint16(i), uint32(i*960), packets[i%len(packets)]
		if i%20 != 19 { // every twentieth packet is lost
			if err := r.Push(p, epoch.Add(time.Duration(i)*frame20)); err != nil {
				t.Fatal(err)
			}
		}
		r.Pop(epoch.Add(time.Duration(i)*frame20), take)
		i++
	}
	for range 400 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	if samples == 0 || r.Stats().Recovered == 0 {
		t.Errorf("%d samples, %+v", samples, r.Stats())
	}
}

func BenchmarkAudioFrame(b *testing.B) {
	packets := codectest.Opus(b, codectest.Tone(48000*4, 48000, 440, 0.5), voice)
	r, _ := newAudio(b, rtpin.AudioConfig{})
	samples := 0
	take := func(f rtpin.Frame) { samples += len(f.PCM) }
	p := packet(0, 0, false, nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		now := epoch.Add(time.Duration(i) * frame20)
		p.SequenceNumber, p.Timestamp, p.Payload = uint16(i), uint32(i*960), packets[i%len(packets)]
		if err := r.Push(p, now); err != nil {
			b.Fatal(err)
		}
		r.Pop(now, take)
	}
	if samples == 0 {
		b.Fatal("nothing decoded")
	}
}
