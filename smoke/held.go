package smoke

import (
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// AssistedProfile is the profile whose personas are told what adapters see: they are shown a sign
// or a photograph, not a scene.
const AssistedProfile = "assisted"

// Held is what somebody holds up to the camera of a persona that is told what adapters see.
type Held interface {
	// Kind is "sign" or "photograph", Question what is asked, and Expected what should be stated.
	Kind() string
	Question() string
	Expected() string
	// Facts are those that a text states, and Wanted how many it has to.
	Facts(text string) []string
	Wanted() int
	// Draw is the picture, as a camera shows it: 640 × 480 pixels.
	Draw() (*image.RGBA, error)
}

// NewHeld chooses what is held up for a seed: as often a sign as a photograph. The same seed always
// gives the same.
func NewHeld(seed uint64) Held {
	r := rand.New(rand.NewPCG(seed, 4)) // a choice, not a secret
	if r.IntN(2) == 0 {
		return NewSign(seed)
	}
	return NewPhotograph(seed)
}

// write puts the picture into a folder as a PNG.
func write(h Held, folder string) (path string, err error) {
	picture, err := h.Draw()
	if err != nil {
		return "", err
	}
	file, err := os.Create(filepath.Join(folder, h.Kind()+".png"))
	if err != nil {
		return "", err
	}
	if err := png.Encode(file, picture); err != nil {
		_ = file.Close()
		return "", err
	}
	return file.Name(), file.Close()
}
