package vision

import (
	"errors"
	"image"
	"image/color"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// TestTexturesOfPatchesThatAreNotWhole are told from those that are.
func TestTexturesOfPatchesThatAreNotWhole(t *testing.T) {
	good := func() *Texture {
		return &Texture{Pixels: make([]float32, 2*3*8*8), Width: 8, Height: 8, Grid: Grid{T: 1, H: 4, W: 2}, Merge: 2}
	}
	if p := good(); !p.whole() || p.tokens() != (Grid{T: 1, H: 2, W: 1}) {
		t.Errorf("whole %v, tokens %v", p.whole(), p.tokens())
	}
	for name, spoil := range map[string]func(p *Texture){
		"no time":         func(p *Texture) { p.Grid.T = 0 },
		"no rows":         func(p *Texture) { p.Grid.H = 0 },
		"no columns":      func(p *Texture) { p.Grid.W = 0 },
		"odd rows":        func(p *Texture) { p.Grid.H = 3 },
		"odd columns":     func(p *Texture) { p.Grid.W = 3 },
		"no merging":      func(p *Texture) { p.Merge = 0 },
		"released":        func(p *Texture) { p.Pixels = nil },
		"half a picture":  func(p *Texture) { p.Pixels = p.Pixels[:3*8*4] },
		"patches of less": func(p *Texture) { p.Grid.T = 5 },
	} {
		p := good()
		if spoil(p); p.whole() {
			t.Errorf("%s: whole", name)
		}
	}
	if squares := (&Texture{}); squares.tokens() != (Grid{}) {
		t.Errorf("squares have the tokens %v", squares.tokens())
	}
}

// TestHalfAnEncoderOfPatches is refused: pixels, grid and mask say the same or the error names the
// one that does not.
func TestHalfAnEncoderOfPatches(t *testing.T) {
	flat, square := ort.TensorInfo{Name: "pixel_values", Shape: []int64{-1, 1176}}, ort.TensorInfo{Name: "pixel_values", Shape: []int64{1, -1, 3, 64, 64}}
	mask, other := ort.TensorInfo{Name: "pixel_attention_mask", Shape: []int64{1, 1, 64, 64}}, ort.TensorInfo{Name: "other", Shape: []int64{1, 1}}
	for _, c := range []struct {
		inputs  []ort.TensorInfo
		patches bool
		bad     string
	}{
		{[]ort.TensorInfo{square}, false, ""},
		{[]ort.TensorInfo{square, mask, other}, false, ""},
		{[]ort.TensorInfo{flat}, false, "image_grid_thw"},
		{[]ort.TensorInfo{flat, {Name: "image_grid_thw"}}, true, ""},
		{[]ort.TensorInfo{{Name: "grid_thw"}, flat, other}, true, ""},
		{[]ort.TensorInfo{square, {Name: "grid_thw"}}, false, "pixel_values"},
		{[]ort.TensorInfo{flat, mask, {Name: "grid_thw"}}, false, "pixel_attention_mask"},
		{nil, false, ""},
	} {
		patches, err := takesPatches(c.inputs)
		var shape *ShapeError
		if errors.As(err, &shape) != (c.bad != "") || c.bad != "" && shape.Tensor != c.bad || patches != c.patches {
			t.Errorf("%v: %v, %v", c.inputs, patches, err)
		}
	}
}

// TestTexturePoolKeepsItsBounds: what is lent and what is free are never more than the limit, and
// memory is used again where it fits.
func TestTexturePoolKeepsItsBounds(t *testing.T) {
	p := &texturePool{limit: 2}
	take := func(n int) []float32 {
		t.Helper()
		pixels, mask, err := p.take(n, 3)
		if err != nil || len(pixels) != n || len(mask) != 3 || !mask[0] || !mask[2] {
			t.Fatalf("%d pixels, mask %v, %v", len(pixels), mask, err)
		}
		return pixels
	}
	large := take(1000)
	p.put(large)
	if again := take(250); &again[0] != &large[0] {
		t.Error("memory that fits was not used again")
	} else {
		p.put(again)
	}
	small := take(249) // less than a quarter
	if &small[0] == &large[0] || len(p.free) != 1 {
		t.Errorf("%d free", len(p.free))
	}
	tiny := take(1)
	if len(p.free) != 0 || p.count() != 2 {
		t.Errorf("%d free, %d lent", len(p.free), p.count())
	}
	if _, _, err := p.take(1, 1); !errors.Is(err, ErrPoolExhausted) {
		t.Errorf("got %v", err)
	}
	p.put(tiny)
	p.put(small)
	if fits := take(200); &fits[0] != &small[0] || len(p.free) != 1 || p.count() != 1 {
		t.Errorf("%d free, %d lent", len(p.free), p.count())
	}
}

// TestPicturesAfterEachOther of other sizes and kinds do not show what was drawn before.
func TestPicturesAfterEachOther(t *testing.T) {
	s := &scratch{}
	for i, size := range []image.Point{{4, 3}, {6, 3}, {6, 5}, {2, 5}, {2, 2}, {2, 2}} {
		bounds := image.Rect(10, 20, 10+size.X, 20+size.Y)
		picture := image.NewGray(bounds)
		for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
			for x := bounds.Min.X; x < bounds.Max.X; x++ {
				picture.SetGray(x, y, color.Gray{Y: uint8(40*i + x - 10 + 7*(y-20))})
			}
		}
		s.draw(picture)
		if s.a.width != size.X || s.a.height != size.Y {
			t.Fatalf("%v became %d × %d", size, s.a.width, s.a.height)
		}
		for y := range size.Y {
			for x := range size.X {
				want := uint8(40*i + x + 7*y)
				if row := s.a.row(y); row[3*x] != want || row[3*x+1] != want || row[3*x+2] != want {
					t.Fatalf("%v: pixel %d, %d is %v, want %d", size, x, y, row[3*x:3*x+3], want)
				}
			}
		}
	}
}
