package evaluate

import (
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// warmUp is how many frames of a still picture go through the codec before one is looked at.
const warmUp = 3

// Camera passes pictures through a real video encoder and decoder.
type Camera struct {
	size    image.Point
	encoder *codec.VideoEncoder
	decoder *codec.VideoDecoder
	pool    *media.I420Pool
	frames  int
}

// NewCamera opens a codec for pictures of one size, at the encoder's usual bit rate.
func NewCamera(c codec.VideoCodec, width, height int) (*Camera, error) {
	encoder, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{Codec: c, Width: width, Height: height})
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	decoder, err := codec.NewVideoDecoder(c, codec.DecoderConfig{})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("evaluate: %w", err), encoder.Close())
	}
	return &Camera{size: image.Pt(width, height), encoder: encoder, decoder: decoder, pool: media.NewI420Pool(2)}, nil
}

// Film returns the picture as a receiver sees it. The caller releases it.
func (c *Camera) Film(picture *image.RGBA) (*media.I420, error) {
	frame := media.FromRGBA(picture)
	for i := range warmUp {
		unit, _, err := c.encoder.Encode(frame, i == 0)
		if err != nil {
			return nil, err
		}
		c.frames++
		if _, err := c.decoder.Decode(unit, time.Duration(c.frames)*time.Second/15); err != nil {
			return nil, err
		}
	}
	return c.decoder.CopyTo(c.pool)
}

// Close frees the codec. Idempotent.
func (c *Camera) Close() error { return errors.Join(c.encoder.Close(), c.decoder.Close()) }
