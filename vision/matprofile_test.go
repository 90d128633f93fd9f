//go:build matprofile

package vision_test

import (
	"strings"
	"testing"

	"gocv.io/x/gocv"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision"
)

// TestMatProfile compares the package's own count of native matrices with that of the binding. Run
// it with -tags matprofile.
func TestMatProfile(t *testing.T) {
	before := gocv.MatProfile.Count()
	cfg, err := vision.ParseConfig([]byte(config(64, 64, false)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := vision.NewPreprocessor(cfg, vision.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{640, 1280, 640, 333, 320} {
		texture, err := p.Texture(media.FromRGBA(quadrants(width, width/2)))
		if err != nil {
			t.Fatal(err)
		}
		texture.Release()
		if got := gocv.MatProfile.Count() - before; got == 0 || got != p.NativeMats() {
			t.Errorf("the binding counts %d matrices, the package %d", got, p.NativeMats())
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if got := gocv.MatProfile.Count(); got != before {
		var text strings.Builder
		_ = gocv.MatProfile.WriteTo(&text, 1)
		t.Errorf("%d matrices leaked:\n%s", got-before, text.String())
	}
}
