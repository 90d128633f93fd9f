package codec

import (
	"bytes"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/vp9"
)

// maxHeader is how much of a sequence header is read, in bytes; encoders write less than a hundred.
const maxHeader = 1024

// announcedSize returns the size that the headers of a keyframe announce, in pixels; ok is false
// where there are none. The bytes come from strangers: the size may be any.
func announcedSize(c VideoCodec, accessUnit []byte) (w, h int, ok bool) {
	switch c {
	case VP8:
		return vp8Size(accessUnit)
	case H264:
		return h264Size(accessUnit)
	case VP9:
		var header vp9.Header
		err := header.Unmarshal(accessUnit[:min(len(accessUnit), maxHeader)])
		return header.Width(), header.Height(), err == nil && header.FrameSize != nil
	case AV1:
		return av1Size(accessUnit)
	}
	return 0, 0, false
}

// vp8Size reads the two sizes of 14 bits behind the start code, RFC 6386 section 9.1.
func vp8Size(b []byte) (w, h int, ok bool) {
	if !isVP8Keyframe(b) {
		return 0, 0, false
	}
	return int(b[6]) | int(b[7]&0x3f)<<8, int(b[8]) | int(b[9]&0x3f)<<8, true
}

// h264Size reads the first sequence parameter set.
func h264Size(b []byte) (w, h int, ok bool) {
	for {
		i := bytes.Index(b, []byte{0, 0, 1})
		if i < 0 || i+3 >= len(b) {
			return 0, 0, false
		}
		b = b[i+3:]
		if b[0]&0x1f != nalSPS {
			continue
		}
		nal := b
		if end := bytes.Index(nal, []byte{0, 0, 1}); end >= 0 {
			nal = nal[:end]
		}
		var sps h264.SPS
		if err := sps.Unmarshal(nal[:min(len(nal), maxHeader)]); err != nil {
			return 0, 0, false
		}
		return sps.Width(), sps.Height(), true
	}
}

// av1Size reads the first sequence header. Frames may be smaller, so it only explains a refusal.
func av1Size(b []byte) (w, h int, ok bool) {
	for len(b) > 0 {
		n, ok := obuSize(b)
		if !ok {
			return 0, 0, false
		}
		if b[0]>>3&0xf == obuSequenceHeader {
			obu := bytes.Clone(b[:min(n, maxHeader)])
			if obu[0]&obuExtension != 0 { // the reader does not know the second header byte
				obu = append([]byte{obu[0] &^ obuExtension}, obu[2:]...)
			}
			var header av1.SequenceHeader
			if err := header.Unmarshal(obu); err != nil {
				return 0, 0, false
			}
			return header.Width(), header.Height(), true
		}
		b = b[n:]
	}
	return 0, 0, false
}
