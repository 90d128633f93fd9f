package glance_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/vision/glance"
)

func plain(c color.Color) *image.RGBA { return sized(640, 480, c) }

func sized(width, height int, c color.Color) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return out
}

func look(tb testing.TB, picture *image.RGBA) glance.Seen {
	tb.Helper()
	seen, err := glance.Look(picture)
	if err != nil {
		tb.Fatal(err)
	}
	return seen
}

// photograph is one of those that the smoke holds up, as a camera shows it.
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
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	xdraw.CatmullRom.Scale(out, out.Rect, picture, picture.Bounds(), draw.Src, nil)
	return out
}

// TestColoursHaveTheirNames: the eleven basic ones, varied as much as the drawn scenes vary them.
func TestColoursHaveTheirNames(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vary := func(v uint8) uint8 { return uint8(min(max(int(v)+r.IntN(45)-22, 0), 255)) }
	right, all := 0, 0
	for want, c := range map[string]color.RGBA{
		"red": {220, 30, 30, 255}, "green": {30, 160, 50, 255}, "blue": {30, 60, 220, 255}, "yellow": {245, 225, 40, 255}, "orange": {250, 135, 20, 255},
		"purple": {130, 40, 170, 255}, "pink": {250, 150, 195, 255}, "brown": {120, 70, 30, 255}, "black": {15, 15, 15, 255}, "white": {245, 245, 245, 255},
		"gray": {130, 130, 130, 255},
	} {
		for range 10 {
			all++
			got := look(t, sized(64, 48, color.RGBA{vary(c.R), vary(c.G), vary(c.B), 255})).Colours
			if len(got) == 1 && got[0].Name == want {
				right++
			}
		}
		if got := look(t, sized(64, 48, c)).Colours; len(got) != 1 || got[0].Name != want || got[0].Sure != 1 || got[0].Share != 1 || got[0].Box != image.Rect(0, 0, 64, 48) {
			t.Errorf("%s is %+v", want, got)
		}
	}
	if right*100 < all*95 {
		t.Errorf("%d of %d varied colours have their name", right, all)
	}
}

// TestColoursHavePlaces: where a colour is, in ninths; what is small is not told, and no more than
// three are.
func TestColoursHavePlaces(t *testing.T) {
	picture := plain(color.White)
	draw.Draw(picture, image.Rect(0, 0, 210, 480), image.NewUniform(color.RGBA{220, 30, 30, 255}), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(430, 320, 640, 480), image.NewUniform(color.RGBA{30, 60, 220, 255}), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(300, 200, 340, 240), image.NewUniform(color.Black), image.Point{}, draw.Src)
	got := look(t, picture).Colours
	if len(got) != 3 || got[0].Name != "white" || got[0].Box != image.Rect(213, 0, 640, 480) ||
		got[1].Name != "red" || got[1].Box != image.Rect(0, 0, 213, 480) || got[2].Name != "blue" || got[2].Box != image.Rect(426, 320, 640, 480) {
		t.Errorf("got %+v", got)
	}
	part, _ := picture.SubImage(image.Rect(430, 320, 640, 480)).(*image.RGBA)
	if got := look(t, part).Colours; len(got) != 1 || got[0].Name != "blue" || got[0].Box != part.Rect {
		t.Errorf("of a part: %+v", got)
	}
	for i := range 5 {
		c := color.RGBA{uint8(50 * i), uint8(255 - 50*i), uint8(128 * (i % 2)), 255}
		draw.Draw(picture, image.Rect(128*i, 0, 128*(i+1), 480), image.NewUniform(c), image.Point{}, draw.Src)
	}
	if got := look(t, picture).Colours; len(got) > 3 {
		t.Errorf("%d colours", len(got))
	}
}

// blurred is a picture of which only what is larger than so many pixels is left.
func blurred(picture *image.RGBA, by int) *image.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, picture.Rect.Dx()/by, picture.Rect.Dy()/by))
	xdraw.BiLinear.Scale(small, small.Rect, picture, picture.Rect, draw.Src, nil)
	out := image.NewRGBA(picture.Rect)
	xdraw.CatmullRom.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
	return out
}

// brightness multiplies what every pixel has.
func brightness(picture *image.RGBA, by float64) *image.RGBA {
	out := image.NewRGBA(picture.Rect)
	for i, v := range picture.Pix {
		out.Pix[i] = uint8(min(float64(v)*by, 255))
		if i%4 == 3 {
			out.Pix[i] = v
		}
	}
	return out
}

// TestLightAndSharpness: photographs as they are say nothing of either; blurred, dark and
// overexposed ones say so.
func TestLightAndSharpness(t *testing.T) {
	for _, file := range []string{"cat.jpg", "dog.jpg", "mountain.jpg"} {
		picture := photograph(t, file)
		if seen := look(t, picture); seen.Dark+seen.Overexposed > 0 || seen.Blurred > 0.9 {
			t.Errorf("%s as it is: %+v", file, seen)
		}
		if seen := look(t, blurred(picture, 8)); seen.Blurred < 0.9 || seen.Dark+seen.Overexposed > 0 {
			t.Errorf("%s, blurred: %+v", file, seen)
		}
		if seen := look(t, brightness(picture, 0.1)); seen.Dark < 0.9 || seen.Blurred > 0 {
			t.Errorf("%s, dark: %+v", file, seen)
		}
	}
	if seen := look(t, brightness(photograph(t, "cat.jpg"), 4)); seen.Overexposed < 0.9 {
		t.Errorf("overexposed: %+v", seen)
	}
	page := plain(color.White)
	for y := 20; y < 460; y += 12 {
		for x := 20; x < 620; x += 6 {
			draw.Draw(page, image.Rect(x, y, x+2, y+7), image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
	}
	if seen := look(t, page); seen.Overexposed > 0 || seen.Blurred > 0 {
		t.Errorf("a page of text: %+v", seen)
	}
	covered := plain(color.Black)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range covered.Pix {
		if i%4 != 3 {
			covered.Pix[i] = uint8(r.IntN(24))
		}
	}
	if seen := look(t, covered); seen.Dark < 0.9 || seen.Blurred > 0 || !slices.ContainsFunc(seen.Colours, func(c glance.Colour) bool { return c.Name == "black" }) {
		t.Errorf("a covered lens: %+v", seen)
	}
	if seen := look(t, plain(color.RGBA{120, 140, 160, 255})); seen.Dark+seen.Overexposed+seen.Blurred > 0 {
		t.Errorf("an empty wall: %+v", seen)
	}
}

// TestOddPictures: none, and ones that are too small for whatever is measured.
func TestOddPictures(t *testing.T) {
	for _, none := range []*image.RGBA{nil, {}, image.NewRGBA(image.Rect(0, 0, 10, 0))} {
		if _, err := glance.Look(none); !errors.Is(err, glance.ErrPicture) {
			t.Errorf("no picture: %v", err)
		}
	}
	for _, size := range []image.Point{{X: 1, Y: 1}, {X: 1, Y: 700}, {X: 16000, Y: 3}, {X: 9, Y: 10}, {X: 2561, Y: 641}} {
		picture := image.NewRGBA(image.Rectangle{Max: size}.Add(image.Pt(-7, 5)))
		for i := range picture.Pix {
			picture.Pix[i] = 255
		}
		if got := look(t, picture).Colours; len(got) != 1 || got[0].Name != "white" {
			t.Errorf("%v: %+v", size, got)
		}
	}
}

func BenchmarkLook(b *testing.B) {
	picture := photograph(b, "cat.jpg")
	for b.Loop() {
		look(b, picture)
	}
}
