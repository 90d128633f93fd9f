package lk

import (
	"fmt"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// VoiceTrack is a published Opus track. WriteOpus is called by one goroutine.
type VoiceTrack struct {
	conn  *Connection
	track voice
	local webrtc.TrackLocal            // the same as the SDK knows it
	pub   *lksdk.LocalTrackPublication // the first one
}

// voice is what a VoiceTrack writes to.
type voice interface {
	webrtc.TrackLocal
	IsBound() bool
	// write sends a packet, as WriteOpus does.
	write(packet []byte, timestamp uint32, duration time.Duration) error
}

// plainVoice sends packets as they are.
type plainVoice struct{ *lksdk.LocalTrack }

func (v plainVoice) write(packet []byte, timestamp uint32, duration time.Duration) error {
	return v.WriteSample(media.Sample{Data: packet, Duration: duration, PacketTimestamp: timestamp}, nil)
}

// PublishVoice publishes a microphone track of 48 kHz Opus, with copies where Config.Redundant is
// set.
func (c *Connection) PublishVoice(name string) (*VoiceTrack, error) {
	if c.cfg.Redundant {
		v, err := newRedundantVoice()
		if err != nil {
			return nil, err
		}
		return c.publishVoice(v, v, name)
	}
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
	})
	if err != nil {
		return nil, fmt.Errorf("publish voice: %w", err)
	}
	return c.publishVoice(track, plainVoice{track}, name)
}

// publishVoice publishes track, which the SDK knows by its type, and v is written to.
func (c *Connection) publishVoice(track webrtc.TrackLocal, v voice, name string) (*VoiceTrack, error) {
	pub, err := c.sdk.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: name, Source: Microphone, DisableDTX: true})
	if err != nil {
		return nil, fmt.Errorf("publish voice: %w", err)
	}
	return &VoiceTrack{conn: c, track: v, local: track, pub: pub}, nil
}

// published is the publication of a track now: after a connection was lost the SDK publishes it
// anew. It is first where there is none.
func (c *Connection) published(track webrtc.TrackLocal, first *lksdk.LocalTrackPublication) *lksdk.LocalTrackPublication {
	for _, p := range c.sdk.LocalParticipant.TrackPublications() {
		if local, ok := p.(*lksdk.LocalTrackPublication); ok && local.TrackLocal() == track {
			return local
		}
	}
	return first
}

// muted are the own tracks that are muted.
func (c *Connection) muted() (out []*lksdk.LocalTrackPublication) {
	for _, p := range c.sdk.LocalParticipant.TrackPublications() {
		if local, ok := p.(*lksdk.LocalTrackPublication); ok && local.IsMuted() {
			out = append(out, local)
		}
	}
	return out
}

// muteAgain mutes tracks that have been published anew: the SDK mutes what is sent, and does not
// say so.
func (c *Connection) muteAgain(before []*lksdk.LocalTrackPublication) {
	for _, p := range before {
		c.published(p.TrackLocal(), p).SetMuted(true)
	}
}

func (t *VoiceTrack) publication() *lksdk.LocalTrackPublication {
	return t.conn.published(t.local, t.pub)
}

// SID returns the server's id of the track. It is another one after a new connection, and empty
// where signals were lost before the server told it.
func (t *VoiceTrack) SID() string { return serverID(t.publication()) }

// serverID is the server's id of a track; empty where another one stands in for it.
func serverID(p *lksdk.LocalTrackPublication) string {
	if sid := p.SID(); !strings.HasPrefix(sid, standIn) {
		return sid
	}
	return ""
}

// Taken tells whether anybody has subscribed to the track since it was published, or published
// anew.
func (t *VoiceTrack) Taken() bool {
	sid := t.SID()
	t.conn.mu.Lock()
	defer t.conn.mu.Unlock()
	return t.conn.taken[sid]
}

// Ready tells whether the track is bound to a connection, so that packets leave.
func (t *VoiceTrack) Ready() bool { return t.track.IsBound() }

// WriteOpus sends one packet. timestamp is the RTP time of its first sample at 48 kHz, duration its
// length.
func (t *VoiceTrack) WriteOpus(packet []byte, timestamp uint32, duration time.Duration) error {
	return t.track.write(packet, timestamp, duration)
}

// Mute says that nothing comes, or that something does again. The track stays published.
func (t *VoiceTrack) Mute(on bool) { t.publication().SetMuted(on) }

// Unpublish takes the track back.
func (t *VoiceTrack) Unpublish() error {
	return t.conn.sdk.LocalParticipant.UnpublishTrack(t.publication().SID())
}

// VideoTrack is a published video track. WriteFrame is called by one goroutine.
type VideoTrack struct {
	conn  *Connection
	track *lksdk.LocalTrack
	pub   *lksdk.LocalTrackPublication
	want  chan struct{}
}

// VideoOptions describes a video track.
type VideoOptions struct {
	Name          string
	Mime          string // video/vp8, video/h264, video/vp9 or video/av1
	Width, Height int
	Source        Source
}

// PublishVideo publishes a camera or screen share track.
func (c *Connection) PublishVideo(opt VideoOptions) (*VideoTrack, error) {
	t := &VideoTrack{conn: c, want: make(chan struct{}, 1)}
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: opt.Mime, ClockRate: 90000}, lksdk.WithRTCPHandler(t.onRTCP))
	if err != nil {
		return nil, fmt.Errorf("publish %s: %w", opt.Mime, err)
	}
	pub, err := c.sdk.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: opt.Name, Source: opt.Source, VideoWidth: opt.Width, VideoHeight: opt.Height,
	})
	if err != nil {
		return nil, fmt.Errorf("publish %s: %w", opt.Mime, err)
	}
	t.track, t.pub = track, pub
	return t, nil
}

func (t *VideoTrack) onRTCP(p rtcp.Packet) {
	defer t.conn.fence("RTCP")
	switch p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		select {
		case t.want <- struct{}{}:
		default: // one request is enough
		}
	}
}

// KeyframeWanted delivers a value when a receiver asked for a keyframe.
func (t *VideoTrack) KeyframeWanted() <-chan struct{} { return t.want }

// SID is as that of a VoiceTrack.
func (t *VideoTrack) SID() string { return serverID(t.conn.published(t.track, t.pub)) }

// Ready tells whether the track is bound to a connection, so that frames leave.
func (t *VideoTrack) Ready() bool { return t.track.IsBound() }

// WriteFrame packetises and sends one access unit. timestamp is its RTP time at 90 kHz.
func (t *VideoTrack) WriteFrame(unit []byte, timestamp uint32, duration time.Duration) error {
	return t.track.WriteSample(media.Sample{Data: unit, Duration: duration, PacketTimestamp: timestamp}, nil)
}

// Unpublish takes the track back.
func (t *VideoTrack) Unpublish() error {
	return t.conn.sdk.LocalParticipant.UnpublishTrack(t.conn.published(t.track, t.pub).SID())
}

// AgentStates of the attribute AttrState, as front ends know them.
const (
	StateInitializing = "initializing"
	StateIdle         = "idle"
	StateListening    = "listening"
	StateThinking     = "thinking"
	StateSpeaking     = "speaking"
)

// Segment builds a legacy transcription segment.
func Segment(id, text string, final bool) *livekit.TranscriptionSegment {
	return &livekit.TranscriptionSegment{Id: id, Text: text, Final: final, Language: "en"}
}
