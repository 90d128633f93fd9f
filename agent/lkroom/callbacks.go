package lkroom

import (
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// callbacks are what the SDK's Room tells that front.go does not know already. It calls them in goroutines of several kinds, so each is
// fenced by itself.
func (r *Room) callbacks() *lksdk.RoomCallback {
	return &lksdk.RoomCallback{
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			defer r.fence("OnDisconnectedWithReason")
			select {
			case <-r.done: // Close reports the end itself
			default:
				r.out.connected(false)
				r.push(Disconnected{Reason: string(reason), Closed: reason == lksdk.RoomClosed})
			}
		},
		OnReconnecting: func() { r.onConnection(false) },
		OnReconnected:  func() { r.onConnection(true) },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: r.onSubscribed,
			OnTrackUnsubscribed: func(_ *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				defer r.fence("OnTrackUnsubscribed")
				if p := r.pubs.get(pub); p != nil {
					r.push(TrackGone{Participant: p.who, SID: pub.SID()})
				}
			},
			OnTrackUnpublished: func(pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				defer r.fence("OnTrackUnpublished")
				if p := r.pubs.forget(pub); p != nil {
					r.push(TrackGone{Participant: p.who, SID: pub.SID()})
				}
			},
		},
	}
}

func (r *Room) onConnection(up bool) {
	defer r.fence("connection")
	r.out.connected(up)
	r.push(Connection{Up: up})
}

// onSubscribed may come up to 5 s after the track: by then it may be gone.
func (r *Room) onSubscribed(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
	defer r.fence("OnTrackSubscribed")
	if p := r.pubs.get(pub); p != nil {
		r.push(TrackSubscribed{Participant: p.who, Publication: p, Track: track})
	}
}
