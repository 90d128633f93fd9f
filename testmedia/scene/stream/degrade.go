package stream

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// look is how a picture reaches the model.
type look struct {
	quality int // of a JPEG round trip; 0: none
	window  window
	kernel  kernel
	blur    float64
	gain    float64
	offset  float64
	gamma   float64
	noise   float64
}

// cleanLook only scales.
func cleanLook() look {
	return look{window: window{0, 0, 1, 1}, kernel: boxKernel, blur: 1, gain: 1, gamma: 1}
}

// randomLook imitates what cameras, codecs and scalers do.
func randomLook(r *rand.Rand) look {
	l := cleanLook()
	l.kernel = []kernel{boxKernel, triangleKernel, lanczosKernel, lanczosKernel}[r.IntN(4)]
	if r.Float64() < 0.2 {
		return l
	}
	if r.Float64() < 0.65 {
		l.quality = 20 + r.IntN(70)
	}
	if r.Float64() < 0.3 {
		z, dx, dy := between(r, -0.07, 0.02), between(r, -0.015, 0.015), between(r, -0.015, 0.015)
		l.window = window{z + dx, z + dy, 1 - z + dx, 1 - z + dy}
	}
	if r.Float64() < 0.3 {
		l.blur = between(r, 1, 1.9)
	}
	if r.Float64() < 0.4 {
		l.gain, l.offset = between(r, 0.84, 1.14), between(r, -16, 16)
	}
	if r.Float64() < 0.2 {
		l.gamma = between(r, 0.78, 1.3)
	}
	switch x := r.Float64(); {
	case x < 0.1: // limited range taken for full
		l.gain, l.offset = 219.0/255, 16
	case x < 0.2: // full range taken for limited
		l.gain, l.offset = 255.0/219, -16*255.0/219
	}
	if r.Float64() < 0.2 {
		l.noise = between(r, 2, 8)
	}
	return l
}

// steady leaves light and noise nearly as they were: pictures that show nothing are told apart by
// them.
func (l look) steady() look {
	l.gain, l.offset, l.gamma, l.noise = 1, 0, 1, min(l.noise, 2)
	return l
}

func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// apply renders the square that the model sees: side×side pixels of red, green, blue.
func (l look) apply(r *rand.Rand, m *image.RGBA, side int) ([]byte, error) {
	if l.quality > 0 {
		var err error
		if m, err = throughJPEG(m, l.quality); err != nil {
			return nil, err
		}
	}
	p := resample(m, side, l.window, l.kernel, l.blur)
	out := make([]byte, len(p))
	for i, v := range p {
		x := float64(v)*l.gain + l.offset
		if l.gamma != 1 {
			x = 255 * math.Pow(min(max(x, 0), 255)/255, l.gamma)
		}
		if l.noise > 0 {
			x += l.noise * r.NormFloat64()
		}
		out[i] = byte(min(max(x+0.5, 0), 255))
	}
	return out, nil
}

// throughJPEG halves the chroma and quantises blocks, much as a video codec's key frame does.
func throughJPEG(m *image.RGBA, quality int) (*image.RGBA, error) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	decoded, err := jpeg.Decode(&file)
	if err != nil {
		return nil, err
	}
	ycc, ok := decoded.(*image.YCbCr)
	if !ok {
		return nil, image.ErrFormat
	}
	out := image.NewRGBA(m.Rect)
	for y := range out.Rect.Dy() {
		row := out.Pix[y*out.Stride:]
		for x := range out.Rect.Dx() {
			c := ycc.COffset(x, y)
			toRGB(row[4*x:], ycc.Y[ycc.YOffset(x, y)], ycc.Cb[c], ycc.Cr[c])
		}
	}
	return out, nil
}

// toRGB is the JFIF conversion in 16-bit fixed point.
func toRGB(to []byte, y, cb, cr byte) {
	l, b, r := int32(y)<<16+1<<15, int32(cb)-128, int32(cr)-128
	to[0] = clip(l + 91881*r)
	to[1] = clip(l - 22554*b - 46802*r)
	to[2] = clip(l + 116130*b)
	to[3] = 255
}

func clip(v int32) byte { return byte(min(max(v>>16, 0), 255)) }
