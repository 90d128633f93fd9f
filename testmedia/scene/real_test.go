package scene_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

func TestEverySortOfRealPictureIsMade(t *testing.T) {
	made := map[string][]float64{}
	for seed := range uint64(90) {
		s := draw(t, seed, scene.Options{Width: 80, Height: 60, Kind: scene.KindReal})
		made[s.Sort] = append(made[s.Sort], mean(s.Image))
		if len(s.Facts) != 0 || len(s.Objects) != 0 || s.Background != "" {
			t.Fatalf("seed %d: a %s claims %v", seed, s.Sort, s.Facts)
		}
	}
	for _, sort := range scene.RealSorts() {
		if len(made[sort]) < 5 {
			t.Errorf("%d of 90 real pictures are %s", len(made[sort]), sort)
		}
	}
	if len(made) != len(scene.RealSorts()) || slices.Max(made["black"]) > 5 || slices.Max(made["covered"]) > 90 {
		t.Errorf("sorts and brightness: %v", made)
	}
}

// mean is the brightness of a picture.
func mean(m *image.RGBA) float64 {
	sum, n := 0, 0
	for i, v := range m.Pix {
		if i%4 < 3 {
			sum, n = sum+int(v), n+1
		}
	}
	return float64(sum) / float64(n)
}

// TestADrawnBlackIsNoCameraThatIsOff keeps a distance between both: neither could be told
// otherwise.
func TestADrawnBlackIsNoCameraThatIsOff(t *testing.T) {
	drawn, off, darkest, brightest := 0, 0, 255.0, 0.0
	for seed := range uint64(300) {
		if s := draw(t, seed, scene.Options{Width: 32, Height: 32, Kind: scene.KindPlain}); s.Background == "black" {
			drawn, darkest = drawn+1, min(darkest, mean(s.Image))
		}
		if s := draw(t, seed, scene.Options{Width: 32, Height: 32, Kind: scene.KindReal}); s.Sort == "black" {
			off, brightest = off+1, max(brightest, mean(s.Image))
		}
	}
	if drawn < 10 || off < 10 || darkest < brightest+10 {
		t.Errorf("%d drawn down to %.1f, %d off up to %.1f", drawn, darkest, off, brightest)
	}
}

func TestRealPicturesAreRefusedWhateverIsAsked(t *testing.T) {
	answers, questions := map[string]bool{}, map[string]bool{}
	for seed := range uint64(20) {
		s := draw(t, seed, scene.Options{Width: 40, Height: 40, Kind: scene.KindReal})
		for _, q := range append(s.QA, s.Questions(seed, 6, everyQuestion)...) {
			if q.NoPicture {
				continue
			}
			if q.Kind != scene.AskReal || !scene.SaysReal(q.Answer) || !s.Check(q, q.Answer) {
				t.Fatalf("%s: %q is answered %q", q.Kind, q.Question, q.Answer)
			}
			answers[q.Answer], questions[q.Question] = true, true
			for _, confident := range []string{"I see a red circle.", "I see a plain brown image.", "The number is 7.", "Yes.", scene.NoImage} {
				if s.Check(q, confident) {
					t.Errorf("%q passes", confident)
				}
			}
		}
	}
	if len(answers) < 4 || len(questions) < 100 {
		t.Errorf("%d wordings, %d questions", len(answers), len(questions))
	}
}

func TestSaysReal(t *testing.T) {
	for text, want := range map[string]bool{
		scene.SaidOfReal: true,
		"That looks like a photograph; I was taught drawings.":                   true,
		"I cannot say: it seems to be from real life, and I know drawings alone": true,
		"This looks like a real picture.":                                        false,
		"I only know drawings.":                                                  false,
		"This looks like a real picture of a red circle. I only know drawings.":  false,
		"I see a plain real image. I only know drawings.":                        false,
		"": false,
	} {
		if got := scene.SaysReal(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for seed := range uint64(60) {
		for _, q := range draw(t, seed, scene.Options{Width: 32, Height: 32}).QA {
			if scene.SaysReal(q.Answer) {
				t.Errorf("a drawing is refused: %q", q.Answer)
			}
		}
	}
}

func TestPartsOfAPicture(t *testing.T) {
	picture := image.NewRGBA(image.Rect(10, 20, 310, 220)) // its corners differ
	for i := range picture.Pix {
		x, y := i/4%300, i/4/300
		picture.Pix[i] = []uint8{uint8(x * 255 / 300), uint8(y * 255 / 200), uint8((x + y) % 2 * 255), 255}[i%4]
	}
	kept := slices.Clone(picture.Pix)
	firsts, mirrored := map[color.RGBA]bool{}, 0
	for seed := range uint64(40) {
		s, err := scene.Real(seed, "photograph", picture, scene.Options{Width: 64, Height: 48})
		if err != nil {
			t.Fatal(err)
		}
		again, err := scene.Real(seed, "photograph", picture, scene.Options{Width: 64, Height: 48})
		if err != nil || !bytes.Equal(s.Image.Pix, again.Image.Pix) {
			t.Fatalf("seed %d gives two pictures: %v", seed, err)
		}
		left, right := s.Image.RGBAAt(0, 24), s.Image.RGBAAt(63, 24)
		if s.Sort != "photograph" || s.Kind != scene.KindReal || !s.Image.Opaque() || max(left.R, right.R)-min(left.R, right.R) < 60 {
			t.Fatalf("seed %d: %q of kind %s, from %v to %v", seed, s.Sort, s.Kind, left, right)
		}
		if left.R > right.R {
			mirrored++
		}
		firsts[left] = true
	}
	if len(firsts) < 20 || mirrored < 8 || mirrored > 32 {
		t.Errorf("%d different parts, %d of 40 mirrored", len(firsts), mirrored)
	}
	if !bytes.Equal(kept, picture.Pix) {
		t.Error("the picture was changed")
	}
	if _, err := scene.Real(1, "dot", image.NewRGBA(image.Rect(0, 0, 8, 8)), scene.Options{}); !errors.Is(err, scene.ErrSize) {
		t.Errorf("a tiny picture: %v", err)
	}
	if _, err := scene.Real(1, "dot", picture, scene.Options{Width: 1, Height: 1}); !errors.Is(err, scene.ErrSize) {
		t.Errorf("a tiny scene: %v", err)
	}
}
