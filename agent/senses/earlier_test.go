package senses_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/models"
)

// rememberers are eyes of a model that takes several pictures.
func rememberers(t *testing.T, series engine.Series) *engine.Models {
	t.Helper()
	machine, _ := shared.Open(t)
	files, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	store, err := models.Open("", models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	out, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Detector: fixture.Detector(), Path: store.Path, Eyes: files, Series: series})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	return out
}

// TestEarlierSightsAreKeptUnderTheirLeases: as encoded as they are, for the eyes that want them and
// no others; what is kept no more is given back, one that was taken back is not shown any more, and
// the end of the track ends all.
func TestEarlierSightsAreKeptUnderTheirLeases(t *testing.T) {
	keeps := rememberers(t, engine.Series{Pictures: 2, Spacing: time.Millisecond, Within: time.Hour})
	s := newStudio(t, func(m *engine.Models) []*engine.Eyes { return []*engine.Eyes{keeps.Eyes(), m.Eyes()} })
	here, plain := s.eye.Gaze(keeps.Eyes()), s.eye.Gaze(s.models.Eyes())
	var newest *engine.Sight
	shoot := func(n int) {
		t.Helper()
		for range n {
			time.Sleep(2 * time.Millisecond)
			s.eye.Request()
			s.cam.shot() // another scene each time
			s.saw(2)
		}
		newest = here.Newest(t.Context(), time.Time{})
	}
	shoot(1)
	if got := here.Before(newest); len(got) != 0 {
		t.Errorf("%d sights before the first", len(got))
	}
	shoot(1)
	before := here.Before(newest)
	if len(before) != 1 || before[0].Key != "cam/1" || newest.Key != "cam/2" || before[0].Features == nil || before[0].Lease.Err() != nil {
		t.Fatalf("before %s: %v", newest.Key, before)
	}
	if got := here.Before(before[0]); got != nil {
		t.Errorf("%d sights before one that has been replaced", len(got))
	}
	if got := plain.Before(plain.Newest(t.Context(), time.Time{})); len(got) != 0 {
		t.Errorf("eyes that show one picture have %d more", len(got))
	}
	if held := s.holding("vision.features/"); len(held) != 3 {
		t.Errorf("held %q", held)
	}
	lease, err := keeps.Lease(t.Context(), 1, senses.Lab, engine.Look(time.Now(), before[0], newest), nil)
	if err != nil {
		t.Fatal(err)
	}
	lease.Release()
	s.machine.Broker().Revoke(before[0].Lease, "test")
	if got := here.Before(newest); len(got) != 0 {
		t.Errorf("%d sights are shown that were taken back", len(got))
	}
	shoot(30)
	counts := s.eye.Counts()
	held := s.holding("vision.features/")
	ours := 0
	for _, name := range held {
		if !strings.Contains(name, "/calibration of") {
			ours++
		}
	}
	if ours < 2 || ours > 8 || counts.Forgotten == 0 {
		t.Errorf("%d sights are held, %d made room: %q", ours, counts.Forgotten, held)
	}
	for _, l := range s.machine.Compute().Leases {
		if strings.HasPrefix(l.Artifact, "vision.features/") && l.Cost.Bytes < 4*int64(len(newest.Features.Data)) {
			t.Errorf("%s holds %d bytes, of features of %d numbers", l.Artifact, l.Cost.Bytes, len(newest.Features.Data))
		}
	}
	s.eye.Stop()
	if end := s.ended(); s.eye.Counts().Forgotten < counts.Forgotten ||
		!strings.Contains(end.Summary, fmt.Sprintf("%d earlier sights not kept", s.eye.Counts().Forgotten)) {
		t.Errorf("%d of %d made room in the end: %q", s.eye.Counts().Forgotten, counts.Forgotten, end.Summary)
	}
	if got := here.Before(newest); len(got) != 0 || len(s.holding("")) != 0 {
		t.Errorf("after the end of the track %d sights are shown, held: %q", len(got), s.holding(""))
	}
}
