package room

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// streamsAlone is the version of client_protocol from which clients need no transcription packets
// beside text streams.
const streamsAlone = 3

// legacy tells whether somebody here may know transcripts from packets only: a person's client of
// an older kind. Where nobody listens, nobody is known.
func (a *actor) legacy() bool {
	if a.listener == nil {
		return true
	}
	for _, p := range a.listener.people {
		if !p.Agent && !p.Other && p.Protocol < streamsAlone {
			return true
		}
	}
	return false
}

// userTranscript sends what a participant said in that participant's name: one whole stream per
// text, the same segment id until the final one.
type userTranscript struct {
	identity string
	track    string
	segment  string
}

func (u *userTranscript) send(room *lk.Connection, text string, final, legacy bool) error {
	if u.segment == "" {
		u.segment = "SG_" + uuid.NewString()
	}
	id := u.segment
	if final {
		u.segment = ""
	}
	err := room.SendText(lk.TopicTranscription, u.identity, text, map[string]string{
		lk.AttrSegmentID: id, lk.AttrTrackID: u.track, lk.AttrFinal: strconv.FormatBool(final),
	})
	if err != nil || !legacy {
		return err
	}
	return room.SendTranscription(u.identity, u.track, lk.Segment(id, text, final))
}

// voiceTranscript sends what the persona says: one stream per answer, one chunk per clause, as it
// becomes audible.
type voiceTranscript struct {
	room   *lk.Connection
	track  string
	id     string
	stream *lk.TextStream
	spoken string
}

func (v *voiceTranscript) add(clause string, legacy bool) error {
	if v.stream == nil {
		v.id = "SG_" + uuid.NewString()
		stream, err := v.room.OpenText(lk.TopicTranscription, "", map[string]string{
			lk.AttrSegmentID: v.id, lk.AttrTrackID: v.track, lk.AttrFinal: "false",
		})
		if err != nil {
			return err
		}
		v.stream = stream
	}
	if v.spoken != "" {
		clause = " " + clause
	}
	v.spoken += clause
	if err := v.stream.Write(clause); err != nil || !legacy {
		return err
	}
	return v.room.SendTranscription(v.room.Identity(), v.track, lk.Segment(v.id, v.spoken, false))
}

// finish ends the stream with what was audible.
func (v *voiceTranscript) finish(legacy bool) error {
	if v.stream == nil {
		return nil
	}
	err := v.stream.Close(map[string]string{lk.AttrFinal: "true"})
	if err != nil || !legacy {
		return err
	}
	return v.room.SendTranscription(v.room.Identity(), v.track, lk.Segment(v.id, v.spoken, true))
}
