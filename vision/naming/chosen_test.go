package naming_test

import (
	"bufio"
	"image"
	_ "image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
	"github.com/sensory-agent/sensory-agent/vision/naming"
)

// seenOnce is what the network gave of one part of a picture.
type seenOnce struct {
	file     string
	logits   []float32
	accepted []string
}

// BenchmarkWhatWasChosen measures the temperature and the thresholds on the folder $PICTURES, made
// by models/calibration/pictures.py: four parts of each picture, mirrored or not, after VP8. It
// prints the figures of README.md; on the held side seven of ten that are certain have to be right.
func BenchmarkWhatWasChosen(b *testing.B) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		b.Fatal("set PICTURES to the folder that models/calibration/pictures.py makes")
	}
	n := namer(b)
	sides := map[string][]seenOnce{}
	for _, side := range []string{"train", "held"} {
		sides[side] = look(b, n, folder, side)
		for _, temperature := range []float64{0.8, 0.9, 1, 1.1, 1.2, 1.4} {
			for _, exact := range []float64{0.5, 0.7} {
				report(b, n, sides[side], side, temperature, exact)
			}
		}
	}
	sure, least := prompt.SeenThing.Sure()
	temperature, exact := naming.Chosen()
	for _, s := range append(sides["train"], sides["held"]...) {
		if name := n.Best(s.logits, temperature, exact); name.Sure >= least && !slices.Contains(s.accepted, name.What) {
			b.Logf("%s is called %s, %.2f", s.file, name.What, name.Sure)
		}
	}
	told, right := precision(n, sides["held"], temperature, exact, sure, 2)
	doubtful, half := precision(n, sides["held"], temperature, exact, least, sure)
	b.Logf("held: sure of %d, %d right; not sure of %d, %d right; of %d", told, right, doubtful, half, len(sides["held"]))
	if right*10 < told*7 || told == 0 {
		b.Errorf("of what is told as certain %d of %d are right", right, told)
	}
}

// look has the network see every picture of a side.
func look(t testing.TB, n *naming.Namer, folder, side string) (out []seenOnce) {
	t.Helper()
	accepted := map[string][]string{}
	list, err := os.Open(filepath.Join("testdata", "accepted.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		file, names, _ := strings.Cut(lines.Text(), "\t")
		accepted[file] = strings.Split(names, ",")
	}
	camera, err := evaluate.NewCamera(codec.VP8, 640, 480)
	if err != nil {
		t.Fatal(err)
	}
	defer camera.Close()
	files, err := filepath.Glob(filepath.Join(folder, side, "*", "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	r := rand.New(rand.NewPCG(1, 6))
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		picture, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(file, err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, folder+"/"), ".jpg")
		for range 4 {
			frame, err := camera.Film(part(r, picture))
			if err != nil {
				t.Fatal(err)
			}
			logits, err := n.Logits(t.Context(), frame.Image())
			frame.Release()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, seenOnce{name, logits, accepted[name]})
		}
	}
	return out
}

// part is 85 to 100 % of a picture, as a camera shows it.
func part(r *rand.Rand, picture image.Image) *image.RGBA {
	whole := picture.Bounds()
	crop := 0.85 + 0.15*r.Float64()
	size := image.Pt(int(float64(whole.Dx())*crop), int(float64(whole.Dy())*crop))
	if 3*size.X > 4*size.Y { // as wide as the camera's picture
		size.X = size.Y * 4 / 3
	} else {
		size.Y = size.X * 3 / 4
	}
	from := whole.Min.Add(image.Pt(r.IntN(whole.Dx()-size.X+1), r.IntN(whole.Dy()-size.Y+1)))
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.CatmullRom.Scale(out, out.Rect, picture, image.Rectangle{Min: from, Max: from.Add(size)}, draw.Src, nil)
	if r.IntN(2) == 0 {
		scene.Mirror(out)
	}
	return out
}

// precision counts what is told with a likelihood from low to high, and what of it is right.
func precision(n *naming.Namer, all []seenOnce, temperature, exact, low, high float64) (told, right int) {
	for _, s := range all {
		if name := n.Best(s.logits, temperature, exact); name.Sure >= low && name.Sure < high {
			told++
			if slices.Contains(s.accepted, name.What) {
				right++
			}
		}
	}
	return told, right
}

// report prints a row for each tenth of likelihood, and how far likelihood and truth are apart.
func report(t testing.TB, n *naming.Namer, all []seenOnce, side string, temperature, exact float64) {
	t.Helper()
	var apart float64
	row := ""
	for low := 0.2; low < 0.95; low += 0.1 {
		high := low + 0.1
		if high > 0.95 {
			high = 2
		}
		told, right := precision(n, all, temperature, exact, low, high)
		if told > 0 {
			off := float64(right)/float64(told) - min(low+0.05, 1)
			apart += max(off, -off) * float64(told)
		}
		row += "  " + strconv.Itoa(right) + "/" + strconv.Itoa(told)
	}
	t.Logf("%s T=%.1f exact=%.1f  %s  off by %.3f", side, temperature, exact, row, apart/float64(len(all)))
}
