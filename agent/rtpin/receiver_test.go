package rtpin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

func TestReceiversRefuseConfigurations(t *testing.T) {
	if r, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: 44100}); r != nil || !errors.Is(err, codec.ErrConfig) {
		t.Errorf("audio at 44100 Hz: %v", err)
	}
	for name, c := range map[string]struct {
		cfg  rtpin.VideoConfig
		want error
	}{
		"theora":             {rtpin.VideoConfig{Codec: "theora"}, codec.ErrUnknownCodec},
		"no codec":           {rtpin.VideoConfig{}, codec.ErrUnknownCodec},
		"negative threads":   {rtpin.VideoConfig{Codec: codec.VP8, Threads: -1}, codec.ErrConfig},
		"too many pixels":    {rtpin.VideoConfig{Codec: codec.VP8, MaxPixels: 1 << 40}, codec.ErrConfig},
		"a negative maximum": {rtpin.VideoConfig{Codec: codec.VP8, MaxPixels: -1}, codec.ErrConfig},
	} {
		if r, err := rtpin.NewVideoReceiver(c.cfg); r != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestVideoWaitsForMissingPackets gives up a missing packet after the configured time, 200 ms
// unless told otherwise.
func TestVideoWaitsForMissingPackets(t *testing.T) {
	for name, c := range map[string]struct{ set, want time.Duration }{
		"default":    {0, 200 * time.Millisecond},
		"negative":   {-time.Second, 200 * time.Millisecond},
		"configured": {90 * time.Millisecond, 90 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: codec.VP8, MaxDelay: c.set})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}()
			cam := newCamera(t, codec.VP8, 64, 48, nil)
			first, _ := cam.shot(true)
			for _, p := range first {
				if _, err := r.Push(p, epoch); err != nil {
					t.Fatal(err)
				}
			}
			cam.seq++ // lost
			next, _ := cam.shot(false)
			if _, err := r.Push(next[0], epoch.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			for _, at := range []struct {
				after time.Duration
				lost  uint64
			}{{c.want - 1, 0}, {c.want, 1}} {
				if _, err := r.Poll(epoch.Add(time.Second + at.after)); err != nil {
					t.Fatal(err)
				}
				if s := r.Stats(); s.Lost != at.lost {
					t.Errorf("%v after the packet behind it: %d lost, want %d", at.after, s.Lost, at.lost)
				}
			}
		})
	}
}

// TestVideoKeyframeInterval asks again after the configured time, 500 ms unless told otherwise.
func TestVideoKeyframeInterval(t *testing.T) {
	for _, c := range []struct{ set, want time.Duration }{
		{0, 500 * time.Millisecond},
		{-1, 500 * time.Millisecond},
		{2 * time.Second, 2 * time.Second},
	} {
		r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: codec.VP8, KeyframeInterval: c.set})
		if err != nil {
			t.Fatal(err)
		}
		if r.NeedKeyframe(epoch) {
			t.Error("a keyframe is wanted before the first packet")
		}
		if _, err := r.Push(packet(1, 1, true, []byte{0, 1}), epoch); err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {c.want - 1, false}, {c.want, true}} {
			if got := r.NeedKeyframe(epoch.Add(at.after)); got != at.want {
				t.Errorf("interval %v: after %v a keyframe is wanted: %v", c.set, at.after, got)
			}
		}
		if s := r.Stats(); s.Requests != 2 {
			t.Errorf("%d requests counted", s.Requests)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if r.NeedKeyframe(epoch.Add(time.Hour)) {
			t.Error("a closed receiver wants a keyframe")
		}
		if _, err := r.Poll(epoch); !errors.Is(err, rtpin.ErrClosed) {
			t.Errorf("poll after close: %v", err)
		}
	}
}

// TestVideoSenderStartsOver changes numbers and timestamps in the middle: media time goes on with
// the wall clock.
func TestVideoSenderStartsOver(t *testing.T) {
	eachCodec(t, func(t *testing.T, cam *camera, s *screen) {
		started := s.now.Add(time.Millisecond)
		show := func(after time.Duration, key bool) time.Duration {
			t.Helper()
			s.now = started.Add(after - time.Millisecond)
			packets, want := cam.shot(key)
			if !s.push(packets...) {
				t.Fatalf("at %v: no picture", after)
			}
			s.shows(want)
			f, err := s.Picture(s.pool)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Release()
			if got := f.Captured.Sub(started); got != after {
				t.Errorf("captured at %v, want %v", got, after)
			}
			return f.MediaTime
		}
		within := func(got, want time.Duration) {
			t.Helper()
			if d := got - want; d.Abs() > 5*time.Millisecond {
				t.Errorf("media time %v, want about %v", got, want)
			}
		}
		within(show(0, true), 0)
		within(show(70*time.Millisecond, false), 66666*time.Microsecond)
		cam.seq, cam.ts = cam.seq+30000, 12345
		// The first packet with the new numbers is dropped: one alone may be a stray. Then the
		// numbers are believed.
		s.now = started.Add(time.Second)
		stray, _ := cam.shot(true)
		s.push(stray...)
		cam.ts += 84000 // a second later, with the step of the shot
		within(show(2*time.Second, true), 2*time.Second)
		within(show(2*time.Second+70*time.Millisecond, false), 2*time.Second+66666*time.Microsecond)
		if st := s.Stats(); st.Decoded < 4 || st.Corrupt != 0 {
			t.Errorf("stats: %+v", st)
		}
	})
}

