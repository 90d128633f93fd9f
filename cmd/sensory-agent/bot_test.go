package main

import (
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// TestBotShowsPicturesAsViewersDo: a photograph that a camera stored on its side stands upright,
// and what is transparent is white.
func TestBotShowsPicturesAsViewersDo(t *testing.T) {
	dir := t.TempDir()
	img := image.NewNRGBA(image.Rect(0, 0, 32, 16))
	for y := range 16 {
		for x := range 16 {
			img.Set(x, y, color.NRGBA{R: 255, A: 255}) // the left half is red, the right one transparent
		}
	}
	write := func(name string, data func(f *os.File) error) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := data(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shown := func(path string) image.Image {
		f := &botFlags{show: path}
		_, got, err := f.pictures()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	flat := shown(write("p.png", func(f *os.File) error { return png.Encode(f, img) }))
	if r, g, b, a := flat.At(24, 8).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff || a != 0xffff {
		t.Errorf("transparent is %x %x %x %x", r, g, b, a)
	}
	path := write("p.jpg", func(f *os.File) error { return jpeg.Encode(f, img, nil) })
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const turned = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	if err := os.WriteFile(path, append([]byte("\xff\xd8"+turned), data[2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	upright := shown(path)
	if b := upright.Bounds(); b.Dx() != 16 || b.Dy() != 32 {
		t.Fatalf("a picture on its side is shown as %v", b)
	}
	if r, _, b, _ := upright.At(8, 4).RGBA(); r < 0xc000 || b > 0x4000 {
		t.Error("its left half is not at the top")
	}
	for _, bad := range []string{filepath.Join(dir, "none"), write("text", func(f *os.File) error { _, err := f.WriteString("no picture"); return err })} {
		if _, _, err := (&botFlags{show: bad}).pictures(); err == nil || verdictCode(err) != exitUsage {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
