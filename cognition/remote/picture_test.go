package remote_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // decoders of what is sent
	"image/png"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/media"
)

// halves is red on the left and blue on the right.
func halves(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, image.Rect(0, 0, w/2, h), image.NewUniform(color.RGBA{220, 30, 30, 255}), image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(w/2, 0, w, h), image.NewUniform(color.RGBA{30, 60, 220, 255}), image.Point{}, draw.Src)
	return img
}

// near compares a pixel with a colour, with the tolerance that JPEG and chroma at half the size
// need.
func near(t *testing.T, img image.Image, x, y int, want color.RGBA) {
	t.Helper()
	r, g, b, _ := img.At(x, y).RGBA()
	for i, v := range []uint32{r >> 8, g >> 8, b >> 8} {
		if d := int(v) - int([]uint8{want.R, want.G, want.B}[i]); d < -12 || d > 12 {
			t.Errorf("pixel %d,%d is %d,%d,%d, want %v", x, y, r>>8, g>>8, b>>8, want)
			return
		}
	}
}

func TestPicturesAreScaledAndKeepTheirColours(t *testing.T) {
	for _, c := range []struct{ w, h, side, wantW, wantH int }{
		{640, 480, 768, 640, 480},
		{1280, 720, 768, 768, 432},
		{3840, 2160, 512, 512, 288},
		{720, 1280, 256, 144, 256},
		{1921, 1081, 640, 640, 360},
		{4000, 3, 100, 100, 1},
		{3, 2, 16, 3, 2},
		{1535, 31, 768, 768, 16},
	} {
		for _, format := range []string{remote.JPEG, remote.PNG} {
			opt := remote.PictureOptions{LongestSide: c.side, Format: format, Quality: 95}
			source := halves(c.w, c.h)
			fromImage, err := remote.EncodeImage(source, opt)
			if err != nil {
				t.Fatal(err)
			}
			fromFrame, err := remote.EncodeFrame(media.FromRGBA(source), opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []remote.Picture{fromImage, fromFrame} {
				img, got, err := image.Decode(bytes.NewReader(p.Data))
				if err != nil || got != format || p.MIME != "image/"+format {
					t.Fatalf("%v: %q, %v", c, got, err)
				}
				if b := img.Bounds(); b.Dx() != c.wantW || b.Dy() != c.wantH || p.Width != c.wantW || p.Height != c.wantH {
					t.Errorf("%v: %v, says %d×%d", c, b, p.Width, p.Height)
				}
				if c.wantW >= 100 && c.wantH >= 16 {
					near(t, img, c.wantW/8, c.wantH/2, color.RGBA{220, 30, 30, 255})
					near(t, img, c.wantW-c.wantW/8, c.wantH/2, color.RGBA{30, 60, 220, 255})
				}
			}
		}
	}
}

// A frame's own matrix and range are respected also when it is reduced.
func TestRangeAndMatrixSurvive(t *testing.T) {
	f := media.NewI420(1600, 1200)
	f.FullRange, f.Matrix = true, media.BT709
	for i := range f.Y {
		f.Y[i] = 200
	}
	for i := range f.U {
		f.U[i], f.V[i] = 128, 128
	}
	p, err := remote.EncodeFrame(f, remote.PictureOptions{LongestSide: 200, Format: remote.PNG})
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil {
		t.Fatal(err)
	}
	near(t, img, 100, 75, color.RGBA{200, 200, 200, 255})
}

func TestBadPicturesAreRefused(t *testing.T) {
	for name, img := range map[string]image.Image{"empty": image.NewRGBA(image.Rect(0, 0, 0, 5)), "huge": image.NewUniform(color.Black)} {
		if _, err := remote.EncodeImage(img, remote.PictureOptions{}); !errors.Is(err, remote.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	released := media.NewI420Pool(1)
	f, err := released.Get(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	for name, f := range map[string]*media.I420{"nil": nil, "none": {}, "released": f} {
		if _, err := remote.EncodeFrame(f, remote.PictureOptions{}); !errors.Is(err, remote.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, opt := range []remote.PictureOptions{{LongestSide: 5}, {LongestSide: 9000}, {Format: "gif"}, {Quality: 101}} {
		if _, err := remote.EncodeImage(halves(20, 20), opt); !errors.Is(err, remote.ErrConfig) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

func BenchmarkEncodeFrame(b *testing.B) {
	f := media.FromRGBA(halves(1280, 720))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := remote.EncodeFrame(f, remote.PictureOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A frame that is reduced to an odd size keeps its colour up to the edges.
func TestReducedFrameKeepsItsEdges(t *testing.T) {
	f := media.NewI420(34, 34)
	for i := range f.Y {
		f.Y[i] = 81
	}
	for i := range f.U {
		f.U[i], f.V[i] = 90, 240 // red
	}
	p, err := remote.EncodeFrame(f, remote.PictureOptions{LongestSide: 16, Format: remote.PNG})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(p.Data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	for _, at := range [][2]int{{0, 0}, {b.Dx() - 1, 0}, {0, b.Dy() - 1}, {b.Dx() - 1, b.Dy() - 1}} {
		r, g, _, _ := img.At(at[0], at[1]).RGBA()
		if r>>8 < 200 || g>>8 > 60 {
			t.Errorf("%v is %v", at, img.At(at[0], at[1]))
		}
	}
}
