package room_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// startAgain starts a server in the place of one that has ended.
func startAgain(t testing.TB, s *livekit.Server) {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	next, err := livekit.Start(t.Context(), livekit.Config{Port: port, APIKey: s.APIKey, APISecret: s.APISecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := next.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// counting is a room in which a persona is saying that answer, and a human who has heard some of
// it.
func counting(t testing.TB, answer string) (*livekit.Server, *room.Room, *participant.Participant, *watch) {
	t.Helper()
	models := echoEngine(t, answer)
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWatch()
	session, err := patient.Join(t.Context(), joins(models, room.Persona{Identity: "iris"}), room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "outage", Observe: w.observe,
	})
	if err != nil {
		t.Fatal(err)
	}
	human, err := patient.Join(t.Context(), participant.Join, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "outage", Identity: "ada",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := human.Close(); err != nil {
			t.Error(err)
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := session.Ask(t.Context(), "ada", "What can you count to?"); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "speech", func(e room.Event) bool { _, ok := e.(room.Said); return ok })
	until(t, "the human hears some of it", func() bool {
		heard := human.Recordings()
		return len(heard) == 1 && media.DBFS(heard[0].PCM) > -45
	})
	return server, session, human, w
}

// TestWordsOfAnOutageAreSaidAfterIt: the server dies in the middle of a sentence and is back some
// seconds later. The persona pauses, goes on with the word that was cut, and the human hears the
// rest of it.
func TestWordsOfAnOutageAreSaidAfterIt(t *testing.T) {
	const answer = "One and two and three and four and five and six and seven and eight and nine and ten and eleven and twelve and thirteen " +
		"and fourteen and fifteen and sixteen and seventeen and eighteen."
	server, session, human, w := counting(t, answer)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the loss of the connection", func(e room.Event) bool { r, ok := e.(room.ReadyChanged); return ok && !r.Ready && r.Err != nil })
	time.Sleep(2 * time.Second) // the outage
	select {
	case trace := <-w.turns:
		t.Fatalf("the answer ended without anybody there: %+v", trace)
	default:
	}
	startAgain(t, server)
	if trace := w.turn(t); trace.Err != nil || trace.Answer != answer {
		t.Errorf("%q ended with %v", trace.Answer, trace.Err)
	}
	if n := session.Limits().UnheardPackets; n > 50 {
		t.Errorf("%d packets were sent to nobody", n)
	}
	heard := human.Recordings()
	spoken := time.Duration(0)
	for _, r := range heard {
		spoken += loud(r.PCM)
	}
	t.Logf("heard %v of speech on %d tracks", spoken, len(heard))
	if len(heard) != 2 || loud(heard[0].PCM) == 0 || loud(heard[1].PCM) == 0 {
		t.Errorf("%d tracks were heard, before and after: %v", len(heard), heard)
	}
}

// loud is how much of a recording is speech.
func loud(pcm []float32) (d time.Duration) {
	const frame = 960
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		if media.DBFS(pcm[:frame]) > -50 {
			d += 20 * time.Millisecond
		}
	}
	return d
}
