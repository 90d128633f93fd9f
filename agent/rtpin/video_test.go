package rtpin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// eachCodec runs a test for all four codecs with a camera of 320×240.
func eachCodec(t *testing.T, test func(t *testing.T, cam *camera, s *screen)) {
	t.Helper()
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			s, handles := newScreen(t, c)
			test(t, newCamera(t, c, 320, 240, handles), s)
		})
	}
}

func TestVideoArrives(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		for i := range 10 {
			packets, want := cam.shot(false)
			first := s.now.Add(time.Millisecond)
			if !s.push(packets...) {
				t.Fatalf("picture %d did not come out", i)
			}
			s.shows(want)
			f, err := s.Picture(s.pool)
			if err != nil {
				t.Fatal(err)
			}
			at := time.Duration(i) * 6000 * time.Second / 90000
			if d := f.MediaTime - at; !f.Captured.Equal(first) || d < -time.Microsecond || d > time.Microsecond {
				t.Errorf("picture %d: media time %v, captured %v; want %v, %v", i, f.MediaTime, f.Captured, at, first)
			}
			f.Release()
		}
		if s.NeedKeyframe(s.now) {
			t.Error("a keyframe is wanted although nothing is missing")
		}
		st := s.Stats()
		if st.Decoded != 10 || st.Units != 10 || st.Keyframes != 1 || st.Broken+st.Corrupt+st.Skipped+st.Lost != 0 {
			t.Errorf("stats: %+v", st)
		}
		if st.Width != 320 || st.Height != 240 {
			t.Errorf("size %d×%d", st.Width, st.Height)
		}
	})
}

func TestVideoReorderedAndTwice(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		for i := range 6 {
			packets, want := cam.shot(i == 3)
			if i == 0 {
				s.push(packets[0])
				packets = packets[1:]
			}
			for k := len(packets) - 1; k >= 0; k-- {
				s.push(packets[k], packets[k])
			}
			s.shows(want)
		}
		if st := s.Stats(); st.Decoded != 6 || st.Duplicates+st.Late == 0 || st.Lost+st.Broken != 0 {
			t.Errorf("stats: %+v", st)
		}
	})
}

func TestVideoLossAsksForAKeyframe(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		first, before := cam.shot(false)
		s.push(first...)
		if s.NeedKeyframe(s.now) {
			t.Fatal("a keyframe is wanted too early")
		}
		broken, _ := cam.shot(true)
		if len(broken) < 3 {
			t.Fatalf("a keyframe of %d packets is too small for this test", len(broken))
		}
		s.push(broken[0])
		s.push(broken[2:]...)
		next, _ := cam.shot(false)
		if s.push(next...) {
			t.Fatal("a picture came out although one packet before it is missing")
		}
		s.now = s.now.Add(250 * time.Millisecond)
		if fresh, err := s.Poll(s.now); fresh || err != nil {
			t.Fatalf("after the packet is given up: %v, %v", fresh, err)
		}
		if !s.NeedKeyframe(s.now) {
			t.Fatal("no keyframe is wanted although one was lost")
		}
		if s.NeedKeyframe(s.now.Add(499 * time.Millisecond)) {
			t.Error("asked again at once")
		}
		if !s.NeedKeyframe(s.now.Add(500 * time.Millisecond)) {
			t.Error("did not ask again")
		}
		s.shows(before)
		key, want := cam.shot(true)
		if !s.push(key...) || s.NeedKeyframe(s.now.Add(time.Minute)) {
			t.Fatal("the keyframe did not help")
		}
		s.shows(want)
		st := s.Stats()
		if st.Lost != 1 || st.Broken != 1 || st.Skipped != 1 || st.Requests != 2 || st.Decoded != 2 {
			t.Errorf("stats: %+v", st)
		}
	})
}

func TestVideoBeginsInTheMiddle(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		first, _ := cam.shot(true)
		middle, _ := cam.shot(false)
		if s.push(first[1:]...) || s.push(middle...) {
			t.Fatal("a picture came out of half a keyframe")
		}
		if _, err := s.Picture(s.pool); !errors.Is(err, codec.ErrNoPicture) {
			t.Fatalf("picture before the first: %v", err)
		}
		if !s.NeedKeyframe(s.now) {
			t.Fatal("no keyframe is wanted")
		}
		key, want := cam.shot(true)
		if !s.push(key...) {
			t.Fatal("the keyframe did not help")
		}
		s.shows(want)
	})
}

