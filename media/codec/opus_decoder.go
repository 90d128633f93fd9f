package codec

import (
	"fmt"

	"github.com/hraban/opus"
)

// MaxOpusFrame is the longest audio that one Opus packet can hold, in milliseconds (RFC 6716
// section 2.1.4).
const MaxOpusFrame = 120

// OpusDecoder decodes one mono Opus stream; stereo packets are mixed down by libopus. Not safe for
// concurrent use.
type OpusDecoder struct {
	rate int
	dec  *opus.Decoder
}

// NewOpusDecoder returns a decoder that gives PCM at 8000, 12000, 16000, 24000 or 48000 Hz,
// whatever the sender encoded from. Error: ErrConfig.
func NewOpusDecoder(rate int) (*OpusDecoder, error) {
	switch rate {
	case 8000, 12000, 16000, 24000, 48000:
	default:
		return nil, fmt.Errorf("opus at %d Hz: %w", rate, ErrConfig)
	}
	dec, err := opus.NewDecoder(rate, 1)
	if err != nil {
		return nil, fmt.Errorf("opus decoder: %w", err)
	}
	return &OpusDecoder{rate: rate, dec: dec}, nil
}

// Rate returns the rate of the decoded PCM in Hz.
func (d *OpusDecoder) Rate() int { return d.rate }

// Decode decodes one packet into dst and returns the number of samples; dst with room for
// MaxOpusFrame milliseconds always suffices. A packet of one byte is the sender saying that nothing
// is to be heard (discontinuous transmission): it decodes to background noise like any other.
// Errors: ErrCorrupt, ErrFrameSize, ErrClosed.
func (d *OpusDecoder) Decode(packet []byte, dst []float32) (int, error) {
	if d.dec == nil {
		return 0, ErrClosed
	}
	want := OpusDuration(packet, d.rate)
	if want == 0 {
		return 0, fmt.Errorf("opus packet of %d bytes: %w", len(packet), ErrCorrupt)
	}
	if want > len(dst) {
		return 0, fmt.Errorf("opus packet of %d samples into %d: %w", want, len(dst), ErrFrameSize)
	}
	n, err := d.dec.DecodeFloat32(packet, dst[:len(dst):len(dst)])
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	clip(dst[:n])
	return n, nil
}

// DecodeFEC fills dst with the lost packet just before next, from the copy that next may carry
// ([OpusHasFEC]). dst has exactly the length of the lost packet, a multiple of 2.5 ms. Without a
// copy in next the packet is concealed. Afterwards next itself has to be decoded. Errors:
// ErrCorrupt, ErrFrameSize, ErrClosed.
func (d *OpusDecoder) DecodeFEC(next []byte, dst []float32) (int, error) {
	if err := d.checkGap(dst); err != nil {
		return 0, err
	}
	if OpusDuration(next, d.rate) == 0 {
		return 0, fmt.Errorf("opus packet of %d bytes: %w", len(next), ErrCorrupt)
	}
	if err := d.dec.DecodeFECFloat32(next, dst[:len(dst):len(dst)]); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	clip(dst)
	return len(dst), nil
}

// Conceal fills dst with a continuation of what was heard, for a packet that is lost for good. dst
// has exactly the length of the lost packet, a multiple of 2.5 ms, at most MaxOpusFrame. Errors:
// ErrFrameSize, ErrClosed.
func (d *OpusDecoder) Conceal(dst []float32) (int, error) {
	if err := d.checkGap(dst); err != nil {
		return 0, err
	}
	if err := d.dec.DecodePLCFloat32(dst[:len(dst):len(dst)]); err != nil {
		return 0, fmt.Errorf("opus concealment: %w", err)
	}
	clip(dst)
	return len(dst), nil
}

// clip keeps samples in [-1, 1]: loud voices overshoot a little, damaged packets a lot.
func clip(pcm []float32) {
	for i, s := range pcm {
		switch {
		case s > 1:
			pcm[i] = 1
		case s < -1:
			pcm[i] = -1
		case s != s:
			pcm[i] = 0
		}
	}
}

func (d *OpusDecoder) checkGap(dst []float32) error {
	if d.dec == nil {
		return ErrClosed
	}
	if n := len(dst); n == 0 || n%(d.rate/400) != 0 || n > d.rate*MaxOpusFrame/1000 {
		return fmt.Errorf("gap of %d samples at %d Hz: %w", n, d.rate, ErrFrameSize)
	}
	return nil
}

// Close ends the decoder. Its memory belongs to the garbage collector; closing twice does nothing.
func (d *OpusDecoder) Close() error {
	d.dec = nil
	return nil
}
