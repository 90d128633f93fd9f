package lk

import (
	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

// Event is something that the room reported. The set is closed.
type Event interface{ roomEvent() }

// Participant is a snapshot of a remote participant.
type Participant struct {
	Identity, Name, SID string
	// Agent is true for participants of kind AGENT.
	Agent bool
	// Other is true for those of any other kind than STANDARD: who calls by telephone, or what a
	// server feeds into the room.
	Other bool
	// OwnAttributes is true for those who may change their own attributes.
	OwnAttributes bool
	// Manages is true for those who may control agents' sessions (canManageAgentSession).
	Manages bool
	// Protocol is the version of what clients tell each other that this one knows
	// (client_protocol).
	Protocol int32
	// Attributes are the participant's attributes at the time of the event.
	Attributes map[string]string
}

// ParticipantJoined reports a participant, including those that were there first.
type ParticipantJoined struct{ Participant Participant }

// ParticipantLeft reports that a participant is gone, for whatever reason.
type ParticipantLeft struct{ Participant Participant }

// AttributesChanged reports new or changed attributes.
type AttributesChanged struct {
	Participant Participant
	Changed     map[string]string
}

// TrackPublished offers a track. Nothing is received until Subscribe is called.
type TrackPublished struct {
	Participant Participant
	Publication *Publication
}

// TrackSubscribed hands over a track whose packets can be read. The receiver must read it until it
// ends.
type TrackSubscribed struct {
	Participant Participant
	Publication *Publication
	Track       *webrtc.TrackRemote
}

// TrackGone reports that a track was unpublished or unsubscribed.
type TrackGone struct {
	Participant Participant
	SID         string
}

// TextReceived is a complete text stream.
type TextReceived struct {
	Topic, From, StreamID, Text string
	Attributes                  map[string]string
	// Agent is true when the sender is of kind AGENT.
	Agent bool
}

// TextChunk is what has newly arrived of a text stream that is still open. A TextReceived with the
// whole text follows.
type TextChunk struct {
	Topic, From, StreamID, Text string
	// Agent is true when the sender is of kind AGENT.
	Agent bool
}

// PermissionsChanged reports that the server gave or took a right of the own participant.
// Permissions at the time of joining are those of Connection.Permissions.
type PermissionsChanged struct{ Permissions Permissions }

// Refused reports that something of a participant was not taken, because it is beyond a limit or
// makes no sense. It comes once for each participant and kind; Connection.Stats counts all of them.
type Refused struct {
	Identity string
	Kind     limits.Kind
}

// SendFailed reports that something could not be sent. Topic is that of a text stream, or what else
// was to be sent.
type SendFailed struct {
	Topic string
	Err   error
}

// ConnectionChanged reports a change of the connection while the session lives on.
type ConnectionChanged struct {
	// Up is false while the SDK reconnects.
	Up bool
}

// Disconnected is the last event: the room is gone. Requested is true after Close.
type Disconnected struct {
	Reason    string
	Requested bool
	// Closed is true when the server closed the room, as it does some time after the last human has
	// left.
	Closed bool
	// Deleted is true when somebody deleted the room.
	Deleted bool
	// Removed is true when somebody put the participant out, or took its place with the same
	// identity.
	Removed bool
	// Err is set when the connection ended by a fault in this program or the SDK, for example a
	// PanicError.
	Err error
}

func (ParticipantJoined) roomEvent()  {}
func (ParticipantLeft) roomEvent()    {}
func (AttributesChanged) roomEvent()  {}
func (TrackPublished) roomEvent()     {}
func (TrackSubscribed) roomEvent()    {}
func (TrackGone) roomEvent()          {}
func (TextReceived) roomEvent()       {}
func (TextChunk) roomEvent()          {}
func (PermissionsChanged) roomEvent() {}
func (EarlyAudio) roomEvent()         {}
func (EarlyBegun) roomEvent()         {}
func (Refused) roomEvent()            {}
func (SendFailed) roomEvent()         {}
func (ConnectionChanged) roomEvent()  {}
func (Disconnected) roomEvent()       {}

// Source tells camera and screen share apart.
type Source = livekit.TrackSource

// Sources of tracks.
const (
	Microphone  = livekit.TrackSource_MICROPHONE
	Camera      = livekit.TrackSource_CAMERA
	ScreenShare = livekit.TrackSource_SCREEN_SHARE
)
