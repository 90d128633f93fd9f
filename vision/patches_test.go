package vision_test

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// patchFolder holds what the reference processor of Qwen VL makes of some pictures (golden.py).
const patchFolder = "testdata/patches"

// patchModels are the folders with a vision encoder of patches.
const patchModels = "../cognition/generate/testdata/qwenvl"

type patchCase struct {
	Name   string `json:"name"`
	Config string `json:"config"`
	Grid   []int  `json:"grid"`
	Shape  []int  `json:"shape"`
}

func patchCases(t *testing.T) []patchCase {
	t.Helper()
	var cases []patchCase
	if err := json.Unmarshal(readAll(t, filepath.Join(patchFolder, "cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 10 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

func readAll(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pixels are the reference's.
func (c patchCase) pixels(t *testing.T) []float32 {
	t.Helper()
	return readFloats(t, filepath.Join(patchFolder, c.Name+".f32.gz"))
}

// TestPatchesEqualTheReference compares grid, order and every value with the reference processor,
// for pictures that keep their size, shrink and grow, for both ways to state the bounds, and for
// files that say all and little.
func TestPatchesEqualTheReference(t *testing.T) {
	t.Parallel()
	for _, c := range patchCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			p := newPreprocessor(t, string(readAll(t, filepath.Join(patchFolder, c.Config+".json"))), vision.Options{Fidelity: vision.FidelityReference})
			picture := readPNG(t, filepath.Join(patchFolder, c.Name+".png"))
			images, rows, cols, err := p.Images(picture.Bounds().Dx(), picture.Bounds().Dy())
			if err != nil || images != 1 || rows != c.Grid[1] || cols != c.Grid[2] {
				t.Fatalf("%d images, grid %d×%d (%v), want %v", images, rows, cols, err, c.Grid)
			}
			texture, err := p.TextureImage(picture)
			if err != nil {
				t.Fatal(err)
			}
			defer texture.Release()
			if g := texture.Grid; !slices.Equal([]int{g.T, g.H, g.W}, c.Grid) || g.Len() != c.Shape[0] {
				t.Fatalf("grid %v, the reference has %v", g, c.Grid)
			}
			want := c.pixels(t)
			if len(texture.Pixels) != len(want) || len(want) != c.Shape[0]*c.Shape[1] {
				t.Fatalf("%d values, the reference has %d", len(texture.Pixels), len(want))
			}
			for i, value := range texture.Pixels {
				if math.Abs(float64(value-want[i])) > 1e-6 { // a level is 0.0078 or more
					t.Fatalf("value %d is %g, the reference has %g", i, value, want[i])
				}
			}
		})
	}
}

// TestPatchesOfFrames: a live frame gives the grid of its picture and nearly its values, large ones
// through the area filter.
func TestPatchesOfFrames(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, string(readAll(t, filepath.Join(patchFolder, "edges.json"))), vision.Options{})
	for _, size := range []image.Point{{64, 48}, {333, 217}, {640, 480}} {
		picture := quadrants(size.X, size.Y)
		frame := media.FromRGBA(picture)
		live, err := p.Texture(frame)
		if err != nil {
			t.Fatal(err)
		}
		still, err := p.TextureImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		if live.Grid != still.Grid || len(live.Pixels) != len(still.Pixels) {
			t.Fatalf("%v: grids %v and %v", size, live.Grid, still.Grid)
		}
		sum := 0.0
		for i := range live.Pixels {
			sum += math.Abs(float64(live.Pixels[i] - still.Pixels[i]))
		}
		if mean := sum / float64(len(live.Pixels)) * 127.5; mean > 3 {
			t.Errorf("%v: frame and picture differ by %.1f levels on average", size, mean)
		}
		live.Release()
		still.Release()
	}
}

func TestExtremePicturesAreRefused(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, string(readAll(t, filepath.Join(patchFolder, "edges.json"))), vision.Options{})
	for _, c := range []struct {
		width, height int
		want          error
	}{
		{0, 0, vision.ErrPictureSize},
		{0, 9, vision.ErrPictureSize},
		{20000, 20000, vision.ErrPictureSize},
		{201, 1, vision.ErrAspect},
		{1, 201, vision.ErrAspect},
		{8192, 40, vision.ErrAspect},
	} {
		img := image.NewRGBA(image.Rect(0, 0, c.width, c.height))
		if _, err := p.TextureImage(img); !errors.Is(err, c.want) {
			t.Errorf("%d×%d as a picture: %v", c.width, c.height, err)
		}
		if _, _, _, err := p.Images(c.width, c.height); !errors.Is(err, c.want) {
			t.Errorf("%d×%d: %v", c.width, c.height, err)
		}
		if c.width > 0 && c.width < 20000 {
			if _, err := p.Texture(media.FromRGBA(img)); !errors.Is(err, c.want) {
				t.Errorf("%d×%d as a frame: %v", c.width, c.height, err)
			}
		}
	}
	var aspect *vision.AspectError
	if _, _, _, err := p.Images(1, 201); !errors.As(err, &aspect) || aspect.Height != 201 || !strings.Contains(err.Error(), "1×201") {
		t.Errorf("the error is %v", err)
	}
	if _, rows, cols, err := p.Images(200, 1); err != nil || rows != 2 || cols < 50 {
		t.Errorf("200×1 gives %d×%d patches, %v", rows, cols, err)
	}
}

