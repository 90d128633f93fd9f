package lk

import (
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// removed tells whether somebody wanted the participant out of the room.
func removed(reason lksdk.DisconnectionReason) bool {
	return reason == lksdk.ParticipantRemoved || reason == lksdk.DuplicateIdentity
}

// callbacks are what the SDK's Room tells that front.go does not know already. It calls them in
// goroutines of several kinds, so each is fenced by itself.
func (c *Connection) callbacks() *lksdk.RoomCallback {
	return &lksdk.RoomCallback{
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			defer c.fence("OnDisconnectedWithReason")
			select {
			case <-c.done: // Close reports the end itself
			default:
				c.out.connected(false)
				deleted := c.sdk.DisconnectReason() == livekit.DisconnectReason_ROOM_DELETED
				c.push(Disconnected{Reason: string(reason), Closed: reason == lksdk.RoomClosed, Deleted: deleted, Removed: removed(reason)})
			}
		},
		OnReconnecting: func() { c.onConnection(false) },
		OnReconnected:  func() { c.onConnection(true) },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnLocalTrackPublished: func(pub *lksdk.LocalTrackPublication, _ *lksdk.LocalParticipant) { c.ways.adds.published(pub.SID()) },
			OnTrackSubscribed:     c.onSubscribed,
			OnTrackUnsubscribed: func(_ *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				defer c.fence("OnTrackUnsubscribed")
				if p := c.pubs.get(pub); p != nil {
					c.push(TrackGone{Participant: p.who, SID: pub.SID()})
				}
			},
			OnTrackUnpublished: func(pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				defer c.fence("OnTrackUnpublished")
				if p := c.pubs.forget(pub); p != nil {
					c.push(TrackGone{Participant: p.who, SID: pub.SID()})
				}
			},
		},
	}
}

func (c *Connection) onConnection(up bool) {
	defer c.fence("connection")
	c.up.Store(up)
	c.out.connected(up)
	c.push(ConnectionChanged{Up: up})
}

// attempted tells that the connection is down, where it was up and that is not told yet, when the
// SDK makes or continues one: after one that failed behind its word that it is up, it says nothing.
func (c *Connection) attempted() {
	if c.up.Load() {
		c.onConnection(false)
	}
}

// onSubscribed may come up to 5 s after the track: by then it may be gone.
func (c *Connection) onSubscribed(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
	defer c.fence("OnTrackSubscribed")
	if p := c.pubs.get(pub); p != nil {
		c.push(TrackSubscribed{Participant: p.who, Publication: p, Track: track})
	}
}
