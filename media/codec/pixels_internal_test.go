package codec

import (
	"errors"
	"testing"

	"github.com/asticode/go-astiav"

	"github.com/sensory-agent/sensory-agent/media"
)

// TestPixelFormats gives copyFrame a picture with known colours in each format and looks for them
// in the result.
func TestPixelFormats(t *testing.T) {
	const w, h = 6, 4
	for _, format := range []astiav.PixelFormat{
		astiav.PixelFormatYuv420P, astiav.PixelFormatYuvj420P, astiav.PixelFormatYuv422P, astiav.PixelFormatYuvj422P,
		astiav.PixelFormatYuv440P, astiav.PixelFormatYuvj440P, astiav.PixelFormatYuv444P, astiav.PixelFormatYuvj444P,
		astiav.PixelFormatGray8, astiav.PixelFormatYuv420P10Le, astiav.PixelFormatYuv420P12Le,
		astiav.PixelFormatYuv422P10Le, astiav.PixelFormatYuv422P12Le, astiav.PixelFormatYuv440P10Le,
		astiav.PixelFormatYuv440P12Le, astiav.PixelFormatYuv444P10Le, astiav.PixelFormatYuv444P12Le,
		astiav.PixelFormatGray10Le, astiav.PixelFormatGray12Le,
	} {
		t.Run(format.Name(), func(t *testing.T) {
			layout, ok := layoutOf(format)
			if !ok {
				t.Fatal("no layout")
			}
			frame := rawFrame(t, format, w, h, layout)
			dst := media.NewI420(w, h)
			if _, err := copyFrame(dst, frame, nil); err != nil {
				t.Fatal(err)
			}
			u, v := byte(60), byte(210)
			if layout.gray {
				u, v = 128, 128
			}
			for i, got := range dst.Y {
				if want := byte(100 + i); got != want {
					t.Fatalf("Y[%d] is %d, want %d", i, got, want)
				}
			}
			for i := range dst.U {
				if dst.U[i] != u || dst.V[i] != v {
					t.Fatalf("chroma %d is %d, %d; want %d, %d", i, dst.U[i], dst.V[i], u, v)
				}
			}
			if dst.FullRange != layout.full {
				t.Errorf("full range is %v", dst.FullRange)
			}
			frame.SetColorRange(astiav.ColorRangeJpeg)
			if _, err := copyFrame(dst, frame, nil); err != nil || !dst.FullRange {
				t.Errorf("full range by the frame's word: %v, %v", dst.FullRange, err)
			}
		})
	}
}

// rawFrame makes a frame whose luma counts up from 100 and whose chroma is 60 and 210, in the depth
// of the format.
func rawFrame(t *testing.T, format astiav.PixelFormat, w, h int, l pixelLayout) *astiav.Frame {
	t.Helper()
	var data []byte
	put := func(v int) {
		if l.depth == 8 {
			data = append(data, byte(v))
			return
		}
		v = v<<(l.depth-8) + 1 // a little more than the 8-bit value, to be cut off
		data = append(data, byte(v), byte(v>>8))
	}
	for i := range w * h {
		put(100 + i)
	}
	if !l.gray {
		n := ceilShift(w, l.shiftX) * ceilShift(h, l.shiftY)
		for i := range 2 * n {
			put([]int{60, 210}[i/n])
		}
	}
	raw := astiav.FindDecoderByName("rawvideo")
	ctx := astiav.AllocCodecContext(raw)
	t.Cleanup(ctx.Free)
	ctx.SetWidth(w)
	ctx.SetHeight(h)
	ctx.SetPixelFormat(format)
	packet, frame := astiav.AllocPacket(), astiav.AllocFrame()
	t.Cleanup(packet.Free)
	t.Cleanup(frame.Free)
	_, fill := fillPacket(packet, data, nil)
	if err := errors.Join(openContext(ctx, raw, nil), fill, ctx.SendPacket(packet)); err != nil {
		t.Fatal(err)
	}
	if err := ctx.ReceiveFrame(frame); err != nil {
		t.Fatal(err)
	}
	return frame
}

func TestPixelFormatUnknown(t *testing.T) {
	frame := rawFrame(t, astiav.PixelFormatNv12, 4, 4, pixelLayout{1, 1, 8, false, false})
	if _, err := copyFrame(media.NewI420(4, 4), frame, nil); !errors.Is(err, ErrPixelFormat) {
		t.Errorf("%v", err)
	}
}

func TestUnknownOptionIsAnError(t *testing.T) {
	raw := astiav.FindDecoderByName("rawvideo")
	ctx := astiav.AllocCodecContext(raw)
	defer ctx.Free()
	ctx.SetWidth(2)
	ctx.SetHeight(2)
	ctx.SetPixelFormat(astiav.PixelFormatYuv420P)
	if err := openContext(ctx, raw, []option{{"no-such-option", "1"}}); !errors.Is(err, ErrConfig) {
		t.Errorf("%v", err)
	}
}

func FuzzKeyframe(f *testing.F) {
	f.Add([]byte{0x10, 2, 0, 0x9d, 1, 0x2a, 8, 0, 8, 0})
	f.Add([]byte{0, 0, 1, 0x67, 0, 0, 0, 1, 0x65, 1})
	f.Add([]byte{0x82, 0x49, 0x83, 0x42})
	f.Add([]byte{0x12, 0, 0x0a, 1, 0, 0x32, 0x80, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range VideoCodecs() {
			if IsKeyframe(c, b) && len(b) == 0 {
				t.Fatal("nothing is a keyframe")
			}
		}
		if out := stripTemporalDelimiters(b); len(out) > len(b) {
			t.Fatal("the stream grew")
		}
	})
}
