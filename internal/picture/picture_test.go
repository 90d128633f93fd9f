package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/picture"
)

// corners is a picture of four squares: red, green / blue, white, as an upright viewer sees it.
func corners() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 32, 16))
	for y := range 16 {
		for x := range 32 {
			img.Set(x, y, [2][2]color.RGBA{{{R: 255, A: 255}, {G: 255, A: 255}}, {{B: 255, A: 255}, {R: 255, G: 255, B: 255, A: 255}}}[y/8][x/16])
		}
	}
	return img
}

// seen reads the corners back: r, g, b, w from the top left to the bottom right, and the size.
func seen(img image.Image) string {
	b := img.Bounds()
	out := ""
	for _, at := range []image.Point{{3, 3}, {b.Dx() - 4, 3}, {3, b.Dy() - 4}, {b.Dx() - 4, b.Dy() - 4}} {
		r, g, bl, _ := img.At(b.Min.X+at.X, b.Min.Y+at.Y).RGBA()
		switch hi := [3]bool{r > 0x8000, g > 0x8000, bl > 0x8000}; hi {
		case [3]bool{true, false, false}:
			out += "r"
		case [3]bool{false, true, false}:
			out += "g"
		case [3]bool{false, false, true}:
			out += "b"
		case [3]bool{true, true, true}:
			out += "w"
		default:
			out += "?"
		}
	}
	return fmt.Sprintf("%s %d×%d", out, b.Dx(), b.Dy())
}

// tiff is an EXIF block with some entries before the orientation.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	b := order.AppendUint32([]byte(head), 10)
	b = append(b, 0, 0) // the directory need not follow at once
	b = order.AppendUint16(b, 2)
	for _, e := range []struct{ tag, value uint16 }{{0x0100, 7}, {0x0112, orientation}} {
		b = order.AppendUint16(order.AppendUint16(b, e.tag), 3)
		b = order.AppendUint16(order.AppendUint32(b, 1), e.value)
		b = append(b, 0, 0)
	}
	return append(b, 0, 0, 0, 0)
}

func withEXIF(t testing.TB, format string, img image.Image, block []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if format == "jpeg" {
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		segment := append([]byte("Exif\x00\x00"), block...)
		app := append([]byte{0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xe1, 0, 4, 'h', 'i'}, 0xff, 0xe1) // other segments, and filling, before it
		app = binary.BigEndian.AppendUint16(app, uint16(2+len(segment)))
		return append(append([]byte{0xff, 0xd8}, append(app, segment...)...), b.Bytes()[2:]...)
	}
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	chunk := append([]byte("eXIf"), block...)
	out := binary.BigEndian.AppendUint32(append([]byte(nil), b.Bytes()[:33]...), uint32(len(block))) // behind the header
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return append(out, b.Bytes()[33:]...)
}

// stored is how a camera stores corners() so that orientation turns it upright again.
func stored(orientation int) image.Image {
	inverse := map[int]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
	return picture.Upright(corners(), inverse[orientation])
}

func TestPicturesAreShownUpright(t *testing.T) {
	for _, format := range []string{"jpeg", "png"} {
		for orientation := 1; orientation <= 8; orientation++ {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				img, err := picture.Decode(withEXIF(t, format, stored(orientation), tiff(order, uint16(orientation))))
				if err != nil || seen(img) != "rgbw 32×16" {
					t.Errorf("%s %d: %s, %v", format, orientation, seen(img), err)
				}
			}
		}
	}
}

// TestTurnsAreThoseOfTheStandard pins the meaning of each number: where row 0 and column 0 of the
// stored picture are (EXIF 2.32, 4.6.4).
func TestTurnsAreThoseOfTheStandard(t *testing.T) {
	for orientation, want := range map[int]string{
		0: "rgbw 32×16", 1: "rgbw 32×16", 2: "grwb 32×16", 3: "wbgr 32×16", 4: "bwrg 32×16", 5: "rbgw 16×32", 6: "brwg 16×32", 7: "wgbr 16×32", 8: "gwrb 16×32", 9: "rgbw 32×16",
	} {
		if got := seen(picture.Upright(corners(), orientation)); got != want {
			t.Errorf("%d: %s, want %s", orientation, got, want)
		}
	}
	part := corners().SubImage(image.Rect(16, 8, 32, 16)) // its origin is not 0, 0
	if got := seen(picture.Upright(part, 6)); got != "wwww 8×16" {
		t.Errorf("a part: %s", got)
	}
}

