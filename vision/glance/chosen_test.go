package glance_test

import (
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"testing"

	xdraw "golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
	"github.com/sensory-agent/sensory-agent/vision/glance"
)

// BenchmarkWhatWasChosen measures light and sharpness on the folder $PICTURES, made by
// models/calibration/pictures.py: each picture as it is, blurred, dark and overexposed, after VP8
// at 640×480. It prints the figures of README.md; on the held side no picture that is as it was may
// be called dark, overexposed or, but for the faces, blurred with certainty, and all at an eighth
// of the brightness are dark.
func BenchmarkWhatWasChosen(b *testing.B) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		b.Fatal("set PICTURES to the folder that models/calibration/pictures.py makes")
	}
	camera, err := evaluate.NewCamera(codec.VP8, 640, 480)
	if err != nil {
		b.Fatal(err)
	}
	defer camera.Close()
	for _, side := range []string{"train", "held"} {
		files, err := filepath.Glob(filepath.Join(folder, side, "*", "*.jpg"))
		if err != nil || len(files) == 0 {
			b.Fatal(files, err)
		}
		type tally struct{ dark, darkMaybe, over, overMaybe, blurred, blurredMaybe, face, faceMaybe, all int }
		counts := map[string]*tally{}
		for _, file := range files {
			face := filepath.Base(filepath.Dir(file)) == "face" // 25 pixels wide in their package: blurred as they are
			f, err := os.Open(file)
			if err != nil {
				b.Fatal(err)
			}
			decoded, _, err := image.Decode(f)
			f.Close()
			if err != nil {
				b.Fatal(err)
			}
			whole := decoded.Bounds()
			if 3*whole.Dx() > 4*whole.Dy() {
				whole.Max.X = whole.Min.X + whole.Dy()*4/3
			} else {
				whole.Max.Y = whole.Min.Y + whole.Dx()*3/4
			}
			picture := image.NewRGBA(image.Rect(0, 0, 640, 480))
			xdraw.CatmullRom.Scale(picture, picture.Rect, decoded, whole, draw.Src, nil)
			for name, shown := range map[string]*image.RGBA{
				"as it is": picture, "blurred 4": blurred(picture, 4), "blurred 8": blurred(picture, 8), "blurred 16": blurred(picture, 16),
				"dark 1/4": brightness(picture, 0.25), "dark 1/8": brightness(picture, 0.125), "over 2": brightness(picture, 2), "over 4": brightness(picture, 4),
			} {
				frame, err := camera.Film(shown)
				if err != nil {
					b.Fatal(err)
				}
				seen := look(b, frame.Image())
				m := glance.Measured(frame.Image())
				frame.Release()
				c := counts[name]
				if c == nil {
					c = &tally{}
					counts[name] = c
				}
				c.all++
				blurred, blurredMaybe := &c.blurred, &c.blurredMaybe
				if face {
					blurred, blurredMaybe = &c.face, &c.faceMaybe
				}
				for _, x := range []struct {
					sure        float64
					told, maybe *int
				}{{seen.Dark, &c.dark, &c.darkMaybe}, {seen.Overexposed, &c.over, &c.overMaybe}, {seen.Blurred, blurred, blurredMaybe}} {
					if x.sure > 0.9 {
						*x.told++
					} else if x.sure > 0 {
						*x.maybe++
					}
				}
				b.Logf("%s %s %s: %s", side, filepath.Base(file), name, m)
			}
		}
		for name, c := range counts {
			b.Logf("%s, %s: %+v", side, name, *c)
		}
		if c, dark := counts["as it is"], counts["dark 1/8"]; side == "held" && (c.dark+c.over+c.blurred > 0 || dark.dark < dark.all) {
			b.Errorf("as they are: %+v, an eighth as bright: %+v", *c, *dark)
		}
	}
}
