package scene

import (
	"bytes"
	_ "embed" // the sprite sheet
	"image"
	"image/draw"
	"image/png"
	"sync"
)

//go:embed sprites/sheet.png
var sheetFile []byte

const (
	spriteSide    = 128
	sheetColumns  = 8
	spriteLevels  = 3 // 128, 64 and 32 pixels
	spriteChannel = 4
)

// sprite holds one emoji at several sizes, colours premultiplied by alpha.
type sprite [spriteLevels]*image.RGBA

// spriteSheet decodes the sheet once.
var spriteSheet = sync.OnceValues(func() (*[len(emojiNames)]sprite, error) {
	sheet, err := png.Decode(bytes.NewReader(sheetFile))
	if err != nil {
		return nil, err
	}
	var all [len(emojiNames)]sprite
	for i := range all {
		full := image.NewRGBA(image.Rect(0, 0, spriteSide, spriteSide))
		draw.Draw(full, full.Bounds(), sheet, image.Pt(i%sheetColumns*spriteSide, i/sheetColumns*spriteSide), draw.Src)
		all[i][0] = full
		for l := 1; l < spriteLevels; l++ {
			all[i][l] = halve(all[i][l-1])
		}
	}
	return &all, nil
})

// halve averages blocks of two by two pixels.
func halve(from *image.RGBA) *image.RGBA {
	n := from.Rect.Dx() / 2
	to := image.NewRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			a, b := from.PixOffset(2*x, 2*y), from.PixOffset(2*x, 2*y+1)
			o := to.PixOffset(x, y)
			for c := range spriteChannel {
				sum := int(from.Pix[a+c]) + int(from.Pix[a+4+c]) + int(from.Pix[b+c]) + int(from.Pix[b+4+c])
				to.Pix[o+c] = uint8((sum + 2) / 4)
			}
		}
	}
	return to
}

// level picks the smallest picture that is not below the wanted side.
func (s *sprite) level(side float64) *image.RGBA {
	for l := spriteLevels - 1; l > 0; l-- {
		if float64(s[l].Rect.Dx()) >= side {
			return s[l]
		}
	}
	return s[0]
}

// blend draws the sprite into the square with corner (x0, y0) and this side, all in pixels, sampled
// bilinearly.
func (s *sprite) blend(onto *image.RGBA, x0, y0, side float64) {
	from := s.level(side)
	n := from.Rect.Dx()
	step := float64(n) / side
	for y := max(0, int(y0)); y < min(onto.Rect.Dy(), int(y0+side)+1); y++ {
		v := (float64(y)+0.5-y0)*step - 0.5
		for x := max(0, int(x0)); x < min(onto.Rect.Dx(), int(x0+side)+1); x++ {
			u := (float64(x)+0.5-x0)*step - 0.5
			if u < 0 || v < 0 || u > float64(n-1) || v > float64(n-1) {
				continue
			}
			blendPixel(onto.Pix[onto.PixOffset(x, y):], from, u, v)
		}
	}
}

func blendPixel(to []uint8, from *image.RGBA, u, v float64) {
	x, y := int(u), int(v)
	fx, fy := int((u-float64(x))*256), int((v-float64(y))*256)
	right, down := 4*min(1, from.Rect.Dx()-1-x), from.Stride*min(1, from.Rect.Dy()-1-y)
	at := from.PixOffset(x, y)
	a, b := (256-fx)*(256-fy), fx*(256-fy)
	c, d := (256-fx)*fy, fx*fy
	sample := func(k int) int {
		p := from.Pix
		return (a*int(p[at+k]) + b*int(p[at+right+k]) + c*int(p[at+down+k]) + d*int(p[at+down+right+k]) + 1<<15) >> 16
	}
	rest := 255 - sample(3)
	if rest == 255 {
		return
	}
	for k := range 3 {
		to[k] = uint8(min(255, sample(k)+(int(to[k])*rest+127)/255))
	}
}
