package vision

import (
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

// planes is a picture in Y, U and V with its chroma shifted by 0 or 1 bit per axis: I420 is 1 and
// 1, and a frame whose luma was halved has chroma of the same size, 0 and 0.
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

// colourTables holds the four ways a frame can be coded: BT.601 and BT.709, each in limited and
// full range.
type colourTables [4]layout.Colours

func newColourTables() *colourTables {
	var t colourTables
	for i := range t {
		t[i].Fill(i&1 != 0, i&2 != 0)
	}
	return &t
}

// of returns the table for the frame's matrix and range.
func (t *colourTables) of(f *media.I420) *layout.Colours {
	index := 0
	if f.Matrix == media.BT709 {
		index = 1
	}
	if f.FullRange {
		index |= 2
	}
	return &t[index]
}

// convert writes the picture as RGB. Chroma is repeated over the pixels that share it.
func convert(t *layout.Colours, dst *raster, p *planes) {
	dst.resize(p.width, p.height)
	chromaWidth, _ := p.chromaSize()
	for y := range p.height {
		luma := p.y[y*p.strideY:][:p.width]
		at := (y >> p.shiftY) * p.strideUV
		u, v := p.u[at:][:chromaWidth], p.v[at:][:chromaWidth]
		out := dst.row(y)
		for x, value := range luma {
			cu, cv := u[x>>p.shiftX], v[x>>p.shiftX]
			base := t.Luma[value]
			pixel := out[x*3 : x*3+3 : x*3+3]
			pixel[0] = clip8(base + t.RedV[cv])
			pixel[1] = clip8(base + t.GreenU[cu] + t.GreenV[cv])
			pixel[2] = clip8(base + t.BlueU[cu])
		}
	}
}

func clip8(v int32) byte {
	return byte(min(max(v>>layout.ColourBits, 0), 255))
}
