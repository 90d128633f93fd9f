package vision_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

func openRuntime(tb testing.TB) *ort.Runtime {
	tb.Helper()
	runtime, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := runtime.Close(); err != nil {
			tb.Error(err)
		}
	})
	return runtime
}

// calibrationEncoder loads the vision encoder that the repository ships, and its preprocessor.
func calibrationEncoder(tb testing.TB) (*vision.Encoder, *vision.Preprocessor) {
	tb.Helper()
	runtime := openRuntime(tb)
	path := filepath.Join(calibration, "onnx", "vision_encoder.onnx")
	session, err := runtime.Load(tb.Context(), ort.Source{Path: path}, ort.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := session.Close(); err != nil {
			tb.Error(err)
		}
	})
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(calibration, "preprocessor_config.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return encoder, newPreprocessor(tb, string(text), vision.Options{})
}

func encode(tb testing.TB, e *vision.Encoder, p *vision.Preprocessor, frame *media.I420) *vision.Features {
	tb.Helper()
	texture, err := p.Texture(frame)
	if err != nil {
		tb.Fatal(err)
	}
	defer texture.Release()
	features, err := e.Encode(tb.Context(), texture)
	if err != nil {
		tb.Fatal(err)
	}
	if features.Hash != texture.Hash || features.Images != 1 || features.Tokens != 64 || features.Hidden < 64 ||
		len(features.Data) != features.Images*features.Tokens*features.Hidden {
		tb.Fatalf("features of %d images × %d tokens × %d, %d values", features.Images, features.Tokens, features.Hidden, len(features.Data))
	}
	return features
}

// TestCalibrationFeatures encodes real pictures: other pictures have other features, and the
// difference lies where the picture differs; the same picture has the same features, from the cache
// or from a second encoder.
func TestCalibrationFeatures(t *testing.T) {
	encoder, p := calibrationEncoder(t)
	base := quadrants(640, 480)
	first := encode(t, encoder, p, media.FromRGBA(base))
	again := encode(t, encoder, p, repack(media.FromRGBA(base), 9))
	if first != again {
		t.Error("the same picture was encoded twice")
	}
	if stats := encoder.Stats(); stats.Encoded != 1 || stats.Hits != 1 || stats.CachedPictures != 1 || stats.CachedBytes != 4*len(first.Data) {
		t.Errorf("counted %+v", stats)
	}
	other := quadrants(640, 480)
	fill(other, other.Rect, rgb(20, 40, 210))
	fill(other, quadrants(320, 240).Rect, rgb(220, 20, 20))
	second := encode(t, encoder, p, media.FromRGBA(other))
	if slices.Equal(first.Data, second.Data) {
		t.Fatal("two pictures have the same features")
	}
	// Only the upper left quadrant stayed: token 0 looks at the top left corner, token 7 at the top
	// right.
	if stay, move := distance(first, second, 0), distance(first, second, 7); move < 2*stay {
		t.Errorf("the corner that stayed moved by %.3f, the one that was repainted by %.3f", stay, move)
	}
	texture, err := p.Texture(media.FromRGBA(base))
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	if encoder.Cached(texture.Hash, 0, 0) != first || encoder.Cached(texture.Hash, 2, 2) != nil {
		t.Error("the cache does not go by picture and tile grid")
	}
	cold, coldP := calibrationEncoder(t)
	if fresh := encode(t, cold, coldP, media.FromRGBA(base)); !slices.Equal(fresh.Data, first.Data) {
		t.Error("another encoder gives the same picture other features")
	}
}

// distance returns the relative distance of one token between two features.
func distance(a, b *vision.Features, token int) float64 {
	var difference, size float64
	for i := range a.Hidden {
		x, y := float64(a.Data[token*a.Hidden+i]), float64(b.Data[token*b.Hidden+i])
		difference += (x - y) * (x - y)
		size += x*x + y*y
	}
	return math.Sqrt(2 * difference / size)
}

// fakeSession answers with what the test says.
type fakeSession struct {
	inputs, outputs []ort.TensorInfo
	answer          func(inputs []ort.Tensor) (ort.Tensor, error)
	runs            atomic.Int64
}

func (s *fakeSession) Inputs() []ort.TensorInfo  { return s.inputs }
func (s *fakeSession) Outputs() []ort.TensorInfo { return s.outputs }

func (s *fakeSession) Run(_ context.Context, inputs, outputs []ort.Tensor) error {
	s.runs.Add(1)
	var err error
	outputs[0], err = s.answer(inputs)
	return err
}

func idefics(kind ort.ElementType, side int64) *fakeSession {
	return &fakeSession{
		inputs: []ort.TensorInfo{
			{Name: "pixel_attention_mask", Type: ort.TypeBool, Shape: []int64{-1, -1, side, side}},
			{Name: "pixel_values", Type: kind, Shape: []int64{-1, -1, 3, side, side}},
		},
		outputs: []ort.TensorInfo{{Name: "image_features", Type: kind, Shape: []int64{-1, -1, -1}}},
		answer: func([]ort.Tensor) (ort.Tensor, error) {
			return ort.Float32([]int64{1, 2, 2}, []float32{1, 2, 3, 4})
		},
	}
}

func texture32(t *testing.T) *vision.Texture {
	t.Helper()
	p := newPreprocessor(t, config(32, 32, false), vision.Options{})
	texture, err := p.TextureImage(quadrants(50, 40))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(texture.Release)
	return texture
}

