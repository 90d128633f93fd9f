package lk

import (
	"slices"

	"github.com/livekit/protocol/livekit"
)

// Permissions are what the server lets the own participant do.
type Permissions struct {
	// CanSubscribe is the right to receive tracks.
	CanSubscribe bool
	// CanPublish is the right to publish a microphone.
	CanPublish bool
	// CanPublishData is the right to send data: chat, transcripts.
	CanPublishData bool
	// CanUpdateOwnMetadata is the right to change own attributes, such as the agent's state.
	CanUpdateOwnMetadata bool
}

// permissionsOf reads the server's form. A missing list of sources allows all of them.
func permissionsOf(p *livekit.ParticipantPermission) Permissions {
	sources := p.GetCanPublishSources()
	return Permissions{
		CanSubscribe:         p.GetCanSubscribe(),
		CanPublish:           p.GetCanPublish() && (len(sources) == 0 || slices.Contains(sources, livekit.TrackSource_MICROPHONE)),
		CanPublishData:       p.GetCanPublishData(),
		CanUpdateOwnMetadata: p.GetCanUpdateMetadata(),
	}
}
