package lk

import (
	"fmt"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

const (
	sectionsMax = 256  // media sections that a server may ask for at once
	tracksMax   = 4096 // own tracks whose confirmation is remembered
)

// decode reads a frame of a server. Errors: ErrProtocol.
func decode(kind int, frame []byte) (*livekit.SignalResponse, error) {
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("%w: a text frame of %d bytes", ErrProtocol, len(frame))
	}
	m := &livekit.SignalResponse{}
	if err := proto.Unmarshal(frame, m); err != nil {
		return nil, fmt.Errorf("%w: a frame of %d bytes that is no message: %w", ErrProtocol, len(frame), err)
	}
	return m, nil
}

// complete tells whether a room can be entered with a join response. Errors: ErrProtocol.
func complete(j *livekit.JoinResponse) error {
	switch {
	case j.GetRoom().GetName() == "":
		return fmt.Errorf("%w: its join response names no room", ErrProtocol)
	case j.GetParticipant().GetIdentity() == "", j.GetParticipant().GetSid() == "":
		return fmt.Errorf("%w: its join response names no participant", ErrProtocol)
	}
	return nil
}

// proper tells whether the SDK can take a message that is not the first: it does not ask whether
// these parts are there, waits for ever to hand on that a track is published for the third time,
// and makes as many media sections as it is told. known are own tracks that have been confirmed. A
// message of an unknown kind is proper: newer servers may have more of them. Errors: ErrProtocol.
func proper(m *livekit.SignalResponse, known map[string]bool) error {
	wrong := func(what string) error { return fmt.Errorf("%w: %s", ErrProtocol, what) }
	switch m := m.GetMessage().(type) {
	case *livekit.SignalResponse_Join:
		return wrong("a second join response")
	case *livekit.SignalResponse_Reconnect:
		return wrong("a reconnect response that nobody waits for")
	case *livekit.SignalResponse_RoomUpdate:
		if m.RoomUpdate.GetRoom() == nil {
			return wrong("an update of no room")
		}
	case *livekit.SignalResponse_RoomMoved:
		if m.RoomMoved.GetRoom() == nil || m.RoomMoved.GetParticipant().GetIdentity() == "" {
			return wrong("a move that names no room, or no participant")
		}
	case *livekit.SignalResponse_TrackPublished:
		return confirmed(m.TrackPublished, known)
	case *livekit.SignalResponse_MediaSectionsRequirement:
		if r := m.MediaSectionsRequirement; r.GetNumAudios() > sectionsMax || r.GetNumVideos() > sectionsMax {
			return wrong(fmt.Sprintf("it wants %d and %d media sections", r.GetNumAudios(), r.GetNumVideos()))
		}
	case *livekit.SignalResponse_RefreshToken:
		if _, ok := readClaims(m.RefreshToken); !ok {
			return wrong("a new token that is none")
		}
	}
	return nil
}

// confirmed takes note of a track that the server has published.
func confirmed(r *livekit.TrackPublishedResponse, known map[string]bool) error {
	switch {
	case r.GetTrack().GetSid() == "" || r.GetCid() == "":
		return fmt.Errorf("%w: it confirms a track without an id", ErrProtocol)
	case known[r.GetCid()]:
		return fmt.Errorf("%w: it confirms a track twice", ErrProtocol)
	case len(known) >= tracksMax:
		clear(known)
	}
	known[r.GetCid()] = true
	return nil
}
