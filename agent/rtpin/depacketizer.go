package rtpin

import (
	"fmt"

	"github.com/pion/rtp/codecs"

	"github.com/sensory-agent/sensory-agent/media/codec"
)

// depacketizer turns the payloads of one access unit into the bitstream the decoder takes. The
// assembler calls begin, then add for each payload in order, then end.
type depacketizer interface {
	// starts reports whether an access unit can begin with this payload.
	starts(payload []byte) bool
	// begin forgets what a broken access unit left behind.
	begin()
	// add appends what payload carries to dst and keeps nothing of it elsewhere, so that the length
	// of dst is all there is to bound. part is true when a decodable part of the access unit ends
	// here and more may follow: the lower spatial layers of VP9. Error: ErrPayload.
	add(dst, payload []byte) (out []byte, part bool, err error)
	// end reports, as ErrPayload, that something is unfinished.
	end() error
}

func newDepacketizer(c codec.VideoCodec) (depacketizer, error) {
	switch c {
	case codec.VP8:
		return vp8Depacketizer{}, nil
	case codec.VP9:
		return vp9Depacketizer{}, nil
	case codec.H264:
		return &h264Depacketizer{}, nil
	case codec.AV1:
		return &av1Depacketizer{}, nil
	}
	return nil, fmt.Errorf("%q: %w", c, codec.ErrUnknownCodec)
}

// vp8Depacketizer follows RFC 7741.
type vp8Depacketizer struct{}

func (vp8Depacketizer) begin() {}

func (vp8Depacketizer) starts(payload []byte) bool {
	const startOfPartition, partitionIndex = 0x10, 0x07
	return len(payload) > 1 && payload[0]&startOfPartition != 0 && payload[0]&partitionIndex == 0
}

func (vp8Depacketizer) add(dst, payload []byte) ([]byte, bool, error) {
	var p codecs.VP8Packet
	data, err := p.Unmarshal(payload)
	if err != nil {
		return dst, false, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return append(dst, data...), false, nil
}

func (vp8Depacketizer) end() error { return nil }

// vp9Depacketizer follows RFC 9628. Each spatial layer is a frame of its own for the decoder.
type vp9Depacketizer struct{}

func (vp9Depacketizer) begin() {}

func (vp9Depacketizer) starts(payload []byte) bool {
	var p codecs.VP9Packet
	_, err := p.Unmarshal(payload)
	return err == nil && p.B && p.SID == 0
}

func (vp9Depacketizer) add(dst, payload []byte) ([]byte, bool, error) {
	var p codecs.VP9Packet
	data, err := p.Unmarshal(payload)
	if err != nil {
		return dst, false, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return append(dst, data...), p.E, nil
}

func (vp9Depacketizer) end() error { return nil }
