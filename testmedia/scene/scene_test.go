package scene_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"pgregory.net/rapid"
)

func draw(t rapid.TB, seed uint64, opt scene.Options) *scene.Scene {
	t.Helper()
	s, err := scene.Draw(seed, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// anyScene draws a small scene of any seed and kind.
func anyScene(t *rapid.T) *scene.Scene {
	seed := rapid.Uint64().Draw(t, "seed")
	kind := rapid.SampledFrom(append(scene.Kinds(), "")).Draw(t, "kind")
	w, h := rapid.IntRange(scene.MinSide, 200).Draw(t, "width"), rapid.IntRange(scene.MinSide, 200).Draw(t, "height")
	return draw(t, seed, scene.Options{Width: w, Height: h, Kind: kind})
}

func TestSeedDecidesEverything(t *testing.T) {
	for seed, want := range map[uint64]string{
		0: "7a0cdcd433bba9bd", 1: "a16000fa7a215c9d", 1_000_000_000_000: "d629bc1128394624", 18_446_744_073_709_551_615: "51b47ea9b59b724a",
	} {
		s := draw(t, seed, scene.Options{Width: 64, Height: 48})
		text, err := json.Marshal(struct {
			Kind  scene.Kind
			Facts []scene.Fact
		}{s.Kind, s.Facts})
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("seed %d: %s, want %s: %v", seed, got, want, s.Facts)
		}
	}
}

func TestSameAtEverySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		o := draw(t, s.Seed, scene.Options{Width: 96, Height: 54, Kind: s.Kind})
		if !slices.EqualFunc(s.Facts, o.Facts, func(a, b scene.Fact) bool { return a.String() == b.String() }) {
			t.Fatalf("facts at %v: %v; at 96×54: %v", s.Image.Rect, s.Facts, o.Facts)
		}
	})
}

func TestObjectsAreApartAndInside(t *testing.T) {
	const rim = 0.011
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		for i, a := range s.Objects {
			if a.Box.X0 < -rim || a.Box.Y0 < -rim || a.Box.X1 > 1+rim || a.Box.Y1 > 1+rim {
				t.Fatalf("%s leaves the picture: %+v", a.Name, a.Box)
			}
			x, y := a.Box.Centre()
			if field := min(2, int(y*3))*3 + min(2, int(x*3)); scene.Positions()[field] != a.Position {
				t.Fatalf("%s has its middle at %.2f, %.2f, not %s", a.Name, x, y, a.Position)
			}
			for _, b := range s.Objects[i+1:] {
				if a.Box.X0 < b.Box.X1 && b.Box.X0 < a.Box.X1 && a.Box.Y0 < b.Box.Y1 && b.Box.Y0 < a.Box.Y1 {
					t.Fatalf("%+v and %+v overlap", a, b)
				}
				if a.Position == b.Position {
					t.Fatalf("%s and %s share the field %s", a.Name, b.Name, a.Position)
				}
			}
		}
	})
}

func TestPictureShowsTheFacts(t *testing.T) {
	s := draw(t, 7, scene.Options{Width: 200, Height: 100, Kind: scene.KindQuadrants})
	for _, p := range s.Panels {
		x, y := p.Box.Centre()
		if got := nearestColour(s.Image, x, y); got != p.Colour {
			t.Errorf("%s is painted %s, said to be %s", p.Position, got, p.Colour)
		}
	}
	shapes := 0
	for seed := range uint64(60) {
		s := draw(t, seed, scene.Options{Width: 120, Height: 120, Kind: scene.KindShapes})
		for _, o := range s.Objects {
			if o.Name == "ring" { // hollow in the middle
				continue
			}
			shapes++
			x, y := o.Box.Centre()
			if got := nearestColour(s.Image, x, y); got != o.Colour {
				t.Errorf("seed %d: the %s is painted %s, said to be %s", seed, o.Name, got, o.Colour)
			}
		}
	}
	if shapes < 60 {
		t.Errorf("looked at %d shapes only", shapes)
	}
}

