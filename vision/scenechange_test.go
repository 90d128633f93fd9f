package vision_test

import (
	"errors"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

func observe(t *testing.T, c *vision.SceneChange, f *media.I420) vision.Change {
	t.Helper()
	change, err := c.Observe(f)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func TestSceneChange(t *testing.T) {
	t.Parallel()
	base := busy(640, 480, 1)
	detector := vision.NewSceneChange(vision.SceneChangeConfig{})
	if change := observe(t, detector, media.FromRGBA(base)); !change.Changed {
		t.Error("the first frame is no change")
	}
	if change := observe(t, detector, media.FromRGBA(base)); !change.Changed {
		t.Error("a frame that nobody accepted became the reference")
	}
	detector.Accept()

	noisy := media.FromRGBA(base)
	random := rand.New(rand.NewPCG(1, 2))
	for i, value := range noisy.Y {
		noisy.Y[i] = uint8(min(max(int(value)+random.IntN(41)-20, 0), 255))
	}
	if change := observe(t, detector, noisy); change.Changed {
		t.Errorf("noise is a change: %+v", change)
	}
	brighter := media.FromRGBA(base)
	for i, value := range brighter.Y {
		brighter.Y[i] = uint8(min(int(value)+10, 255))
	}
	if change := observe(t, detector, brighter); change.Changed || change.Mean < 5 {
		t.Errorf("a little more light: %+v", change)
	}
	if change := observe(t, detector, repack(media.FromRGBA(base), 31)); change.Changed || change.Mean != 0 {
		t.Errorf("the same picture with padded rows: %+v", change)
	}
	for _, other := range []*image.RGBA{busy(640, 480, 2), quadrants(640, 480)} {
		if change := observe(t, detector, media.FromRGBA(other)); !change.Changed || change.Fraction < 0.1 {
			t.Errorf("another picture: %+v", change)
		}
	}
}

// TestObjectAppears finds an object of a fifth of the picture's height anywhere in it.
func TestObjectAppears(t *testing.T) {
	t.Parallel()
	empty := image.NewRGBA(image.Rect(0, 0, 640, 480))
	fill(empty, empty.Rect, rgb(120, 130, 120))
	for _, at := range []image.Point{{0, 0}, {544, 384}, {270, 200}, {13, 377}} {
		detector := vision.NewSceneChange(vision.SceneChangeConfig{})
		observe(t, detector, media.FromRGBA(empty))
		detector.Accept()
		with := image.NewRGBA(empty.Rect)
		copy(with.Pix, empty.Pix)
		fill(with, image.Rect(at.X, at.Y, at.X+96, at.Y+96), rgb(220, 30, 30))
		if change := observe(t, detector, media.FromRGBA(with)); !change.Changed {
			t.Errorf("an object at %v: %+v", at, change)
		}
	}
}

// TestSizeIsNoSceneChange follows a track whose simulcast layer changes while the scene stays.
func TestSizeIsNoSceneChange(t *testing.T) {
	t.Parallel()
	detector := vision.NewSceneChange(vision.SceneChangeConfig{})
	observe(t, detector, media.FromRGBA(quadrants(1280, 720)))
	detector.Accept()
	for _, size := range []image.Point{{640, 360}, {320, 180}, {160, 90}} {
		if change := observe(t, detector, media.FromRGBA(quadrants(size.X, size.Y))); change.Changed {
			t.Errorf("%v: %+v", size, change)
		}
	}
	for _, size := range []image.Point{{1, 1}, {7, 3}, {31, 17}, {5000, 2}} {
		observe(t, detector, media.NewI420(size.X, size.Y))
	}
	if _, err := detector.Observe(&media.I420{}); !errors.Is(err, vision.ErrPictureSize) {
		t.Errorf("empty frame: %v", err)
	}
}

func TestSceneChangeAllocatesNothing(t *testing.T) {
	detector := vision.NewSceneChange(vision.SceneChangeConfig{})
	frame := media.FromRGBA(busy(640, 480, 3))
	if allocs := testing.AllocsPerRun(10, func() {
		if _, err := detector.Observe(frame); err != nil {
			t.Fatal(err)
		}
		detector.Accept()
	}); allocs != 0 {
		t.Errorf("%g allocations a frame", allocs)
	}
}