// TestGridKeepsItsBounds looks at many sizes: whole cells, and an area within the bounds wherever
// the shorter side is longer than a cell.
func TestGridKeepsItsBounds(t *testing.T) {
	t.Parallel()
	cfg, err := vision.ParseConfig(readAll(t, filepath.Join(patchFolder, "edges.json")))
	if err != nil {
		t.Fatal(err)
	}
	for width := 1; width < 1500; width = width*5/4 + 1 {
		for height := 1; height < 1500; height = height*6/5 + 1 {
			l, err := layout.Patched(&cfg, width, height)
			if max(width, height) > 200*min(width, height) {
				if !errors.Is(err, vision.ErrAspect) {
					t.Errorf("%d×%d: %v", width, height, err)
				}
				continue
			}
			area := l.Steps[0].Width * l.Steps[0].Height
			if err != nil || l.Grid.H%2 != 0 || l.Grid.W%2 != 0 || l.Grid.H*4 != l.Steps[0].Height || l.Grid.W*4 != l.Steps[0].Width {
				t.Fatalf("%d×%d: %+v, %v", width, height, l, err)
			}
			if area < 256 || (area > 4096 && l.Grid.H > 2 && l.Grid.W > 2) {
				t.Errorf("%d×%d: %d×%d patches of 16 pixels", width, height, l.Grid.H, l.Grid.W)
			}
		}
	}
}

// TestPatchConfigNamesTheField damages one field at a time.
func TestPatchConfigNamesTheField(t *testing.T) {
	t.Parallel()
	base := string(readAll(t, filepath.Join(patchFolder, "full.json")))
	for _, c := range []struct{ old, new, field, problem string }{
		{`"patch_size": 5`, `"patch_sizes": 5`, "patch_size", "missing"},
		{`"patch_size": 5`, `"patch_size": 0`, "patch_size", "outside"},
		{`"temporal_patch_size": 3`, `"temporal_patch_size": 99`, "temporal_patch_size", "outside"},
		{`"merge_size": 3,`, ``, "merge_size", "missing"},
		{`"merge_size": 3`, `"merge_size": "3"`, "merge_size", "string"},
		{`"shortest_edge": 300,`, ``, "size.shortest_edge", "missing"},
		{`"shortest_edge": 300`, `"shortest_edge": 2701`, "size.shortest_edge", "more than"},
		{`"longest_edge": 2700`, `"longest_edge": 1000000000`, "size.longest_edge", "outside"},
		{`"do_resize": true`, `"do_resize": false`, "do_resize", "scaled"},
		{`"resample": 2`, `"resample": 7`, "resample", "7"},
		{`"do_normalize": false`, `"do_normalize": true, "image_std": [0, 0, 0]`, "image_std[0]", ""},
		{`"image_mean"`, `"image_means"`, "image_means", "does not know"},
		{`"image_mean"`, `"pad_size"`, "", ""}, // a mean is not needed without normalisation
	} {
		text := strings.Replace(base, c.old, c.new, 1)
		if c.field == "image_std[0]" {
			text = strings.Replace(base, `"do_normalize": false`, `"do_normalize": true`, 1)
			text = text[:strings.LastIndex(text, `"image_std"`)] + `"image_std": [0, 1, 1], ` + text[strings.LastIndex(text, `"image_processor_type"`):]
		}
		_, err := vision.ParseConfig([]byte(text))
		var ce *vision.ConfigError
		switch {
		case c.field == "" && err != nil:
			t.Error(err)
		case c.field != "" && (!errors.As(err, &ce) || ce.Field != c.field || !strings.Contains(ce.Problem, c.problem)):
			t.Errorf("%s → %s: %v", c.old, c.new, err)
		}
	}
	if _, err := vision.ParseConfig([]byte(strings.Replace(string(readAll(t, filepath.Join(patchFolder, "edges.json"))), `"image_mean"`, `"mean"`, 1))); err == nil ||
		!strings.Contains(err.Error(), "image_mean") {
		t.Errorf("without a mean: %v", err)
	}
	cfg, err := vision.ParseConfig([]byte(base))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vision.NewPreprocessor(cfg, vision.Options{Split: vision.SplitAlways}); !errors.Is(err, vision.ErrConfig) {
		t.Errorf("split patches: %v", err)
	}
}