func TestVideoChangesSize(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		sizes := [][2]int{{320, 240}, {640, 360}, {16, 16}, {1280, 720}, {176, 144}}
		for _, size := range sizes {
			cam.resize(size[0], size[1])
			for range 3 {
				packets, want := cam.shot(false)
				if !s.push(packets...) {
					t.Fatalf("%v: no picture", size)
				}
				s.shows(want)
			}
		}
		if st := s.Stats(); st.Resizes != uint64(len(sizes)-1) || st.Decoded != uint64(3*len(sizes)) {
			t.Errorf("stats: %+v", st)
		}
	})
}

func TestVideoBlankEndFramesAreDropped(t *testing.T) {
	for c, size := range map[codec.VideoCodec]int{codec.VP8: 8, codec.H264: 2} {
		t.Run(string(c), func(t *testing.T) {
			s, handles := newScreen(t, c)
			cam := newCamera(t, c, 320, 240, handles)
			packets, want := cam.shot(false)
			s.push(packets...)
			cam.resize(size, size)
			for range 3 {
				blank, _ := cam.shot(true)
				if s.push(blank...) {
					t.Fatal("a blank frame came out as a picture")
				}
			}
			if st := s.Stats(); st.Blank != 3 || st.Decoded != 1 || st.Corrupt != 0 || st.Width != 320 {
				t.Errorf("stats: %+v", st)
			}
			s.shows(want)
			if s.NeedKeyframe(s.now) {
				t.Error("a blank frame made the receiver ask for a keyframe")
			}
			cam.resize(320, 240)
			packets, want = cam.shot(false)
			s.push(packets...)
			s.shows(want)
		})
	}
}

func TestVideoCorruptPayloadsAreCounted(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		packets, want := cam.shot(true)
		s.push(packets...)
		bad, _ := cam.shot(true)
		for i, p := range bad {
			// Half of each payload is gone and the rest inverted, headers included.
			p.Payload = p.Payload[:len(p.Payload)/2]
			for k := range p.Payload {
				p.Payload[k] ^= 0xff
			}
			s.now = s.now.Add(time.Millisecond)
			if _, err := s.Push(p, s.now); err != nil &&
				!errors.Is(err, rtpin.ErrPayload) && !errors.Is(err, codec.ErrCorrupt) {
				t.Fatalf("packet %d: %v", i, err)
			}
		}
		st := s.Stats()
		if st.Corrupt+st.Skipped+st.Broken == 0 || st.Decoded != 1 {
			t.Errorf("stats: %+v", st)
		}
		s.shows(want)
		if !s.NeedKeyframe(s.now) {
			t.Error("no keyframe is wanted after damage")
		}
		packets, want = cam.shot(true)
		s.push(packets...)
		s.shows(want)
	})
}

func TestVideoPaddingIsNoPicture(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		for i := range 4 {
			packets, want := cam.shot(false)
			s.push(packets...)
			s.shows(want)
			s.push(packet(cam.seq, cam.ts, i%2 == 0, nil))
			cam.seq++
		}
		if st := s.Stats(); st.Decoded != 4 || st.Broken+st.Lost != 0 {
			t.Errorf("stats: %+v", st)
		}
	})
}

func TestVideoWithoutMarkerBits(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		for range 4 {
			packets, _ := cam.shot(false)
			packets[len(packets)-1].Marker = false
			s.push(packets...)
		}
		if st := s.Stats(); st.Decoded != 3 || st.Broken+st.Lost+st.Corrupt != 0 {
			t.Errorf("stats: %+v", st)
		}
	})
}

func TestVideoAfterClose(t *testing.T) {
	s, handles := newScreen(t, codec.VP8)
	packets, _ := newCamera(t, codec.VP8, 64, 64, handles).shot(true)
	s.push(packets...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Push(packets[0], s.now); !errors.Is(err, rtpin.ErrClosed) {
		t.Errorf("push after close: %v", err)
	}
	if _, err := s.Picture(s.pool); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("picture after close: %v", err)
	}
	if s.NeedKeyframe(s.now.Add(time.Hour)) {
		t.Error("a closed receiver wants a keyframe")
	}
	if _, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: "theora"}); !errors.Is(err, codec.ErrUnknownCodec) {
		t.Errorf("theora: %v", err)
	}
}
