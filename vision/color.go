package vision

import "github.com/sensory-agent/sensory-agent/media"

// planes is a picture in Y, U and V with its chroma shifted by 0 or 1 bit per axis: I420 is 1 and 1, and a frame whose
// luma was halved has chroma of the same size, 0 and 0.
type planes struct {
	width, height     int
	y, u, v           []byte
	strideY, strideUV int
	shiftX, shiftY    int
}

func framePlanes(f *media.I420) planes {
	return planes{
		width: f.Width, height: f.Height, y: f.Y, u: f.U, v: f.V,
		strideY: f.StrideY, strideUV: f.StrideUV, shiftX: 1, shiftY: 1,
	}
}

// chromaSize returns the size of the chroma planes, rounded up.
func (p *planes) chromaSize() (width, height int) {
	return (p.width + p.shiftX) >> p.shiftX, (p.height + p.shiftY) >> p.shiftY
}

// colourBits is the fixed-point precision of the colour tables.
const colourBits = 16

// colourTable holds what each value of Y, U and V adds to red, green and blue, in fixed point.
type colourTable struct {
	luma   [256]int32 // rounding included
	redV   [256]int32
	greenU [256]int32
	greenV [256]int32
	blueU  [256]int32
}

// colourTables holds the four ways a frame can be coded: BT.601 and BT.709, each in limited and full range.
type colourTables [4]colourTable

func newColourTables() *colourTables {
	var t colourTables
	for i := range t {
		t[i].fill(i&1 != 0, i&2 != 0)
	}
	return &t
}

// of returns the table for the frame's matrix and range.
func (t *colourTables) of(f *media.I420) *colourTable {
	index := 0
	if f.Matrix == media.BT709 {
		index = 1
	}
	if f.FullRange {
		index |= 2
	}
	return &t[index]
}

// fill computes the table. The weights of red and blue in luma come from ITU-R BT.601-7 section 2.5.1 and BT.709-6 section 3.2,
// the quantisation levels (16 to 235 for luma, 16 to 240 for chroma) from the same documents.
func (t *colourTable) fill(bt709, fullRange bool) {
	kr, kb := 0.299, 0.114
	if bt709 {
		kr, kb = 0.2126, 0.0722
	}
	kg := 1 - kr - kb
	black, lumaRange, chromaRange := 16.0, 219.0, 224.0
	if fullRange {
		black, lumaRange, chromaRange = 0, 255, 255
	}
	const one = 1 << colourBits
	for i := range 256 {
		luma := (float64(i) - black) / lumaRange * 255
		chroma := (float64(i) - 128) / chromaRange * 255
		t.luma[i] = int32(luma*one) + one/2
		t.redV[i] = int32(2 * (1 - kr) * chroma * one)
		t.blueU[i] = int32(2 * (1 - kb) * chroma * one)
		t.greenU[i] = int32(-2 * (1 - kb) * kb / kg * chroma * one)
		t.greenV[i] = int32(-2 * (1 - kr) * kr / kg * chroma * one)
	}
}

// convert writes the picture as RGB. Chroma is repeated over the pixels that share it.
func (t *colourTable) convert(dst *raster, p *planes) {
	dst.resize(p.width, p.height)
	chromaWidth, _ := p.chromaSize()
	for y := range p.height {
		luma := p.y[y*p.strideY:][:p.width]
		at := (y >> p.shiftY) * p.strideUV
		u, v := p.u[at:][:chromaWidth], p.v[at:][:chromaWidth]
		out := dst.row(y)
		for x, value := range luma {
			cu, cv := u[x>>p.shiftX], v[x>>p.shiftX]
			base := t.luma[value]
			pixel := out[x*3 : x*3+3 : x*3+3]
			pixel[0] = clip8(base + t.redV[cv])
			pixel[1] = clip8(base + t.greenU[cu] + t.greenV[cv])
			pixel[2] = clip8(base + t.blueU[cu])
		}
	}
}

func clip8(v int32) byte {
	return byte(min(max(v>>colourBits, 0), 255))
}
