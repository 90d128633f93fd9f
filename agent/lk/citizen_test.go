package lk_test

import (
	"context"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	onwire "github.com/sensory-agent/sensory-agent/testmedia/wire"
)

var silence = []byte{0xf8, 0xff, 0xfe} // 20 ms of nothing, as Opus

// speaks publishes a voice that sends packets until the test ends.
func speaks(t *testing.T, c *lk.Connection) *lk.VoiceTrack {
	t.Helper()
	voice, err := c.PublishVoice("microphone")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sending(func(n uint32) error { return voice.WriteOpus(silence, 960*(n+1), 20*time.Millisecond) }))
	return voice
}

// TestTheSamePersonAnew: somebody comes in under an identity that is there already. The first is
// put out, and the second is heard in its place.
func TestTheSamePersonAnew(t *testing.T) {
	s := startServer(t)
	agent, first := join(t, config(s, "agent", true)), join(t, config(s, "ada", false))
	old := speaks(t, first)
	if got := listen(t, agent, 5); got.Stats.Packets < 5 {
		t.Fatalf("heard %+v", got.Stats)
	}
	second := join(t, config(s, "ada", false))
	if end := next[lk.Disconnected](t, first); !end.Removed || end.Requested {
		t.Errorf("the first ended with %+v", end)
	}
	fresh := speaks(t, second)
	var seen []string
	for len(seen) < 3 {
		switch e := next[lk.Event](t, agent).(type) {
		case lk.TrackGone:
			if e.SID == old.SID() && len(seen) == 0 {
				seen = append(seen, "gone")
			}
		case lk.ParticipantLeft:
			if e.Participant.Identity == "ada" {
				seen = append(seen, "left")
			}
		case lk.ParticipantJoined:
			if e.Participant.Identity == "ada" && len(seen) > 0 {
				seen = append(seen, "joined")
			}
		}
	}
	if seen[0] != "gone" || seen[1] != "left" || seen[2] != "joined" {
		t.Errorf("told %v", seen)
	}
	if got := listen(t, agent, 5); got.Stats.Packets < 5 || fresh.SID() == old.SID() {
		t.Errorf("the second is heard as %+v", got.Stats)
	}
}

// TestMutedAndHeardAgain: a track that is muted stays, and its packets come again.
func TestMutedAndHeardAgain(t *testing.T) {
	s := startServer(t)
	agent, ada := join(t, config(s, "agent", true)), join(t, config(s, "ada", false))
	voice := speaks(t, ada)
	p := next[lk.TrackPublished](t, agent).Publication
	if err := p.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	track := next[lk.TrackSubscribed](t, agent)
	for _, muted := range []bool{true, false, true, false} {
		voice.Mute(muted)
		settle(t, func() bool { return p.Muted() == muted })
	}
	ctx, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	if got, err := onwire.Receive(ctx, track, 5); err != nil || got.Stats.Packets < 5 {
		t.Errorf("after it was muted: %+v, %v", got.Stats, err)
	}
	if n := lk.Publications(agent); n != 1 {
		t.Errorf("%d tracks are known", n)
	}
}

// films encodes a black picture again and again, as a keyframe each time.
func films(t *testing.T, name codec.VideoCodec, camera *lk.VideoTrack) func(n uint32) error {
	t.Helper()
	enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{Codec: name, Width: 64, Height: 48})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := enc.Close(); err != nil {
			t.Error(err)
		}
	})
	picture := media.FromImage(image.NewRGBA(image.Rect(0, 0, 64, 48)))
	return func(n uint32) error {
		unit, _, err := enc.Encode(picture, true)
		if err != nil || len(unit) == 0 {
			return err
		}
		return camera.WriteFrame(unit, 1800*(n+1), 20*time.Millisecond)
	}
}

// TestPublishedAnewInAnotherCodec: a camera ends and another one of the same person comes, in
// another codec, and a microphone that ends and comes again is another track.
func TestPublishedAnewInAnotherCodec(t *testing.T) {
	s := startServer(t)
	agent, ada := join(t, config(s, "agent", true)), join(t, config(s, "ada", false))
	for _, name := range []codec.VideoCodec{codec.VP8, codec.H264, codec.VP9, codec.AV1} {
		mime := name.MimeType()
		camera, err := ada.PublishVideo(lk.VideoOptions{Name: "camera", Mime: mime, Width: 64, Height: 48, Source: lk.Camera})
		if err != nil {
			t.Fatal(err)
		}
		stop := sending(films(t, name, camera))
		p := next[lk.TrackPublished](t, agent).Publication
		if err := p.Subscribe(true); err != nil {
			t.Fatal(err)
		}
		if got := next[lk.TrackSubscribed](t, agent); !strings.EqualFold(got.Codec(), mime) || p.SID() != camera.SID() {
			t.Errorf("published %s as %s, subscribed to %s as %s", mime, camera.SID(), got.Codec(), p.SID())
		}
		stop()
		if err := camera.Unpublish(); err != nil {
			t.Error(err)
		}
		if gone := next[lk.TrackGone](t, agent); gone.SID != camera.SID() {
			t.Errorf("gone: %+v", gone)
		}
	}
	sids := map[string]bool{}
	for range 2 {
		voice := speaks(t, ada)
		if got := listen(t, agent, 5); got.Stats.Packets < 5 || got.Mime != "audio/opus" {
			t.Errorf("heard %+v", got.Stats)
		}
		sids[voice.SID()] = true
		if err := voice.Unpublish(); err != nil {
			t.Error(err)
		}
		for next[lk.TrackGone](t, agent).SID != voice.SID() {
		}
	}
	if len(sids) != 2 {
		t.Errorf("a microphone that came again is the same track: %v", sids)
	}
}

// TestTheNewestTokenIsUsed: the one that it was joined with runs out, the server has sent another
// one meanwhile, and a new connection is made with that.
func TestTheNewestTokenIsUsed(t *testing.T) {
	s := startServer(t)
	// Servers let a token in for a minute after its end, so this one has some seconds left.
	short := signed(s, fmt.Sprintf(`{"iss":%q,"sub":"agent","kind":"agent","nbf":1,"exp":%d,"video":{"roomJoin":true,"room":"r","agent":true,"canUpdateOwnMetadata":true}}`,
		s.APIKey, time.Now().Add(-45*time.Second).Unix()))
	cfg := lk.Config{URL: s.URL, Token: short, Topics: []string{lk.TopicChat}}
	agent, err := patient.Join(t.Context(), lk.Join, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Close() })
	ada := join(t, config(s, "ada", false))
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateListening}) // what a token says has changed: there is a new one
	for next[lk.AttributesChanged](t, ada).Changed[lk.AttrState] != lk.StateListening {
	}
	settle(t, func() bool { return lk.Try(t.Context(), cfg) != nil }) // the first one is over
	lk.Restart(agent)
	if next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not go down first")
	}
	if !next[lk.ConnectionChanged](t, agent).Up {
		t.Fatal("the connection did not come back")
	}
	reaches(t, ada, agent, "are you there?")
}
