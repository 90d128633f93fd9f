package device_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
	"github.com/sensory-agent/sensory-agent/vision/device"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// mostOff is the share of values that may be one level off: sums in float32 instead of fixed point
// fall on the other side of a half.
const mostOff = 5e-3

func config(t *testing.T, edge, tile int, mean string) layout.Config {
	t.Helper()
	text := fmt.Sprintf(`{"do_resize":true,"size":{"longest_edge":%d},"resample":1,"do_image_splitting":false,"max_image_size":{"longest_edge":%d},
		"do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":true,"image_mean":%s,"image_std":[0.5,0.25,0.3]}`, edge, tile, mean)
	cfg, err := layout.ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// busy is a picture with edges, slopes and fine stripes.
func busy(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), uint8((x*x + 3*y*y) >> 4), 255}
			if x*3 > 2*width && x/2%2 == 0 {
				c = color.RGBA{250, 250, 250, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// inputs are the bytes of a picture in the order of the graph's inputs.
func inputs(t *testing.T, img *image.RGBA, frame *media.I420) []ort.Tensor {
	t.Helper()
	keep := func(x ort.Tensor, err error) ort.Tensor {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = x.Close() })
		return x
	}
	w, h := int64(img.Rect.Dx()), int64(img.Rect.Dy())
	if frame == nil {
		var rgb []byte
		for i := 0; i < len(img.Pix); i += 4 {
			rgb = append(rgb, img.Pix[i:i+3]...)
		}
		return []ort.Tensor{keep(ort.Uint8([]int64{h, w, 3}, rgb))}
	}
	plane := func(data []byte, stride int, w, h int64) ort.Tensor {
		var tight []byte
		for y := range int(h) {
			tight = append(tight, data[y*stride:y*stride+int(w)]...)
		}
		return keep(ort.Uint8([]int64{h, w}, tight))
	}
	return []ort.Tensor{plane(frame.Y, frame.StrideY, w, h), plane(frame.U, frame.StrideUV, (w+1)/2, (h+1)/2), plane(frame.V, frame.StrideUV, (w+1)/2, (h+1)/2)}
}

// TestTextureEqualsTheProcessors holds the graph to the path on the processor, for both codings,
// split and whole, in several sizes.
func TestTextureEqualsTheProcessors(t *testing.T) {
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rt.Close() })
	cfg := config(t, 256, 64, "[0.5,0.4,0.3]")
	for _, size := range []image.Point{{640, 480}, {1280, 720}, {333, 217}, {64, 64}, {40, 300}, {8, 8}, {256, 256}} {
		for _, splitting := range []bool{false, true} {
			for _, coding := range []device.Coding{device.RGB, device.I420} {
				img, src := busy(size.X, size.Y), device.Source{Width: size.X, Height: size.Y, Coding: coding}
				var frame *media.I420
				if coding == device.I420 {
					frame = media.FromRGBA(img)
					frame.Matrix, frame.FullRange = media.BT709, splitting
					src.Matrix, src.FullRange = frame.Matrix, frame.FullRange
				}
				split := vision.SplitNever
				if splitting {
					split = vision.SplitAlways
				}
				p, err := vision.NewPreprocessor(cfg, vision.Options{Fidelity: vision.FidelityReference, Split: split})
				if err != nil {
					t.Fatal(err)
				}
				want, err := p.TextureImage(img)
				if frame != nil && err == nil {
					want.Release()
					want, err = p.Texture(frame)
				}
				if err != nil {
					t.Fatal(err)
				}
				graph, l, err := device.Texture(cfg, splitting, src)
				if err != nil {
					t.Fatal(err)
				}
				if l.Images != want.Images || l.Rows != want.Rows || l.Cols != want.Cols {
					t.Errorf("%v: %d images in %d×%d, want %d in %d×%d", size, l.Images, l.Rows, l.Cols, want.Images, want.Rows, want.Cols)
				}
				compare(t, rt, graph, inputs(t, img, frame), want, fmt.Sprintf("%v, splitting %v, coding %v", size, splitting, coding))
				want.Release()
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// compare runs the graph and counts values that are off.
func compare(t *testing.T, rt *ort.Runtime, graph []byte, in []ort.Tensor, want *vision.Texture, what string) {
	t.Helper()
	s, err := rt.Load(t.Context(), ort.Source{Name: "texture", Bytes: graph}, ort.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	out := []ort.Tensor{nil}
	if err := s.Run(t.Context(), in, out); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out[0].Close() }()
	got := out[0].Float32s()
	if len(got) != len(want.Pixels) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want.Pixels))
	}
	off, worst := 0, 0.0
	area := want.Width * want.Height
	for i, v := range got {
		step := []float64{0.5, 0.25, 0.3}[i/area%3]
		if diff := math.Abs(float64(v-want.Pixels[i])) * step * 255; diff > 1e-3 {
			off++
			worst = max(worst, diff)
		}
	}
	// A second filter pass can carry one level of the first one further, by its weights.
	if float64(off) > mostOff*float64(len(got)) || worst > 1.01 {
		t.Errorf("%s: %d of %d values are off, by up to %.2f levels", what, off, len(got), worst)
	}
}

func TestTextureErrors(t *testing.T) {
	cfg := config(t, 256, 64, "[0.5,0.5,0.5]")
	for _, size := range []image.Point{{0, 0}, {0, 10}, {-1, 5}, {20000, 20000}, {media.MaxDimension + 1, 1}} {
		if _, _, err := device.Texture(cfg, false, device.Source{Width: size.X, Height: size.Y}); !errors.Is(err, device.ErrSize) {
			t.Errorf("%v: %v", size, err)
		}
	}
	cfg.Filter = layout.FilterNearest
	if _, _, err := device.Texture(cfg, false, device.Source{Width: 10, Height: 10}); !errors.Is(err, device.ErrFilter) {
		t.Errorf("nearest: %v", err)
	}
	cfg.Patches.Side = 16
	if _, _, err := device.Texture(cfg, false, device.Source{Width: 10, Height: 10}); !errors.Is(err, device.ErrPatches) {
		t.Errorf("patches: %v", err)
	}
}
