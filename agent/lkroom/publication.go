package lkroom

import (
	"sync"
	"sync/atomic"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// Publication is a track that somebody else offers. Methods are safe from any goroutine.
type Publication struct {
	pub     *lksdk.RemoteTrackPublication
	owner   *lksdk.RemoteParticipant
	offered atomic.Bool
}

// SID returns the server's id of the track.
func (p *Publication) SID() string { return p.pub.SID() }

// Source returns what the track shows or carries: microphone, camera, screen share.
func (p *Publication) Source() Source { return p.pub.Source() }

// Mime returns the codec as a MIME type, for example video/vp8.
func (p *Publication) Mime() string { return p.pub.MimeType() }

// Video is true for tracks of pictures.
func (p *Publication) Video() bool { return p.pub.Kind() == lksdk.TrackKindVideo }

// Muted tells whether the publisher has muted the track.
func (p *Publication) Muted() bool { return p.pub.IsMuted() }

// Subscribe asks the server for the track, or to stop sending it.
func (p *Publication) Subscribe(on bool) error { return p.pub.SetSubscribed(on) }

// PreferSize hints the picture size that is wanted, so that the server picks the simulcast layer.
func (p *Publication) PreferSize(width, height int) {
	p.pub.SetVideoDimensions(uint32(width), uint32(height)) //nolint:gosec // sizes of pictures are small and positive
}

// RequestKeyframe sends a picture loss indication for the track.
func (p *Publication) RequestKeyframe(ssrc webrtc.SSRC) { p.owner.WritePLI(ssrc) }

// pubSet gives every publication one wrapper.
type pubSet struct {
	mu   sync.Mutex
	byID map[string]*Publication
}

func (s *pubSet) of(pub *lksdk.RemoteTrackPublication, owner *lksdk.RemoteParticipant) *Publication {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.byID[pub.SID()]; ok && p.pub == pub {
		return p
	}
	p := &Publication{pub: pub, owner: owner}
	s.byID[pub.SID()] = p
	return p
}

func (s *pubSet) forget(sid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, sid)
}
