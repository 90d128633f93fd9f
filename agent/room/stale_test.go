package room_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// program is an agent of somebody else.
type program struct {
	*lk.Connection
	silence atomic.Value // what iris says of why she is silent, as this one sees it
}

// otherProgram has one enter the room.
func (s *stage) otherProgram(t *testing.T, who string) *program {
	t.Helper()
	_, server := open(t)
	conn, err := patient.Join(t.Context(), lk.Join, lk.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Identity: who, Agent: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Connection: conn}
	p.silence.Store("")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			switch e := (<-conn.Events()).(type) {
			case lk.AttributesChanged:
				if why, is := e.Changed["sensory_agent.silence"]; is {
					p.silence.Store(why)
				}
			case lk.Disconnected:
				return
			}
		}
	}()
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return p
}

// TestAReplyThatCannotBeHeardIsWritten: while another program speaks, a persona is kept from the
// floor. What it was to say is written into the chat when that takes too long, nobody hears it, and
// chat, outcome, trace and attributes say why. When the program is silent, the next answer is
// heard.
func TestAReplyThatCannotBeHeardIsWritten(t *testing.T) {
	_, models := scripted(t, func(string, string) string { return "A red card." })
	kept, path := keepAll(t, models)
	at := seatThemIn(t, models, room.Config{Transcripts: kept}, turn.ModeAll, "iris")
	policy := turn.Default()
	policy.Mode, policy.Floor.Stale = turn.ModeAll, time.Second
	if err := at.session.Configure(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	hal := at.otherProgram(t, "hal")
	hal.SetAttributes(map[string]string{lk.AttrState: lk.StateSpeaking})
	until(t, "the room knows that hal speaks", func() bool {
		here, err := at.session.Presence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range here.Participants {
			if p.Identity == "hal" && p.State == lk.StateSpeaking {
				return true
			}
		}
		return false
	})
	at.say(t, "What do you see on the table?")
	m := at.reads(t, path, "the reply", func(m store.Message) bool { return m.Spoken == string(turn.ReasonStale) })
	if m.Text != "A red card." || m.Heard != "" || m.ReplyTo != "" || m.Participant != "iris" {
		t.Errorf("%+v", m)
	}
	if got := chats(t, at.human, 1); got[0] != "iris: A red card." {
		t.Errorf("ada read %q", got)
	}
	done := at.wait(t, "its trace", func(e room.Event) bool {
		d, is := e.(room.TurnDone)
		return is && errors.Is(d.Trace.Err, room.ErrWritten)
	}).(room.TurnDone)
	until(t, "the attribute", func() bool { return hal.silence.Load() == fmt.Sprint(done.Trace.Turn)+" stale" })
	out := at.wait(t, "its outcome", func(e room.Event) bool { o, is := e.(room.Outcome); return is && o.Turn == done.Trace.Turn }).(room.Outcome).Result
	if len(out.Replies) != 1 || out.Replies[0].Cut != turn.ReasonStale || out.Replies[0].Heard != 0 || out.Replies[0].Text != "A red card." {
		t.Errorf("%+v", out)
	}
	for _, e := range at.all() {
		switch e := e.(type) {
		case room.Said:
			t.Errorf("heard: %+v", e)
		case room.Problem:
			t.Errorf("reported: %v", e.Err)
		}
	}
	rows := ended(t, path, 1)
	if row := rows[len(rows)-1]; len(row.Outcomes) != 1 || row.Outcomes[0].Message != m.ID || row.Outcomes[0].Cut != turn.ReasonStale || row.Trigger != store.TriggerHeard {
		t.Errorf("%+v", row)
	}
	hal.SetAttributes(map[string]string{lk.AttrState: lk.StateListening})
	if err := at.human.Chat("And now?"); err != nil {
		t.Fatal(err)
	}
	at.reads(t, path, "the next one is heard", func(m store.Message) bool { return m.Spoken == store.Whole })
}