// nearestColour names the colour of the pixel at a place given in fractions of the picture.
func nearestColour(m *image.RGBA, x, y float64) string {
	middles := map[string][3]int{
		"red": {220, 30, 30}, "green": {30, 160, 50}, "blue": {30, 60, 220}, "yellow": {245, 225, 40}, "orange": {250, 135, 20},
		"purple": {130, 40, 170}, "pink": {250, 150, 195}, "brown": {120, 70, 30}, "black": {15, 15, 15},
		"white": {245, 245, 245}, "gray": {130, 130, 130},
	}
	c := m.RGBAAt(int(x*float64(m.Rect.Dx())), int(y*float64(m.Rect.Dy())))
	best, least := "", 1<<30
	for name, v := range middles {
		r, g, b := int(c.R)-v[0], int(c.G)-v[1], int(c.B)-v[2]
		if d := r*r + g*g + b*b; d < least {
			best, least = name, d
		}
	}
	return best
}

func TestSpritesAndDigitsLeaveInk(t *testing.T) {
	for _, kind := range []scene.Kind{scene.KindEmoji, scene.KindNumber} {
		for seed := range uint64(40) {
			s := draw(t, seed, scene.Options{Width: 160, Height: 120, Kind: kind})
			boxes := []scene.Box{}
			for _, o := range s.Objects {
				boxes = append(boxes, o.Box)
			}
			for _, g := range s.Glyphs {
				boxes = append(boxes, g.Box)
			}
			if len(boxes) == 0 {
				t.Fatalf("%s %d shows nothing", kind, seed)
			}
			for _, b := range boxes {
				if n := colourCount(s.Image, b); n < 3 {
					t.Errorf("%s %d: %d colours inside %+v", kind, seed, n, b)
				}
			}
		}
	}
}

func colourCount(m *image.RGBA, b scene.Box) int {
	seen := map[any]bool{}
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	for y := max(0, int(b.Y0*h)); y < min(m.Rect.Dy(), int(b.Y1*h)); y++ {
		for x := max(0, int(b.X0*w)); x < min(m.Rect.Dx(), int(b.X1*w)); x++ {
			seen[m.RGBAAt(x, y)] = true
		}
	}
	return len(seen)
}

func TestEveryPixelIsOpaque(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if s := anyScene(t); !s.Image.Opaque() {
			t.Fatal("the picture has holes")
		}
	})
}

func TestKindsAreDrawnAsAsked(t *testing.T) {
	for _, kind := range scene.Kinds() {
		if s := draw(t, 3, scene.Options{Width: 64, Height: 64, Kind: kind}); s.Kind != kind {
			t.Errorf("asked for %s, drew %s", kind, s.Kind)
		}
	}
	drawn := map[scene.Kind]int{}
	for seed := range uint64(600) {
		drawn[draw(t, seed, scene.Options{Width: 32, Height: 32}).Kind]++
	}
	if len(drawn) != 7 || drawn[scene.KindDense] != 0 || drawn[scene.KindShapes] < 120 {
		t.Errorf("kinds drawn at random: %v", drawn)
	}
}

func TestBadOptions(t *testing.T) {
	for _, opt := range []scene.Options{{Width: 31, Height: 64}, {Width: 64}, {Width: 64, Height: 5000}, {Width: -1, Height: -1}} {
		if _, err := scene.Draw(1, opt); !errors.Is(err, scene.ErrSize) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	if _, err := scene.Draw(1, scene.Options{Kind: "landscape"}); !errors.Is(err, scene.ErrKind) {
		t.Errorf("unknown kind: %v", err)
	}
	if s := draw(t, 1, scene.Options{}); s.Image.Rect != image.Rect(0, 0, 640, 480) {
		t.Errorf("usual size is %v", s.Image.Rect)
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"128x128", 128, 128}, {"640x480", 640, 480}, {"1280x720", 1280, 720}} {
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			for seed := range uint64(b.N) {
				if _, err := scene.Draw(seed, scene.Options{Width: size.width, Height: size.height}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
