package smoke

import (
	"bytes"
	"embed"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/image/draw"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// photographs are what is held up; photographs/README.md says where they are from.
//
//go:embed photographs/*.jpg
var photographs embed.FS

// What is asked: of what somebody can hold, and of what nobody can.
const (
	heldQuestion = "What am I holding?"
	seenQuestion = "What does the camera see?"
)

// things are the photographs, what is asked of each, and the words that name what it shows: the
// first is expected.
var things = [...]struct { // a table
	file     string
	question string
	names    []string
}{
	{"cat.jpg", heldQuestion, []string{"cat", "tabby", "kitten"}},
	{"dog.jpg", heldQuestion, []string{"dog", "spaniel"}},
	{"mountain.jpg", seenQuestion, []string{"mountain", "alp"}},
}

// Photograph is a photograph of a thing that an adapter can name: a part of it that the seed
// chooses, mirrored or not.
type Photograph struct {
	Number int // of the things
	crop   float64
	at     [2]float64
	mirror bool
}

// NewPhotograph chooses the photograph of a seed.
func NewPhotograph(seed uint64) Photograph {
	r := rand.New(rand.NewPCG(seed, 5)) // a picture, not a secret
	return Photograph{
		Number: r.IntN(len(things)), crop: 0.9 + 0.1*r.Float64(), at: [2]float64{0.4 + 0.2*r.Float64(), 0.4 + 0.2*r.Float64()}, mirror: r.IntN(2) == 0,
	}
}

// Kind implements Held.
func (Photograph) Kind() string { return "photograph" }

// Question implements Held.
func (p Photograph) Question() string { return things[p.Number].question }

// Expected implements Held.
func (p Photograph) Expected() string { return things[p.Number].names[0] }

// Wanted implements Held: a photograph has one name.
func (Photograph) Wanted() int { return 1 }

// Facts implements Held: the thing's name, by any of the words for it.
func (p Photograph) Facts(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, name := range things[p.Number].names {
		if slices.Contains(words, name) || slices.Contains(words, name+"s") {
			return []string{"thing [" + name + "]"}
		}
	}
	return []string{}
}

// Draw implements Held.
func (p Photograph) Draw() (*image.RGBA, error) {
	data, err := photographs.ReadFile("photographs/" + things[p.Number].file)
	if err != nil {
		return nil, err
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", things[p.Number].file, err)
	}
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	whole := picture.Bounds()
	size := image.Pt(int(float64(whole.Dx())*p.crop), int(float64(whole.Dy())*p.crop))
	if 3*size.X > 4*size.Y { // as wide as the camera's picture
		size.X = size.Y * 4 / 3
	} else {
		size.Y = size.X * 3 / 4
	}
	from := whole.Min.Add(image.Pt(int(p.at[0]*float64(whole.Dx()-size.X)), int(p.at[1]*float64(whole.Dy()-size.Y))))
	draw.CatmullRom.Scale(out, out.Rect, picture, image.Rectangle{Min: from, Max: from.Add(size)}, draw.Src, nil)
	if p.mirror {
		scene.Mirror(out)
	}
	return out, nil
}
