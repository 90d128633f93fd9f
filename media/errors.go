package media

import "errors"

var (
	// ErrPoolExhausted means that every picture of the pool is in use; the caller drops the frame and counts it.
	ErrPoolExhausted = errors.New("picture pool exhausted")
	// ErrPictureSize means that a width or height is below 1 or above [MaxDimension].
	ErrPictureSize = errors.New("picture size out of range")
	// ErrSampleRate means that a resampler cannot serve this pair of rates.
	ErrSampleRate = errors.New("sample rate not supported")

	// ErrWAVFormat means that the input is not a RIFF/WAVE file, or that its chunks contradict each other.
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
