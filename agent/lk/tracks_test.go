package lk_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// sending calls send every 20 ms until the function that it returns is called.
func sending(send func(n uint32) error) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		every := time.NewTicker(20 * time.Millisecond)
		defer every.Stop()
		for n := uint32(0); ; n++ {
			select {
			case <-ended:
				return
			case <-every.C:
				_ = send(n) // a track that nobody takes yet refuses, or drops
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(ended)
		<-done
	})
}

// TestAVoiceIsOfferedHeardAndGone: what is published is offered with what it is, sent when it is
// wanted, read until the reader has enough, and gone when it is taken back.
func TestAVoiceIsOfferedHeardAndGone(t *testing.T) {
	s := startServer(t)
	ada, agent := join(t, config(s, "ada", false)), join(t, config(s, "agent", true))
	if agent.Name() != "r" || agent.Identity() != "agent" || agent.ServerVersion() == "" {
		t.Errorf("%q is in %q of a server %q", agent.Identity(), agent.Name(), agent.ServerVersion())
	}
	voice, err := ada.PublishVoice("microphone")
	if err != nil {
		t.Fatal(err)
	}
	stop := sending(func(n uint32) error { return voice.WriteOpus([]byte{0xf8, 0xff, 0xfe}, 960*(n+1), 20*time.Millisecond) })
	defer stop()
	offer := next[lk.TrackPublished](t, agent)
	p := offer.Publication
	if offer.Participant.Identity != "ada" || p.SID() != voice.SID() || p.Source() != lk.Microphone || p.Video() || p.Muted() {
		t.Errorf("offered %+v: %s, %v", offer.Participant, p.SID(), p.Source())
	}
	if err := p.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	got := next[lk.TrackSubscribed](t, agent)
	if got.Participant.Identity != "ada" || got.Publication != p || p.Mime() != "audio/opus" || !voice.Ready() {
		t.Errorf("subscribed to %+v, %s", got.Participant, p.Mime())
	}
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	packets, ticks, last := 0, 0, uint32(0)
	err = got.Packets(ctx, func(packet *rtp.Packet, at time.Time) {
		if len(packet.Payload) != 3 || packet.Payload[0] != 0xf8 || (packet.Timestamp-last)%960 != 0 && packets > 0 || at.IsZero() {
			t.Errorf("packet %v", packet)
		}
		last = packet.Timestamp
		if packets++; packets == 5 {
			enough()
		}
	}, func(time.Time) { ticks++ })
	if err != nil || packets < 5 || ticks < packets {
		t.Errorf("%d packets, %d ticks, %v", packets, ticks, err)
	}
	stop()
	if err := voice.Unpublish(); err != nil {
		t.Error(err)
	}
	if gone := next[lk.TrackGone](t, agent); gone.SID != voice.SID() || gone.Participant.Identity != "ada" {
		t.Errorf("gone: %+v", gone)
	}
	// Gone means that nothing more comes of it; that it is not offered any more is told right
	// after.
	settle(t, func() bool { return lk.Publications(agent) == 0 })
}

// TestAPictureIsAskedForAndEndsWithItsTrack: whoever receives may ask for a whole picture, and
// reading ends without an error when the track does; a pause does not end it.
func TestAPictureIsAskedForAndEndsWithItsTrack(t *testing.T) {
	s := startServer(t)
	ada, agent := join(t, config(s, "ada", false)), join(t, config(s, "agent", true))
	camera, err := ada.PublishVideo(lk.VideoOptions{Name: "screen", Mime: "video/VP8", Width: 64, Height: 48, Source: lk.ScreenShare})
	if err != nil {
		t.Fatal(err)
	}
	stop := sending(func(n uint32) error {
		return camera.WriteFrame([]byte{0x10, 2, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0}, 1800*(n+1), 20*time.Millisecond)
	})
	defer stop()
	p := next[lk.TrackPublished](t, agent).Publication
	if p.Source() != lk.ScreenShare || !p.Video() || p.SID() != camera.SID() {
		t.Errorf("offered %v, video %v", p.Source(), p.Video())
	}
	if err := p.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	got := next[lk.TrackSubscribed](t, agent)
	p.PreferSize(64, 48)
	var once, asked sync.Once
	read := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- got.Packets(context.Background(), func(*rtp.Packet, time.Time) { once.Do(func() { close(read) }) },
			func(time.Time) { asked.Do(func() { p.RequestKeyframe(got.Track.SSRC()) }) })
	}()
	within(t, "a packet", read)
	within(t, "the wish for a whole picture", camera.KeyframeWanted())
	if !camera.Ready() {
		t.Error("frames leave, and the track is not ready")
	}
	stop()
	time.Sleep(100 * time.Millisecond) // a pause: reading goes on
	if len(ended) != 0 {
		t.Fatalf("reading ended in a pause: %v", <-ended)
	}
	if err := camera.Unpublish(); err != nil {
		t.Error(err)
	}
	if gone := next[lk.TrackGone](t, agent); gone.SID != camera.SID() {
		t.Errorf("gone: %+v", gone)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("reading ended with %v", err)
		}
	}()
	within(t, "the end of reading", over)
}

// within waits for a channel for as long as next does.
func within(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(40 * time.Second):
		t.Fatalf("%s did not come within 40 s", what)
	}
}

// TestAPublicationIsItself: another one of the same id, as after a new connection, is another
// track.
func TestAPublicationIsItself(t *testing.T) {
	h, r := desk(t)
	ada := lk.Participant{Identity: "ada", SID: "PA_ada"}
	old, fresh := &lksdk.RemoteTrackPublication{}, &lksdk.RemoteTrackPublication{}
	for step, got := range []bool{
		lk.Offer(r, old, ada), !lk.Offer(r, old, ada), lk.Known(r, old), !lk.Known(r, fresh), !lk.Forget(r, fresh),
		lk.Offer(r, fresh, ada), !lk.Known(r, old), !lk.Forget(r, old), lk.Known(r, fresh), lk.Publications(r) == 1,
	} {
		if !got {
			t.Errorf("step %d", step)
		}
	}
	h.OnParticipantUpdate([]*person{info("bob", 2, func(p *person) { p.State = livekit.ParticipantInfo_DISCONNECTED })})
	told(t, "bob leaves: ada's track stays", lk.Told(r), lk.ParticipantLeft{Participant: lk.Participant{Identity: "bob", SID: "PA_bob"}})
	if !lk.Forget(r, fresh) || lk.Known(r, fresh) || lk.Publications(r) != 0 {
		t.Error("it is not forgotten")
	}
}

// TestPacketsBeforeAnybodyIsKnown are read where the server names no ids: nobody's id is not the
// own one.
func TestPacketsBeforeAnybodyIsKnown(t *testing.T) {
	_, r := lk.Front(quiet{}, lk.TopicChat)
	hello := from("ada", header("1", lk.TopicChat, func(h *livekit.DataStream_Header) { h.InlineContent = []byte("hi") }))
	hello.ParticipantSid = ""
	if got := receive(t, r, hello); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
