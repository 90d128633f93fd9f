package naming_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/vision/naming"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// namer opens the installed one.
func namer(tb testing.TB) *naming.Namer {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	s, err := rt.Load(tb.Context(), ort.Source{Path: testmodels.Path(tb, "efficientnet-lite2", "classifier.onnx")}, ort.Options{Threads: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	n, err := naming.New(s)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// photograph is one of those that the smoke holds up.
func photograph(tb testing.TB, name string) *image.RGBA {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "smoke", "photographs", name))
	if err != nil {
		tb.Fatal(err)
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	out := image.NewRGBA(image.Rectangle{Max: picture.Bounds().Size()})
	draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Src)
	return out
}

// TestThingsAreNamed: photographs by their things, also a part of one; of a plain wall nothing is
// sure.
func TestThingsAreNamed(t *testing.T) {
	n := namer(t)
	sure, _ := prompt.SeenThing.Sure()
	for file, want := range map[string]string{"cat.jpg": "cat", "dog.jpg": "dog", "mountain.jpg": "mountain"} {
		picture := photograph(t, file)
		part, _ := picture.SubImage(picture.Rect.Inset(12)).(*image.RGBA)
		for _, p := range []*image.RGBA{picture, part} {
			name, ok, err := n.Name(t.Context(), p)
			if err != nil || !ok || name.What != want || name.Sure < sure || name.Sure > 1 {
				t.Errorf("%s is called %+v, %v, %v", file, name, ok, err)
			}
		}
	}
	wall := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(wall, wall.Rect, image.NewUniform(color.RGBA{90, 100, 140, 255}), image.Point{}, draw.Src)
	if name, _, err := n.Name(t.Context(), wall); err != nil || name.Sure >= sure {
		t.Errorf("an empty wall is called %+v, %v", name, err)
	}
	for _, none := range []*image.RGBA{nil, {}} {
		if _, _, err := n.Name(t.Context(), none); !errors.Is(err, naming.ErrPicture) {
			t.Errorf("no picture: %v", err)
		}
	}
}

// scripted is a session that gives the logits it was told to.
type scripted struct {
	in, out []ort.TensorInfo
	logits  []float32
	err     error
	pixels  []float32
}

func (s *scripted) Inputs() []ort.TensorInfo  { return s.in }
func (s *scripted) Outputs() []ort.TensorInfo { return s.out }

func (s *scripted) Run(_ context.Context, inputs, outputs []ort.Tensor) (err error) {
	s.pixels = append([]float32(nil), inputs[0].Float32s()...)
	if s.logits != nil {
		outputs[0], err = ort.Float32([]int64{1, int64(len(s.logits))}, s.logits)
	}
	return errors.Join(err, s.err)
}

func contract() *scripted {
	return &scripted{
		in:  []ort.TensorInfo{{Name: "pixels", Type: ort.TypeFloat32, Shape: []int64{-1, 3, 4, 4}}},
		out: []ort.TensorInfo{{Name: "logits", Type: ort.TypeFloat32, Shape: []int64{-1, 1000}}},
	}
}

// TestOtherModels are refused when they are opened, and what they give when they are run.
func TestOtherModels(t *testing.T) {
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	for name, bend := range map[string]func(*scripted){
		"no input": func(s *scripted) { s.in = nil }, "not square": func(s *scripted) { s.in[0].Shape[3] = 5 },
		"one plane": func(s *scripted) { s.in[0].Shape[1] = 1 }, "free side": func(s *scripted) { s.in[0].Shape[2], s.in[0].Shape[3] = -1, -1 },
		"other type": func(s *scripted) { s.in[0].Type = ort.TypeInt64 }, "other classes": func(s *scripted) { s.out[0].Shape[1] = 1001 },
		"other numbers": func(s *scripted) { s.out[0].Type = ort.TypeInt64 }, "two pictures": func(s *scripted) { s.in[0].Shape[0] = 2 },
		"names of two": func(s *scripted) { s.out[0].Shape[0] = 2 },
		"two outputs":  func(s *scripted) { s.out = append(s.out, s.out[0]) }, "huge": func(s *scripted) { s.in[0].Shape[2], s.in[0].Shape[3] = 1<<20, 1<<20 },
	} {
		s := contract()
		bend(s)
		if _, err := naming.New(s); !errors.Is(err, naming.ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	picture := image.NewRGBA(image.Rect(0, 0, 8, 6))
	torn := errors.New("torn")
	nan := make([]float32, 1000)
	nan[7] = float32(math.NaN())
	for name, c := range map[string]struct {
		logits []float32
		err    error
		want   error
	}{
		"few logits": {make([]float32, 3), nil, naming.ErrModel}, "none": {nil, nil, naming.ErrModel},
		"no number": {nan, nil, naming.ErrModel}, "torn": {nil, torn, torn}, "torn after it": {make([]float32, 1000), torn, torn},
	} {
		s := contract()
		s.logits, s.err = c.logits, c.err
		n, err := naming.New(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := n.Name(t.Context(), picture); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNamesAndSorts: what is likely enough is named, what several names of a sort share is told as
// the sort, and where nothing is likely nothing is told. The middle square of a picture is what the
// network sees.
func TestNamesAndSorts(t *testing.T) {
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	const tabby, tigerCat, mug = 281, 282, 504
	ask := func(likely map[int]float32) (naming.Name, bool) {
		s := contract()
		s.logits = make([]float32, 1000)
		for i, v := range likely {
			s.logits[i] = v
		}
		n, err := naming.New(s)
		if err != nil {
			t.Fatal(err)
		}
		picture := image.NewRGBA(image.Rect(0, 0, 12, 4))
		draw.Draw(picture, picture.Rect, image.NewUniform(color.RGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
		draw.Draw(picture, image.Rect(4, 0, 8, 4), image.NewUniform(color.RGBA{0, 255, 127, 255}), image.Point{}, draw.Src)
		name, ok, err := n.Name(t.Context(), picture)
		if err != nil {
			t.Fatal(err)
		}
		if s.pixels[0] != -127.0/128 || s.pixels[16] != 1 || s.pixels[32] != 0 || s.pixels[15] != -127.0/128 {
			t.Errorf("the network saw %v", s.pixels)
		}
		return name, ok
	}
	if name, ok := ask(map[int]float32{mug: 14}); !ok || name.What != "coffee mug" || name.Sure < 0.95 {
		t.Errorf("a mug is called %+v", name)
	}
	if name, ok := ask(map[int]float32{tabby: 12, tigerCat: 12}); !ok || name.What != "cat" || name.Sure < 0.9 {
		t.Errorf("two cats are called %+v", name)
	}
	if name, ok := ask(nil); ok {
		t.Errorf("nothing is called %+v", name)
	}
}
