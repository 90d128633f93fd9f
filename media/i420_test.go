package media_test

import (
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

// palette has saturated and grey colours; the last two differ in one channel only.
var palette = []color.RGBA{
	{255, 0, 0, 255},
	{0, 255, 0, 255},
	{0, 0, 255, 255},
	{255, 255, 0, 255},
	{0, 0, 0, 255},
	{255, 255, 255, 255},
	{128, 128, 128, 255},
	{200, 30, 90, 255},
	{200, 30, 140, 255},
}

func fill(w, h int, c color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func near(a, b uint8, tolerance int) bool {
	d := int(a) - int(b)
	return d <= tolerance && d >= -tolerance
}

func TestColoursSurviveTheRoundTrip(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 2}, {5, 3}, {16, 9}} {
		for _, c := range palette {
			f := media.FromRGBA(fill(size[0], size[1], c))
			got := f.Image().RGBAAt(size[0]-1, size[1]-1)
			if !near(got.R, c.R, 3) || !near(got.G, c.G, 3) || !near(got.B, c.B, 3) || got.A != 255 {
				t.Errorf("%v at %v comes back as %v", c, size, got)
			}
		}
	}
}

func TestMatrixAndRange(t *testing.T) {
	// Values of pure red from the definitions: Y' = 255·Kr in full range, 16 + 219·Kr in limited
	// range.
	for _, c := range []struct {
		matrix  media.ColorMatrix
		full    bool
		y, u, v byte
	}{
		{media.BT601, false, 81, 90, 240},
		{media.BT709, false, 63, 102, 240},
		{media.BT601, true, 76, 85, 255},
		{media.BT709, true, 54, 99, 255},
	} {
		f := media.NewI420(2, 2)
		f.Matrix, f.FullRange = c.matrix, c.full
		for i := range f.Y {
			f.Y[i] = c.y
		}
		f.U[0], f.V[0] = c.u, c.v
		got := f.Image().RGBAAt(0, 0)
		if !near(got.R, 255, 3) || !near(got.G, 0, 3) || !near(got.B, 0, 3) {
			t.Errorf("%s, full range %v: red becomes %v", c.matrix, c.full, got)
		}
	}
}

func TestFromImageTakesAnyPicture(t *testing.T) {
	img := image.NewNRGBA(image.Rect(10, 20, 14, 24)) // does not begin at the origin
	for y := 20; y < 24; y++ {
		for x := 10; x < 14; x++ {
			img.SetNRGBA(x, y, color.NRGBA{0, 0, 255, 255})
		}
	}
	got := media.FromImage(img).Image().RGBAAt(3, 3)
	if !near(got.B, 255, 3) || !near(got.R, 0, 3) {
		t.Errorf("blue becomes %v", got)
	}
	sub := fill(8, 8, color.RGBA{255, 0, 0, 255}).SubImage(image.Rect(4, 4, 8, 8))
	if got := media.FromImage(sub).Image().RGBAAt(0, 0); !near(got.R, 255, 3) {
		t.Errorf("red becomes %v", got)
	}
}

func TestPackedAndClone(t *testing.T) {
	f := media.FromRGBA(fill(5, 3, palette[7]))
	if p := f.Packed(nil); len(p) != media.I420Size(5, 3) || &p[0] != &f.Y[0] {
		t.Error("a picture without padding was copied")
	}
	wide := &media.I420{Width: 2, Height: 2, StrideY: 4, StrideUV: 3, U: []byte{5, 0, 0}, V: []byte{6, 0, 0}}
	wide.Y = []byte{1, 2, 0, 0, 3, 4, 0, 0}
	if got := string(wide.Packed(nil)); got != "\x01\x02\x03\x04\x05\x06" {
		t.Errorf("%v", []byte(got))
	}
	c := f.Clone()
	c.Y[0]++
	if c.Width != 5 || c.Y[0] == f.Y[0] || c.U[0] != f.U[0] || c.V[5] != f.V[5] {
		t.Error("the clone is not an independent copy")
	}
}

func TestPoolLendsAndTakesBack(t *testing.T) {
	pool := media.NewI420Pool(2)
	a, err := pool.Get(64, 48)
	if err != nil {
		t.Fatal(err)
	}
	a.MediaTime, a.Captured = time.Second, time.Now()
	b, err := pool.Get(64, 48)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Get(1, 1); !errors.Is(err, media.ErrPoolExhausted) || pool.Outstanding() != 2 {
		t.Fatalf("%v with %d lent", err, pool.Outstanding())
	}
	memory := &a.Y[0]
	for range 3 {
		a.Release()
	}
	if pool.Outstanding() != 1 || a.Y != nil {
		t.Fatalf("%d lent after one came back", pool.Outstanding())
	}
	c, err := pool.Get(60, 40)
	if err != nil {
		t.Fatal(err)
	}
	if &c.Y[0] != memory || c.MediaTime != 0 || !c.Captured.IsZero() {
		t.Error("the memory was not reused, or its past shows")
	}
	a.Release() // an old handle cannot give back what somebody else holds now
	if pool.Outstanding() != 2 || c.Y == nil {
		t.Fatal("a second release took the picture from its new owner")
	}
	b.Release()
	c.Release()
	var none *media.I420
	none.Release()
	media.NewI420(2, 2).Release()
	if pool.Outstanding() != 0 {
		t.Errorf("%d lent at the end", pool.Outstanding())
	}
}

func TestPoolRefusesSizes(t *testing.T) {
	pool := media.NewI420Pool(1)
	for _, size := range [][2]int{{0, 1}, {1, -1}, {media.MaxDimension + 1, 1}} {
		if _, err := pool.Get(size[0], size[1]); !errors.Is(err, media.ErrPictureSize) {
			t.Errorf("%v: %v", size, err)
		}
	}
	var before *byte
	for _, size := range [][2]int{{4096, 2304}, {16, 16}, {1, 1}} {
		f, err := pool.Get(size[0], size[1])
		if err != nil || len(f.Y) != size[0]*size[1] || len(f.U) != (size[0]+1)/2*((size[1]+1)/2) {
			t.Fatalf("%v: %v", size, err)
		}
		if before == &f.Y[0] {
			t.Errorf("%v pins the memory of a picture many times larger", size)
		}
		before = &f.Y[0]
		f.Release()
	}
}

func BenchmarkPool(b *testing.B) {
	pool := media.NewI420Pool(4)
	b.ReportAllocs()
	for b.Loop() {
		f, err := pool.Get(1280, 720)
		if err != nil {
			b.Fatal(err)
		}
		f.Release()
	}
}

func BenchmarkFromRGBA(b *testing.B) {
	img := fill(640, 480, palette[7])
	b.ReportAllocs()
	for b.Loop() {
		media.FromRGBA(img)
	}
}
