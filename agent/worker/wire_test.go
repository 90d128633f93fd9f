package worker_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

func frame(t testing.TB, msg *livekit.ServerMessage) []byte {
	t.Helper()
	b, err := proto.Marshal(msg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func availability(job *livekit.Job) *livekit.ServerMessage {
	return &livekit.ServerMessage{Message: &livekit.ServerMessage_Availability{Availability: &livekit.AvailabilityRequest{Job: job}}}
}

func assignment(job *livekit.Job, token, url string) *livekit.ServerMessage {
	return &livekit.ServerMessage{Message: &livekit.ServerMessage_Assignment{
		Assignment: &livekit.JobAssignment{Job: job, Token: token, Url: &url},
	}}
}

func termination(id string) *livekit.ServerMessage {
	return &livekit.ServerMessage{Message: &livekit.ServerMessage_Termination{Termination: &livekit.JobTermination{JobId: id}}}
}

func TestFramesThatAreTakenAndNot(t *testing.T) {
	job, long := fakeJob("AJ_1", "iris"), strings.Repeat("x", 257)
	for _, c := range []struct {
		name string
		msg  *livekit.ServerMessage
		says string // empty: it is taken
	}{
		{"an offer", availability(job), ""},
		{"an offer of nothing", availability(nil), "no job"},
		{"an offer without an id", availability(&livekit.Job{Room: job.GetRoom()}), "job id of 0"},
		{"an offer with a long id", availability(&livekit.Job{Id: long, Room: job.GetRoom()}), "job id of 257"},
		{"an offer without a room", availability(&livekit.Job{Id: "AJ_1"}), "room name of 0"},
		{"an assignment", assignment(job, "t", ""), ""},
		{"an assignment without a token", assignment(job, "", ""), "token of 0"},
		{"an assignment with a long token", assignment(job, strings.Repeat("t", 64<<10+1), ""), "token of 65537"},
		{"an assignment to a long address", assignment(job, "t", strings.Repeat("u", 4<<10+1)), "url of 4097"},
		{"an assignment of nothing", assignment(nil, "t", ""), "no job"},
		{"a termination", termination("AJ_1"), ""},
		{"a termination of nothing", termination(""), "job id of 0"},
		{"a registration without an id", &livekit.ServerMessage{Message: &livekit.ServerMessage_Register{Register: &livekit.RegisterWorkerResponse{}}}, "worker id of 0"},
		{"nothing", &livekit.ServerMessage{}, ""},
	} {
		got, err := worker.Decode(frame(t, c.msg))
		switch {
		case c.says == "" && (err != nil || !proto.Equal(got, c.msg)):
			t.Errorf("%s: %v %v", c.name, got, err)
		case c.says != "" && (!errors.Is(err, worker.ErrMalformed) || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	if _, err := worker.Decode([]byte{0xff}); !errors.Is(err, worker.ErrMalformed) {
		t.Errorf("%v", err)
	}
}

// Whatever comes, it is taken with everything in it that is needed, or refused as malformed.
func FuzzDecode(f *testing.F) {
	for _, msg := range []*livekit.ServerMessage{
		availability(fakeJob("AJ_1", "iris")), assignment(fakeJob("AJ_1", "iris"), "t", "u"), termination("AJ_1"),
		{},
		{Message: &livekit.ServerMessage_Pong{Pong: &livekit.WorkerPong{Timestamp: 1}}},
		{Message: &livekit.ServerMessage_Register{Register: &livekit.RegisterWorkerResponse{WorkerId: "AW_1"}}},
	} {
		f.Add(frame(f, msg))
	}
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		msg, err := worker.Decode(b)
		switch {
		case err != nil && (!errors.Is(err, worker.ErrMalformed) || msg != nil):
			t.Fatalf("%v %v", msg, err)
		case err != nil:
			return
		}
		if a := msg.GetAvailability(); a != nil && (a.GetJob().GetId() == "" || a.GetJob().GetRoom().GetName() == "") {
			t.Fatalf("%v", a)
		}
		if a := msg.GetAssignment(); a != nil && (a.GetJob().GetId() == "" || a.GetToken() == "") {
			t.Fatalf("%v", a)
		}
		if x := msg.GetTermination(); x != nil && x.GetJobId() == "" {
			t.Fatalf("%v", x)
		}
	})
}
