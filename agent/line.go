package agent

import (
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

// line is where the player's packets go: the published track, while somebody can hear it. Packets at other times are thrown away and
// counted. It is safe from any goroutine; the loop sets it.
type line struct {
	track   atomic.Pointer[lkroom.VoiceTrack]
	open    atomic.Bool
	unheard atomic.Uint64
}

// WriteOpus implements playout.PacketWriter. The loss of a packet is no error of the player: the session knows why, and says so.
func (l *line) WriteOpus(packet []byte, timestamp uint32, duration time.Duration) error {
	track := l.track.Load()
	if !l.audible() {
		l.unheard.Add(1)
		return nil
	}
	return track.WriteOpus(packet, timestamp, duration)
}

// audible tells whether a packet that is sent now can reach somebody.
func (l *line) audible() bool {
	track := l.track.Load()
	return track != nil && l.open.Load() && track.Ready()
}
