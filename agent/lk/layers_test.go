package lk_test

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	sample "github.com/pion/webrtc/v4/pkg/media"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// layered publishes a VP8 camera in layers of 160×120, 320×240 and 640×480, as browsers do, and has
// the server say which of them anybody wants (dynacast). Every tenth picture is a keyframe.
func layered(t *testing.T, s *local.Server) {
	t.Helper()
	yes := true
	token, err := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity("ada").SetValidFor(time.Hour).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "r", CanPublish: &yes}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	room, err := lksdk.ConnectToRoomWithToken(s.URL, token, nil, lksdk.WithAutoSubscribe(false), lksdk.WithDisableRegionDiscovery())
	if err != nil {
		t.Fatal(err)
	}
	var tracks []*lksdk.LocalTrack
	var stops []func()
	for i, quality := range []livekit.VideoQuality{livekit.VideoQuality_LOW, livekit.VideoQuality_MEDIUM, livekit.VideoQuality_HIGH} {
		width, height := 160<<i, 120<<i
		track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
			lksdk.WithSimulcast("camera", &livekit.VideoLayer{Quality: quality, Width: uint32(width), Height: uint32(height)}))
		if err != nil {
			t.Fatal(err)
		}
		enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{Codec: codec.VP8, Width: width, Height: height})
		if err != nil {
			t.Fatal(err)
		}
		picture := media.FromImage(image.NewRGBA(image.Rect(0, 0, width, height)))
		tracks = append(tracks, track)
		stop := sending(func(n uint32) error {
			unit, _, err := enc.Encode(picture, n%10 == 0)
			if err != nil || len(unit) == 0 {
				return err
			}
			return track.WriteSample(sample.Sample{Data: unit, Duration: 20 * time.Millisecond, PacketTimestamp: 1800 * (n + 1)}, nil)
		})
		stops = append(stops, func() {
			stop()
			if err := enc.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		for _, stop := range stops {
			stop()
		}
		room.Disconnect()
	})
	if _, err := room.LocalParticipant.PublishSimulcastTrack(tracks, &lksdk.TrackPublicationOptions{
		Name: "camera", Source: livekit.TrackSource_CAMERA, VideoWidth: 640, VideoHeight: 480,
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTheLayerThatIsOfUseIsSent: who can use 200 pixels gets the layer of 320, who can use none the
// smallest, and who wants all of it the largest; what nobody wants the publisher may leave out
// meanwhile.
func TestTheLayerThatIsOfUseIsSent(t *testing.T) {
	s := startServer(t)
	agent := join(t, config(s, "agent", true))
	layered(t, s)
	p := next[lk.TrackPublished](t, agent).Publication
	if err := p.Subscribe(true); err != nil {
		t.Fatal(err)
	}
	track := next[lk.TrackSubscribed](t, agent)
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: codec.VP8})
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct{ side, width int }{{200, 320}, {1, 160}, {640, 640}, {160, 160}, {1 << 15, 640}}
	p.PreferSize(steps[0].side, steps[0].side)
	ctx, done := context.WithTimeout(t.Context(), 2*time.Minute)
	defer done()
	err = track.Packets(ctx, func(packet *rtp.Packet, now time.Time) {
		if _, err := rx.Push(packet, now); err != nil {
			t.Logf("a packet was dropped: %v", err) // the layer changes
		}
	}, func(now time.Time) {
		if _, err := rx.Poll(now); err != nil {
			t.Logf("a packet was dropped: %v", err)
		}
		if rx.NeedKeyframe(now) {
			track.RequestKeyframe()
		}
		for len(steps) > 0 && rx.Stats().Width == steps[0].width {
			t.Logf("for %d pixels: %d×%d", steps[0].side, rx.Stats().Width, rx.Stats().Height)
			if steps = steps[1:]; len(steps) == 0 {
				done()
				return
			}
			p.PreferSize(steps[0].side, steps[0].side)
		}
	})
	if err := errors.Join(err, rx.Close()); err != nil {
		t.Error(err)
	}
	if len(steps) > 0 {
		t.Errorf("wanted %+v, got %+v", steps[0], rx.Stats())
	}
}

func TestPicturesAreFitted(t *testing.T) {
	for _, c := range [][6]uint32{
		{640, 480, 640, 480, 640, 480},
		{640, 480, 1000, 1000, 640, 480},
		{640, 480, 320, 320, 320, 240},
		{480, 640, 320, 320, 240, 320},
		{1280, 720, 512, 512, 512, 288},
		{640, 480, 1, 1, 1, 1},
		{10000, 1, 100, 100, 100, 1},
		{1, 10000, 100, 100, 1, 100},
		{640, 480, 320, 100, 133, 100},
	} {
		if w, h := lk.Fit(c[0], c[1], c[2], c[3]); w != c[4] || h != c[5] {
			t.Errorf("%d×%d into %d×%d: %d×%d, want %d×%d", c[0], c[1], c[2], c[3], w, h, c[4], c[5])
		}
	}
}