// openPatchEncoder opens the vision encoder of a folder.
func openPatchEncoder(t *testing.T, folder string) (*vision.Encoder, *vision.Preprocessor) {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close() })
	session, err := rt.Load(t.Context(), ort.Source{Path: filepath.Join(folder, "onnx", "vision_encoder.onnx")}, ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return encoder, newPreprocessor(t, string(readAll(t, filepath.Join(folder, "preprocessor_config.json"))), vision.Options{Fidelity: vision.FidelityReference})
}

// TestEncoderOfPatches encodes pictures of several grids with both names of the grid's input. Where
// the patches lie must matter, and a picture that was seen before must not be computed again.
func TestEncoderOfPatches(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"qwen2_vl", "qwen3_vl"} {
		encoder, p := openPatchEncoder(t, filepath.Join(patchModels, folder))
		for i, name := range []string{"exact", "wide", "tall"} {
			texture, err := p.TextureImage(readPNG(t, filepath.Join(patchFolder, name+".png")))
			if err != nil {
				t.Fatal(err)
			}
			features, err := encoder.Encode(context.Background(), texture)
			if err != nil {
				t.Fatal(err)
			}
			grid := vision.Grid{T: 1, H: texture.Grid.H / 2, W: texture.Grid.W / 2}
			if features.Grid != grid || features.Tokens != grid.Len() || features.Hidden != 32 || features.Images != 1 || features.Rows != 0 {
				t.Errorf("%s: features %v of %d × %d, want %v", name, features.Grid, features.Tokens, features.Hidden, grid)
			}
			if got := encoder.Cached(texture.Hash, texture.Grid.H, texture.Grid.W); got != features {
				t.Errorf("%s is not in the cache", name)
			}
			if again, err := encoder.Encode(context.Background(), texture); err != nil || again != features {
				t.Errorf("%s was encoded again: %v", name, err)
			}
			if stats := encoder.Stats(); stats.Encoded != uint64(2*i+1) || stats.Hits != uint64(2*(i+1)) {
				t.Errorf("%s: %+v", name, stats)
			}
			turned := &vision.Texture{
				Pixels: texture.Pixels, Images: 1, Width: texture.Height, Height: texture.Width, Merge: texture.Merge, Hash: texture.Hash,
				Grid: vision.Grid{T: 1, H: texture.Grid.W, W: texture.Grid.H},
			}
			other, err := encoder.Encode(context.Background(), turned)
			if err != nil || slices.Equal(other.Data, features.Data) {
				t.Errorf("%s: the same patches in another grid give the same features (%v)", name, err)
			}
			texture.Release()
			if _, err := encoder.Encode(context.Background(), texture); !errors.Is(err, vision.ErrShape) {
				t.Errorf("a released texture: %v", err)
			}
		}
	}
}
