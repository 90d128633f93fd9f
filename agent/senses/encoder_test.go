package senses_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestEncodersShareFrames: with two encoders, of which one is wanted twice, every frame is sampled
// once and each encoder computes it once.
func TestEncodersShareFrames(t *testing.T) {
	far, also := remote(t, "far", 64), remote(t, "further", 64)
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{m.Eyes(), far.Eyes(), also.Eyes()} })
	const frames = 5
	for n := range uint64(frames) {
		s.eye.Request()
		s.cam.shot()
		if got := s.saw(2); got["calibration"] != n+1 || got["jpeg-64-q85"] != n+1 {
			t.Fatalf("frame %d was seen as %v", n+1, got)
		}
	}
	here, there := s.eye.Gaze(s.models.Eyes()), s.eye.Gaze(far.Eyes())
	if there != s.eye.Gaze(also.Eyes()) || here == there {
		t.Error("eyes that are the same do not share a gaze, or others do")
	}
	seen, photo := here.Newest(t.Context(), time.Time{}), there.Newest(t.Context(), time.Time{})
	if seen.Features == nil || seen.Picture != nil || photo.Features != nil || photo.Picture == nil || !seen.Captured.Equal(photo.Captured) {
		t.Errorf("sights %+v and %+v", seen, photo)
	}
	if here.Replaced(seen) || !here.Replaced(photo) || here.Track() != s.cam.track() || !here.Since().Equal(s.eye.Since()) {
		t.Error("the gaze does not know its sight, or its track")
	}
	for class, want := range map[compute.Class]uint64{compute.Media: frames, compute.Render: 2 * frames, compute.Embedding: frames} {
		if got := s.made(class); got != want {
			t.Errorf("%d leases of %s for %d frames, want %d", got, class, frames, want)
		}
	}
	if got := s.holding(""); !slices.Equal(slices.Sorted(slices.Values(got)), []string{
		"vision.features/cam/5/calibration of studio", "vision.picture/cam/5/jpeg-64-q85 of studio",
	}) {
		t.Errorf("held: %q", got)
	}
}

// TestASlowEncoderHoldsUpNobody: one encoder is stuck with a frame, at any step; the other sees all
// that come, and the pool of pictures lasts. Afterwards the slow one goes on with the newest.
func TestASlowEncoderHoldsUpNobody(t *testing.T) {
	far := remote(t, "far", 32)
	for name, step := range map[string]string{"in its texture": "vision.texture/", "in its features": "vision.features/"} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{far.Eyes(), m.Eyes()} })
			stuck, leave := make(chan struct{}), make(chan struct{})
			s.block(s.eye.Gaze(s.models.Eyes()), step+"cam/1/calibration", stuck, leave)
			const frames = 9
			for n := range uint64(frames) {
				s.eye.Request()
				s.cam.shot()
				if got := s.saw(1); got["jpeg-32-q85"] != n+1 {
					t.Fatalf("frame %d was seen as %v", n+1, got)
				}
				wait(t, stuck, "the slow one does not begin")
			}
			if out := s.eye.Pictures(); out > 2 {
				t.Errorf("%d pictures are out", out)
			}
			close(leave)
			first := s.saw(1)["calibration"]
			if next := s.saw(1)["calibration"]; first != 1 || next != frames {
				t.Errorf("the slow one goes on with frame %d, and then %d", first, next)
			}
			s.eye.Stop()
			if end := s.ended(); !strings.Contains(end.Summary, "7 frames dropped before encoding") {
				t.Errorf("summary %q", end.Summary)
			}
		})
	}
}

