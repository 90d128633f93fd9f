package vision_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/vision"
)

// goldenCase is one entry of cases.json in testdata/golden or testdata/siglip, written by the
// script there with the reference image processor.
type goldenCase struct {
	folder string
	Name   string `json:"name"`
	Shape  []int  `json:"shape"`
	Rows   int    `json:"rows"`
	Cols   int    `json:"cols"`
}

func goldenCases(t *testing.T) []goldenCase {
	t.Helper()
	var all []goldenCase
	for _, folder := range []string{"testdata/golden", "testdata/siglip"} {
		data, err := os.ReadFile(filepath.Join(folder, "cases.json"))
		if err != nil {
			t.Fatal(err)
		}
		var cases []goldenCase
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			c.folder = folder
			all = append(all, c)
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d golden cases", len(all))
	}
	return all
}

func (c goldenCase) picture(t *testing.T) image.Image {
	t.Helper()
	return readPNG(t, filepath.Join(c.folder, c.Name+".png"))
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func (c goldenCase) preprocessor(t *testing.T, opt vision.Options) *vision.Preprocessor {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.folder, c.Name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := vision.ParseConfig(data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := vision.NewPreprocessor(cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePreprocessor(t, p) })
	return p
}

// closePreprocessor checks that nothing is left: no texture, no native matrix.
func closePreprocessor(t *testing.T, p *vision.Preprocessor) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if n := p.Outstanding(); n != 0 {
		t.Errorf("%d textures were not released", n)
	}
	if n := p.NativeMats(); n != 0 {
		t.Errorf("%d native matrices are still alive", n)
	}
}

func (c goldenCase) tensor(t *testing.T) []float32 {
	t.Helper()
	return readFloats(t, filepath.Join(c.folder, c.Name+".f32.gz"))
}

// readFloats reads a compressed file of little-endian float32.
func readFloats(t *testing.T, path string) []float32 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[i*4:]))
	}
	return values
}

// TestReferenceTensors holds FidelityReference to the tensors of the reference processor: shape,
// tile grid and every value.
func TestReferenceTensors(t *testing.T) {
	t.Parallel()
	for _, c := range goldenCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			p := c.preprocessor(t, vision.Options{Fidelity: vision.FidelityReference})
			texture, err := p.TextureImage(c.picture(t))
			if err != nil {
				t.Fatal(err)
			}
			defer texture.Release()
			if got := []int{texture.Images, 3, texture.Height, texture.Width}; !slices.Equal(got, c.Shape) {
				t.Fatalf("shape %v, the reference has %v", got, c.Shape)
			}
			if texture.Rows != c.Rows || texture.Cols != c.Cols {
				t.Fatalf("grid %d×%d, the reference has %d×%d", texture.Rows, texture.Cols, c.Rows, c.Cols)
			}
			want := c.tensor(t)
			if len(texture.Pixels) != len(want) {
				t.Fatalf("%d values, the reference has %d", len(texture.Pixels), len(want))
			}
			wrong, worst := 0, 0.0
			for i, value := range texture.Pixels {
				diff := math.Abs(float64(value - want[i]))
				worst = max(worst, diff)
				if diff > 1e-6 { // a level is 0.0078 or more
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d values differ, the worst by %g", wrong, len(want), worst)
			}
			if len(texture.Mask) != texture.Images*texture.Width*texture.Height || slices.Contains(texture.Mask, false) {
				t.Errorf("mask of %d values should be all true", len(texture.Mask))
			}
		})
	}
}
