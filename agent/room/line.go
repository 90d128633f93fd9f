package room

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

const (
	boundLimit = 5 * time.Second
	boundEvery = 5 * time.Millisecond
)

// line is where the player's packets go: the published track, while somebody can hear it. Packets
// at other times are thrown away and counted. It is safe from any goroutine; the loop sets it.
type line struct {
	track   atomic.Pointer[lk.VoiceTrack]
	open    atomic.Bool
	unheard atomic.Uint64
	left    atomic.Int64 // when a packet left last, in nanoseconds of Unix time; 0 before the first one
}

// WriteOpus implements playout.PacketWriter. The loss of a packet is no error of the player: the
// session knows why, and says so.
func (l *line) WriteOpus(packet []byte, timestamp uint32, duration time.Duration) error {
	track := l.track.Load()
	if !l.audible() {
		l.unheard.Add(1)
		return nil
	}
	err := track.WriteOpus(packet, timestamp, duration)
	if err == nil {
		l.left.Store(time.Now().UnixNano())
	}
	return err
}

// bound waits until packets of a published track leave, at most boundLimit: publishing returns a
// little earlier than that.
func bound(ctx context.Context, track *lk.VoiceTrack) {
	limited, cancel := context.WithTimeout(ctx, boundLimit)
	defer cancel()
	tick := time.NewTicker(boundEvery)
	defer tick.Stop()
	for !track.Ready() {
		select {
		case <-tick.C:
		case <-limited.Done():
			return
		}
	}
}

// sid is the id of the published track; empty while there is none.
func (l *line) sid() string {
	if track := l.track.Load(); track != nil {
		return track.SID()
	}
	return ""
}

// audible tells whether a packet that is sent now can reach somebody.
func (l *line) audible() bool {
	track := l.track.Load()
	return track != nil && l.open.Load() && track.Ready()
}
