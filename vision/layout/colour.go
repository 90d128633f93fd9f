package layout

// ColourBits is the fixed-point precision of the colour tables.
const ColourBits = 16

// Colours holds what each value of Y, U and V adds to red, green and blue, in fixed point.
type Colours struct {
	Luma   [256]int32 // rounding included
	RedV   [256]int32
	GreenU [256]int32
	GreenV [256]int32
	BlueU  [256]int32
}

// Fill computes the table. The weights of red and blue in luma come from ITU-R BT.601-7 section
// 2.5.1 and BT.709-6 section 3.2, the quantisation levels (16 to 235 for luma, 16 to 240 for
// chroma) from the same documents.
func (t *Colours) Fill(bt709, fullRange bool) {
	kr, kb := 0.299, 0.114
	if bt709 {
		kr, kb = 0.2126, 0.0722
	}
	kg := 1 - kr - kb
	black, lumaRange, chromaRange := 16.0, 219.0, 224.0
	if fullRange {
		black, lumaRange, chromaRange = 0, 255, 255
	}
	const one = 1 << ColourBits
	for i := range 256 {
		luma := (float64(i) - black) / lumaRange * 255
		chroma := (float64(i) - 128) / chromaRange * 255
		t.Luma[i] = int32(luma*one) + one/2
		t.RedV[i] = int32(2 * (1 - kr) * chroma * one)
		t.BlueU[i] = int32(2 * (1 - kb) * chroma * one)
		t.GreenU[i] = int32(-2 * (1 - kb) * kb / kg * chroma * one)
		t.GreenV[i] = int32(-2 * (1 - kr) * kr / kg * chroma * one)
	}
}
