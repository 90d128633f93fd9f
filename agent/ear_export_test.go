package agent

import (
	"log/slog"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
)

// PacketEar is the way of an ear's packets to its listener, without a room.
type PacketEar struct{ ear ear }

// NewPacketEar makes a receiver at 16 kHz.
func NewPacketEar() (*PacketEar, error) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{})
	if err != nil {
		return nil, err
	}
	return &PacketEar{ear{session: &Session{log: slog.New(slog.DiscardHandler)}, rx: rx}}, nil
}

// Packet takes a packet of a track that names mime as its codec.
func (p *PacketEar) Packet(packet *rtp.Packet, mime string, now time.Time) {
	p.ear.packet(packet, mime, now)
}

// Pop passes on what is ready.
func (p *PacketEar) Pop(now time.Time, hear func(rtpin.Frame)) { p.ear.rx.Pop(now, hear) }

// Stats are those of the receiver.
func (p *PacketEar) Stats() rtpin.AudioStats { return p.ear.rx.Stats() }

// Close frees the receiver.
func (p *PacketEar) Close() error { return p.ear.rx.Close() }