// TestBadAnswers covers answers that are not features. None may enter the cache.
func TestBadAnswers(t *testing.T) {
	openRuntime(t)
	texture := texture32(t)
	broken := errors.New("kernel failed")
	for name, c := range map[string]struct {
		answer func([]ort.Tensor) (ort.Tensor, error)
		want   error
	}{
		"nan": {func([]ort.Tensor) (ort.Tensor, error) {
			return ort.Float32([]int64{1, 2, 2}, []float32{1, 2, float32(math.NaN()), 4})
		}, vision.ErrNotFinite},
		"infinity": {func([]ort.Tensor) (ort.Tensor, error) {
			return ort.Float32([]int64{1, 2, 2}, []float32{1, 2, 3, float32(math.Inf(-1))})
		}, vision.ErrNotFinite},
		"two images": {func([]ort.Tensor) (ort.Tensor, error) { return ort.Float32([]int64{2, 1, 2}, make([]float32, 4)) }, vision.ErrShape},
		"rank 2":     {func([]ort.Tensor) (ort.Tensor, error) { return ort.Float32([]int64{1, 4}, make([]float32, 4)) }, vision.ErrShape},
		"no tokens":  {func([]ort.Tensor) (ort.Tensor, error) { return ort.Float32([]int64{1, 0, 4}, nil) }, vision.ErrShape},
		"integers":   {func([]ort.Tensor) (ort.Tensor, error) { return ort.Int64([]int64{1, 2, 2}, make([]int64, 4)) }, vision.ErrShape},
		"nothing":    {func([]ort.Tensor) (ort.Tensor, error) { return nil, nil }, vision.ErrShape},
		"failure":    {func([]ort.Tensor) (ort.Tensor, error) { return nil, broken }, broken},
	} {
		session := idefics(ort.TypeFloat32, 32)
		session.answer = c.answer
		encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := encoder.Encode(t.Context(), texture); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, expected %v", name, err, c.want)
			}
		}
		if stats := encoder.Stats(); stats.Refused != 2 || stats.CachedPictures != 0 || session.runs.Load() != 2 {
			t.Errorf("%s: %d runs, %+v", name, session.runs.Load(), stats)
		}
	}
}

// TestOtherModels refuses sessions that are no vision encoder and textures that do not fit.
func TestOtherModels(t *testing.T) {
	openRuntime(t)
	change := func(edit func(s *fakeSession)) *fakeSession {
		s := idefics(ort.TypeFloat32, 32)
		edit(s)
		return s
	}
	for name, s := range map[string]*fakeSession{
		"pixel_values":         change(func(s *fakeSession) { s.inputs = s.inputs[:1] }),
		"input_ids":            change(func(s *fakeSession) { s.inputs[0].Name = "input_ids" }),
		"image_features":       change(func(s *fakeSession) { s.outputs[0].Name = "logits" }),
		"pixel_attention_mask": change(func(s *fakeSession) { s.inputs[0].Type = ort.TypeInt64 }),
	} {
		_, err := vision.NewEncoder(s, vision.EncoderOptions{})
		var shape *vision.ShapeError
		if !errors.As(err, &shape) || !errors.Is(err, vision.ErrShape) || shape.Tensor != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, edit := range []func(s *fakeSession){
		func(s *fakeSession) { s.inputs[1].Shape = []int64{-1, 3, 32, 32} },
		func(s *fakeSession) { s.inputs[1].Type = ort.TypeUint8 },
		func(s *fakeSession) { s.inputs[0].Shape = []int64{32} },
		func(s *fakeSession) { s.outputs[0].Type = ort.TypeInt64 },
	} {
		if _, err := vision.NewEncoder(change(edit), vision.EncoderOptions{}); !errors.Is(err, vision.ErrShape) {
			t.Errorf("another model: %v", err)
		}
	}
	session := idefics(ort.TypeFloat32, 64)
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	texture := texture32(t)
	var shape *vision.ShapeError
	if _, err := encoder.Encode(t.Context(), texture); !errors.As(err, &shape) || !slices.Contains(shape.Want, 64) || !slices.Contains(shape.Got, 32) {
		t.Errorf("a texture of another size: %v", err)
	}
	texture.Release()
	for _, useless := range []*vision.Texture{texture, nil, {}} {
		if _, err := encoder.Encode(t.Context(), useless); !errors.Is(err, vision.ErrShape) {
			t.Errorf("a released texture: %v", err)
		}
	}
	if session.runs.Load() != 0 {
		t.Error("the session ran for a texture that does not fit")
	}
}

// TestHalfPrecisionModel feeds an export that takes and gives half precision: what it receives must
// be the texture.
func TestHalfPrecisionModel(t *testing.T) {
	openRuntime(t)
	texture := texture32(t)
	session := idefics(ort.TypeFloat16, 32)
	session.answer = func(inputs []ort.Tensor) (ort.Tensor, error) {
		if slices.Contains(inputs[0].Bools(), false) || inputs[0].Len() != 32*32 {
			t.Error("the mask is not all true")
		}
		return ort.Float16([]int64{1, 3, 1024}, slices.Clone(inputs[1].Float16s()))
	}
	encoder, err := vision.NewEncoder(session, vision.EncoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	features, err := encoder.Encode(t.Context(), texture)
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range texture.Pixels {
		if diff := math.Abs(float64(features.Data[i] - value)); diff > 5e-4 {
			t.Fatalf("value %d of the texture is %g, the model saw %g", i, value, features.Data[i])
		}
	}
}
