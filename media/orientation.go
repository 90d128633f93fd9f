package media

// Orientation is what has to be done to a picture so that it stands upright, as the header
// extension urn:3gpp:video-orientation says it (3GPP TS 26.114, section 7.4.5). The zero value is
// nothing.
type Orientation struct {
	// Turns are quarter turns clockwise, 0 to 3.
	Turns uint8
	// Mirrored exchanges left and right, before the picture is turned.
	Mirrored bool
}

// Bits of the extension's one byte: 0 0 0 0 C F R1 R0. Which of a phone's cameras it was (C)
// changes nothing.
const (
	orientationTurns = 0x03
	orientationFlip  = 0x04
)

// ParseOrientation reads the extension. Anything but one byte says nothing, as does one whose high
// bits, which are 0, are not.
func ParseOrientation(extension []byte) (o Orientation, ok bool) {
	if len(extension) != 1 || extension[0] > 0x0f {
		return Orientation{}, false
	}
	b := extension[0]
	return Orientation{Turns: b & orientationTurns, Mirrored: b&orientationFlip != 0}, true
}

// Size is that of a picture of w×h when it stands upright.
func (o Orientation) Size(w, h int) (width, height int) {
	if o.Turns%2 == 1 {
		return h, w
	}
	return w, h
}

// Upright copies the picture into dst, mirrored and turned, with everything else that is known of
// it. dst has the size that [Orientation.Size] says, else a *SizeError.
func (f *I420) Upright(o Orientation, dst *I420) error {
	if w, h := o.Size(f.Width, f.Height); dst.Width != w || dst.Height != h {
		return &SizeError{Width: dst.Width, Height: dst.Height, MaxPixels: w * h}
	}
	dst.FullRange, dst.Matrix, dst.MediaTime, dst.Captured = f.FullRange, f.Matrix, f.MediaTime, f.Captured
	cw, ch := (f.Width+1)/2, (f.Height+1)/2
	o.plane(dst.Y, dst.StrideY, f.Y, f.StrideY, f.Width, f.Height)
	o.plane(dst.U, dst.StrideUV, f.U, f.StrideUV, cw, ch)
	o.plane(dst.V, dst.StrideUV, f.V, f.StrideUV, cw, ch)
	return nil
}

// plane copies a plane of w×h. Where its pixel (0, 0) goes, and how far apart neighbours come to
// lie, is all that differs.
func (o Orientation) plane(dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	start, right, down := 0, 1, dstStride
	switch o.Turns % 4 {
	case 1: // the left column, from its lower end, is the upper row
		start, right, down = h-1, dstStride, -1
	case 2:
		start, right, down = (h-1)*dstStride+w-1, -1, -dstStride
	case 3:
		start, right, down = (w-1)*dstStride, -dstStride, 1
	}
	if o.Mirrored {
		start, right = start+(w-1)*right, -right
	}
	for y := range h {
		row, to := src[y*srcStride:y*srcStride+w], start+y*down
		for _, v := range row {
			dst[to] = v
			to += right
		}
	}
}
