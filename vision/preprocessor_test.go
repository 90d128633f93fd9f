package vision_test

import (
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestColoursLandWhereTheyWereDrawn checks the whole path from a drawn frame to the tensor, for
// both fidelities, with and without reduction, and odd sizes.
func TestColoursLandWhereTheyWereDrawn(t *testing.T) {
	t.Parallel()
	sizes := []image.Point{{1280, 720}, {640, 480}, {360, 640}, {333, 217}, {64, 48}, {1921, 1081}}
	for _, fidelity := range []vision.Fidelity{vision.FidelityLive, vision.FidelityReference} {
		p := newPreprocessor(t, config(128, 128, false), vision.Options{Fidelity: fidelity})
		for _, size := range sizes {
			frame := media.FromRGBA(quadrants(size.X, size.Y))
			frame.MediaTime, frame.Captured = 7*time.Second, time.Unix(100, 0)
			texture, err := p.Texture(frame)
			if err != nil {
				t.Fatal(err)
			}
			if texture.Images != 1 || texture.Rows != 0 || texture.Cols != 0 || texture.Width != 128 || texture.Height != 128 {
				t.Errorf("%v: %d images, grid %d×%d, side %d×%d", size, texture.Images, texture.Rows, texture.Cols, texture.Width, texture.Height)
			}
			if texture.MediaTime != frame.MediaTime || !texture.Captured.Equal(frame.Captured) {
				t.Errorf("%v: the frame's times were lost", size)
			}
			for _, probe := range []struct {
				x, y int
				want color.RGBA
			}{
				{20, 20, rgb(220, 20, 20)},
				{107, 20, rgb(20, 180, 20)},
				{20, 107, rgb(20, 40, 210)},
				{107, 107, rgb(230, 220, 30)},
			} {
				if got := pixelAt(texture, 0, probe.x, probe.y); !closeTo(got, probe.want, 4) {
					t.Errorf("fidelity %d, %v: colour at %d,%d is %v, drawn %v", fidelity, size, probe.x, probe.y, got, probe.want)
				}
			}
			texture.Release()
		}
	}
}

// TestTilesAreRowMajorWithTheWholePictureLast draws a different colour into each tile.
func TestTilesAreRowMajorWithTheWholePictureLast(t *testing.T) {
	t.Parallel()
	const cols, rows, tile = 4, 3, 32
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	colour := func(row, col int) color.RGBA { return rgb(uint8(30+60*col), uint8(40+80*row), 128) }
	for row := range rows {
		for col := range cols {
			fill(img, image.Rect(col*160, row*160, (col+1)*160, (row+1)*160), colour(row, col))
		}
	}
	p := newPreprocessor(t, config(cols*tile, tile, true), vision.Options{})
	texture, err := p.Texture(media.FromRGBA(img))
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	if texture.Images != rows*cols+1 || texture.Rows != rows || texture.Cols != cols {
		t.Fatalf("%d images in a grid of %d×%d", texture.Images, texture.Rows, texture.Cols)
	}
	for row := range rows {
		for col := range cols {
			want := colour(row, col)
			if got := pixelAt(texture, row*cols+col, tile/2, tile/2); !closeTo(got, want, 4) {
				t.Errorf("tile %d,%d is %v, drawn %v", row, col, got, want)
			}
			x, y := (2*col+1)*tile/(2*cols), (2*row+1)*tile/(2*rows)
			if got := pixelAt(texture, rows*cols, x, y); !closeTo(got, want, 8) {
				t.Errorf("the whole picture at %d,%d is %v, drawn %v", x, y, got, want)
			}
		}
	}
	if images, r, c, err := p.Images(640, 480); err != nil || images != 13 || r != 3 || c != 4 {
		t.Errorf("Images: %d, %d×%d, %v", images, r, c, err)
	}
}

// TestSplitCanBeSwitchedOff is the setting for live video on a model that splits by default.
func TestSplitCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(64, 32, true), vision.Options{Split: vision.SplitNever})
	texture, err := p.TextureImage(quadrants(90, 60))
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	if texture.Images != 1 || texture.Rows != 0 || len(texture.Pixels) != 3*32*32 {
		t.Errorf("%d images, %d rows, %d values", texture.Images, texture.Rows, len(texture.Pixels))
	}
}

// TestPaddedRowsChangeNothing gives the same picture with other strides.
func TestPaddedRowsChangeNothing(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{640, 480}, {101, 67}} {
		p := newPreprocessor(t, config(48, 48, false), vision.Options{})
		frame := media.FromRGBA(busy(size.X, size.Y, 1))
		plain, err := p.Texture(frame)
		if err != nil {
			t.Fatal(err)
		}
		padded, err := p.Texture(repack(frame, 13))
		if err != nil {
			t.Fatal(err)
		}
		if plain.Hash != padded.Hash {
			t.Errorf("%v: the padding entered the hash", size)
		}
		for i := range plain.Pixels {
			if plain.Pixels[i] != padded.Pixels[i] {
				t.Fatalf("%v: value %d is %g with padded rows, %g without", size, i, padded.Pixels[i], plain.Pixels[i])
			}
		}
		plain.Release()
		padded.Release()
	}
}

