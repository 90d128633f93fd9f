package album_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
)

// checkered is a picture in two colours, so that every part of it shows something.
func checkered(t *testing.T, side int, c color.RGBA) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		m.SetRGBA(i%side, i/side, color.RGBA{255, 255, 255, 255})
		if (i%side/9+i/side/9)%2 == 0 {
			m.SetRGBA(i%side, i/side, c)
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestEveryPictureIsDrawnWithItsSort(t *testing.T) {
	red, blue, green := color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}, color.RGBA{0, 200, 0, 255}
	a, err := album.Open(fstest.MapFS{
		"photograph/a.png": {Data: checkered(t, 200, red)}, "photograph/b.png": {Data: checkered(t, 150, green)},
		"screen/c.png": {Data: checkered(t, 120, blue)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Sorts(); len(got) != 2 || got[0] != "photograph" || got[1] != "screen" || a.Len() != 3 {
		t.Fatalf("%d pictures of sorts %v", a.Len(), got)
	}
	drawn := map[string]int{}
	for seed := range uint64(60) {
		s, err := a.Draw(seed, scene.Options{Width: 64, Height: 48})
		if err != nil {
			t.Fatal(err)
		}
		again, err := a.Draw(seed, scene.Options{Width: 64, Height: 48})
		if err != nil || !bytes.Equal(s.Image.Pix, again.Image.Pix) {
			t.Fatalf("seed %d is drawn in two ways: %v", seed, err)
		}
		if s.Kind != scene.KindReal || s.Image.Rect != image.Rect(0, 0, 64, 48) || !s.Image.Opaque() {
			t.Fatalf("seed %d: a %s of %v", seed, s.Kind, s.Image.Rect)
		}
		drawn[s.Sort+" "+main(s.Image)]++
	}
	if len(drawn) != 3 || drawn["photograph red"] < 8 || drawn["photograph green"] < 8 || drawn["screen blue"] < 8 {
		t.Errorf("drawn %v", drawn)
	}
}

// main names the channel that is brightest.
func main(m *image.RGBA) string {
	var sum [3]int
	for i, v := range m.Pix {
		if i%4 < 3 {
			sum[i%4] += int(v)
		}
	}
	switch max(sum[0], sum[1], sum[2]) {
	case sum[0]:
		return "red"
	case sum[1]:
		return "green"
	}
	return "blue"
}

func TestUnusableAlbums(t *testing.T) {
	for name, folder := range map[string]fstest.MapFS{
		"empty":        {},
		"no sorts":     {"a.png": {Data: checkered(t, 40, color.RGBA{0, 0, 0, 255})}},
		"no picture":   {"photograph/a.txt": {Data: []byte("not a picture")}},
		"cut off":      {"photograph/a.png": {Data: checkered(t, 40, color.RGBA{0, 0, 0, 255})[:60]}},
		"small":        {"photograph/a.png": {Data: checkered(t, 20, color.RGBA{0, 0, 0, 255})}},
		"among others": {"photograph/a.png": {Data: checkered(t, 40, color.RGBA{0, 0, 0, 255})}, "screen/b.png": {}},
	} {
		if a, err := album.Open(folder); !errors.Is(err, album.ErrAlbum) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}
