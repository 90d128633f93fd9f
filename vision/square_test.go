package vision_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/vision"
)

// gemma3n is the folder of a small model in the contract of Gemma 3n's export.
const gemma3n = "../cognition/generate/testdata/gemma3n"

// numbered is a picture by the formula of the model's golden.mjs.
func numbered(seed, side int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	value := func(i int) uint8 { return uint8((i*37 + seed*101 + (i*i)%251) % 256) }
	for k := range side * side {
		picture.SetRGBA(k%side, k/side, color.RGBA{value(3 * k), value(3*k + 1), value(3*k + 2), 255})
	}
	return picture
}

// TestSquareFeaturesEqualReference encodes the pictures of the model's golden conversations: the
// features must be those of transformers.js.
func TestSquareFeaturesEqualReference(t *testing.T) {
	session, err := openRuntime(t).Load(t.Context(), ort.Source{Path: filepath.Join(gemma3n, "onnx", "vision_encoder.onnx")}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(gemma3n, "preprocessor_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	p := newPreprocessor(t, string(text), vision.Options{})
	data, err := os.ReadFile(filepath.Join(gemma3n, "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var talks []struct {
		Messages []struct {
			Images []int `json:"images"`
		} `json:"messages"`
		Images []float32 `json:"images"`
	}
	if err := json.Unmarshal(data, &talks); err != nil {
		t.Fatal(err)
	}
	count := 0
	for i, talk := range talks {
		rest := talk.Images
		for _, m := range talk.Messages {
			for _, seed := range m.Images {
				count++
				texture, err := p.TextureImage(numbered(seed, 16))
				if err != nil {
					t.Fatal(err)
				}
				got, err := encoder.Encode(t.Context(), texture)
				texture.Release()
				if err != nil {
					t.Fatal(err)
				}
				if got.Images != 1 || got.Rows != 0 || got.Cols != 0 || len(rest) < len(got.Data) {
					t.Fatalf("talk %d: %d × %d × %d, %d values of the reference left", i, got.Images, got.Tokens, got.Hidden, len(rest))
				}
				for k, v := range got.Data {
					if diff := math.Abs(float64(v - rest[k])); diff > 1e-5 {
						t.Fatalf("talk %d, picture %d, value %d: %g, the reference has %g", i, seed, k, v, rest[k])
					}
				}
				rest = rest[len(got.Data):]
			}
		}
		if len(rest) != 0 {
			t.Errorf("talk %d: %d values left", i, len(rest))
		}
	}
	if count < 8 {
		t.Errorf("only %d pictures", count)
	}
	// Every row of pixels counts: the same picture upside down is another one.
	one, err := p.TextureImage(numbered(1, 16))
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	want, err := encoder.Encode(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	one.Hash[0]++ // not from the cache
	slices.Reverse(one.Pixels)
	if got, err := encoder.Encode(t.Context(), one); err != nil || slices.Equal(got.Data, want.Data) {
		t.Errorf("other pixels, the same features (%v)", err)
	}
}

// TestSquareConfigNamesTheField damages one field at a time.
func TestSquareConfigNamesTheField(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/siglip/square_down.json")
	if err != nil {
		t.Fatal(err)
	}
	base := strings.Join(strings.Fields(string(data)), " ")
	cfg, err := vision.ParseConfig(data)
	if err != nil || cfg.Tile != 32 || cfg.LongestEdge != 0 || cfg.Splitting || cfg.Filter != vision.FilterBilinear || cfg.Std != [3]float64{1, 1, 1} {
		t.Fatalf("read %+v (%v)", cfg, err)
	}
	if _, err := vision.NewPreprocessor(cfg, vision.Options{Split: vision.SplitAlways}); !errors.Is(err, vision.ErrConfig) {
		t.Errorf("a square that is to be split: %v", err)
	}
	for _, c := range []struct{ old, new, field, problem string }{
		{`"do_resize": true`, `"do_resize": false`, "do_resize", "false"},
		{`"do_resize": true,`, ``, "do_resize", "missing"},
		{`"height": 32`, `"no": 32`, "size.height", "missing"},
		{`"height": 32`, `"height": 7`, "size.height", "outside"},
		{`"width": 32`, `"no": 32`, "size.width", "missing"},
		{`"width": 32`, `"width": 33`, "size.width", "square"},
		{`"resample": 2`, `"resample": 9`, "resample", "9"},
		{`"do_normalize": false`, `"no": false`, "do_normalize", "missing"},
		{`SiglipImageProcessorFast`, `Siglip2ImageProcessor`, "image_processor_type", "Siglip2"},
	} {
		text := strings.Replace(base, c.old, c.new, 1)
		if text == base {
			t.Fatalf("%q is not in the config", c.old)
		}
		_, err := vision.ParseConfig([]byte(text))
		var config *vision.ConfigError
		if !errors.As(err, &config) || config.Field != c.field || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s → %s: %v", c.old, c.new, err)
		}
	}
}
