package vision_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// config returns the text of a preprocessor config.
func config(longestEdge, tile int, split bool) string {
	return fmt.Sprintf(`{"image_processor_type":"Idefics3ImageProcessor","do_resize":true,"size":{"longest_edge":%d},"resample":1,
		"do_image_splitting":%t,"max_image_size":{"longest_edge":%d},"do_rescale":true,"rescale_factor":0.00392156862745098,
		"do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"do_pad":true}`, longestEdge, split, tile)
}

func newPreprocessor(tb testing.TB, text string, opt vision.Options) *vision.Preprocessor {
	tb.Helper()
	cfg, err := vision.ParseConfig([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := vision.NewPreprocessor(cfg, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
		if n := p.Outstanding(); n != 0 {
			tb.Errorf("%d textures were not released", n)
		}
		if n := p.NativeMats(); n != 0 {
			tb.Errorf("%d native matrices are still alive", n)
		}
	})
	return p
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func rgb(r, g, b uint8) color.RGBA { return color.RGBA{r, g, b, 255} }

// quadrants draws four colours: red, green on top; blue, yellow below.
func quadrants(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	fill(img, image.Rect(0, 0, width/2, height/2), rgb(220, 20, 20))
	fill(img, image.Rect(width/2, 0, width, height/2), rgb(20, 180, 20))
	fill(img, image.Rect(0, height/2, width/2, height), rgb(20, 40, 210))
	fill(img, image.Rect(width/2, height/2, width, height), rgb(230, 220, 30))
	return img
}

// busy draws stripes, a gradient, rectangles and noise.
func busy(width, height int, seed uint64) *image.RGBA {
	random := rand.New(rand.NewPCG(seed, 7))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, rgb(uint8(x*255/width), uint8(y*255/height), uint8(90+random.IntN(12))))
		}
	}
	for range 12 {
		x, y := random.IntN(width), random.IntN(height)
		fill(img, image.Rect(x, y, x+width/8, y+height/6), rgb(uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256))))
	}
	for x := width / 2; x < width; x += 9 {
		fill(img, image.Rect(x, 0, x+3, height/5), rgb(250, 250, 250))
	}
	return img
}

// pixelAt returns the 8-bit colour of one place of one square of a texture normalised with mean and
// deviation 0.5.
func pixelAt(t *vision.Texture, square, x, y int) [3]int {
	var out [3]int
	area := t.Width * t.Height
	for channel := range out {
		value := t.Pixels[(square*3+channel)*area+y*t.Width+x]
		out[channel] = int((value*0.5+0.5)*255 + 0.5)
	}
	return out
}

func closeTo(got [3]int, want color.RGBA, tolerance int) bool {
	for i, w := range []uint8{want.R, want.G, want.B} {
		if diff := got[i] - int(w); diff > tolerance || -diff > tolerance {
			return false
		}
	}
	return true
}

// repack copies a frame into planes with padding between the rows; the padding holds noise.
func repack(f *media.I420, padding int) *media.I420 {
	random := rand.New(rand.NewPCG(uint64(padding), 3))
	plane := func(src []byte, stride, width, height int) ([]byte, int) {
		wide := width + padding
		out := make([]byte, wide*height)
		for i := range out {
			out[i] = byte(random.IntN(256))
		}
		for y := range height {
			copy(out[y*wide:y*wide+width], src[y*stride:y*stride+width])
		}
		return out[:wide*(height-1)+width], wide
	}
	out := &media.I420{Width: f.Width, Height: f.Height, FullRange: f.FullRange, Matrix: f.Matrix}
	width, height := (f.Width+1)/2, (f.Height+1)/2
	out.Y, out.StrideY = plane(f.Y, f.StrideY, f.Width, f.Height)
	out.U, out.StrideUV = plane(f.U, f.StrideUV, width, height)
	out.V, _ = plane(f.V, f.StrideUV, width, height)
	return out
}
