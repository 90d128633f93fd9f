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

// readText passes a stream on. Its attributes may be read only after its end: the SDK changes the map when the trailer arrives.
func (r *Room) readText(reader *lksdk.TextStreamReader, from string) {
	topic, id := reader.Info.Topic, reader.Info.Id
	sender := r.sdk.GetParticipantByIdentity(from)
	agent := sender != nil && sender.Kind() == lksdk.ParticipantAgent
	buf := make([]byte, maxChunk)
	whole := TextReceived{Topic: topic, From: from, StreamID: id, Agent: agent}
	var text []byte
	for len(text) <= maxText {
		n, err := reader.Read(buf)
		if n > 0 {
			text = append(text, buf[:n]...)
			r.push(TextChunk{Topic: topic, From: from, StreamID: id, Text: string(buf[:n]), Agent: agent})
		}
		if err != nil {
			whole.Attributes = reader.Info.Attributes
			break
		}
	}
	whole.Text = string(text)
	r.push(whole)
}
