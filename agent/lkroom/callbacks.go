package lkroom

import (
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

const maxText = 1 << 20 // bytes of one incoming text stream; the rest is not read

func (r *Room) callbacks() *lksdk.RoomCallback {
	return &lksdk.RoomCallback{
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			select {
			case <-r.done: // Close reports the end itself
			default:
				r.push(Disconnected{Reason: string(reason), Closed: reason == lksdk.RoomClosed})
			}
		},
		OnParticipantConnected: func(p *lksdk.RemoteParticipant) { r.onParticipant(p) },
		OnParticipantDisconnected: func(p *lksdk.RemoteParticipant) {
			r.push(ParticipantLeft{Participant: snapshot(p)})
		},
		OnReconnecting: func() { r.push(Connection{Up: false}) },
		OnReconnected:  func() { r.push(Connection{Up: true}) },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackPublished: r.onPublished,
			OnTrackSubscribed: func(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, p *lksdk.RemoteParticipant) {
				r.push(TrackSubscribed{Participant: snapshot(p), Publication: r.pubs.of(pub, p), Track: track})
			},
			OnTrackUnsubscribed: func(_ *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, p *lksdk.RemoteParticipant) {
				r.push(TrackGone{Participant: snapshot(p), SID: pub.SID()})
			},
			OnTrackUnpublished: func(pub *lksdk.RemoteTrackPublication, p *lksdk.RemoteParticipant) {
				r.pubs.forget(pub.SID())
				r.push(TrackGone{Participant: snapshot(p), SID: pub.SID()})
			},
			OnAttributesChanged: func(changed map[string]string, p lksdk.Participant) {
				if rp, ok := p.(*lksdk.RemoteParticipant); ok {
					r.push(AttributesChanged{Participant: snapshot(rp), Changed: changed})
				}
			},
		},
	}
}

func (r *Room) onParticipant(p *lksdk.RemoteParticipant) {
	r.push(ParticipantJoined{Participant: snapshot(p)})
	for _, pub := range p.TrackPublications() {
		if remote, ok := pub.(*lksdk.RemoteTrackPublication); ok {
			r.onPublished(remote, p)
		}
	}
}

// onPublished offers each track once: the SDK reports a participant's tracks both with the participant and on their own.
func (r *Room) onPublished(pub *lksdk.RemoteTrackPublication, p *lksdk.RemoteParticipant) {
	wrapped := r.pubs.of(pub, p)
	if wrapped.offered.Swap(true) {
		return
	}
	r.push(TrackPublished{Participant: snapshot(p), Publication: wrapped})
}

func snapshot(p *lksdk.RemoteParticipant) Participant {
	return Participant{
		Identity: p.Identity(), Name: p.Name(), SID: p.SID(),
		Agent:      p.Kind() == lksdk.ParticipantAgent,
		Attributes: p.Attributes(),
	}
}

func (r *Room) onTextStream(reader *lksdk.TextStreamReader, from string) {
	r.readers.Add(1)
	go func() {
		defer r.readers.Done()
		r.readText(reader, from)
	}()
}

func (r *Room) readText(reader *lksdk.TextStreamReader, from string) {
	info := reader.Info
	buf := make([]byte, maxChunk)
	var whole []byte
	for {
		n, err := reader.Read(buf)
		if n > 0 {
			whole = append(whole, buf[:n]...)
			r.push(TextChunk{Topic: info.Topic, From: from, StreamID: info.Id, Text: string(buf[:n]), Attributes: info.Attributes})
		}
		if err != nil || len(whole) > maxText {
			break
		}
	}
	r.push(TextReceived{Topic: info.Topic, From: from, StreamID: info.Id, Text: string(whole), Attributes: info.Attributes})
}
