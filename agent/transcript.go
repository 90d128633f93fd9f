package agent

import (
	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

// userTranscript sends what a participant said in that participant's name: one whole stream per text, the same segment id until the
// final one.
type userTranscript struct {
	room     *lkroom.Room
	identity string
	track    string
	segment  string
}

func (u *userTranscript) send(text string, final bool) error {
	if u.segment == "" {
		u.segment = "SG_" + uuid.NewString()
	}
	id := u.segment
	if final {
		u.segment = ""
	}
	err := u.room.SendText(lkroom.TopicTranscription, u.identity, text, map[string]string{
		lkroom.AttrSegmentID: id, lkroom.AttrTrackID: u.track, lkroom.AttrFinal: boolean(final),
	})
	if err != nil {
		return err
	}
	return u.room.SendTranscription(u.identity, u.track, lkroom.Segment(id, text, final))
}

// voiceTranscript sends what the persona says: one stream per answer, one chunk per clause, as it becomes audible.
type voiceTranscript struct {
	room   *lkroom.Room
	track  string
	id     string
	stream *lkroom.TextStream
	spoken string
}

func (v *voiceTranscript) add(clause string) error {
	if v.stream == nil {
		v.id = "SG_" + uuid.NewString()
		stream, err := v.room.OpenText(lkroom.TopicTranscription, "", map[string]string{
			lkroom.AttrSegmentID: v.id, lkroom.AttrTrackID: v.track, lkroom.AttrFinal: "false",
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
	if err := v.stream.Write(clause); err != nil {
		return err
	}
	return v.room.SendTranscription(v.room.Identity(), v.track, lkroom.Segment(v.id, v.spoken, false))
}

// finish ends the stream with what was audible.
func (v *voiceTranscript) finish() error {
	if v.stream == nil {
		return nil
	}
	err := v.stream.Close(map[string]string{lkroom.AttrFinal: "true"})
	if err != nil {
		return err
	}
	return v.room.SendTranscription(v.room.Identity(), v.track, lkroom.Segment(v.id, v.spoken, true))
}

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