// TestColourCoding decodes a grey ramp and primary colours coded in all four ways.
func TestColourCoding(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(16, 16, false), vision.Options{})
	type matrix struct{ kr, kb float64 }
	for coding, m := range map[media.ColorMatrix]matrix{media.BT601: {0.299, 0.114}, media.BT709: {0.2126, 0.0722}} {
		for _, full := range []bool{false, true} {
			for _, want := range []color.RGBA{rgb(255, 0, 0), rgb(0, 255, 0), rgb(0, 0, 255), rgb(255, 255, 255), rgb(0, 0, 0), rgb(90, 140, 201)} {
				frame := media.NewI420(32, 32)
				frame.Matrix, frame.FullRange = coding, full
				r, g, b := float64(want.R), float64(want.G), float64(want.B)
				luma := m.kr*r + (1-m.kr-m.kb)*g + m.kb*b
				u, v := (b-luma)/(2*(1-m.kb)), (r-luma)/(2*(1-m.kr))
				offset, lumaScale, chromaScale := 16.0, 219.0/255, 224.0/255
				if full {
					offset, lumaScale, chromaScale = 0, 1, 1
				}
				paint(frame.Y, math.Round(offset+luma*lumaScale))
				paint(frame.U, math.Round(128+u*chromaScale))
				paint(frame.V, math.Round(128+v*chromaScale))
				texture, err := p.Texture(frame)
				if err != nil {
					t.Fatal(err)
				}
				if got := pixelAt(texture, 0, 8, 8); !closeTo(got, want, 2) {
					t.Errorf("%v, full range %t: %v decoded as %v", coding, full, want, got)
				}
				texture.Release()
			}
		}
	}
}

func paint(plane []byte, value float64) {
	for i := range plane {
		plane[i] = byte(min(max(value, 0), 255))
	}
}

// TestLiveStaysCloseToReference bounds what the area filter in front of a strong reduction costs in
// accuracy, against the full antialiased filter on the same frame. Without do_resize both squash in
// one step.
func TestLiveStaysCloseToReference(t *testing.T) {
	t.Parallel()
	text := strings.Replace(config(128, 128, false), `"do_resize":true`, `"do_resize":false`, 1)
	for _, size := range []image.Point{{1280, 720}, {640, 480}, {1920, 1080}, {800, 601}, {1001, 603}, {641, 2000}} {
		live := newPreprocessor(t, text, vision.Options{})
		reference := newPreprocessor(t, text, vision.Options{Fidelity: vision.FidelityReference})
		frame := media.FromRGBA(busy(size.X, size.Y, uint64(size.X)))
		a, err := live.Texture(frame)
		if err != nil {
			t.Fatal(err)
		}
		b, err := reference.Texture(frame)
		if err != nil {
			t.Fatal(err)
		}
		sum, worst := 0.0, 0.0
		for i := range a.Pixels {
			diff := math.Abs(float64(a.Pixels[i]-b.Pixels[i])) * 127.5
			sum += diff
			worst = max(worst, diff)
		}
		mean := sum / float64(len(a.Pixels))
		t.Logf("%v: mean %.2f, worst %.0f of 255 levels", size, mean, worst)
		if mean > 1.2 || worst > 24 {
			t.Errorf("%v: live differs from the reference by %.2f levels on average and %.0f at most", size, mean, worst)
		}
		if a.Hash != b.Hash {
			t.Errorf("%v: the fidelity entered the hash", size)
		}
		a.Release()
		b.Release()
	}
}

func TestPoolIsBoundedAndReleaseIsIdempotent(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(32, 32, false), vision.Options{Buffers: 2})
	picture := quadrants(40, 40)
	texture := func() *vision.Texture {
		t.Helper()
		out, err := p.TextureImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first, second := texture(), texture()
	if _, err := p.TextureImage(picture); !errors.Is(err, vision.ErrPoolExhausted) {
		t.Errorf("third texture: %v", err)
	}
	if n := p.Outstanding(); n != 2 {
		t.Errorf("%d outstanding, expected 2", n)
	}
	first.Release()
	first.Release()
	third := texture()
	first.Release() // must not take the memory from the third
	if n := p.Outstanding(); n != 2 {
		t.Errorf("%d outstanding after a late second release, expected 2", n)
	}
	if first.Pixels != nil {
		t.Error("a released texture still has pixels")
	}
	if got := pixelAt(third, 0, 8, 8); !closeTo(got, rgb(220, 20, 20), 2) {
		t.Errorf("the third texture shows %v", got)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.TextureImage(picture); !errors.Is(err, vision.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if got := pixelAt(second, 0, 24, 24); !closeTo(got, rgb(230, 220, 30), 2) {
		t.Errorf("a texture that was out during Close shows %v", got)
	}
	second.Release()
	third.Release()
	var none *vision.Texture
	none.Release()
}

// TestConcurrentTextures converts pictures of different sizes at the same time and checks each
// result.
func TestConcurrentTextures(t *testing.T) {
	t.Parallel()
	p := newPreprocessor(t, config(32, 32, false), vision.Options{Buffers: 8})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			want := rgb(uint8(30*worker), 200, uint8(255-30*worker))
			img := image.NewRGBA(image.Rect(0, 0, 100+60*worker, 90+50*worker))
			fill(img, img.Rect, want)
			frame := media.FromRGBA(img)
			for range 20 {
				texture, err := p.Texture(frame)
				if err != nil {
					t.Error(err)
					return
				}
				if got := pixelAt(texture, 0, 16, 16); !closeTo(got, want, 3) {
					t.Errorf("worker %d sees %v, drew %v", worker, got, want)
				}
				texture.Release()
			}
		})
	}
	group.Wait()
}

// TestSteadyStateAllocatesOnlyTheHandle holds the live path to the one small allocation of its
// Texture handle.
func TestSteadyStateAllocatesOnlyTheHandle(t *testing.T) {
	p := newPreprocessor(t, config(128, 128, false), vision.Options{})
	frame := media.FromRGBA(busy(640, 480, 5))
	convert := func() {
		texture, err := p.Texture(frame)
		if err != nil {
			t.Fatal(err)
		}
		texture.Release()
	}
	convert()
	if allocs := testing.AllocsPerRun(20, convert); allocs > 1 {
		t.Errorf("%g allocations a frame, expected the handle only", allocs)
	}
}
