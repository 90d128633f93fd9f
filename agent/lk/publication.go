package lk

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// Publication is a track that somebody else offers. Methods are safe from any goroutine.
type Publication struct {
	pub   *lksdk.RemoteTrackPublication
	owner *lksdk.RemoteParticipant
	who   Participant // the owner when the track was offered
	off   atomic.Bool // it is not wanted any more
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

// Early tells whether the publisher has said that it sends what was said before the track was
// published (EarlyAudio).
func (p *Publication) Early() bool {
	return slices.Contains(p.pub.TrackInfo().GetAudioFeatures(), livekit.AudioTrackFeature_TF_PRECONNECT_BUFFER)
}

// Subscribe asks the server for the track, or to stop sending it.
func (p *Publication) Subscribe(on bool) error {
	p.off.Store(!on)
	return p.pub.SetSubscribed(on)
}

// PreferSize says that pictures are of use up to a size, so that the server sends the smallest
// layer that is as large as a picture of the track's shape that fits into it.
func (p *Publication) PreferSize(width, height int) {
	w, h := uint32(width), uint32(height) // sizes of pictures are small and positive
	if info := p.pub.TrackInfo(); info.GetWidth() > 0 && info.GetHeight() > 0 {
		w, h = fit(info.GetWidth(), info.GetHeight(), w, h)
	}
	p.pub.SetVideoDimensions(w, h)
}

// fit shrinks a picture until it fits into a size. It is at least one pixel wide and high.
func fit(width, height, maxWidth, maxHeight uint32) (w, h uint32) {
	switch {
	case width <= maxWidth && height <= maxHeight:
		return width, height
	case uint64(width)*uint64(maxHeight) > uint64(height)*uint64(maxWidth):
		return maxWidth, max(1, uint32(uint64(height)*uint64(maxWidth)/uint64(width))) // below maxHeight
	}
	return max(1, uint32(uint64(width)*uint64(maxHeight)/uint64(height))), maxHeight // below maxWidth
}

// orientation is the id of the header extension that says how pictures lie; 0 where it was not
// negotiated.
func (p *Publication) orientation() uint8 { return orientationOf(p.pub.Receiver()) }

// RequestKeyframe sends a picture loss indication for the track.
func (p *Publication) RequestKeyframe(ssrc webrtc.SSRC) { p.owner.WritePLI(ssrc) }

// pubSet gives every publication one wrapper, from its offer until it or its owner is gone.
type pubSet struct {
	mu   sync.Mutex
	byID map[string]*Publication
}

// add returns the wrapper, and whether it is new.
func (s *pubSet) add(pub *lksdk.RemoteTrackPublication, owner *lksdk.RemoteParticipant, who Participant) (*Publication, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.byID[pub.SID()]; ok && p.pub == pub {
		return p, false
	}
	p := &Publication{pub: pub, owner: owner, who: who}
	s.byID[pub.SID()] = p
	return p, true
}

// get returns the wrapper of a publication that was offered, nil for any other.
func (s *pubSet) get(pub *lksdk.RemoteTrackPublication) *Publication {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.byID[pub.SID()]; ok && p.pub == pub {
		return p
	}
	return nil
}

// unwanted tells whether somebody asked for a track and then not to get it any more. The SDK does
// not know that, and asks for the track again when it continues a connection.
func (s *pubSet) unwanted(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.byID[sid]
	return p != nil && p.off.Load()
}

// forget returns and removes the wrapper.
func (s *pubSet) forget(pub *lksdk.RemoteTrackPublication) *Publication {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.byID[pub.SID()]
	if !ok || p.pub != pub {
		return nil
	}
	delete(s.byID, pub.SID())
	return p
}

// forgetOwner removes the wrappers of a participant who is gone, and returns the ids of the tracks.
func (s *pubSet) forgetOwner(sid string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []string
	for id, p := range s.byID {
		if p.who.SID == sid {
			delete(s.byID, id)
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return gone
}
