package worker

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/livekit"
)

// Bounds of what is taken from a message, in bytes. Frames are bounded before they are read.
const (
	idMaximum    = 256
	tokenMaximum = 64 << 10 // it carries metadata and attributes of the participant
	urlMaximum   = 4 << 10
)

// decode reads a frame of the server. What it returns names a job wherever one is needed. Errors
// wrap ErrMalformed; the connection may go on after them.
func decode(frame []byte) (*livekit.ServerMessage, error) {
	msg := &livekit.ServerMessage{}
	if err := proto.Unmarshal(frame, msg); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var err error
	switch m := msg.GetMessage().(type) {
	case *livekit.ServerMessage_Register:
		err = within("worker id", m.Register.GetWorkerId(), idMaximum)
	case *livekit.ServerMessage_Availability:
		err = checkJob(m.Availability.GetJob())
	case *livekit.ServerMessage_Termination:
		err = within("job id", m.Termination.GetJobId(), idMaximum)
	case *livekit.ServerMessage_Assignment:
		if err = checkJob(m.Assignment.GetJob()); err != nil {
			break
		}
		if err = within("token", m.Assignment.GetToken(), tokenMaximum); err != nil {
			break
		}
		if len(m.Assignment.GetUrl()) > urlMaximum {
			err = fmt.Errorf("url of %d bytes", len(m.Assignment.GetUrl())) // wrapped below
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return msg, nil
}

// checkJob refuses a job that could not be answered or joined.
func checkJob(job *livekit.Job) error {
	if job == nil {
		return fmt.Errorf("no job") // wrapped by decode
	}
	if err := within("job id", job.GetId(), idMaximum); err != nil {
		return err
	}
	return within("room name", job.GetRoom().GetName(), idMaximum*4)
}

func within(what, text string, most int) error {
	if text == "" || len(text) > most {
		return fmt.Errorf("%s of %d bytes, not between 1 and %d", what, len(text), most) // wrapped by decode
	}
	return nil
}
