package media_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

func TestParseOrientation(t *testing.T) {
	t.Parallel()
	for b, want := range map[byte]media.Orientation{
		0: {}, 1: {Turns: 1}, 2: {Turns: 2}, 3: {Turns: 3}, 4: {Mirrored: true}, 7: {Turns: 3, Mirrored: true},
		9: {Turns: 1}, // the camera at a phone's back
	} {
		if got, ok := media.ParseOrientation([]byte{b}); !ok || got != want {
			t.Errorf("%#02x: %+v, %v, want %+v", b, got, ok, want)
		}
	}
	for _, b := range [][]byte{nil, {}, {1, 0}, {0x11}, {0xff}} {
		if got, ok := media.ParseOrientation(b); ok || got != (media.Orientation{}) {
			t.Errorf("%x: %+v, %v", b, got, ok)
		}
	}
}

// distinct is a picture of which every sample is another one, in planes with room between rows.
func distinct(w, h int) *media.I420 {
	cw, ch := (w+1)/2, (h+1)/2
	f := &media.I420{Width: w, Height: h, StrideY: w + 3, StrideUV: cw + 1, FullRange: true, Matrix: media.BT709, MediaTime: time.Second}
	f.Y, f.U, f.V = make([]byte, (w+3)*h), make([]byte, (cw+1)*ch), make([]byte, (cw+1)*ch)
	for _, p := range []struct {
		data      []byte
		stride, w int
		first     byte
	}{{f.Y, f.StrideY, w, 0}, {f.U, f.StrideUV, cw, 100}, {f.V, f.StrideUV, cw, 200}} {
		n := p.first
		for i := range p.data {
			if i%p.stride < p.w {
				p.data[i] = n
				n++
			}
		}
	}
	return f
}

// TestUpright holds every orientation to its definition: which sample of the picture as it came
// stands where.
func TestUpright(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{4, 2}, {5, 3}, {1, 7}, {6, 1}, {1, 1}} {
		w, h := size[0], size[1]
		src := distinct(w, h)
		for turns := range uint8(4) {
			for _, mirrored := range []bool{false, true} {
				o := media.Orientation{Turns: turns, Mirrored: mirrored}
				dw, dh := o.Size(w, h)
				dst := media.NewI420(dw, dh)
				if err := src.Upright(o, dst); err != nil {
					t.Fatal(err)
				}
				check := func(name string, got []byte, gotStride int, from []byte, stride, w, h int) {
					for y := range h {
						for x := range w {
							tx, ty := place(o, w, h, x, y)
							if got[ty*gotStride+tx] != from[y*stride+x] {
								t.Fatalf("%v, %+v: %s of (%d, %d) is not at (%d, %d)", size, o, name, x, y, tx, ty)
							}
						}
					}
				}
				check("Y", dst.Y, dst.StrideY, src.Y, src.StrideY, w, h)
				check("U", dst.U, dst.StrideUV, src.U, src.StrideUV, (w+1)/2, (h+1)/2)
				check("V", dst.V, dst.StrideUV, src.V, src.StrideUV, (w+1)/2, (h+1)/2)
				if !dst.FullRange || dst.Matrix != media.BT709 || dst.MediaTime != time.Second {
					t.Errorf("%+v: what is known of the picture is lost", o)
				}
			}
		}
	}
}

// place is where the sample (x, y) of a plane of w×h belongs: mirrored, then turned a quarter at a
// time.
func place(o media.Orientation, w, h, x, y int) (int, int) {
	if o.Mirrored {
		x = w - 1 - x
	}
	for range o.Turns { // what was below is then on the left
		x, y = h-1-y, x
		w, h = h, w
	}
	return x, y
}

func TestUprightRefusesAnotherSize(t *testing.T) {
	t.Parallel()
	for _, dst := range []*media.I420{media.NewI420(4, 2), media.NewI420(2, 2)} {
		if err := distinct(4, 2).Upright(media.Orientation{Turns: 1}, dst); !errors.Is(err, media.ErrPictureSize) {
			t.Errorf("%d×%d: %v", dst.Width, dst.Height, err)
		}
	}
}