func TestBrokenBlocksAreIgnored(t *testing.T) {
	good := tiff(binary.LittleEndian, 6)
	edit := func(at int, with ...byte) []byte {
		return append(append(append([]byte(nil), good[:at]...), with...), good[at+len(with):]...)
	}
	for name, block := range map[string][]byte{
		"none": nil, "short": good[:7], "another order": edit(0, 'X'), "directory before the block": edit(4, 7), "directory behind the block": edit(4, byte(len(good)-1)),
		"directory far away": edit(4, 0xff, 0xff, 0xff, 0xff), "cut off": good[:len(good)-5], "another type": edit(26, 4), "two values": edit(28, 2),
		"orientation 0": edit(32, 0), "orientation 9": edit(32, 9), "no entries": edit(10, 0),
	} {
		for _, format := range []string{"jpeg", "png"} {
			img, err := picture.Decode(withEXIF(t, format, corners(), block))
			if err != nil || seen(img) != "rgbw 32×16" {
				t.Errorf("%s, %s: %s, %v", name, format, seen(img), err)
			}
		}
	}
	for name, block := range map[string][]byte{"last byte of an entry": good[:len(good)-4], "more entries than there are": edit(10, 0xff, 0xff)} {
		if got := picture.Orientation("png", withEXIF(t, "png", corners(), block)); got != 6 {
			t.Errorf("%s: %d", name, got)
		}
	}
	for name, data := range map[string][]byte{
		"jpeg": {0xff, 0xd8, 0xff, 0xe1, 0, 1}, "no jpeg": {0xff, 0xd9, 0xff, 0xe1, 0, 4, 1, 2}, "empty": {}, "png": []byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffeXIfxxxx"), "gif": []byte("GIF89a"),
	} {
		for _, format := range []string{"jpeg", "png", "gif"} {
			if got := picture.Orientation(format, data); got != 1 {
				t.Errorf("%s as %s: %d", name, format, got)
			}
		}
	}
	scan := append([]byte{0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0}, withEXIF(t, "jpeg", corners(), good)[2:]...)
	if got := picture.Orientation("jpeg", scan); got != 1 {
		t.Errorf("a block behind the picture: %d", got)
	}
}

func TestTransparentPartsAreWhite(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	img.Set(0, 0, color.NRGBA{R: 255})
	img.Set(1, 0, color.NRGBA{R: 255, A: 128})
	img.Set(2, 0, color.NRGBA{R: 255, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	got, err := picture.Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for x, want := range []color.RGBA{{255, 255, 255, 255}, {255, 127, 127, 255}, {255, 0, 0, 255}} {
		if c := color.RGBAModel.Convert(got.At(x, 0)); c != want {
			t.Errorf("pixel %d: %v, want %v", x, c, want)
		}
	}
	if opaque := image.Image(corners()); picture.Opaque(opaque) != opaque {
		t.Error("an opaque picture was copied")
	}
	part := img.SubImage(image.Rect(1, 0, 3, 1))
	if c := color.RGBAModel.Convert(picture.Opaque(part).At(1, 0)); c != (color.RGBA{255, 0, 0, 255}) {
		t.Errorf("a part: %v", c)
	}
}

// header is a PNG that says it is so large.
func header(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestBoundsAndFormats(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"text": {[]byte("no picture"), picture.ErrFormat}, "empty": {nil, picture.ErrFormat}, "cut off": {header(10, 10), picture.ErrFormat},
		"cut off at the limit": {header(10_000, 5_000), picture.ErrFormat}, "beyond": {header(10_000, 5_001), picture.ErrTooLarge},
		"wide": {header(1<<16, 1<<16), picture.ErrTooLarge}, "bytes": {make([]byte, picture.MaxBytes+1), picture.ErrTooLarge},
		"most bytes": {make([]byte, picture.MaxBytes), picture.ErrFormat},
	} {
		if img, err := picture.Decode(c.data); img != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzOrientation: no block crashes the reader, and what it says is one of eight.
func FuzzOrientation(f *testing.F) {
	for _, format := range []string{"jpeg", "png"} {
		f.Add(format, withEXIF(f, format, image.NewGray(image.Rect(0, 0, 1, 1)), tiff(binary.BigEndian, 6)))
		f.Add(format, withEXIF(f, format, image.NewGray(image.Rect(0, 0, 1, 1)), tiff(binary.LittleEndian, 3)[:20]))
	}
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		if o := picture.Orientation(format, data); o < 1 || o > 8 {
			t.Fatalf("%d", o)
		}
	})
}

// TestEveryPixelFindsItsPlace: a picture of six letters, turned each way.
func TestEveryPixelFindsItsPlace(t *testing.T) {
	img := image.NewGray(image.Rect(5, 7, 8, 9))
	copy(img.Pix, "abcdef")
	for orientation, want := range map[int]string{
		1: "abc/def", 2: "cba/fed", 3: "fed/cba", 4: "def/abc", 5: "ad/be/cf", 6: "da/eb/fc", 7: "fc/eb/da", 8: "cf/be/ad",
	} {
		turned := picture.Upright(img, orientation)
		got, b := "", turned.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			if got != "" {
				got += "/"
			}
			for x := b.Min.X; x < b.Max.X; x++ {
				r, _, _, _ := turned.At(x, y).RGBA()
				got += string(rune(r >> 8))
			}
		}
		if got != want {
			t.Errorf("%d: %s, want %s", orientation, got, want)
		}
	}
}
