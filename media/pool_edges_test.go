package media_test

import (
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestPictureSizesAtTheirEdges takes the largest pictures and refuses the next, with the numbers.
func TestPictureSizesAtTheirEdges(t *testing.T) {
	for _, c := range []struct {
		w, h int
		good bool
	}{
		{1, 1, true},
		{0, 1, false},
		{1, 0, false},
		{-1, -1, false},
		{6144, 3456, true},
		{3456, 6144, true},
		{6144, 3457, false},
		{5120, 2880, true},
		{4000, 3000, true},
		{8192, 2592, true},
		{8192, 2593, false},
		{8193, 1, false},
		{1, 8193, false},
		{1 << 40, 1 << 40, false},
	} {
		err := media.CheckSize(c.w, c.h)
		var size *media.SizeError
		if c.good && err != nil || !c.good && (!errors.Is(err, media.ErrPictureSize) || !errors.As(err, &size) ||
			*size != media.SizeError{Width: c.w, Height: c.h, MaxPixels: media.MaxPixels}) {
			t.Errorf("%d×%d: %v", c.w, c.h, err)
		}
	}
	if err := media.CheckSizeLimit(10, 10, 100); err != nil {
		t.Errorf("as many pixels as may be: %v", err)
	}
	if err := media.CheckSizeLimit(10, 10, 99); err == nil {
		t.Error("one more than may be was taken")
	}
}

// TestPoolReusesMemoryThatFits gives back a picture and takes one of another size.
func TestPoolReusesMemoryThatFits(t *testing.T) {
	for _, c := range []struct {
		first, second [2]int
		same          bool
	}{
		{[2]int{64, 64}, [2]int{64, 64}, true},
		{[2]int{64, 64}, [2]int{32, 32}, true},   // four times as large: just so
		{[2]int{64, 64}, [2]int{32, 30}, false},  // more than four times
		{[2]int{64, 64}, [2]int{64, 66}, false},  // too small
		{[2]int{64, 64}, [2]int{128, 32}, true},  // another shape
		{[2]int{64, 64}, [2]int{128, 34}, false}, // a little too small
	} {
		pool := media.NewI420Pool(1)
		a, err := pool.Get(c.first[0], c.first[1])
		if err != nil {
			t.Fatal(err)
		}
		memory := &a.Y[0]
		a.Release()
		b, err := pool.Get(c.second[0], c.second[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := memory == &b.Y[0]; got != c.same {
			t.Errorf("%v after %v: the same memory is %v", c.second, c.first, got)
		}
		b.Release()
	}
	least := media.NewI420Pool(-3)
	f, err := least.Get(2, 2)
	if err != nil {
		t.Fatalf("a pool has at least one picture: %v", err)
	}
	if _, err := least.Get(2, 2); !errors.Is(err, media.ErrPoolExhausted) || least.Outstanding() != 1 {
		t.Errorf("and no more: %v", err)
	}
	f.Release()
	if _, err := least.Get(0, 2); !errors.Is(err, media.ErrPictureSize) || least.Outstanding() != 0 {
		t.Errorf("a picture of nothing: %v, %d lent", err, least.Outstanding())
	}
}

// TestPoolKeepsNoMoreThanItsLimit lends and takes back pictures of many sizes: memory of at most
// limit pictures stays.
func TestPoolKeepsNoMoreThanItsLimit(t *testing.T) {
	pool := media.NewI420Pool(2)
	seen := map[*byte]bool{}
	for range 3 {
		for _, side := range []int{16, 64, 256, 1024} {
			f, err := pool.Get(side, side)
			if err != nil {
				t.Fatal(err)
			}
			seen[&f.Y[0]] = true
			f.Release()
		}
	}
	if len(seen) < 8 {
		t.Errorf("%d pieces of memory for sizes that do not fit each other", len(seen))
	}
	narrow := media.NewI420Pool(1) // what is kept is of the size that was used last
	var last *byte
	for i, side := range []int{16, 256, 256, 256} {
		f, err := narrow.Get(side, side)
		if err != nil {
			t.Fatal(err)
		}
		if i > 1 && last != &f.Y[0] {
			t.Error("the memory of another size was kept instead")
		}
		last = &f.Y[0]
		f.Release()
	}
	a, _ := pool.Get(16, 16)
	b, _ := pool.Get(16, 16)
	if a == nil || b == nil || &a.Y[0] == &b.Y[0] {
		t.Fatal("two pictures share their memory")
	}
	first, second := &a.Y[0], &b.Y[0]
	a.Release()
	b.Release()
	c, _ := pool.Get(16, 16)
	d, _ := pool.Get(16, 16)
	if got := map[*byte]bool{&c.Y[0]: true, &d.Y[0]: true}; !got[first] || !got[second] {
		t.Error("the memory of two pictures was not kept for the next two")
	}
	c.Release()
	d.Release()
}

// TestPackedCopiesIntoWhatIsThere packs rows with padding.
func TestPackedCopiesIntoWhatIsThere(t *testing.T) {
	f := &media.I420{Width: 3, Height: 3, StrideY: 4, StrideUV: 3}
	f.Y, f.U, f.V = []byte("abc.def.ghi."), []byte("kl.mn."), []byte("op.qr.")
	room := make([]byte, 0, 100)
	got := f.Packed(room)
	if string(got) != "abcdefghiklmnopqr" || &got[0] != &room[:1][0] {
		t.Errorf("%q", got)
	}
	if got := f.Packed(make([]byte, 0, 3)); string(got) != "abcdefghiklmnopqr" {
		t.Errorf("with too little room: %q", got)
	}
	f.FullRange, f.Matrix, f.MediaTime, f.Captured = true, media.BT709, time.Second, epoch
	c := f.Clone()
	if string(c.Packed(nil)) != "abcdefghiklmnopqr" || !c.FullRange || c.Matrix != media.BT709 || c.MediaTime != time.Second ||
		!c.Captured.Equal(epoch) {
		t.Errorf("the clone is %+v", c)
	}
	if media.BT601.String() != "BT.601" || media.BT709.String() != "BT.709" {
		t.Error("names of matrices")
	}
}

// TestAPictureThatWasMadeNarrowerIsPacked: its rows lie further apart than it is wide, its chroma
// does not.
func TestAPictureThatWasMadeNarrowerIsPacked(t *testing.T) {
	f := media.NewI420(4, 2)
	copy(f.Y, "abc.def.")
	copy(f.U, "kl")
	copy(f.V, "mn")
	f.Width = 3
	if got := string(f.Packed(nil)); got != "abcdefklmn" {
		t.Errorf("%q", got)
	}
}

// TestOddPicturesKeepTheirEdge colours the last column and row.
func TestOddPicturesKeepTheirEdge(t *testing.T) {
	img := fill(5, 3, palette[2])
	for y := range 3 {
		img.SetRGBA(4, y, palette[0])
	}
	for x := range 5 {
		img.SetRGBA(x, 2, palette[0])
	}
	got := media.FromRGBA(img).Image()
	for _, at := range []image.Point{{4, 0}, {4, 2}, {0, 2}, {3, 2}} {
		if c := got.RGBAAt(at.X, at.Y); !near(c.R, 255, 3) || !near(c.B, 0, 3) {
			t.Errorf("%v is %v, want red", at, c)
		}
	}
	if c := got.RGBAAt(0, 0); !near(c.B, 255, 3) || !near(c.R, 0, 3) {
		t.Errorf("the middle is %v, want blue", c)
	}
}

// TestColoursToTheBit converts colours to the nearest values of BT.601 in limited range, section
// 2.5 of the recommendation: 16 + 219·(0.299·R + 0.587·G + 0.114·B)/255 and 128 + 112·…, rounded.
func TestColoursToTheBit(t *testing.T) {
	for _, c := range []struct {
		r, g, b uint8
		y, u, v byte
	}{
		{0, 0, 0, 16, 128, 128},
		{255, 255, 255, 235, 128, 128},
		{128, 128, 128, 126, 128, 128},
		{127, 127, 127, 125, 128, 128},
		{255, 0, 0, 81, 90, 240},
		{0, 255, 0, 145, 54, 34},
		{0, 0, 255, 41, 240, 110},
		{200, 30, 90, 91, 129, 198},
		{1, 2, 3, 18, 129, 127},
	} {
		f := media.FromRGBA(fill(2, 2, color.RGBA{c.r, c.g, c.b, 255}))
		if f.Y[3] != c.y || f.U[0] != c.u || f.V[0] != c.v {
			t.Errorf("%d, %d, %d becomes %d, %d, %d; want %d, %d, %d", c.r, c.g, c.b, f.Y[3], f.U[0], f.V[0], c.y, c.u, c.v)
		}
	}
}

// TestPoolWithAnotherLimit: more at once, or fewer: then what is out stays out, and what comes back
// is not kept.
func TestPoolWithAnotherLimit(t *testing.T) {
	pool := media.NewI420Pool(1)
	var out []*media.I420
	for want, limit := range []int{1, 3, 2} {
		pool.SetLimit(limit)
		for {
			f, err := pool.Get(64, 64)
			if err != nil {
				if !errors.Is(err, media.ErrPoolExhausted) {
					t.Fatal(err)
				}
				break
			}
			out = append(out, f)
		}
		if most := max(limit, []int{0, 1, 3}[want]); pool.Outstanding() != most {
			t.Errorf("%d are out with a limit of %d, want %d", pool.Outstanding(), limit, most)
		}
	}
	known := map[*byte]bool{}
	for _, f := range out {
		known[&f.Y[0]] = true
		f.Release()
	}
	pool.SetLimit(1)
	pool.SetLimit(3)
	kept := 0
	for range 3 {
		f, err := pool.Get(64, 64)
		if err != nil {
			t.Fatal(err)
		}
		if known[&f.Y[0]] {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d pieces of memory were kept by a pool of one", kept)
	}
}