// TestVideoCountsResizes changes one side at a time.
func TestVideoCountsResizes(t *testing.T) {
	s, handles := newScreen(t, codec.VP8)
	cam := newCamera(t, codec.VP8, 64, 48, handles)
	for i, size := range [][2]int{{64, 48}, {64, 48}, {64, 32}, {80, 32}, {80, 32}, {64, 48}} {
		cam.resize(size[0], size[1])
		packets, _ := cam.shot(true)
		if !s.push(packets...) {
			t.Fatalf("picture %d did not come", i)
		}
	}
	if st := s.Stats(); st.Resizes != 3 || st.Keyframes != 6 || st.Decoded != 6 || st.Width != 64 || st.Height != 48 {
		t.Errorf("stats: %+v", st)
	}
}

// TestVideoNamesTheFirstFault makes two units wait for one packet: the error is that of the first.
func TestVideoNamesTheFirstFault(t *testing.T) {
	s, _ := newScreen(t, codec.H264)
	s.push(packet(1, 1, true, []byte{0x67, 1}))
	for _, p := range []*rtp.Packet{
		packet(3, 2, true, []byte{0x7d, 1}), packet(4, 4, false, []byte{0x67, 1}), packet(5, 4, true, []byte{0x7e, 1}),
	} {
		s.push(p)
	}
	_, err := s.Push(packet(2, 2, false, []byte{0x67, 1}), s.now)
	if !errors.Is(err, rtpin.ErrPayload) || !strings.Contains(err.Error(), "packet 3") {
		t.Errorf("%v", err)
	}
	if st := s.Stats(); st.Corrupt != 2 || st.Broken != 2 {
		t.Errorf("stats: %+v", st)
	}
	if _, err := s.Poll(s.now); err != nil {
		t.Errorf("the error comes again: %v", err)
	}
}

// TestVideoNarrowPicturesAreNotBlank sends sizes of which one side is that of the pictures a server
// makes up.
func TestVideoNarrowPicturesAreNotBlank(t *testing.T) {
	for c, sizes := range map[codec.VideoCodec][][2]int{
		codec.VP8:  {{8, 16}, {16, 8}, {2, 2}},
		codec.H264: {{2, 16}, {16, 2}, {8, 8}},
		codec.VP9:  {{8, 8}, {16, 2}},
		codec.AV1:  {{16, 16}},
	} {
		for _, size := range sizes {
			s, handles := newScreen(t, c)
			packets, _ := newCamera(t, c, size[0], size[1], handles).shot(true)
			if !s.push(packets...) {
				t.Errorf("%s of %v is no picture: %+v", c, size, s.Stats())
			}
		}
	}
}

// TestVideoTimestampsThatJump lets the timestamps jump while the numbers go on: media time stays
// with the wall clock.
func TestVideoTimestampsThatJump(t *testing.T) {
	for name, c := range map[string]struct {
		jump int64         // of the timestamps, beside the time that passes
		want time.Duration // media time of the picture after the jump, and two seconds later
	}{
		"a day ahead":       {90000 * 3600 * 24, 2 * time.Second},
		"six hours ahead":   {90000 * 3600 * 6, 2 * time.Second},
		"an hour back":      {-90000 * 3600, 2 * time.Second},
		"eleven s back":     {-90000 * 11, 2 * time.Second},
		"eleven s ahead":    {90000 * 11, 2 * time.Second},
		"two seconds ahead": {90000 * 2, 4 * time.Second},
		"nine s ahead":      {90000 * 9, 11 * time.Second},
		"not at all":        {0, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s, handles := newScreen(t, codec.VP8)
			cam := newCamera(t, codec.VP8, 64, 48, handles)
			start, first := s.now, cam.ts
			show := func(after time.Duration, jump int64, want time.Duration) {
				t.Helper()
				s.now, cam.ts = start.Add(after), first+uint32(int64(after/time.Second)*90000+jump)
				packets, _ := cam.shot(true)
				if !s.push(packets...) {
					t.Fatalf("at %v: no picture", after)
				}
				f, err := s.Picture(s.pool)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Release()
				if d := f.MediaTime - want; d.Abs() > 50*time.Millisecond {
					t.Errorf("at %v: media time %v, want %v", after, f.MediaTime, want)
				}
			}
			show(0, 0, 0)
			show(2*time.Second, c.jump, c.want)
			show(4*time.Second, c.jump, c.want+2*time.Second)
		})
	}
}

// TestVideoPausedClock has a sender whose timestamps stand still while it is muted.
func TestVideoPausedClock(t *testing.T) {
	s, handles := newScreen(t, codec.VP8)
	cam := newCamera(t, codec.VP8, 64, 48, handles)
	packets, _ := cam.shot(true)
	s.push(packets...)
	s.now = s.now.Add(time.Minute)
	packets, _ = cam.shot(true)
	s.push(packets...)
	f, err := s.Picture(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if d := f.MediaTime - time.Minute; d.Abs() > 50*time.Millisecond {
		t.Errorf("media time %v after a minute", f.MediaTime)
	}
}

// TestVideoLayersEndWithTheFirstFault gives up an access unit at its first layer that cannot be
// decoded.
func TestVideoLayersEndWithTheFirstFault(t *testing.T) {
	s, _ := newScreen(t, codec.VP9)
	s.push(packet(1, 1, false, []byte{0x0c, 0x86, 0}), packet(2, 1, true, []byte{0x0c, 0x86, 0}))
	if st := s.Stats(); st.Units != 1 || st.Skipped != 1 || st.Decoded != 0 {
		t.Errorf("stats: %+v", st)
	}
}
