package senses_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/models"
)

// slow are eyes that take a second for a picture, or so they say.
func slow(t *testing.T) *engine.Models {
	t.Helper()
	machine, whole := shared.Open(t)
	files, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	store, err := models.Open("", models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	out, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Detector: fixture.Detector(), Path: store.Path, Eyes: files, Takes: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	if whole.Eyes().Rests() {
		t.Fatal("the eyes of the calibration model rest")
	}
	return out
}

// TestSlowEyesRestWhileNobodySpeaks: they look at a track's first picture and at those that
// somebody asks for, and at all while somebody speaks; what they leave alone is counted. Eyes that
// are quick look at the same pictures all the time.
func TestSlowEyesRestWhileNobodySpeaks(t *testing.T) {
	lazy := slow(t)
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{lazy.Eyes(), m.Eyes()} })
	sleepy := s.eye.Gaze(lazy.Eyes()).Encoder()
	s.cam.shot()
	if got := s.saw(2); got[sleepy] != 1 || got["calibration"] != 1 {
		t.Fatalf("the first picture was seen as %v", got)
	}
	s.eye.Request()
	s.cam.shot()
	if got := s.saw(2); got[sleepy] != 2 || got["calibration"] != 2 {
		t.Fatalf("one that was asked for was seen as %v", got)
	}
	s.unasked(func() bool { return s.eye.Counts().Rested > 0 })
	if got := s.saw(1); got["calibration"] != 3 {
		t.Fatalf("unasked, with nobody speaking, %v", got)
	}
	s.speaking.Store(true)
	before := s.eye.Counts()
	s.unasked(func() bool { return s.eye.Counts().Sampled > before.Sampled })
	if got := s.saw(2); got[sleepy] != 4 || got["calibration"] != 4 {
		t.Fatalf("while somebody speaks, %v", got)
	}
	if after := s.eye.Counts(); after.Rested != 1 || after.Dropped != 0 {
		t.Errorf("counted %+v", after)
	}
	after, all := s.eye.Counts(), s.Frames.Counted()
	if all["decoded"] != after.Decoded || all["sampled"] != 4 || all["rested"] != 1 || all["dropped"] != 0 || all["stale"] != 0 {
		t.Errorf("counted %+v of the track, %v of all", after, all)
	}
}

// unasked shows pictures until one has been sampled because the scene has changed.
func (s *studio) unasked(done func() bool) {
	s.t.Helper()
	for range 100 {
		time.Sleep(220 * time.Millisecond) // scene changes are looked for five times a second
		if s.cam.shot(); done() {
			return
		}
	}
	s.t.Fatal("no change of the scene is seen")
}

// TestFramesThatGrowStaleAreCounted: one that was sampled and had to wait for too long, since its
// gaze was still at the one before, is not looked at.
func TestFramesThatGrowStaleAreCounted(t *testing.T) {
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{m.Eyes()} })
	busy, free := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s.eye.Gaze(s.models.Eyes()).Computed(func(*compute.Lease) {
		first.Do(func() {
			close(busy)
			<-free
		})
	})
	s.cam.shot()
	<-busy
	s.SetStale(time.Second)
	s.eye.Request()
	s.cam.shot()
	waiting := fmt.Sprintf("webrtc.frame_decoded/cam/%d", s.eye.Counts().Sampled)
	for len(s.holding(waiting)) > 0 { // until the broker has taken it back
		time.Sleep(time.Millisecond)
	}
	s.SetStale(time.Hour)
	close(free)
	s.saw(1)
	for s.Frames.Counted()["stale"] == 0 { // another one would take its place
		time.Sleep(time.Millisecond)
	}
	s.eye.Request()
	s.cam.shot()
	s.saw(1)
	if all := s.Frames.Counted(); all["stale"] != 1 || all["sampled"] != 3 || all["dropped"] != 0 {
		t.Errorf("counted %v", all)
	}
}
