package vision_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/sensory-agent/sensory-agent/vision"
)

// squares is a picture of four colours.
func squares(w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetRGBA(x, y, corner(2*x >= w, 2*y >= h))
		}
	}
	return out
}

func corner(right, bottom bool) color.RGBA {
	c := color.RGBA{R: 200, G: 30, B: 60, A: 255}
	if right {
		c.G = 220
	}
	if bottom {
		c.B = 250
	}
	return c
}

// TestAPictureIsShownAsTheModelTookIt: tiles, one square and patches are put together again, in
// their places and with their colours.
func TestAPictureIsShownAsTheModelTookIt(t *testing.T) {
	normal := `"do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":true,"image_mean":[0.5,0.4,0.3],"image_std":[0.5,0.25,0.2],"resample":1`
	for name, c := range map[string]struct {
		config string
		split  vision.Split
		w, h   int
	}{
		"tiles":   {`{"do_resize":true,"size":{"longest_edge":128},"do_image_splitting":true,"max_image_size":{"longest_edge":32},` + normal + `}`, vision.SplitAsConfigured, 128, 96},
		"square":  {`{"do_resize":true,"size":{"longest_edge":128},"do_image_splitting":true,"max_image_size":{"longest_edge":32},` + normal + `}`, vision.SplitNever, 32, 32},
		"patches": {`{"image_processor_type":"Qwen2VLImageProcessor","patch_size":8,"temporal_patch_size":2,"merge_size":2,"min_pixels":256,"max_pixels":65536,` + normal + `}`, vision.SplitAsConfigured, 160, 128},
	} {
		cfg, err := vision.ParseConfig([]byte(c.config))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p, err := vision.NewPreprocessor(cfg, vision.Options{Split: c.split})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texture, err := p.TextureImage(squares(160, 120))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := texture.Shown(cfg)
		if got.Bounds().Dx() != c.w || got.Bounds().Dy() != c.h {
			t.Errorf("%s: %v", name, got.Bounds())
		}
		for y := range c.h {
			for x := range c.w {
				if near(2*x, c.w) || near(2*y, c.h) {
					continue // where colours meet
				}
				if want := corner(2*x >= c.w, 2*y >= c.h); got.RGBAAt(x, y) != want {
					t.Fatalf("%s: at %d,%d: %v, want %v", name, x, y, got.RGBAAt(x, y), want)
				}
			}
		}
		texture.Release()
		if texture.Shown(cfg) != nil {
			t.Errorf("%s: one that was released is shown", name)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

func near(a, b int) bool { return a-b < 16 && b-a < 16 }
