package codec

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/media"
)

var (
	// ErrCorrupt means that a packet or access unit is not valid. It was dropped; a video decoder
	// now waits for a keyframe.
	ErrCorrupt = errors.New("corrupt bitstream")
	// ErrNeedKeyframe means that an access unit was skipped because no keyframe has been decoded
	// since the start or since the last error. The sender has to be asked for one.
	ErrNeedKeyframe = errors.New("waiting for a keyframe")
	// ErrTooLarge means a picture above the limit; a [TooLargeError] has the numbers. It was
	// dropped, and everything up to the next keyframe will be; asking the sender for one does not
	// help.
	ErrTooLarge = errors.New("picture too large")
	// ErrRejected means that a picture was decoded whose size the configuration refuses. The
	// picture before it stays.
	ErrRejected = errors.New("picture size rejected")
	// ErrNoPicture means that nothing has been decoded yet.
	ErrNoPicture = errors.New("no picture decoded yet")
	// ErrPixelFormat means a picture in a format that cannot be brought to 8-bit 4:2:0.
	ErrPixelFormat = errors.New("pixel format not supported")
	// ErrUnknownCodec means a codec name outside the closed set.
	ErrUnknownCodec = errors.New("unknown codec")
	// ErrCodecMissing means that the FFmpeg library of this machine was built without a codec.
	ErrCodecMissing = errors.New("codec missing from the ffmpeg library")
	// ErrConfig means a configuration that no encoder or decoder can follow.
	ErrConfig = errors.New("invalid codec configuration")
	// ErrFrameSize means a picture or PCM frame of another size than the encoder was made for, or a
	// destination that is too small.
	ErrFrameSize = errors.New("frame size does not fit")
	// ErrClosed means a call after Close.
	ErrClosed = errors.New("codec is closed")
)

// TooLargeError is the size of a picture that a decoder refused, in pixels, and its limit. It
// unwraps to ErrTooLarge.
type TooLargeError struct {
	Width, Height int
	// MaxPixels is the largest width×height; [media.MaxDimension] holds for each side as well.
	MaxPixels int
}

// Error names the size, the limit and the remedy.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%v: %d×%d, at most %d pixels and %d on a side; send a smaller one, or simulcast",
		ErrTooLarge, e.Width, e.Height, e.MaxPixels, media.MaxDimension)
}

// Unwrap returns ErrTooLarge.
func (e *TooLargeError) Unwrap() error { return ErrTooLarge }
