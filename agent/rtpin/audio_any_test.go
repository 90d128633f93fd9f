package rtpin_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

// TestAudioAnySender lets a sender claim any numbers, timestamps and lengths. Whatever it claims,
// frames follow each other, are sound, and are not much more than the time that passes: each second
// of them costs a listener work.
func TestAudioAnySender(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(9600, 48000, 440, 0.5), voice)
	payloads := append(packets, nil, []byte{0x08}, []byte{0x1b, 2, 1, 2}, []byte{0xff}, []byte{0x0a, 250, 0x40}, []byte{0xfb, 48, 1})
	rapid.Check(t, func(rt *rapid.T) {
		r, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{})
		if err != nil {
			rt.Fatal(err)
		}
		r.SetRED(63)
		now, next, given := epoch, time.Duration(-1<<62), time.Duration(0)
		take := func(f rtpin.Frame) {
			length := time.Duration(len(f.PCM)) * time.Second / 16000
			if length <= 0 || length > frame20 || f.MediaTime < next-time.Microsecond {
				rt.Fatalf("a frame of %v at %v, the one before ends at %v", length, f.MediaTime, next)
			}
			if peak := media.Peak(f.PCM); !(peak <= 1) {
				rt.Fatalf("a sample of %v", peak)
			}
			next, given = f.MediaTime+length, given+length
		}
		seq, ts := uint16(65000), uint32(0xffffff00)
		for range rapid.IntRange(1, 200).Draw(rt, "packets") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{20, 20, 0, 1, 60, 1000}).Draw(rt, "ms")) * time.Millisecond)
			seq += uint16(rapid.SampledFrom([]int{1, 1, 1, 1, 2, 0, 65535, 200, 3001, 30000}).Draw(rt, "seq"))
			ts += uint32(rapid.SampledFrom([]int64{960, 960, 960, 1920, 0, 48000 * 5, 48000 * 3600, -48000 * 3600, 1 << 31}).Draw(rt, "ts"))
			p := packet(seq, ts, false, rapid.SampledFrom(payloads).Draw(rt, "payload"))
			p.PayloadType = rapid.SampledFrom([]uint8{111, 111, 63}).Draw(rt, "type")
			if err := r.Push(p, now); err != nil && !errors.Is(err, rtpin.ErrRED) {
				rt.Fatal(err)
			}
			r.Pop(now, take)
			if allowed := 10*time.Second + now.Sub(epoch)*11/10; given > allowed+time.Millisecond {
				rt.Fatalf("%v of sound after %v", given, now.Sub(epoch))
			}
		}
		if err := r.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestAudioFasterThanTime sends ten seconds of sound in each second, in two ways.
func TestAudioFasterThanTime(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), voice)
	for name, step := range map[string]struct {
		every time.Duration
		ticks uint32
	}{
		"packets without a pause":     {2 * time.Millisecond, 960},
		"timestamps that jump ahead":  {frame20, 48000 * 3600},
		"timestamps that jump by 4 s": {frame20, 48000 * 4},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newAudio(t, rtpin.AudioConfig{})
			given, now := time.Duration(0), epoch
			take := func(f rtpin.Frame) { given += time.Duration(len(f.PCM)) * time.Second / 16000 }
			for i := range 2000 {
				now = now.Add(step.every)
				if err := r.Push(packet(uint16(i), uint32(i)*step.ticks, false, packets[i%len(packets)]), now); err != nil {
					t.Fatal(err)
				}
				r.Pop(now, take)
			}
			passed := now.Sub(epoch)
			if given > passed*11/10+11*time.Second || given < passed {
				t.Errorf("%v of sound within %v", given, passed)
			}
			if r.Stats().Excess == 0 {
				t.Error("nothing was counted as too much")
			}
			// A sender that comes to its senses is heard again at once.
			given = 0
			now = now.Add(20 * time.Second)
			ts := 2000*step.ticks + 960
			if err := r.Push(packet(2000, ts, false, packets[0]), now); err != nil {
				t.Fatal(err)
			}
			if r.Pop(now, take); given < frame20 {
				t.Errorf("%v of sound after a pause", given)
			}
		})
	}
}

// TestAudioAfterAStall delivers eight seconds at once, as a network does that stood still: all of
// it is heard.
func TestAudioAfterAStall(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000*10, 48000, 440, 0.5), voice)
	r, rec := newAudio(t, rtpin.AudioConfig{})
	r.Pop(push(t, r, 0, packets[0]), rec.take)
	at := epoch.Add(8 * time.Second)
	for i := 1; i <= 400; i++ {
		if err := r.Push(packet(uint16(65500+i), uint32(0xffff0000+i*960), false, packets[i]), at); err != nil {
			t.Fatal(err)
		}
		r.Pop(at, rec.take)
	}
	if s := r.Stats(); len(rec.pcm) != 401*320 || s.Excess != 0 || s.Silence != 0 {
		t.Errorf("%d samples, want %d; %+v", len(rec.pcm), 401*320, s)
	}
}
