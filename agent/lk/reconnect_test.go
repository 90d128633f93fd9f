package lk_test

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// TestAfterANewConnectionEverythingIsAsBefore: data is still taken past the SDK, own attributes are
// set again, and text goes out.
func TestAfterANewConnectionEverythingIsAsBefore(t *testing.T) { asBefore(t, lk.Restart, true) }

// asBefore has a connection be lost in a way, and come back. One that is made anew says again what
// it is.
func asBefore(t *testing.T, lose func(*lk.Connection), anew bool) {
	t.Helper()
	s := startServer(t)
	ada := join(t, config(s, "ada", false))
	agent := join(t, config(s, "agent", true))
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateSpeaking})
	for next[lk.AttributesChanged](t, ada).Changed[lk.AttrState] != lk.StateSpeaking {
	}
	if err := ada.SendText(lk.TopicChat, "", "hello", nil); err != nil {
		t.Fatal(err)
	}
	next[lk.TextReceived](t, agent)
	lose(agent)
	downAndUp(t, agent)
	if anew {
		for next[lk.AttributesChanged](t, ada).Changed[lk.AttrState] != lk.StateSpeaking {
		}
	}
	if got := reaches(t, ada, agent, "are you there?"); got.From != "ada" {
		t.Errorf("got %+v", got)
	}
	if got := reaches(t, agent, ada, "yes"); got.From != "agent" || !got.Agent {
		t.Errorf("got %+v", got)
	}
}

// downAndUp waits until a connection is lost, and there again.
func downAndUp(t *testing.T, c *lk.Connection) {
	t.Helper()
	if next[lk.ConnectionChanged](t, c).Up {
		t.Fatal("the connection did not go down first")
	}
	if !next[lk.ConnectionChanged](t, c).Up {
		t.Fatal("the connection did not come back")
	}
}

// reaches writes until it is read: the server may lose what is written in the instant in which a
// connection is resumed.
func reaches(t *testing.T, from, to *lk.Connection, text string) lk.TextReceived {
	t.Helper()
	again, limit := time.NewTicker(2*time.Second), time.After(40*time.Second)
	defer again.Stop()
	for {
		if err := from.SendText(lk.TopicChat, "", text, nil); err != nil {
			t.Fatal(err)
		}
		for waits := true; waits; {
			select {
			case e := <-to.Events():
				if got, ok := e.(lk.TextReceived); ok && got.Text == text {
					return got
				}
			case <-again.C:
				waits = false
			case <-limit:
				t.Fatalf("%q does not arrive", text)
			}
		}
	}
}

// TestATokenThatIsNotTakenAnyMoreEndsTheRoom: the server comes back with other keys. It is not
// asked again and again: the room ends with what to do.
func TestATokenThatIsNotTakenAnyMoreEndsTheRoom(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	serverWith(t, livekit.Config{Port: port, APIKey: "another"})
	end := next[lk.Disconnected](t, agent)
	var refused *lk.JoinError
	if !errors.Is(end.Err, lk.ErrUnauthorized) || !errors.As(end.Err, &refused) || !strings.Contains(refused.Hint, "API key and secret") || end.Requested {
		t.Errorf("ended with %+v", end)
	}
	if strings.Contains(end.Reason, "eyJ") {
		t.Errorf("the token is printed: %s", end.Reason)
	}
}

// TestOwnTracksAfterANewConnection: a voice that was muted still is, is heard when it is not any
// more, and a picture can be taken back.
func TestOwnTracksAfterANewConnection(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	agent, ada := join(t, config(s, "agent", true)), watch(t, join(t, config(s, "ada", false)))
	voice := speaks(t, agent)
	camera, err := agent.PublishVideo(lk.VideoOptions{Name: "camera", Mime: "video/VP8", Width: 64, Height: 48, Source: lk.Camera})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sending(func(n uint32) error {
		return camera.WriteFrame([]byte{0x10, 2, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0}, 1800*(n+1), 20*time.Millisecond)
	}))
	old := camera.SID()
	ada.hears(t, voice)
	ada.sees(t, "the picture", func() bool { return ada.packets[old] > 0 })
	voice.Mute(true)
	muted := func() bool { p := ada.tracks[voice.SID()]; return p != nil && p.Muted() }
	ada.sees(t, "that the voice is muted", muted)
	lk.Restart(agent)
	downAndUp(t, agent)
	ada.sees(t, "that the voice is muted", muted)
	voice.Mute(false)
	ada.hears(t, voice)
	ada.sees(t, "the picture again", func() bool { return ada.packets[camera.SID()] > 0 })
	if camera.SID() == old {
		t.Errorf("published anew as %s", old)
	}
	if err := camera.Unpublish(); err != nil {
		t.Error(err)
	}
}
