package rtpin_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/internal/redtest"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

func newRED(tb testing.TB, cfg rtpin.AudioConfig) (*rtpin.AudioReceiver, *recording) {
	tb.Helper()
	r, rec := newAudio(tb, cfg)
	r.SetRED(redtest.PayloadType)
	return r, rec
}

func TestAudioREDReplacesLostPackets(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000*2, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	straight, want := newAudio(t, rtpin.AudioConfig{})
	for i, p := range packets {
		straight.Pop(push(t, straight, i, p), want.take)
	}
	r, rec := newRED(t, rtpin.AudioConfig{})
	dropped := 0
	for i := range packets {
		if i%10 == 4 || i%10 == 5 { // two in a row, which the third brings back
			dropped++
			continue
		}
		p := packet(uint16(i), uint32(i*960), false, redtest.Payload(packets, i, 2))
		p.PayloadType = redtest.PayloadType
		at := epoch.Add(time.Duration(i) * frame20)
		if err := r.Push(p, at); err != nil {
			t.Fatal(err)
		}
		r.Pop(at, rec.take)
	}
	if s := r.Stats(); s.Redundant != uint64(dropped) || s.Lost+s.Concealed+s.Recovered+s.Late+s.Duplicates != 0 {
		t.Errorf("%d packets dropped: %+v", dropped, s)
	}
	if len(rec.pcm) != len(want.pcm) {
		t.Fatalf("%d samples, want %d", len(rec.pcm), len(want.pcm))
	}
	for i, v := range rec.pcm {
		if v != want.pcm[i] {
			t.Fatalf("sample %d differs from a link without loss", i)
		}
	}
}

func TestAudioREDRefusesNonsense(t *testing.T) {
	r, rec := newRED(t, rtpin.AudioConfig{})
	for name, payload := range map[string][]byte{
		"headers without end":  {0xef, 0, 0, 1, 0xef, 0, 0, 1},
		"half a header":        {0xef, 0},
		"block beyond the end": {0xef, 0x0f, 0x03, 0xff, 111, 1, 2, 3},
		"too many blocks":      append(make36(), 111),
	} {
		p := packet(1, 2, false, payload)
		p.PayloadType = redtest.PayloadType
		if err := r.Push(p, epoch); !errors.Is(err, rtpin.ErrRED) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Pop(epoch, rec.take)
	if s := r.Stats(); s.Corrupt != 4 || rec.frames != 0 {
		t.Errorf("%d frames, %+v", rec.frames, s)
	}
}

// make36 returns nine headers of empty redundant blocks.
func make36() []byte {
	var b []byte
	for range 9 {
		b = append(b, 0xef, 0, 0, 0)
	}
	return b
}

func FuzzAudioReceiver(f *testing.F) {
	packets := codectest.Opus(f, codectest.Tone(9600, 48000, 440, 0.5), voice)
	f.Add(packets[3], redtest.Payload(packets, 4, 2), uint16(1), uint32(960))
	f.Add([]byte{}, []byte{0xff, 0xff}, uint16(40000), uint32(1<<31))
	f.Add([]byte{0x0b, 0xff, 0xff, 0xff}, []byte{0xef, 0, 0, 1, 111, 1}, uint16(0), uint32(0))
	f.Fuzz(func(t *testing.T, plain, red []byte, seq uint16, ts uint32) {
		r, rec := newRED(t, rtpin.AudioConfig{MaxSilence: 200 * time.Millisecond})
		now := epoch
		for i := range 4 {
			now = now.Add(frame20)
			if err := r.Push(packet(uint16(i), uint32(i*960), false, packets[i]), now); err != nil {
				t.Fatal(err)
			}
			p := packet(seq+uint16(i), ts+uint32(i)*960, i%2 == 0, red)
			p.PayloadType = redtest.PayloadType
			if err := r.Push(p, now); err != nil && !errors.Is(err, rtpin.ErrRED) {
				t.Fatal(err)
			}
			if err := r.Push(packet(seq-uint16(i), ts-uint32(i), false, plain), now); err != nil {
				t.Fatal(err)
			}
			r.Pop(now, rec.take)
		}
		r.Pop(now.Add(time.Second), rec.take)
		if s := r.Stats(); s.Packets != 12 {
			t.Fatalf("%d packets counted, 12 sent", s.Packets)
		}
		if rec.frames > 1000 {
			t.Fatalf("%d frames out of 12 packets", rec.frames)
		}
		if peak := media.Peak(rec.pcm); !(peak <= 1) {
			t.Fatalf("a sample of %v", peak)
		}
	})
}

// TestAudioREDPutsCopiesWhereTheyBelong: a server that packs copies may have lost a packet itself.
// Then the copies in a packet are not those just before it, which only their times say.
func TestAudioREDPutsCopiesWhereTheyBelong(t *testing.T) {
	packets := codectest.Opus(t, codectest.Tone(48000, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	straight, want := newAudio(t, rtpin.AudioConfig{})
	r, rec := newRED(t, rtpin.AudioConfig{})
	pack := media.Redundancy{Depth: 2, PayloadType: redtest.OpusType}
	for i := range packets {
		at := epoch.Add(time.Duration(i) * frame20)
		if i%10 != 5 {
			at = push(t, straight, i, packets[i])
			payload := bytes.Clone(pack.Pack(uint32(i*960), packets[i])) // without packet 5: it never reached who packs
			p := packet(uint16(i), uint32(i*960), false, payload)
			p.PayloadType = redtest.PayloadType
			if i%10 != 4 { // lost on the way to us; a copy of it is in packet 6
				if err := r.Push(p, at); err != nil {
					t.Fatal(err)
				}
			}
		}
		straight.Pop(at, want.take)
		r.Pop(at, rec.take)
	}
	s := r.Stats()
	if n := uint64(len(packets) / 10); s.Redundant != n || s.Lost != n || straight.Stats().Lost != n {
		t.Errorf("%+v, who missed packet 5 only: %+v", s, straight.Stats())
	}
	if !slices.Equal(rec.pcm, want.pcm) {
		t.Errorf("%d samples, %d where only packet 5 was lost, and not the same", len(rec.pcm), len(want.pcm))
	}
}
