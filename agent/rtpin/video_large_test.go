package rtpin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// smallScreen takes pictures of up to 160×120.
func smallScreen(t *testing.T, c codec.VideoCodec) *screen {
	t.Helper()
	r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c, MaxPixels: 160 * 120})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{VideoReceiver: r, tb: t, pool: media.NewI420Pool(1), now: epoch}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// refused pushes packets and returns the size in the error of the last, 0×0 if there was none.
func (s *screen) refused(packets []*rtp.Packet) (w, h int) {
	s.tb.Helper()
	for i, p := range packets {
		s.now = s.now.Add(time.Millisecond)
		fresh, err := s.Push(p, s.now)
		var large *codec.TooLargeError
		if fresh || err != nil && (i < len(packets)-1 || !errors.As(err, &large) || large.MaxPixels != 160*120) {
			s.tb.Fatalf("packet %d: %v, %v", i, fresh, err)
		}
		if large != nil {
			w, h = large.Width, large.Height
		}
	}
	return w, h
}

func TestVideoTooLargeIsNamedOnceAndAsksForNothing(t *testing.T) {
	for _, c := range codec.VideoCodecs() {
		t.Run(string(c), func(t *testing.T) {
			s := smallScreen(t, c)
			cam := newCamera(t, c, 320, 240, nil)
			for i := range 5 {
				packets, _ := cam.shot(i%2 == 0)
				if w, h := s.refused(packets); i == 0 && (w != 320 || h != 240) || i > 0 && w != 0 {
					t.Fatalf("picture %d: the error names %d×%d", i, w, h)
				}
				if s.NeedKeyframe(s.now.Add(time.Hour)) {
					t.Fatalf("picture %d: a keyframe is wanted, which would be too large again", i)
				}
			}
			if st := s.Stats(); st.TooLarge != 3 || st.Skipped != 2 || st.Units != 5 || st.Corrupt+st.Decoded+st.Requests != 0 {
				t.Errorf("stats: %+v", st)
			}
			cam.resize(160, 120) // the smaller layer, or a smaller window
			packets, want := cam.shot(true)
			if !s.push(packets...) {
				t.Fatal("no picture")
			}
			s.shows(want)
			for i, size := range [][2]int{{640, 360}, {320, 240}, {640, 360}} {
				cam.resize(size[0], size[1])
				packets, _ := cam.shot(true)
				if w, h := s.refused(packets); i == 0 && (w != 640 || h != 360) || i > 0 && w != 0 {
					t.Fatalf("%v: the error names %d×%d", size, w, h)
				}
			}
			s.shows(want)
		})
	}
}

// TestVideoTooLargeAndLoss loses the keyframe of a smaller picture behind one that was too large.
func TestVideoTooLargeAndLoss(t *testing.T) {
	s := smallScreen(t, codec.VP8)
	cam := newCamera(t, codec.VP8, 320, 240, nil)
	packets, _ := cam.shot(true)
	s.refused(packets)
	cam.resize(160, 120)
	lost, _ := cam.shot(true)
	s.push(lost[1:]...)
	next, _ := cam.shot(false)
	s.push(next...)
	s.now = s.now.Add(time.Second)
	if _, err := s.Poll(s.now); err != nil {
		t.Fatal(err)
	}
	asked := s.now
	if !s.NeedKeyframe(asked) {
		t.Fatal("no keyframe is wanted although one was lost")
	}
	if s.NeedKeyframe(asked.Add(9999 * time.Millisecond)) {
		t.Error("asked again at once although the last picture was too large")
	}
	if !s.NeedKeyframe(asked.Add(10 * time.Second)) {
		t.Error("did not ask again")
	}
	packets, want := cam.shot(true)
	if !s.push(packets...) {
		t.Fatal("the keyframe did not help")
	}
	s.shows(want)
	s.push(packet(cam.seq+1, cam.ts, true, nil)) // from here on losses are met as usual
	s.now = s.now.Add(time.Second)
	if _, err := s.Poll(s.now); err != nil {
		t.Fatal(err)
	}
	again := asked.Add(time.Minute)
	if !s.NeedKeyframe(again) || !s.NeedKeyframe(again.Add(500*time.Millisecond)) {
		t.Error("a loss is not met within half a second any more")
	}
}

// TestVideoManySizesTooLarge changes the size with each keyframe: what is reported is bounded.
func TestVideoManySizesTooLarge(t *testing.T) {
	s := smallScreen(t, codec.VP8)
	reported := 0
	for i := range 100 {
		payload := []byte{0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, byte(200 + i), 0x0f, 0, 0x0f, 1, 2, 3}
		_, err := s.Push(packet(uint16(i), uint32(i*3000), true, payload), epoch.Add(time.Duration(i)*time.Second))
		if errors.Is(err, codec.ErrTooLarge) {
			reported++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if st := s.Stats(); reported == 0 || reported > 20 || st.TooLarge != 100 {
		t.Errorf("%d of 100 sizes reported, %+v", reported, st)
	}
}
