package media

import (
	"errors"
	"fmt"
)

var (
	// ErrPoolExhausted means that every picture of the pool is in use; the caller drops the frame
	// and counts it.
	ErrPoolExhausted = errors.New("picture pool exhausted")
	// ErrPictureSize means that a picture is empty or too large; a [SizeError] has the numbers.
	ErrPictureSize = errors.New("picture size out of range")
	// ErrSampleRate means that a resampler cannot serve this pair of rates.
	ErrSampleRate = errors.New("sample rate not supported")

	// ErrWAVFormat means that the input is not a RIFF/WAVE file, or that its chunks contradict each
	// other.
	ErrWAVFormat = errors.New("not a valid wav file")
	// ErrWAVEncoding means a WAV file in an encoding that is not read.
	ErrWAVEncoding = errors.New("wav encoding not supported: use PCM, IEEE float, A-law or µ-law")
	// ErrWAVTruncated means that the input ended before the length that its header announces.
	ErrWAVTruncated = errors.New("wav file ends early")
	// ErrWAVEmpty means that a WAV file holds no samples.
	ErrWAVEmpty = errors.New("wav file has no samples")
	// ErrWAVTooLarge means more audio than the limit of the reader or than the format can count.
	ErrWAVTooLarge = errors.New("wav file too large")
	// ErrWAVClosed means a write to a [WAVWriter] after Close.
	ErrWAVClosed = errors.New("wav writer is closed")
)

// SizeError is the size of a refused picture, in pixels, and the limit. It unwraps to
// ErrPictureSize.
type SizeError struct {
	Width, Height int
	// MaxPixels is the largest width×height; [MaxDimension] holds for each side as well.
	MaxPixels int
}

// Error names the size and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("picture of %d×%d: a picture has 1 to %d pixels, and at most %d on a side",
		e.Width, e.Height, e.MaxPixels, MaxDimension)
}

// Unwrap returns ErrPictureSize.
func (e *SizeError) Unwrap() error { return ErrPictureSize }
