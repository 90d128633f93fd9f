package lk

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/media"
)

// copies is how many packets before one go into it: with two, the loss of two in a row costs
// nothing. It is what livekit-server does for those who send none.
const copies = 2

// redundantVoice sends each packet with copies of those before it.
type redundantVoice struct {
	*webrtc.TrackLocalStaticRTP
	bound    atomic.Int32 // connections that take it
	sequence rtp.Sequencer
	pack     media.Redundancy
}

func newRedundantVoice() (*redundantVoice, error) {
	id := "TR_" + uuid.NewString()
	track, err := webrtc.NewTrackLocalStaticRTP(redundantOpus().RTPCodecCapability, id, id)
	if err != nil {
		return nil, fmt.Errorf("publish voice: %w", err)
	}
	return &redundantVoice{
		TrackLocalStaticRTP: track, sequence: rtp.NewRandomSequencer(),
		pack: media.Redundancy{Depth: copies, PayloadType: opusType},
	}, nil
}

// Bind implements webrtc.TrackLocal.
func (v *redundantVoice) Bind(to webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codec, err := v.TrackLocalStaticRTP.Bind(to)
	if err == nil {
		v.bound.Add(1)
	}
	return codec, err
}

// Unbind implements webrtc.TrackLocal.
func (v *redundantVoice) Unbind(from webrtc.TrackLocalContext) error {
	err := v.TrackLocalStaticRTP.Unbind(from)
	if err == nil {
		v.bound.Add(-1)
	}
	return err
}

// IsBound implements voice.
func (v *redundantVoice) IsBound() bool { return v.bound.Load() > 0 }

func (v *redundantVoice) write(packet []byte, timestamp uint32, _ time.Duration) error {
	return v.WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: v.sequence.NextSequenceNumber(), Timestamp: timestamp},
		Payload: v.pack.Pack(timestamp, packet),
	})
}
