package vision_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// One frame behind another: why the second is taken.
func TestSamplerToTheNanosecond(t *testing.T) {
	t.Parallel()
	own := vision.SamplerConfig{SpeakingInterval: 3 * time.Second, IdleInterval: 5 * time.Second, ChangeGap: time.Second}
	for _, c := range []struct {
		cfg  vision.SamplerConfig
		next vision.Moment // its time is counted from the first frame, at one minute
		want vision.Reason
	}{
		{next: vision.Moment{At: time.Second - 1, Speaking: true}, want: vision.ReasonNone},
		{next: vision.Moment{At: time.Second, Speaking: true}, want: vision.ReasonInterval},
		{next: vision.Moment{At: 10*time.Second/3 - 1}, want: vision.ReasonNone},
		{next: vision.Moment{At: 10 * time.Second / 3}, want: vision.ReasonInterval},
		{next: vision.Moment{At: 250*time.Millisecond - 1, Changed: true}, want: vision.ReasonNone},
		{next: vision.Moment{At: 250 * time.Millisecond, Changed: true}, want: vision.ReasonSceneChange},
		{next: vision.Moment{At: 250*time.Millisecond - 1, Changed: true, Speaking: true}, want: vision.ReasonNone},
		{next: vision.Moment{At: 0, Requested: true}, want: vision.ReasonRequested},
		{next: vision.Moment{At: 0}, want: vision.ReasonNone},
		{next: vision.Moment{At: -1}, want: vision.ReasonRestarted},
		{next: vision.Moment{At: -1, Requested: true}, want: vision.ReasonRequested},
		{cfg: own, next: vision.Moment{At: 3*time.Second - 1, Speaking: true}, want: vision.ReasonNone},
		{cfg: own, next: vision.Moment{At: 3 * time.Second, Speaking: true}, want: vision.ReasonInterval},
		{cfg: own, next: vision.Moment{At: 3 * time.Second}, want: vision.ReasonNone},
		{cfg: own, next: vision.Moment{At: 5 * time.Second}, want: vision.ReasonInterval},
		{cfg: own, next: vision.Moment{At: time.Second - 1, Changed: true}, want: vision.ReasonNone},
		{cfg: own, next: vision.Moment{At: time.Second, Changed: true}, want: vision.ReasonSceneChange},
		{cfg: vision.SamplerConfig{SpeakingInterval: -1, IdleInterval: -1, ChangeGap: -1}, next: vision.Moment{At: time.Millisecond, Changed: true}, want: vision.ReasonNone},
	} {
		s := vision.NewSampler(c.cfg)
		if got := s.Step(vision.Moment{At: time.Minute}); got != vision.ReasonFirst {
			t.Fatalf("the first frame: %v", got)
		}
		c.next.At += time.Minute
		if got := s.Step(c.next); got != c.want {
			t.Errorf("%+v: %v, want %v", c, got, c.want)
		}
		if c.want == vision.ReasonNone {
			continue
		}
		c.next.At += time.Millisecond
		c.next.Requested = false
		if got := s.Step(c.next); got != vision.ReasonNone {
			t.Errorf("%+v: the next one too, %v", c, got)
		}
	}
}

// cells is a frame with one pixel a cell, or several, all of one level but the first count cells.
func cells(wide int, base, other uint8, count int) *media.I420 {
	f := media.NewI420(32*wide, 18)
	for i := range f.Y {
		f.Y[i] = base
	}
	for i := range count {
		for x := range wide {
			f.Y[i/32*f.StrideY+i%32*wide+x] = other
		}
	}
	return f
}

