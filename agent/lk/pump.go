package lk

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/pion/rtp"
)

const (
	pumpIdle   = 20 * time.Millisecond // a pump ticks at least this often, so that losses are given up in time
	packetSize = 1600                  // bytes; RTP packets stay below the 1500 of Ethernet
)

// Packets reads the RTP packets of the track until it ends or ctx does, in the caller's goroutine.
// It calls packet for each one, valid during the call, and tick after each packet and at least
// every 20 ms. The end of the track is no error.
func (e TrackSubscribed) Packets(ctx context.Context, packet func(*rtp.Packet, time.Time), tick func(time.Time)) error {
	stop := context.AfterFunc(ctx, func() { _ = e.Track.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	buf := make([]byte, packetSize)
	var p rtp.Packet
	for ctx.Err() == nil {
		if err := e.Track.SetReadDeadline(time.Now().Add(pumpIdle)); err != nil {
			return err
		}
		n, _, err := e.Track.Read(buf)
		now := time.Now()
		switch {
		case err == nil:
			if p.Unmarshal(buf[:n]) == nil { // what is no RTP packet was not meant for this track
				packet(&p, now)
			}
		case errors.Is(err, io.EOF):
			return nil
		case !timedOut(err):
			return err
		}
		tick(now)
	}
	return nil
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Codec is the MIME type of the packet read last: a sender may change it.
func (e TrackSubscribed) Codec() string { return e.Track.Codec().MimeType }

// RequestKeyframe asks the sender for one.
func (e TrackSubscribed) RequestKeyframe() { e.Publication.RequestKeyframe(e.Track.SSRC()) }

// PreferSize asks for the layer of the track that fits best.
func (e TrackSubscribed) PreferSize(width, height int) { e.Publication.PreferSize(width, height) }

// Orientation is the id of the header extension that says how pictures lie; 0 where the server has
// not agreed to it.
func (e TrackSubscribed) Orientation() uint8 { return e.Publication.orientation() }
