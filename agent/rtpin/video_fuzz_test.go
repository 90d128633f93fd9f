package rtpin_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// mayReturn fails the test for an error that Push does not document.
func mayReturn(tb testing.TB, err error) {
	tb.Helper()
	for _, known := range []error{nil, codec.ErrCorrupt, codec.ErrTooLarge, rtpin.ErrPayload, rtpin.ErrTooLarge} {
		if errors.Is(err, known) {
			return
		}
	}
	tb.Fatalf("undocumented error: %v", err)
}

// damage changes a few bytes of a payload, or cuts it.
func damage(random *rand.Rand, payload []byte) []byte {
	out := append([]byte(nil), payload...)
	if len(out) > 0 && random.IntN(3) == 0 {
		out = out[:random.IntN(len(out))]
	}
	for range min(1+random.IntN(4), len(out)) {
		out[random.IntN(len(out))] = byte(random.IntN(256))
	}
	return out
}

// TestVideoSurvivesDamage sends many pictures of which packets are lost, damaged, cut and swapped.
// Whatever comes out has a size that was sent, and after the damage the next keyframe gives the
// right picture.
func TestVideoSurvivesDamage(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		random := rand.New(rand.NewPCG(3, 9))
		for i := range 80 {
			packets, _ := cam.shot(i%4 == 0)
			for _, p := range packets {
				s.now = s.now.Add(time.Millisecond)
				switch random.IntN(30) {
				case 0:
					continue
				case 1, 2:
					p.Payload = damage(random, p.Payload)
				case 3:
					p.Marker = !p.Marker
				case 4:
					p.SequenceNumber += uint16(random.IntN(5))
				}
				_, err := s.Push(p, s.now)
				mayReturn(t, err)
			}
			s.now = s.now.Add(60 * time.Millisecond)
			s.NeedKeyframe(s.now)
		}
		if s.Stats().Broken+s.Stats().Corrupt == 0 {
			t.Fatal("no damage was noticed")
		}
		s.now = s.now.Add(time.Second)
		_, err := s.Poll(s.now)
		mayReturn(t, err)
		cam.seq += 20
		packets, want := cam.shot(true)
		for _, p := range packets {
			_, err := s.Push(p, s.now)
			mayReturn(t, err)
		}
		s.now = s.now.Add(time.Second)
		if fresh, err := s.Poll(s.now); !fresh || err != nil {
			t.Fatalf("the keyframe after the damage: %v, %v, %+v", fresh, err, s.Stats())
		}
		s.shows(want)
	})
}

func fuzzVideo(f *testing.F, c codec.VideoCodec) {
	handles := &codec.Handles{}
	cam := newCamera(f, c, 64, 48, handles)
	var good []*rtp.Packet
	for i := range 3 {
		packets, _ := cam.shot(i == 0)
		good = append(good, packets...)
		for _, p := range packets {
			f.Add(p.Payload, []byte{}, uint8(0b1111))
			f.Add(p.Payload, p.Payload, uint8(0b0110))
		}
	}
	f.Fuzz(func(t *testing.T, first, second []byte, flags uint8) {
		r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c, MaxPixels: 1 << 18, Handles: handles})
		if err != nil {
			t.Fatal(err)
		}
		now := epoch
		send := func(p *rtp.Packet) {
			now = now.Add(time.Millisecond)
			_, err := r.Push(p, now)
			mayReturn(t, err)
		}
		if flags&1 != 0 {
			for _, p := range good {
				send(p)
			}
		}
		seq, ts := cam.seq, cam.ts
		send(packet(seq, ts, flags&2 != 0, first))
		if flags&4 != 0 {
			ts += 3000
		}
		send(packet(seq+1+uint16(flags>>4&1), ts, flags&8 != 0, second))
		_, err = r.Poll(now.Add(time.Second))
		mayReturn(t, err)
		f, err := r.Picture(media.NewI420Pool(1))
		if err == nil && (f.Width*f.Height > 1<<18 || len(f.Y) != f.Width*f.Height) {
			t.Fatalf("picture of %d×%d", f.Width, f.Height)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if n := handles.Open(); n != 2 {
			t.Fatalf("%d native contexts, want the two of the camera", n)
		}
	})
}

func FuzzVP8(f *testing.F)  { fuzzVideo(f, codec.VP8) }
func FuzzH264(f *testing.F) { fuzzVideo(f, codec.H264) }
func FuzzVP9(f *testing.F)  { fuzzVideo(f, codec.VP9) }
func FuzzAV1(f *testing.F)  { fuzzVideo(f, codec.AV1) }

// BenchmarkVideo measures receiving one picture of a camera that moves, 1280×720, with the copy of
// it or without.
func BenchmarkVideo(b *testing.B) {
	for _, c := range codec.VideoCodecs() {
		for _, copied := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/copied=%v", c, copied), func(b *testing.B) { benchmarkVideo(b, c, copied) })
		}
	}
}

func benchmarkVideo(b *testing.B, c codec.VideoCodec, copied bool) {
	s, handles := newScreen(b, c)
	cam := newCamera(b, c, 1280, 720, handles)
	const length = 30
	pictures := make([][]*rtp.Packet, length)
	for i := range pictures {
		pictures[i], _ = cam.shot(i == 0)
	}
	seq := cam.seq
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for _, p := range pictures[i%length] {
			again := *p
			again.SequenceNumber, again.Timestamp = seq, uint32(i)*6000
			seq++
			if _, err := s.Push(&again, epoch.Add(time.Duration(i)*time.Second/15)); err != nil {
				b.Fatal(err)
			}
		}
		if copied {
			f, err := s.Picture(s.pool)
			if err != nil {
				b.Fatal(err)
			}
			f.Release()
		}
	}
	if s.Stats().Decoded == 0 {
		b.Fatal("nothing decoded")
	}
}
