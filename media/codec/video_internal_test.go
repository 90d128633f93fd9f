package codec

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/asticode/go-astiav"

	"github.com/sensory-agent/sensory-agent/media"
)

func newDecoder(t *testing.T, c VideoCodec, cfg DecoderConfig) *VideoDecoder {
	t.Helper()
	d, err := NewVideoDecoder(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// keyframe encodes one picture of a grey that changes along its rows.
func keyframe(t *testing.T, c VideoCodec, w, h int) []byte {
	t.Helper()
	enc, err := NewVideoEncoder(VideoEncoderConfig{Codec: c, Width: w, Height: h})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := enc.Close(); err != nil {
			t.Error(err)
		}
	}()
	f := media.NewI420(w, h)
	for i := range f.Y {
		f.Y[i] = byte(40 + i%w*150/w)
	}
	au, key, err := enc.Encode(f, true)
	if err != nil || !key {
		t.Fatalf("keyframe: %v, %v", key, err)
	}
	return au
}

// TestDecoderGivesPicturesBack copies with a pool that is empty, and from a format that is not
// known: no picture stays lent.
func TestDecoderGivesPicturesBack(t *testing.T) {
	d := newDecoder(t, VP8, DecoderConfig{})
	if got, err := d.Decode(keyframe(t, VP8, 64, 48), 0); !got || err != nil {
		t.Fatal(got, err)
	}
	pool := media.NewI420Pool(1)
	f, err := d.CopyTo(pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CopyTo(pool); !errors.Is(err, media.ErrPoolExhausted) {
		t.Errorf("from an empty pool: %v", err)
	}
	f.Release()
	d.latest.Unref()
	d.latest.MoveRef(rawFrame(t, astiav.PixelFormatNv12, 4, 4, pixelLayout{1, 1, 8, false, false}))
	if _, err := d.CopyTo(pool); !errors.Is(err, ErrPixelFormat) || pool.Outstanding() != 0 {
		t.Errorf("a format that is not known: %v, %d pictures lent", err, pool.Outstanding())
	}
}

// TestDecoderMatrix tells the matrix of a track that names one: H.264 in its parameter sets.
func TestDecoderMatrix(t *testing.T) {
	for space, want := range map[string]media.ColorMatrix{"bt709": media.BT709, "smpte170m": media.BT601, "": media.BT601} {
		cfg := VideoEncoderConfig{Codec: H264, Width: 64, Height: 48}
		if err := cfg.validate(); err != nil {
			t.Fatal(err)
		}
		opts := encoderOptions(cfg)
		if space != "" {
			opts = append(opts, option{"colorspace", space})
		}
		enc, err := openVideo(astiav.FindEncoderByName("libx264"), "libx264", cfg, opts)
		if err != nil {
			t.Fatal(err)
		}
		packet := astiav.AllocPacket()
		data := make([]byte, media.I420Size(64, 48))
		frame := rawFrameOf(t, data, 64, 48)
		frame.SetPts(0)
		if err := errors.Join(enc.SendFrame(frame), enc.ReceivePacket(packet)); err != nil {
			t.Fatal(err)
		}
		d := newDecoder(t, H264, DecoderConfig{})
		if got, err := d.Decode(packet.Data(), 0); !got || err != nil {
			t.Fatal(got, err)
		}
		f, err := d.CopyTo(media.NewI420Pool(1))
		if err != nil || f.Matrix != want {
			t.Errorf("%q gives %v, %v", space, f.Matrix, err)
		}
		packet.Free()
		enc.Free()
	}
}

// rawFrameOf makes a frame of 8-bit 4:2:0 out of packed planes.
func rawFrameOf(t *testing.T, data []byte, w, h int) *astiav.Frame {
	t.Helper()
	ctx, err := openVideo(astiav.FindDecoderByName("rawvideo"), "rawvideo", VideoEncoderConfig{Width: w, Height: h, FPS: 15}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ctx.Free)
	packet, frame := astiav.AllocPacket(), astiav.AllocFrame()
	t.Cleanup(packet.Free)
	t.Cleanup(frame.Free)
	_, fill := fillPacket(packet, data, nil)
	if err := errors.Join(fill, ctx.SendPacket(packet), ctx.ReceiveFrame(frame)); err != nil {
		t.Fatal(err)
	}
	return frame
}

func TestMissingCodecAndBadOptionsAreErrors(t *testing.T) {
	cfg := VideoEncoderConfig{Codec: VP8, Width: 64, Height: 48, FPS: 15}
	if _, err := openVideo(nil, "none", cfg, nil); !errors.Is(err, ErrCodecMissing) || !strings.Contains(err.Error(), "none") {
		t.Errorf("a codec that is not there: %v", err)
	}
	vpx := astiav.FindEncoderByName("libvpx")
	if _, err := openVideo(vpx, "libvpx", cfg, []option{{"no-such-option", "1"}}); !errors.Is(err, ErrConfig) {
		t.Errorf("an option that is not known: %v", err)
	}
	if _, err := openVideo(vpx, "libvpx", cfg, []option{{"deadline", "yesterday"}}); err == nil {
		t.Error("a value that means nothing was taken")
	}
	d := &VideoDecoder{codec: "theora-of-nobody", cfg: DecoderConfig{Threads: 1}}
	if _, err := d.open(); !errors.Is(err, ErrCodecMissing) {
		t.Errorf("a decoder that is not there: %v", err)
	}
	if wrapCopy(nil) != nil || wrapCopy(ErrCorrupt) == nil {
		t.Error("wrapCopy")
	}
}

// TestDecoderKeepsItsMemory decodes many pictures that are kept, refused and broken: native memory
// does not grow with them. One picture has 3 MB.
func TestDecoderKeepsItsMemory(t *testing.T) {
	const pictures, most = 60, 60 << 20
	au := keyframe(t, VP8, 1920, 1080)
	for name, c := range map[string]struct {
		cfg  DecoderConfig
		data []byte
		want error
	}{
		"kept":      {DecoderConfig{}, au, nil},
		"rejected":  {DecoderConfig{Reject: func(int, int) bool { return true }}, au, ErrRejected},
		"too large": {DecoderConfig{MaxPixels: 1920*1080 - 1}, au, ErrTooLarge},
		"broken":    {DecoderConfig{}, append(make([]byte, 3<<20), au...), ErrNeedKeyframe},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDecoder(t, VP8, c.cfg)
			decode := func(n int) {
				for range n {
					if _, err := d.Decode(c.data, 0); !errors.Is(err, c.want) {
						t.Fatalf("%v, want %v", err, c.want)
					}
				}
			}
			decode(8)
			before := resident(t)
			decode(pictures)
			if grown := resident(t) - before; grown > most {
				t.Errorf("%d pictures took %d MB", pictures, grown>>20)
			}
		})
	}
}

