package media

import (
	"image"
	"image/draw"
)

// Coefficients of red, green and blue in luma, ITU-R BT.601-7 section 2.5.1 and BT.709-6 section
// 3.2.
const (
	kr601, kb601 = 0.299, 0.114
	kr709, kb709 = 0.2126, 0.0722
)

// FromImage converts any picture to BT.601, limited range; alpha is composed over black. Odd sizes
// keep their last column and row. The result belongs to no pool.
func FromImage(img image.Image) *I420 {
	if rgba, ok := img.(*image.RGBA); ok {
		return FromRGBA(rgba)
	}
	b := img.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Bounds(), img, b.Min, draw.Src)
	return FromRGBA(rgba)
}

// FromRGBA converts a picture to BT.601, limited range; alpha, which is premultiplied, is composed
// over black. Chroma is the mean of each block of two by two pixels. The result belongs to no pool.
func FromRGBA(img *image.RGBA) *I420 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	f := NewI420(w, h)
	for y := range h {
		src := img.Pix[y*img.Stride:]
		dst := f.Y[y*f.StrideY:]
		for x := range w {
			r, g, b := int(src[4*x]), int(src[4*x+1]), int(src[4*x+2])
			dst[x] = byte((16829*r + 33039*g + 6416*b + 16<<16 + 1<<15) >> 16)
		}
	}
	for cy := range (h + 1) / 2 {
		for cx := range (w + 1) / 2 {
			u, v := chroma(meanBlock(img, 2*cx, 2*cy, w, h))
			f.U[cy*f.StrideUV+cx], f.V[cy*f.StrideUV+cx] = u, v
		}
	}
	return f
}

// meanBlock returns four times the mean colour of the block at x, y; pixels beyond the edge repeat
// the edge.
func meanBlock(img *image.RGBA, x, y, w, h int) (r, g, b int) {
	for dy := range 2 {
		row := img.Pix[min(y+dy, h-1)*img.Stride:]
		for dx := range 2 {
			p := row[4*min(x+dx, w-1):]
			r, g, b = r+int(p[0]), g+int(p[1]), b+int(p[2])
		}
	}
	return r, g, b
}

// chroma returns U and V in limited range BT.601 for a colour given times four.
func chroma(r, g, b int) (u, v byte) {
	u = byte((-9714*r - 19070*g + 28784*b + 128<<18 + 1<<17) >> 18)
	v = byte((28784*r - 24103*g - 4681*b + 128<<18 + 1<<17) >> 18)
	return u, v
}

// yuvTable turns Y, U and V into red, green and blue in 16 bit fixed point.
type yuvTable struct {
	yOffset                int
	yScale, rv, gu, gv, bu int
}

func (f *I420) table() yuvTable {
	kr, kb := kr601, kb601
	if f.Matrix == BT709 {
		kr, kb = kr709, kb709
	}
	kg := 1 - kr - kb
	yScale, cScale, yOffset := 255.0/219, 255.0/224, 16
	if f.FullRange {
		yScale, cScale, yOffset = 1, 1, 0
	}
	fix := func(v float64) int {
		if v < 0 {
			return int(v*65536 - 0.5)
		}
		return int(v*65536 + 0.5)
	}
	return yuvTable{
		yOffset: yOffset,
		yScale:  fix(yScale),
		rv:      fix(2 * (1 - kr) * cScale),
		gu:      fix(-2 * (1 - kb) * kb / kg * cScale),
		gv:      fix(-2 * (1 - kr) * kr / kg * cScale),
		bu:      fix(2 * (1 - kb) * cScale),
	}
}

// Image converts the picture to opaque RGBA with its own matrix and range.
func (f *I420) Image() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	t := f.table()
	for y := range f.Height {
		luma := f.Y[y*f.StrideY:]
		us, vs := f.U[(y/2)*f.StrideUV:], f.V[(y/2)*f.StrideUV:]
		dst := img.Pix[y*img.Stride:]
		for x := range f.Width {
			l := (int(luma[x]) - t.yOffset) * t.yScale
			u, v := int(us[x/2])-128, int(vs[x/2])-128
			p := dst[4*x : 4*x+4 : 4*x+4]
			p[0] = clamp8(l + t.rv*v)
			p[1] = clamp8(l + t.gu*u + t.gv*v)
			p[2] = clamp8(l + t.bu*u)
			p[3] = 255
		}
	}
	return img
}

// clamp8 rounds a 16 bit fixed point value into a byte.
func clamp8(v int) byte {
	return byte(min(max((v+1<<15)>>16, 0), 255))
}
