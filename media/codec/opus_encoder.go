package codec

import (
	"fmt"

	"github.com/hraban/opus"
)

// MaxOpusPacket is a packet size in bytes that no frame of 20 ms exceeds (RFC 6716 section 3.2.1
// allows 1275 a frame).
const MaxOpusPacket = 1276

// OpusEncoderConfig configures an OpusEncoder.
type OpusEncoderConfig struct {
	// Rate of the PCM in Hz; 0 means 48000.
	Rate int
	// Bitrate in bits a second; 0 means 32000, transparent for one voice.
	Bitrate int
	// FEC adds to each packet a copy of the one before, at lower quality. It needs
	// ExpectedLossPercent above 0.
	FEC bool
	// ExpectedLossPercent is the packet loss the encoder prepares for, 0…100.
	ExpectedLossPercent int
	// DTX lets the encoder say nothing while nothing is to be heard.
	DTX bool
}

// OpusEncoder encodes one mono voice stream. Not safe for concurrent use.
type OpusEncoder struct {
	rate int
	enc  *opus.Encoder
}

// NewOpusEncoder returns an encoder tuned for speech. Error: ErrConfig.
func NewOpusEncoder(cfg OpusEncoderConfig) (*OpusEncoder, error) {
	if cfg.Rate == 0 {
		cfg.Rate = 48000
	}
	if cfg.Bitrate == 0 {
		cfg.Bitrate = 32000
	}
	if cfg.Bitrate < 6000 || cfg.Bitrate > 510000 || cfg.ExpectedLossPercent < 0 || cfg.ExpectedLossPercent > 100 {
		return nil, fmt.Errorf("opus at %d bit/s, %d %% loss: %w", cfg.Bitrate, cfg.ExpectedLossPercent, ErrConfig)
	}
	enc, err := opus.NewEncoder(cfg.Rate, 1, opus.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("opus at %d Hz: %w: %w", cfg.Rate, ErrConfig, err)
	}
	for _, set := range []func() error{
		func() error { return enc.SetBitrate(cfg.Bitrate) },
		func() error { return enc.SetInBandFEC(cfg.FEC) },
		func() error { return enc.SetPacketLossPerc(cfg.ExpectedLossPercent) },
		func() error { return enc.SetDTX(cfg.DTX) },
	} {
		if err := set(); err != nil {
			return nil, fmt.Errorf("opus encoder: %w: %w", ErrConfig, err)
		}
	}
	return &OpusEncoder{rate: cfg.Rate, enc: enc}, nil
}

// Encode encodes one frame of 2.5, 5, 10, 20, 40 or 60 ms into dst and returns the number of bytes;
// MaxOpusPacket bytes suffice for up to 20 ms. One byte means that the encoder has nothing to say
// (DTX). Errors: ErrFrameSize, ErrClosed.
func (e *OpusEncoder) Encode(pcm []float32, dst []byte) (int, error) {
	if e.enc == nil {
		return 0, ErrClosed
	}
	unit := e.rate / 400
	switch len(pcm) {
	case unit, 2 * unit, 4 * unit, 8 * unit, 16 * unit, 24 * unit:
	default:
		return 0, fmt.Errorf("%d samples at %d Hz: %w", len(pcm), e.rate, ErrFrameSize)
	}
	if len(dst) == 0 {
		return 0, fmt.Errorf("no room for a packet: %w", ErrFrameSize)
	}
	n, err := e.enc.EncodeFloat32(pcm, dst[:len(dst):len(dst)])
	if err != nil {
		return 0, fmt.Errorf("opus encoder: %w", err)
	}
	return n, nil
}

// Reset forgets what was encoded before, for the start of a new utterance after a pause.
func (e *OpusEncoder) Reset() error {
	if e.enc == nil {
		return ErrClosed
	}
	if err := e.enc.Reset(); err != nil {
		return fmt.Errorf("opus encoder: %w", err)
	}
	return nil
}

// Close ends the encoder. Its memory belongs to the garbage collector; closing twice does nothing.
func (e *OpusEncoder) Close() error {
	e.enc = nil
	return nil
}
