package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// emptyFor is how long the server keeps a room where nobody but personas is, in seconds: long
// enough that on a busy machine all of them are there before it ends.
const emptyFor = 15

// TestAClosedRoomIsOpenedOnceForAll: the server closes rooms where three personas are alone with
// the connection that listens for them. They open each of them again, once and together: whoever
// comes then sees all three, and all three answer.
func TestAClosedRoomIsOpenedOnceForAll(t *testing.T) {
	h := openCanned(t)
	rooms := lksdk.NewRoomServiceClient(h.server.URL, h.server.APIKey, h.server.APISecret)
	set, names := persona.Set{}, []string{"iris", "max", "otto"}
	for _, n := range names {
		set.Personas = append(set.Personas, persona.Persona{Name: n})
	}
	for i := range 3 {
		in := fmt.Sprint("hall-", i)
		if _, err := rooms.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: in, EmptyTimeout: emptyFor}); err != nil {
			t.Fatal(err)
		}
		set.Rooms = append(set.Rooms, persona.Room{Name: in, Personas: names, Mode: persona.ModeMentions})
	}
	if err := h.Apply(set); err != nil {
		t.Fatal(err)
	}
	h.until(t, "every room was closed, and all are there again", func(all []agent.SeatStatus) bool {
		for _, r := range set.Rooms {
			if h.closings(r.Name) == 0 {
				return false
			}
		}
		return full(len(set.Rooms) * len(names))(all)
	})
	for _, r := range set.Rooms {
		if got := h.seen3(t, r.Name); !slices.Equal(got, names) {
			t.Errorf("%s: whoever comes sees %q", r.Name, got)
		}
		ada := h.enter(t, r.Name, "ada")
		for _, n := range names {
			if err := ada.Chat(n + ", are you there?"); err != nil {
				t.Fatal(err)
			}
			h.answers(t, r.Name, n, 1)
		}
		if n := h.closings(r.Name); n > 2 { // a server without processor time may lose a room once more
			t.Errorf("%s was closed %d times", r.Name, n)
		}
	}
}

// closings counts how often the server closed a room of personas.
func (h *house) closings(in string) (n int) {
	for _, e := range h.in(in, "") {
		if e, ok := e.(room.Ended); ok && errors.Is(e.Err, room.ErrRoomClosed) {
			n++
		}
	}
	return n
}

// seen3 are the three agents that somebody sees who comes into a room now, or those that are there
// after a while.
func (h *house) seen3(t *testing.T, in string) (out []string) {
	t.Helper()
	c, err := patient.Join(t.Context(), lk.Join, lk.Config{
		URL: h.server.URL, APIKey: h.server.APIKey, APISecret: h.server.APISecret, Room: in, Identity: "bob",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	for limit := time.After(time.Minute); len(out) < 3; {
		select {
		case e := <-c.Events():
			if e, ok := e.(lk.ParticipantJoined); ok && e.Participant.Agent {
				out = append(out, e.Participant.Identity)
			}
		case <-limit:
			return out
		}
	}
	slices.Sort(out)
	return out
}

// TestWhenARoomIsOpenedAgain: a server has a second to forget a room that it has closed; where
// personas did not see each other it is tried later and later; who left by itself waits for
// nothing.
func TestWhenARoomIsOpenedAgain(t *testing.T) {
	stage := func(err error) error { return &room.StageError{Stage: room.StageRoom, Err: err} }
	split := stage(fmt.Errorf("%w: %w", room.ErrRoomGone, room.ErrSplit))
	for _, c := range []struct {
		why    error
		splits int
		want   time.Duration
	}{
		{nil, 0, 0},
		{stage(room.ErrRoomClosed), 0, time.Second},
		{stage(fmt.Errorf("%w: %w", room.ErrRoomGone, room.ErrRoomDeleted)), 0, time.Second},
		{stage(room.ErrRoomGone), 0, 0},
		{split, 1, time.Second},
		{split, 3, 4 * time.Second},
		{split, 99, time.Minute},
	} {
		if got := agent.Reopens(c.why, c.splits); got != c.want {
			t.Errorf("%v, %d: %v", c.why, c.splits, got)
		}
	}
	if agent.Jittered(0) != 0 {
		t.Error("chance makes a pause of none")
	}
	for range 100 {
		if d := agent.Jittered(time.Second); d < time.Second || d >= 1500*time.Millisecond {
			t.Fatal(d)
		}
	}
}

// TestWhatEndsADispatchedSeat: what it was sent for is over; others stay, whoever sent them.
func TestWhatEndsADispatchedSeat(t *testing.T) {
	stage := func(err error) error { return &room.StageError{Stage: room.StageRoom, Err: err} }
	other := stage(room.ErrOtherRoom)
	for _, c := range []struct {
		by   agent.SeatBy
		err  error
		done bool
		why  error
	}{
		{agent.ByDispatch, stage(room.ErrRoomClosed), true, nil},
		{agent.ByDispatch, stage(fmt.Errorf("%w: %w", room.ErrRoomGone, room.ErrRoomDeleted)), true, nil},
		{agent.ByDispatch, other, true, other},
		{agent.ByDispatch, stage(room.ErrRoomGone), false, nil},
		{agent.ByDispatch, stage(fmt.Errorf("%w: %w", room.ErrRoomGone, room.ErrSplit)), false, nil},
		{agent.ByFile, stage(room.ErrRoomClosed), false, nil},
		{agent.ByRequest, stage(room.ErrRoomClosed), false, nil},
	} {
		if done, why := agent.Over(c.by, c.err); done != c.done || !errors.Is(why, c.why) || (why == nil) != (c.why == nil) {
			t.Errorf("%s, %v: %t, %v", c.by, c.err, done, why)
		}
	}
}
