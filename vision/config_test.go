package vision_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/vision"
)

const calibration = "../models/calibration/weights"

// TestConfigOfTheCalibrationModel reads the shipped file and finds its numbers.
func TestConfigOfTheCalibrationModel(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(calibration, "preprocessor_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := vision.ParseConfig(data)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Tile != 128 || cfg.Splitting || cfg.Filter != vision.FilterLanczos || cfg.Mean != [3]float64{0.5, 0.5, 0.5} {
		t.Errorf("read %+v", cfg)
	}
}

// TestConfigNamesTheField damages one field at a time.
func TestConfigNamesTheField(t *testing.T) {
	t.Parallel()
	base := config(64, 32, true)
	for _, c := range []struct{ old, new, field, problem string }{
		{`"size":{"longest_edge":64},`, ``, "size.longest_edge", "missing"},
		{`"size":{"longest_edge":64}`, `"size":{"height":64}`, "size.longest_edge", "missing"},
		{`"size":{"longest_edge":64}`, `"size":{"longest_edge":0}`, "size.longest_edge", "outside"},
		{`"size":{"longest_edge":64}`, `"size":{"longest_edge":5000}`, "size.longest_edge", "outside"},
		{`"size":{"longest_edge":64}`, `"size":{"longest_edge":1024}`, "size.longest_edge", "tiles"},
		{`"size":{"longest_edge":64}`, `"size":{"longest_edge":"64"}`, "size.longest_edge", "string"},
		{`"max_image_size":{"longest_edge":32},`, ``, "max_image_size.longest_edge", "missing"},
		{`"max_image_size":{"longest_edge":32}`, `"max_image_size":{"longest_edge":-32}`, "max_image_size.longest_edge", "outside"},
		{`"do_image_splitting":true,`, ``, "do_image_splitting", "missing"},
		{`"do_resize":true,`, ``, "do_resize", "missing"},
		{`"resample":1,`, ``, "resample", "missing"},
		{`"resample":1`, `"resample":6`, "resample", "6"},
		{`"resample":1`, `"resample":1.5`, "resample", "number"},
		{`"do_rescale":true,`, ``, "do_rescale", "missing"},
		{`"rescale_factor":0.00392156862745098,`, ``, "rescale_factor", "missing"},
		{`"rescale_factor":0.00392156862745098`, `"rescale_factor":0`, "rescale_factor", "outside"},
		{`"do_normalize":true,`, ``, "do_normalize", "missing"},
		{`"image_mean":[0.5,0.5,0.5],`, ``, "image_mean", "missing"},
		{`"image_mean":[0.5,0.5,0.5]`, `"image_mean":[0.5]`, "image_mean", "1 numbers"},
		{`"image_mean":[0.5,0.5,0.5]`, `"image_mean":[0.5,1e9,0]`, "image_mean[1]", "out of range"},
		{`"image_std":[0.5,0.5,0.5]`, `"image_std":[0.5,0.5,0]`, "image_std[2]", "positive"},
		{`Idefics3ImageProcessor`, `CLIPImageProcessor`, "image_processor_type", "CLIP"},
		{`"do_pad":true}`, `"do_pad":true} {}`, "", "more text"},
		{`{"image_processor_type"`, `[{"image_processor_type"`, "", ""},
	} {
		text := strings.Replace(base, c.old, c.new, 1)
		if text == base {
			t.Fatalf("%q is not in the config", c.old)
		}
		_, err := vision.ParsePreprocessor([]byte(text))
		var config *vision.ConfigError
		if !errors.As(err, &config) || !errors.Is(err, vision.ErrConfig) {
			t.Errorf("%s → %s: %v", c.old, c.new, err)
			continue
		}
		if config.Field != c.field || config.File != "preprocessor_config.json" || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s → %s: %v, expected field %q and %q", c.old, c.new, err, c.field, c.problem)
		}
	}
}

// TestSplitNeedsABound refuses to split where the config does not bound the size of the picture.
func TestSplitNeedsABound(t *testing.T) {
	t.Parallel()
	cfg, err := vision.ParseConfig([]byte(strings.Replace(config(64, 32, false), `"do_resize":true`, `"do_resize":false`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vision.NewPreprocessor(cfg, vision.Options{Split: vision.SplitAlways}); !errors.Is(err, vision.ErrConfig) {
		t.Errorf("splitting without a longest edge: %v", err)
	}
	if _, err := vision.NewPreprocessor(vision.Config{}, vision.Options{}); !errors.Is(err, vision.ErrConfig) {
		t.Errorf("empty config: %v", err)
	}
}

// FuzzParsePreprocessor feeds damaged configs; what is accepted must make a texture of the
// announced size.
func FuzzParsePreprocessor(f *testing.F) {
	f.Add([]byte(config(64, 32, true)))
	f.Add([]byte(config(128, 128, false)))
	for _, name := range []string{"edges", "pixels", "full"} {
		data, err := os.ReadFile(filepath.Join(patchFolder, name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"size":{"longest_edge":1e3},"resample":null}`))
	picture := quadrants(33, 20)
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := vision.ParseConfig(data)
		if err != nil {
			if !errors.Is(err, vision.ErrConfig) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if cfg.Tile > 256 || cfg.LongestEdge > 512 || cfg.Patches.MaxPixels > 1<<16 || cfg.Patches.Side*cfg.Patches.Merge > 128 {
			return
		}
		p, err := vision.NewPreprocessor(cfg, vision.Options{})
		if err != nil {
			if !errors.Is(err, vision.ErrConfig) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		defer p.Close()
		texture, err := p.TextureImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		defer texture.Release()
		want := texture.Images * 3 * cfg.Tile * cfg.Tile
		if patches := cfg.Patches; patches.Side > 0 {
			want = texture.Grid.Len() * 3 * patches.Frames * patches.Side * patches.Side
		}
		if len(texture.Pixels) != want {
			t.Fatalf("%d values for %d images of %d", len(texture.Pixels), texture.Images, cfg.Tile)
		}
	})
}
