package lk

import (
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// front stands between the SDK's engine and its Room. It passes on what comes from the server, cuts
// what comes from participants down to the limits, and keeps back what nobody here uses. Data
// packets reach neither: see data.go. No panic leaves it.
type front struct {
	conn  *Connection
	inner sdkHandler
}

var _ sdkHandler = (*front)(nil)

// OnRoomJoined comes for the first connection and for each new one after a loss, before any packet.
func (f *front) OnRoomJoined(
	room *livekit.Room, own *livekit.ParticipantInfo, others []*livekit.ParticipantInfo, server *livekit.ServerInfo, trailer []byte,
) {
	defer f.conn.fence("OnRoomJoined")
	f.conn.mu.Lock()
	clear(f.conn.taken)
	f.conn.roomSID = room.GetSid()
	f.conn.mu.Unlock()
	f.conn.listenForData()
	before := f.conn.everybodyLeft()
	if gone := leftBehind(before); len(gone) > 0 {
		f.inner.OnParticipantUpdate(gone)
	}
	pass, news := f.conn.enter(own, others)
	f.inner.OnRoomJoined(room, own, pass, server, trailer)
	f.conn.announce(before.and(news))
}

// OnParticipantUpdate brings new, changed and gone participants, the own one among them.
func (f *front) OnParticipantUpdate(infos []*livekit.ParticipantInfo) {
	defer f.conn.fence("OnParticipantUpdate")
	pass, news := f.conn.sift(infos)
	f.inner.OnParticipantUpdate(pass)
	f.conn.announce(news)
}

// OnRestarting comes when the connection is lost for good and everything is built anew.
func (f *front) OnRestarting() {
	defer f.conn.fence("OnRestarting")
	news := f.conn.everybodyLeft()
	f.inner.OnRestarting()
	f.conn.announce(news)
	f.conn.wait()
}

// OnRestarted follows OnRoomJoined, which has announced everybody.
func (f *front) OnRestarted(room *livekit.Room, own *livekit.ParticipantInfo, others []*livekit.ParticipantInfo) {
	defer f.conn.fence("OnRestarted")
	pass, news := f.conn.sift(others)
	muted := f.conn.muted()
	f.inner.OnRestarted(room, own, pass)
	f.conn.muteAgain(muted)
	f.conn.announce(news)
	f.conn.out.again()
}

// OnRoomMoved comes when the server has moved this participant to another room.
func (f *front) OnRoomMoved(moved *livekit.RoomMovedResponse) {
	defer f.conn.fence("OnRoomMoved")
	f.conn.joined(moved.GetRoom())
	news := f.conn.everybodyLeft()
	pass, more := f.conn.sift(moved.GetOtherParticipants())
	moved.OtherParticipants = pass
	f.inner.OnRoomMoved(moved)
	f.conn.announce(news.and(more))
}

// OnMediaTrack brings a track that was subscribed to.
func (f *front) OnMediaTrack(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	defer f.conn.fence("OnMediaTrack")
	f.inner.OnMediaTrack(track, receiver)
}

// OnDisconnected is the end of the connection.
func (f *front) OnDisconnected(reason livekit.DisconnectReason) {
	defer f.conn.fence("OnDisconnected")
	f.inner.OnDisconnected(reason)
}

// OnResuming comes when the connection is lost and continued.
func (f *front) OnResuming() {
	defer f.conn.fence("OnResuming")
	f.inner.OnResuming()
	f.conn.wait()
}

// OnResumed follows OnResuming.
func (f *front) OnResumed() {
	defer f.conn.fence("OnResumed")
	f.inner.OnResumed()
	f.conn.ways.resumed()
}

// OnRoomUpdate brings metadata of the room.
func (f *front) OnRoomUpdate(room *livekit.Room) {
	defer f.conn.fence("OnRoomUpdate")
	f.conn.joined(room)
	f.inner.OnRoomUpdate(room)
}

// OnLocalTrackUnpublished comes when the server took an own track back.
func (f *front) OnLocalTrackUnpublished(r *livekit.TrackUnpublishedResponse) {
	defer f.conn.fence("OnLocalTrackUnpublished")
	f.inner.OnLocalTrackUnpublished(r)
}

// OnTrackRemoteMuted comes when the server muted an own track.
func (f *front) OnTrackRemoteMuted(r *livekit.MuteTrackRequest) {
	defer f.conn.fence("OnTrackRemoteMuted")
	f.inner.OnTrackRemoteMuted(r)
}

// OnLocalTrackSubscribed comes when somebody receives an own track.
func (f *front) OnLocalTrackSubscribed(r *livekit.TrackSubscribed) {
	defer f.conn.fence("OnLocalTrackSubscribed")
	f.conn.mu.Lock()
	f.conn.taken[r.GetTrackSid()] = true
	f.conn.mu.Unlock()
	f.inner.OnLocalTrackSubscribed(r)
}

// OnSubscribedQualityUpdate says which layers of own tracks are wanted.
func (f *front) OnSubscribedQualityUpdate(u *livekit.SubscribedQualityUpdate) {
	defer f.conn.fence("OnSubscribedQualityUpdate")
	f.inner.OnSubscribedQualityUpdate(u)
}

// OnSubscribedAudioCodecUpdate says which codecs of own tracks are wanted.
func (f *front) OnSubscribedAudioCodecUpdate(u *livekit.SubscribedAudioCodecUpdate) {
	defer f.conn.fence("OnSubscribedAudioCodecUpdate")
	f.inner.OnSubscribedAudioCodecUpdate(u)
}

// OnMediaSectionsRequirement asks for more media sections in a connection that is used in both
// directions.
func (f *front) OnMediaSectionsRequirement(m *livekit.MediaSectionsRequirement) {
	defer f.conn.fence("OnMediaSectionsRequirement")
	f.inner.OnMediaSectionsRequirement(m)
}

// What follows is kept back. Loudness and quality are not used here. Data comes through data.go,
// with its true sender; what the engine itself decodes, on channels that only the server sends on,
// has none.

// OnSpeakersChanged is kept back.
func (*front) OnSpeakersChanged([]*livekit.SpeakerInfo) {}

// OnConnectionQuality is kept back.
func (*front) OnConnectionQuality([]*livekit.ConnectionQualityInfo) {}

// OnDataPacket is kept back.
func (*front) OnDataPacket(string, lksdk.DataPacket) {}

// OnTranscription is kept back.
func (*front) OnTranscription(*livekit.Transcription) {}

// OnRpcRequest is kept back.
func (*front) OnRpcRequest(_, _, _, _ string, _ time.Duration, _ uint32) {}

// OnRpcAck is kept back.
func (*front) OnRpcAck(string) {}

// OnRpcResponse is kept back.
func (*front) OnRpcResponse(string, *string, *lksdk.RpcError) {}

// OnStreamHeader is kept back.
func (*front) OnStreamHeader(*livekit.DataStream_Header, string) {}

// OnStreamChunk is kept back.
func (*front) OnStreamChunk(*livekit.DataStream_Chunk) {}

// OnStreamTrailer is kept back.
func (*front) OnStreamTrailer(*livekit.DataStream_Trailer) {}
