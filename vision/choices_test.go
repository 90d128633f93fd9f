package vision_test

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/vision"
)

// TestChoicesAreTheProcessorsOwn: what can be chosen, and that a bound is kept, by the largest of
// the processor's own settings, whatever a picture's shape is.
func TestChoicesAreTheProcessorsOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []int
	}{
		"SmolVLM-256M":              {config(2048, 512, true), []int{1, 3, 4, 5, 7, 9, 10, 13, 17}},
		"SmolVLM-2B":                {config(1536, 384, true), []int{1, 3, 4, 5, 7, 9, 10, 13, 17}},
		"no multiple of its square": {config(100, 64, true), []int{1, 3, 5}},
		"one that does not split":   {config(128, 128, false), []int{1}},
		"one square at the longest": {config(64, 64, true), []int{1}},
		"patches": {`{"image_processor_type":"Qwen2VLImageProcessor","patch_size":8,"temporal_patch_size":2,"merge_size":2,
			"min_pixels":256,"max_pixels":4000,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]}`, []int{4, 8, 16, 32, 62}},
	} {
		cfg, err := vision.ParseConfig([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Choices(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	cfg, err := vision.ParseConfig([]byte(config(2048, 512, true)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ width, height, most, images, rows, cols int }{
		{1280, 720, 1, 1, 0, 0},
		{1280, 720, 3, 1, 0, 0},
		{1280, 720, 5, 5, 2, 2},
		{1280, 720, 10, 7, 2, 3},
		{1280, 720, 13, 13, 3, 4},
		{1280, 720, 0, 13, 3, 4},
		{720, 1280, 7, 7, 3, 2},
		{720, 1280, 17, 13, 4, 3}, // a phone held upright
		{640, 480, 9, 5, 2, 2},
		{640, 480, 10, 10, 3, 3},
		{512, 512, 16, 10, 3, 3},
		{512, 512, 17, 17, 4, 4},
		{8192, 1080, 3, 3, 1, 2},
		{8192, 1080, 4, 4, 1, 3},
		{8192, 1080, 17, 5, 1, 4}, // a wall of screens
		{8, 8, 5, 5, 2, 2},
	} {
		p, err := vision.NewPreprocessor(cfg.Within(c.most), vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		images, rows, cols, err := p.Images(c.width, c.height)
		if err != nil || images != c.images || rows != c.rows || cols != c.cols {
			t.Errorf("%d×%d in at most %d: %d squares, %d×%d, %v, want %+v", c.width, c.height, c.most, images, rows, cols, err, c)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestWiderThanPicturesMayBe: a screen of 16 k is refused by its size, which says what is allowed.
func TestWiderThanPicturesMayBe(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(2048, 512, true), vision.Options{})
	if _, _, _, err := p.Images(16384, 2160); !errors.Is(err, vision.ErrPictureSize) || !strings.Contains(err.Error(), "at most 8192 on a side") {
		t.Errorf("%v", err)
	}
}

// TestExamplesCostTheMost: the picture that is measured comes to the number that it stands for.
func TestExamplesCostTheMost(t *testing.T) {
	t.Parallel()
	cfg, err := vision.ParseConfig([]byte(config(2048, 512, true)))
	if err != nil {
		t.Fatal(err)
	}
	sides := map[int]int{1: 512, 3: 512, 5: 1024, 7: 1536, 13: 2048, 17: 2048}
	for _, most := range cfg.Choices() {
		bound := cfg.Within(most)
		size := bound.Example()
		p, err := vision.NewPreprocessor(bound, vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if images, _, _, err := p.Images(size.Width, size.Height); err != nil || images != most {
			t.Errorf("%+v for %d: %d squares, %v", size, most, images, err)
		}
		if want := sides[most]; want != 0 && p.LongestSide() != want {
			t.Errorf("at %d squares, %d pixels of a picture's longer side are of use, want %d", most, p.LongestSide(), want)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPatchesKeepABound: of a processor of patches the area is bounded, and never below what its
// file allows.
func TestPatchesKeepABound(t *testing.T) {
	t.Parallel()
	cfg, err := vision.ParseConfig([]byte(`{"image_processor_type":"Qwen2VLImageProcessor","patch_size":16,"temporal_patch_size":2,"merge_size":2,
		"min_pixels":4096,"max_pixels":1048576,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range append(cfg.Choices(), 1) {
		p, err := vision.NewPreprocessor(cfg.Within(most), vision.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, rows, cols, err := p.Images(1280, 720)
		if bound := max(most, 16); err != nil || rows*cols > bound || rows*cols*3 < bound {
			t.Errorf("at most %d patches: %d×%d, %v", most, rows, cols, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestGreyPictures: a picture of 8 bit grey is the same picture in colours that are all grey.
func TestGreyPictures(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(64, 32, true), vision.Options{})
	grey := image.NewGray(image.Rect(3, 5, 103, 65))
	for y := 5; y < 65; y++ {
		for x := 3; x < 103; x++ {
			grey.SetGray(x, y, color.Gray{Y: uint8(x*2 + y)})
		}
	}
	colours := image.NewRGBA(grey.Bounds())
	draw.Draw(colours, colours.Bounds(), grey, grey.Bounds().Min, draw.Src)
	one, err := p.TextureImage(grey)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	two, err := p.TextureImage(colours)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Release()
	if one.Images != 5 && one.Images != 3 || !slices.Equal(one.Pixels, two.Pixels) || one.Hash != two.Hash {
		t.Errorf("%d squares; grey and its colours differ", one.Images)
	}
}

// TestUnknownStepsAndFieldsAreRefused: what a processor does to pictures and nobody here knows is
// not left out in silence; how it is written, and what is switched off, does not matter.
func TestUnknownStepsAndFieldsAreRefused(t *testing.T) {
	t.Parallel()
	text := config(128, 64, true)
	with := func(field string) []byte { return []byte(strings.Replace(text, "{", "{"+field+",", 1)) }
	for _, field := range []string{
		`"do_center_crop":false`, `"do_flip":null`, `"video_sampling":{"fps":1}`, `"crop_size":{"height":2}`, `"do_pad":true`, `"crop_pct":null`,
		`"sharpen" : false`, `"processor_class":"do_flip"`, `"return_row_col_info":true`,
	} {
		if _, err := vision.ParseConfig(with(field)); err != nil {
			t.Errorf("%s: %v", field, err)
		}
	}
	for field, name := range map[string]string{
		`"do_center_crop":true`: "do_center_crop", `"do_pan_and_scan" : true`: "do_pan_and_scan", `"do_flip":1`: "do_flip", `"do_flip":"yes"`: "do_flip",
		`"crop_pct":0.875`: "crop_pct", `"size_divisor":32`: "size_divisor", `"notes":"do_flip"`: "notes", `"background_color":[0,0,0]`: "background_color",
		`"Size":{"longest_edge":9}`: "Size", // JSON's names have a case
	} {
		_, err := vision.ParseConfig(with(field))
		var typed *vision.ConfigError
		if !errors.As(err, &typed) || !errors.Is(err, vision.ErrConfig) || typed.Field != name || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
