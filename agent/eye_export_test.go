package agent

import (
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// PacketEye is the way of an eye's packets, without a room.
type PacketEye struct{ eye eye }

// NewPacketEye makes a receiver whose wish for another layer goes to prefer.
func NewPacketEye(t *testing.T, c codec.VideoCodec, prefer func(width, height int)) *PacketEye {
	t.Helper()
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rx.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &Session{log: slog.New(slog.DiscardHandler), inbox: make(chan message, 4), life: t.Context()}
	return &PacketEye{eye{session: s, who: "ada", rx: rx, prefer: prefer}}
}

// Packet takes a packet and returns the trouble that it made, if any.
func (p *PacketEye) Packet(packet *rtp.Packet, now time.Time) *StageError {
	p.eye.decoded(p.eye.rx.Push(packet, now))
	select {
	case m := <-p.eye.session.inbox:
		if m, ok := m.(trouble); ok {
			return m.err
		}
	default:
	}
	return nil
}

// NeedKeyframe asks the receiver.
func (p *PacketEye) NeedKeyframe(now time.Time) bool { return p.eye.rx.NeedKeyframe(now) }
