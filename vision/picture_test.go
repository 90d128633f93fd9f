package vision_test

import (
	"errors"
	"image"
	"image/color"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

func TestUnusablePictures(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(32, 32, false), vision.Options{})
	good := media.FromRGBA(quadrants(64, 64))
	pool := media.NewI420Pool(1)
	released, err := pool.Get(64, 64)
	if err != nil {
		t.Fatal(err)
	}
	released.Release()
	cut := *repack(good, 0)
	cut.V = cut.V[:len(cut.V)-1]
	for name, c := range map[string]struct {
		frame *media.I420
		want  error
	}{
		"nil":            {nil, vision.ErrPicture},
		"empty":          {&media.I420{}, vision.ErrPictureSize},
		"no height":      {&media.I420{Width: 10}, vision.ErrPictureSize},
		"negative":       {&media.I420{Width: -4, Height: 4}, vision.ErrPictureSize},
		"20000 square":   {&media.I420{Width: 20000, Height: 20000, StrideY: 20000, StrideUV: 10000}, vision.ErrPictureSize},
		"20000 wide":     {&media.I420{Width: 20000, Height: 2, StrideY: 20000, StrideUV: 10000}, vision.ErrPictureSize},
		"20000 high":     {&media.I420{Width: 2, Height: 20000, StrideY: 2, StrideUV: 1}, vision.ErrPictureSize},
		"released":       {released, vision.ErrPicture},
		"short plane":    {&cut, vision.ErrPicture},
		"short rows":     {&media.I420{Width: 64, Height: 64, Y: good.Y, U: good.U, V: good.V, StrideY: 63, StrideUV: 32}, vision.ErrPicture},
		"short uv rows":  {&media.I420{Width: 64, Height: 64, Y: good.Y, U: good.U, V: good.V, StrideY: 64, StrideUV: 31}, vision.ErrPicture},
		"negative pitch": {&media.I420{Width: 64, Height: 64, Y: good.Y, U: good.U, V: good.V, StrideY: -64, StrideUV: 32}, vision.ErrPicture},
	} {
		if texture, err := p.Texture(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, expected %v", name, err, c.want)
			texture.Release()
		}
		if _, err := vision.HashFrame(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: HashFrame: %v, expected %v", name, err, c.want)
		}
	}
	var size *media.SizeError
	if _, err := p.Texture(&media.I420{Width: 20000, Height: 3}); !errors.As(err, &size) || size.Width != 20000 || size.Height != 3 {
		t.Errorf("the size is not in the error: %v", err)
	}
	if _, err := p.TextureImage(image.NewRGBA(image.Rect(0, 0, 0, 0))); !errors.Is(err, vision.ErrPictureSize) {
		t.Errorf("empty image: %v", err)
	}
	// A picture that claims its pixels without holding them: nothing is read and nothing allocated
	// for it.
	if _, err := p.TextureImage(bounded{image.Rect(0, 0, 20000, 20000)}); !errors.As(err, &size) || size.Width != 20000 || size.Height != 20000 {
		t.Errorf("huge image: %v", err)
	}
	if _, err := p.TextureImage(nil); !errors.Is(err, vision.ErrPicture) {
		t.Errorf("nil image: %v", err)
	}
}

// TestExtremeShapes converts pictures of one pixel and of extreme aspect.
func TestExtremeShapes(t *testing.T) {
	t.Parallel()
	for _, split := range []bool{false, true} {
		for _, fidelity := range []vision.Fidelity{vision.FidelityLive, vision.FidelityReference} {
			p := newPreprocessor(t, config(64, 32, split), vision.Options{Fidelity: fidelity})
			for _, size := range []image.Point{{1, 1}, {2, 2}, {media.MaxDimension, 1}, {1, media.MaxDimension}, {3, 900}, {16, 16}} {
				frame := media.NewI420(size.X, size.Y)
				paint(frame.Y, 235)
				paint(frame.U, 128)
				paint(frame.V, 128)
				texture, err := p.Texture(frame)
				if err != nil {
					t.Fatalf("%v: %v", size, err)
				}
				for i, value := range texture.Pixels {
					if value < 0.99 {
						t.Fatalf("%v, split %t: value %d of a white picture is %g", size, split, i, value)
					}
				}
				texture.Release()
			}
		}
	}
}

// bounded is a picture of one colour in any size.
type bounded struct{ rect image.Rectangle }

func (b bounded) ColorModel() color.Model { return color.RGBAModel }
func (b bounded) Bounds() image.Rectangle { return b.rect }
func (b bounded) At(int, int) color.Color { return color.RGBA{A: 255} }
