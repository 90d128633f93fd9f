package lk

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/pion/webrtc/v4"
)

// This file, and codecs.go and ice.go for what peer connections are made of, are the only places
// that reach into the LiveKit SDK, v2.19.0, and Pion past their exported interfaces. Why: its Room
// takes every packet that any participant sends apart by itself and without limits, and three of
// them end the process (docs/upstream-text-streams.md). No option, callback or interface lies in
// between. So a handler of this package is put in front of the Room where the SDK's engine calls
// it. And its way to the server's signals has neither bounds nor a sense of silence: signals.go
// stands in its place. Fields and types are looked at when a room is joined; where they are not
// what they were, joining is refused (ErrSDK).

// sdkHandler is what the SDK's engine calls: its interface engineHandler, whose methods are
// exported and whose name is not.
type sdkHandler interface {
	OnLocalTrackUnpublished(*livekit.TrackUnpublishedResponse)
	OnTrackRemoteMuted(*livekit.MuteTrackRequest)
	OnDisconnected(livekit.DisconnectReason)
	OnMediaTrack(*webrtc.TrackRemote, *webrtc.RTPReceiver)
	OnParticipantUpdate([]*livekit.ParticipantInfo)
	OnSpeakersChanged([]*livekit.SpeakerInfo)
	OnDataPacket(string, lksdk.DataPacket)
	OnConnectionQuality([]*livekit.ConnectionQualityInfo)
	OnRoomUpdate(*livekit.Room)
	OnRoomMoved(*livekit.RoomMovedResponse)
	OnRestarting()
	OnRestarted(*livekit.Room, *livekit.ParticipantInfo, []*livekit.ParticipantInfo)
	OnResuming()
	OnResumed()
	OnTranscription(*livekit.Transcription)
	OnRoomJoined(*livekit.Room, *livekit.ParticipantInfo, []*livekit.ParticipantInfo, *livekit.ServerInfo, []byte)
	OnRpcRequest(caller, id, method, payload string, timeout time.Duration, version uint32)
	OnRpcAck(string)
	OnRpcResponse(string, *string, *lksdk.RpcError)
	OnStreamHeader(*livekit.DataStream_Header, string)
	OnStreamChunk(*livekit.DataStream_Chunk)
	OnStreamTrailer(*livekit.DataStream_Trailer)
	OnLocalTrackSubscribed(*livekit.TrackSubscribed)
	OnSubscribedQualityUpdate(*livekit.SubscribedQualityUpdate)
	OnSubscribedAudioCodecUpdate(*livekit.SubscribedAudioCodecUpdate)
	OnMediaSectionsRequirement(*livekit.MediaSectionsRequirement)
}

var _ sdkHandler = (*lksdk.Room)(nil)

// seam is what was found of a room of the SDK.
type seam struct {
	engine         *lksdk.RTCEngine
	channels       *sync.RWMutex // guards the two below
	reliable, loss **webrtc.DataChannel
	transport      *signalling.SignalTransport
	handler        *signalling.SignalHandler
	signalling     *signalling.Signalling
}

// openSeam puts the handler in front of the room's own one. The room must not have joined. Errors:
// ErrSDK.
func openSeam(room *lksdk.Room, front sdkHandler) (*seam, error) {
	engine, err := privateField[*lksdk.RTCEngine](room, "engine")
	if err != nil {
		return nil, err
	}
	s := &seam{engine: *engine}
	if s.channels, err = privateField[sync.RWMutex](s.engine, "dclock"); err != nil {
		return nil, err
	}
	if s.reliable, err = privateField[*webrtc.DataChannel](s.engine, "reliableDCSub"); err != nil {
		return nil, err
	}
	if s.loss, err = privateField[*webrtc.DataChannel](s.engine, "lossyDCSub"); err != nil {
		return nil, err
	}
	if s.transport, err = privateField[signalling.SignalTransport](s.engine, "signalTransport"); err != nil {
		return nil, err
	}
	if s.handler, err = privateField[signalling.SignalHandler](s.engine, "signalHandler"); err != nil {
		return nil, err
	}
	if s.signalling, err = privateField[signalling.Signalling](s.engine, "signalling"); err != nil {
		return nil, err
	}
	return s, replaceHandler(s.engine, "engineHandler", room, front)
}

// entering is the context that a room is joined with. The SDK makes its way to the signals while it
// joins, and asks its context for an error once before it uses it: that is when the other one takes
// its place.
type entering struct {
	context.Context //nolint:containedctx // it is a context itself
	once            *sync.Once
	replace         func()
}

// Err implements context.Context.
func (e entering) Err() error {
	e.once.Do(e.replace)
	return e.Context.Err()
}

// way returns a context to join with, and the way to the signals that is then used; replaced tells
// whether it is.
func (s *seam) way(ctx context.Context, c *Connection) (_ context.Context, out *signals, replaced func() bool) {
	out = &signals{conn: c, cfg: c.cfg, log: c.log, dialer: websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: connectTimeout}}
	replace := func() {
		protocol, handler := *s.signalling, *s.handler
		out.path, out.handle = protocol.Path(), handler.HandleMessage
		out.lost, out.media = s.engine.OnTransportClose, s.engine.IsConnected
		out.query = func(params *signalling.ConnectParams, adds []*livekit.AddTrackRequest, offer webrtc.SessionDescription, sid string) (string, error) {
			return protocol.ConnectQueryParams(lksdk.Version, lksdk.PROTOCOL, params, adds, offer, sid)
		}
		*s.transport = out
	}
	return entering{ctx, &sync.Once{}, replace}, out, func() bool { return *s.transport == signalling.SignalTransport(out) }
}

// replaceHandler sets a field whose type is an interface, if it holds what is expected.
func replaceHandler(owner any, name string, now, next any) error {
	field := reflect.ValueOf(owner).Elem().FieldByName(name)
	switch {
	case !field.IsValid() || field.Kind() != reflect.Interface:
		return fmt.Errorf("%w: %T has no handler in the field %s", ErrSDK, owner, name)
	case !reflect.TypeOf(next).Implements(field.Type()):
		return fmt.Errorf("%w: the handler of %T wants more than %T has", ErrSDK, owner, next)
	case field.IsNil() || field.Elem().Type() != reflect.TypeOf(now) || field.Elem().Pointer() != reflect.ValueOf(now).Pointer():
		return fmt.Errorf("%w: %T is not handled by its %T", ErrSDK, owner, now)
	}
	reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(next))
	return nil
}

// privateField returns a pointer to a field of the struct that owner points to, if it has the
// expected type.
func privateField[T any](owner any, name string) (*T, error) {
	field := reflect.ValueOf(owner).Elem().FieldByName(name)
	if want := reflect.TypeFor[T](); !field.IsValid() || field.Type() != want {
		return nil, fmt.Errorf("%w: %T has no field %s of type %s", ErrSDK, owner, name, want)
	}
	return (*T)(field.Addr().UnsafePointer()), nil
}

// received tells the engine of a data channel that the server opened, as its own callback would: it
// names them when it reconnects.
func (s *seam) received(dc *webrtc.DataChannel) {
	s.channels.Lock()
	defer s.channels.Unlock()
	switch dc.Label() {
	case reliableLabel:
		*s.reliable = dc
	case lossyLabel:
		*s.loss = dc
	}
}

// Labels of the data channels, as server and SDKs name them.
const (
	reliableLabel = "_reliable"
	lossyLabel    = "_lossy"
)
