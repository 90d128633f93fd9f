package convert_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/models/convert"
	"github.com/sensory-agent/sensory-agent/models/convert/torch"
)

// wave is a picture by formula, as testdata/efficientnet.py makes it.
func wave(side int) []float32 {
	out := make([]float32, 0, 3*side*side)
	for c := range 3 {
		for y := range side {
			for x := range side {
				v := math.Sin(float64(x)*0.07+float64(c)) * math.Cos(float64(y)*0.05-float64(c)*0.5)
				out = append(out, float32(v))
			}
		}
	}
	return out
}

// TestEfficientNetEqualsPyTorch: the converted graph gives the logits that the published PyTorch
// code gives of the same checkpoint and picture; testdata/efficientnet.py made the golden ones.
func TestEfficientNetEqualsPyTorch(t *testing.T) {
	checkpoint := testmodels.Path(t, "efficientnet-lite2", "efficientnet-lite2-9656183e.pth")
	dir := t.TempDir()
	if err := convert.EfficientNetLite(t.Context(), checkpoint, dir, nil); err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Side                int
		Most, Least, Bright map[int]float32
	}
	readJSON(t, "testdata", "efficientnet.json", &golden)
	g := load(t)(filepath.Join(dir, "classifier.onnx"))
	bright := make([]float32, 3*golden.Side*golden.Side)
	for i := range bright {
		bright[i] = 1
	}
	area := int64(golden.Side)
	for name, c := range map[string]struct {
		pixels []float32
		want   map[int]float32
	}{"wave, most": {wave(golden.Side), golden.Most}, "wave, least": {wave(golden.Side), golden.Least}, "white": {bright, golden.Bright}} {
		got := g.run(t, map[string]ort.Tensor{"pixels": floats(t, c.pixels, 1, 3, area, area)})["logits"].Float32s()
		if len(got) != 1000 || len(c.want) < 4 {
			t.Fatalf("%s: %d logits, %d golden ones", name, len(got), len(c.want))
		}
		for i, want := range c.want {
			if d := math.Abs(float64(got[i] - want)); !(d <= 1e-3) {
				t.Errorf("%s: logit %d is %v, PyTorch gives %v", name, i, got[i], want)
			}
		}
	}
}

// TestOtherCheckpoints are refused, and nothing is written.
func TestOtherCheckpoints(t *testing.T) {
	for name, want := range map[string]error{"legacy_module.pth": convert.ErrUnsupported, "archive_called.pth": torch.ErrPickle} {
		dir := filepath.Join(t.TempDir(), "out")
		if err := convert.EfficientNetLite(t.Context(), filepath.Join("torch", "testdata", name), dir, nil); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s left something: %v", name, err)
		}
	}
}