// resident returns the memory of this process, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no /proc")
	}
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestDecoderCountsBytesToo refuses pictures with full chroma and more bits at half the number of
// pixels.
func TestDecoderCountsBytesToo(t *testing.T) {
	const pixels = 8 * 4
	for format, most := range map[astiav.PixelFormat]int{
		astiav.PixelFormatYuv420P:     pixels,
		astiav.PixelFormatGray8:       pixels,
		astiav.PixelFormatYuv444P:     pixels,
		astiav.PixelFormatYuv422P10Le: pixels * 3 / 4,
		astiav.PixelFormatYuv420P12Le: pixels,
		astiav.PixelFormatYuv444P10Le: pixels / 2,
	} {
		layout, ok := layoutOf(format)
		if !ok {
			t.Fatal(format)
		}
		frame := rawFrame(t, format, 8, 4, layout)
		for limit, good := range map[int]bool{2 * pixels: true, pixels: most == pixels, pixels - 1: false} {
			d := &VideoDecoder{cfg: DecoderConfig{MaxPixels: limit}}
			err := d.checkPicture(frame)
			var large *TooLargeError
			if good && err != nil || !good && !errors.As(err, &large) {
				t.Errorf("%s with %d pixels allowed: %v", format.Name(), limit, err)
			}
			if limit == pixels && large != nil && large.MaxPixels != most {
				t.Errorf("%s: %d pixels are said to be allowed, want %d", format.Name(), large.MaxPixels, most)
			}
		}
	}
}

// TestDecoderGoesOnAfterReopening decodes beyond the limit by less than FFmpeg is told of.
func TestDecoderGoesOnAfterReopening(t *testing.T) {
	for _, c := range VideoCodecs() {
		d := newDecoder(t, c, DecoderConfig{MaxPixels: 64 * 48})
		for range 3 {
			if got, err := d.Decode(keyframe(t, c, 80, 64), 0); got || !errors.Is(err, ErrTooLarge) || !d.NeedKeyframe() {
				t.Errorf("%s: %v, %v", c, got, err)
			}
			if got, err := d.Decode(keyframe(t, c, 64, 48), 0); !got || err != nil || d.NeedKeyframe() {
				t.Errorf("%s: after it: %v, %v", c, got, err)
			}
		}
	}
}