// A scene has changed from a fiftieth of all cells on, by twenty levels each: 12 of 576.
func TestSceneChangeToTheCell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg   vision.SceneChangeConfig
		level uint8
		count int
		want  bool
	}{
		{level: 120, count: 12, want: true},
		{level: 120, count: 11},
		{level: 119, count: 576},
		{level: 80, count: 12, want: true},
		{level: 81, count: 576},
		{cfg: vision.SceneChangeConfig{CellLevels: 5}, level: 105, count: 12, want: true},
		{cfg: vision.SceneChangeConfig{CellLevels: 5}, level: 104, count: 576},
		{cfg: vision.SceneChangeConfig{Fraction: 0.5}, level: 120, count: 288, want: true},
		{cfg: vision.SceneChangeConfig{Fraction: 0.5}, level: 120, count: 287},
		{cfg: vision.SceneChangeConfig{CellLevels: -1, Fraction: -1}, level: 119, count: 576},
		{cfg: vision.SceneChangeConfig{CellLevels: -1, Fraction: -1}, level: 120, count: 11},
	} {
		d := vision.NewSceneChange(c.cfg)
		d.Accept() // of nothing
		first := observe(t, d, cells(1, 100, 100, 0))
		if !first.Changed || first.Fraction != 1 {
			t.Errorf("the first frame: %+v", first)
		}
		d.Accept()
		got := observe(t, d, cells(1, 100, c.level, c.count))
		step := max(int(c.level), 100) - min(int(c.level), 100)
		counted := 0
		if limit := c.cfg.CellLevels; step >= limit && limit > 0 || step >= 20 {
			counted = c.count
		}
		if got.Changed != c.want || got.Fraction != float64(counted)/576 || got.Mean != float64(step*c.count)/576 {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// A cell is the rounded mean of its pixels, or of every second or third one where it is wide.
func TestCellsAreMeans(t *testing.T) {
	t.Parallel()
	mean := func(f *media.I420) float64 {
		d := vision.NewSceneChange(vision.SceneChangeConfig{})
		observe(t, d, media.NewI420(32, 18)) // its luma is 0
		d.Accept()
		return observe(t, d, f).Mean
	}
	pairs := media.NewI420(64, 18)
	for i := range pairs.Y {
		pairs.Y[i] = uint8(10 + i%2)
	}
	if got := mean(pairs); got != 11 {
		t.Errorf("10 and 11: %v", got)
	}
	for wide, every := range map[int]int{8: 1, 9: 2, 16: 2, 17: 3} {
		f := media.NewI420(32*wide, 18)
		for y := range 18 {
			for x := range 32 * wide {
				if x%wide%every != 0 {
					f.Y[y*f.StrideY+x] = 255
				}
			}
		}
		if got := mean(f); got != 0 {
			t.Errorf("cells of %d pixels are not sampled at every %d: %v", wide, every, got)
		}
	}
}

// Each number of a processor of tiles has bounds, and its ends are inside.
func TestConfigBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edge, tile int
		split      bool
		field      string // empty: accepted
	}{
		{8, 8, false, ""},
		{8, 7, false, "max_image_size.longest_edge"},
		{4096, 4096, false, ""},
		{4096, 4097, false, "max_image_size.longest_edge"},
		{1, 8, false, ""},
		{0, 8, false, "size.longest_edge"},
		{4097, 4096, false, "size.longest_edge"},
		{128, 8, true, ""},
		{129, 8, true, "size.longest_edge"},
		{129, 8, false, ""},
	} {
		_, err := vision.ParseConfig([]byte(config(c.edge, c.tile, c.split)))
		var typed *vision.ConfigError
		if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &typed) || typed.Field != c.field) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for change, field := range map[[2]string]string{
		{`"rescale_factor":0.00392156862745098`, `"rescale_factor":1`}:   "",
		{`"rescale_factor":0.00392156862745098`, `"rescale_factor":1.1`}: "rescale_factor",
		{`"image_mean":[0.5,0.5,0.5]`, `"image_mean":[1e6,-1e6,0]`}:      "",
		{`"image_mean":[0.5,0.5,0.5]`, `"image_mean":[0,-1.1e6,0]`}:      "image_mean[1]",
		{`"image_std":[0.5,0.5,0.5]`, `"image_std":[1e-6,1,1]`}:          "",
		{`"image_std":[0.5,0.5,0.5]`, `"image_std":[1e-7,1,1]`}:          "image_std[0]",
		{`"image_std":[0.5,0.5,0.5],`, ``}:                               "image_std",
		{`"image_std":[0.5,0.5,0.5]`, `"image_std":[1,1,1,1]`}:           "image_std",
		{`"resample":1`, `"resample":0`}:                                 "",
		{`"resample":1`, `"resample":5`}:                                 "",
		{`"resample":1`, `"resample":-1`}:                                "resample",
		{`"do_rescale":true`, `"do_rescale":false`}:                      "",
		{`"do_normalize":true`, `"do_normalize":false`}:                  "",
	} {
		text := strings.Replace(config(64, 32, false), change[0], change[1], 1)
		cfg, err := vision.ParseConfig([]byte(text))
		var typed *vision.ConfigError
		if field == "" && err != nil || field != "" && (!errors.As(err, &typed) || typed.Field != field) {
			t.Errorf("%v: %v", change, err)
		}
		switch change[1] {
		case `"do_rescale":false`:
			if cfg.Rescale != 1 {
				t.Errorf("%v: %+v", change, cfg)
			}
		case `"do_normalize":false`:
			if cfg.Mean != [3]float64{} || cfg.Std != [3]float64{1, 1, 1} {
				t.Errorf("%v: %+v", change, cfg)
			}
		}
	}
}