// TestForgetInTheMiddle: an encoder is forgotten while it works. It is gone when that is done and
// its leases are back, nothing of it is told any more, and the other one goes on.
func TestForgetInTheMiddle(t *testing.T) {
	far := remote(t, "far", 48)
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{m.Eyes(), far.Eyes(), m.Eyes()} })
	s.eye.Request()
	s.cam.shot()
	s.saw(2)
	here := s.eye.Gaze(s.models.Eyes())
	if open(s.Forget(s.models.Eyes())) || s.eye.Gaze(s.models.Eyes()) != here {
		t.Error("one of two users is gone, and so is the encoder")
	}
	inside, leave := make(chan struct{}), make(chan struct{})
	s.block(here, "vision.features/cam/2/calibration", inside, leave)
	s.eye.Request()
	s.cam.shot()
	wait(t, inside, "nothing is encoded")
	gone := s.Forget(s.models.Eyes())
	if s.eye.Gaze(s.models.Eyes()) != nil {
		t.Error("a forgotten encoder looks still")
	}
	if got := s.saw(1); got["jpeg-48-q85"] != 2 {
		t.Errorf("frame 2 was seen as %v", got)
	}
	s.eye.Request()
	s.cam.shot()
	if !open(gone) {
		t.Error("gone while it works")
	}
	close(leave)
	wait(t, gone, "it is never gone")
	if held := append(s.holding("vision.features/"), s.holding("vision.texture/")...); len(held) != 0 {
		t.Errorf("still held: %q", held)
	}
	if here.Newest(t.Context(), time.Time{}) != nil || here.Newest(context.Background(), time.Now().Add(time.Hour)) != nil {
		t.Error("a gaze that has ended shows something")
	}
	if got := s.saw(1); got["jpeg-48-q85"] != 3 {
		t.Errorf("frame 3 was seen as %v", got)
	}
	if open(s.Forget(s.models.Eyes())) || open(s.Forget(nil)) {
		t.Error("what nobody looks with is not gone")
	}
	s.Look(s.models.Eyes())
	s.cam.shot() // asked for by Look
	if got := s.saw(2); got["calibration"] != 4 || got["jpeg-48-q85"] != 4 {
		t.Errorf("looking again sees %v", got)
	}
}

// block holds a gaze up when it has computed an artifact, until leave is closed.
func (s *studio) block(g *senses.Gaze, artifact string, inside, leave chan struct{}) {
	s.t.Cleanup(func() { // of a test that has failed
		if open(leave) {
			close(leave)
		}
	})
	g.Computed(func(lease *compute.Lease) {
		if lease.Artifact() == artifact && open(inside) {
			close(inside)
			<-leave
		}
	})
}

// TestNothingIsSampledForNobody: without an encoder no frame is copied; the first one that comes
// sees the next frame, of a track that was there before.
func TestNothingIsSampledForNobody(t *testing.T) {
	s := newStudio(t, func(*engine.Models) []*engine.Eyes { return nil })
	s.Look(nil)
	for range 3 {
		s.eye.Request()
		s.cam.shot()
	}
	if n := s.made(compute.Media); n != 0 || s.eye.Gaze(s.models.Eyes()) != nil || s.eye.Gaze(nil) != nil {
		t.Errorf("%d frames were sampled for nobody", n)
	}
	s.Look(s.models.Eyes())
	s.cam.shot()
	if got := s.saw(1); got["calibration"] != 1 {
		t.Errorf("seen: %v", got)
	}
	gone := s.Forget(s.models.Eyes())
	wait(t, gone, "it is never gone")
	s.eye.Request()
	s.cam.shot()
	if n := s.made(compute.Media); n != 1 {
		t.Errorf("%d frames were sampled, one for somebody", n)
	}
}

// TestTheEndOfATrackEndsItsGazes: while one of them works and a frame waits for it. The encoder
// stays for other tracks, and can be forgotten then.
func TestTheEndOfATrackEndsItsGazes(t *testing.T) {
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{m.Eyes()} })
	here := s.eye.Gaze(s.models.Eyes())
	inside, leave := make(chan struct{}), make(chan struct{})
	s.block(here, "vision.texture/cam/1/calibration", inside, leave)
	for range 2 {
		s.eye.Request()
		s.cam.shot()
		wait(t, inside, "nothing is encoded")
	}
	close(s.cam.over)
	close(leave)
	end := s.ended()
	if end.Sense != senses.Sight || end.Track.SID != "cam" || !strings.Contains(end.Summary, "2 pictures of 64×48") {
		t.Errorf("the end is told as %+v", end)
	}
	if here.Newest(t.Context(), time.Time{}) != nil || s.eye.Gaze(s.models.Eyes()) != nil || len(s.holding("")) != 0 {
		t.Errorf("after the end of the track something is shown or held: %q", s.holding(""))
	}
	if open(s.Forget(s.models.Eyes())) {
		t.Error("without a track nobody uses the encoder")
	}
}
