package smolvlm_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestEveryChoiceEqualsReference: whichever number of squares is agreed, a picture is cut as the
// reference processor cuts it at one of its own settings, the largest that keeps the number, and
// equal to it to the bit: at SmolVLM-256M's full size (testdata/choices.py).
func TestEveryChoiceEqualsReference(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/choices.json")
	if err != nil {
		t.Fatal(err)
	}
	type made struct {
		picture
		Edge int `json:"edge"`
	}
	var all []made
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	cfg := fullConfig(t)
	type size struct{ width, height int }
	known := map[size][]made{}
	for _, m := range all {
		known[size{m.Width, m.Height}] = append(known[size{m.Width, m.Height}], m)
	}
	if len(known) < 6 || len(all) < 24 {
		t.Fatalf("only %d cases of %d sizes", len(all), len(known))
	}
	for _, settings := range known {
		for _, most := range cfg.Choices() {
			want := settings[0] // not split
			for _, m := range settings {
				if m.Images <= most && m.Images > want.Images {
					want = m
				}
			}
			if want.Images != most && most != 1 {
				checkGrid(t, cfg, most, want.picture)
				continue // its pixels are those of a smaller number
			}
			checkPixels(t, cfg, most, want.picture)
		}
	}
}

// fullConfig is the image processor of the full size.
func fullConfig(t *testing.T) vision.Config {
	t.Helper()
	text, err := smolvlm.Preprocessor()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := vision.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// checkGrid compares only into how many squares a picture is made.
func checkGrid(t *testing.T, cfg vision.Config, most int, want picture) {
	t.Helper()
	p := bounded(t, cfg, most)
	if images, rows, cols, err := p.Images(want.Width, want.Height); err != nil || images != want.Images || rows != want.Rows || cols != want.Cols {
		t.Errorf("%v in at most %d: %d squares in %d×%d, %v, the reference has %d in %d×%d", want.key(), most, images, rows, cols, err, want.Images, want.Rows, want.Cols)
	}
}

// checkPixels compares every pixel.
func checkPixels(t *testing.T, cfg vision.Config, most int, want picture) {
	t.Helper()
	texture, err := bounded(t, cfg, most).TextureImage(want.draw())
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	levels := make([]byte, len(texture.Pixels))
	for i, v := range texture.Pixels {
		levels[i] = byte(math.RoundToEven(float64(v*.5+.5) * 255))
	}
	if sum := sha256.Sum256(levels); hex.EncodeToString(sum[:]) != want.Levels || texture.Images != want.Images || texture.Rows != want.Rows || texture.Cols != want.Cols {
		t.Errorf("%v in at most %d: %d squares in %d×%d are not the reference's %d in %d×%d", want.key(), most, texture.Images, texture.Rows, texture.Cols, want.Images, want.Rows, want.Cols)
	}
}

func bounded(t *testing.T, cfg vision.Config, most int) *vision.Preprocessor {
	t.Helper()
	p, err := vision.NewPreprocessor(cfg.Within(most), vision.Options{Fidelity: vision.FidelityReference})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, p)
	return p
}
