package codec

import (
	"fmt"
	"strings"
)

// VideoCodec names one of the video codecs that a room carries.
type VideoCodec string

// The closed set of video codecs.
const (
	VP8  VideoCodec = "vp8"
	H264 VideoCodec = "h264"
	VP9  VideoCodec = "vp9"
	AV1  VideoCodec = "av1"
)

// VideoCodecs returns the closed set, in the order in which the project prefers them.
func VideoCodecs() []VideoCodec { return []VideoCodec{VP8, H264, VP9, AV1} }

// ParseVideoCodec reads a name ("vp8") or a MIME type ("video/VP8"), in any case. Error:
// ErrUnknownCodec.
func ParseVideoCodec(name string) (VideoCodec, error) {
	c := VideoCodec(strings.TrimPrefix(strings.ToLower(name), "video/"))
	switch c {
	case VP8, H264, VP9, AV1:
		return c, nil
	}
	return "", fmt.Errorf("%q: %w", name, ErrUnknownCodec)
}

// MimeType returns the name that session descriptions use.
func (c VideoCodec) MimeType() string { return "video/" + strings.ToUpper(string(c)) }

// decoderName is FFmpeg's name of the decoder. The one called av1 works on graphics hardware only.
func (c VideoCodec) decoderName() string {
	if c == AV1 {
		return "libdav1d"
	}
	return string(c)
}

// encoderName is FFmpeg's name of the encoder.
func (c VideoCodec) encoderName() string {
	switch c {
	case VP8:
		return "libvpx"
	case H264:
		return "libx264"
	case VP9:
		return "libvpx-vp9"
	default:
		return "libaom-av1"
	}
}
