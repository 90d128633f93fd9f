package room_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// TestWhoIsOutOfSight: somebody who comes into sight was never away; the one who is away for the
// limit is named, and until then it is known when to look again.
func TestWhoIsOutOfSight(t *testing.T) {
	p, at := room.Apart{}, time.Unix(1_800_000_000, 0)
	look := func(after time.Duration, out ...string) (string, time.Duration) {
		who, next := p.Look(at.Add(after), 20*time.Second, out)
		if next.IsZero() {
			return who, 0
		}
		return who, next.Sub(at)
	}
	for _, c := range []struct {
		after time.Duration
		out   []string
		who   string
		next  time.Duration
	}{
		{0, nil, "", 0},
		{time.Second, []string{"iris"}, "", 21 * time.Second},
		{5 * time.Second, []string{"iris", "max"}, "", 21 * time.Second},
		{20 * time.Second, []string{"max"}, "", 25 * time.Second},
		{21 * time.Second, []string{"iris", "max"}, "", 25 * time.Second},
		{25 * time.Second, []string{"iris", "max"}, "max", 0},
		{26 * time.Second, nil, "", 0},
		{27 * time.Second, []string{"max"}, "", 47 * time.Second},
	} {
		if who, next := look(c.after, c.out...); who != c.who || next != c.next {
			t.Errorf("after %v, out %q: %q, %v", c.after, c.out, who, next)
		}
	}
}

// canned are models that cost nothing.
func canned(t *testing.T) *engine.Models {
	t.Helper()
	models, free := fixture.OpenCanned(t, func(c *engine.CannedConfig) { c.Tone = 100 * time.Millisecond })
	t.Cleanup(func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	})
	return models
}

// TestPersonasInDifferentRoomsLeave: one of two is not seen by who listens, as where a server has
// them in two rooms of one name; here its token hides it. Both leave, for a reason that says so.
func TestPersonasInDifferentRoomsLeave(t *testing.T) {
	_, server := open(t)
	models, w := canned(t), newWatch()
	name := fmt.Sprintf("room-%d", shared.rooms.Add(1))
	r, err := room.Open(room.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: name, Shared: true, Observe: w.observe})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	r.HurryTogether(2 * time.Second)
	token, err := auth.NewAccessToken(server.APIKey, server.APISecret).SetIdentity("max").SetKind(livekit.ParticipantInfo_AGENT).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: name, Agent: true, Hidden: true, CanUpdateOwnMetadata: new(true)}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	iris, err := r.Sit(t.Context(), models, room.Persona{Identity: "iris"})
	if err != nil {
		t.Fatal(err)
	}
	max, err := r.Sit(t.Context(), models, room.Persona{Identity: "max", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "the room ends", r.Done())
	if err := r.Err(); !errors.Is(err, room.ErrSplit) || !errors.Is(err, room.ErrRoomGone) {
		t.Errorf("it ended with %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for _, s := range []*room.Seat{iris, max} {
		within(t, s.Identity()+" has left", s.Done())
		if !errors.Is(s.Err(), room.ErrSplit) {
			t.Errorf("%s left with %v", s.Identity(), s.Err())
		}
	}
}

func within(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(answerLimit):
		t.Fatalf("not within %v: %s", answerLimit, what)
	}
}

// TestAPersonaThatWasSentToARoomThatIsGone: in a later one of the same name it stays where somebody
// is, and leaves where nobody comes.
func TestAPersonaThatWasSentToARoomThatIsGone(t *testing.T) {
	_, server := open(t)
	models := canned(t)
	for _, c := range []struct {
		name  string
		human bool
	}{{"nobody is there", false}, {"somebody is there", true}} {
		t.Run(c.name, func(t *testing.T) {
			name := fmt.Sprintf("room-%d", shared.rooms.Add(1))
			if c.human {
				ada, err := patient.Join(t.Context(), participant.Join, participant.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: name, Identity: "ada"})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := ada.Close(); err != nil {
						t.Error(err)
					}
				}()
			}
			log := &lines{}
			r, err := room.Open(room.Config{
				URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: name, Logger: slog.New(slog.NewTextHandler(log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}()
			r.HurryTogether(500 * time.Millisecond)
			if _, err := r.Sit(t.Context(), models, room.Persona{Identity: "iris", Sent: "RM_before"}); err != nil {
				t.Fatal(err)
			}
			if !c.human {
				within(t, "the room ends", r.Done())
				if err := r.Err(); !errors.Is(err, room.ErrOtherRoom) || !strings.Contains(err.Error(), "RM_before") {
					t.Errorf("it ended with %v", err)
				}
				return
			}
			until(t, "it stays", func() bool { return strings.Contains(log.String(), "stays with them") })
			if err := r.Err(); err != nil || !r.Ready() {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
