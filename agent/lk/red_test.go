package lk_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	onwire "github.com/sensory-agent/sensory-agent/testmedia/wire"
)

// listen subscribes to the next track that is offered and receives so many packets.
func listen(t *testing.T, agent *lk.Connection, packets uint64) onwire.Received {
	t.Helper()
	if err := next[lk.TrackPublished](t, agent).Publication.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	got, err := onwire.Receive(ctx, next[lk.TrackSubscribed](t, agent), packets)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestRedundantAudioIsNegotiatedAndUsed: of a publisher who sends copies, a bad way from the server
// to us costs nothing that the next packets bring; of one who sends none, packets come as they are.
// Both in one room.
func TestRedundantAudioIsNegotiatedAndUsed(t *testing.T) {
	s := startServer(t)
	tone := codectest.Opus(t, codectest.Tone(48000*2, 48000, 440, 0.5), codec.OpusEncoderConfig{})
	link := impair.New(impair.Conditions{}, impair.Conditions{Loss: 0.2}, 3)
	cfg := config(s, "agent", true)
	cfg.Interceptors = []interceptor.Factory{link}
	agent := join(t, cfg)
	for _, want := range []string{"audio/opus", "audio/red", "audio/opus"} {
		person := config(s, want, false)
		person.Redundant = want == "audio/red"
		ada, err := patient.Join(t.Context(), lk.Join, person)
		if err != nil {
			t.Fatal(err)
		}
		voice, err := ada.PublishVoice("microphone")
		if err != nil {
			t.Fatal(err)
		}
		stop := sending(func(n uint32) error {
			return voice.WriteOpus(tone[n%uint32(len(tone))], math.MaxUint32-48000+960*n, 20*time.Millisecond) // it wraps after a second
		})
		_, before := link.Counts()
		got := listen(t, agent, 200)
		_, after := link.Counts()
		stop()
		if err := ada.Close(); err != nil {
			t.Error(err)
		}
		lost := after.Lost - before.Lost
		t.Logf("%s: %+v, %d lost", got.Mime, got.Stats, lost)
		if got.Mime != want || lost < 20 || got.Stats.Corrupt+got.Stats.Restarts != 0 {
			t.Errorf("codec %s, the link lost %d: %+v", got.Mime, lost, got.Stats)
		}
		if level := media.DBFS(got.PCM[len(got.PCM)/2:]); level < -15 {
			t.Errorf("%s is heard at %.1f dBFS", want, level)
		}
		switch {
		case want == "audio/opus" && (got.Stats.Redundant != 0 || got.Stats.Lost < lost/2):
			t.Errorf("without copies: %+v", got.Stats)
		// Three in a row are lost once in 125 packets; what is lost before the first that comes is
		// not counted.
		case want == "audio/red" && (got.Stats.Redundant < lost*2/3 || got.Stats.Lost > got.Stats.Redundant/3):
			t.Errorf("%d packets were lost, %d came as copies, %d are missing", lost, got.Stats.Redundant, got.Stats.Lost)
		}
	}
}

// TestCopiesAreTakenOncePionAllowsIt: another codec of the same type is an error, not a silent one.
func TestCopiesAreTakenOncePionAllowsIt(t *testing.T) {
	m := &webrtc.MediaEngine{}
	taken := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeG722, ClockRate: 8000}, PayloadType: 63,
	}
	if err := m.RegisterCodec(taken, webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	for want, api := range map[error]*webrtc.API{nil: webrtc.NewAPI(), lk.ErrSDK: webrtc.NewAPI(webrtc.WithMediaEngine(m))} {
		pc, err := api.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			t.Fatal(err)
		}
		if err := lk.TakeCopies(pc); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if err := pc.Close(); err != nil {
			t.Error(err)
		}
	}
}
