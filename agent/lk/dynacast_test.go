package lk_test

import (
	"context"
	"image"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	sample "github.com/pion/webrtc/v4/pkg/media"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// leaving counts the packets that leave, by their SSRC.
type leaving struct {
	interceptor.NoOp
	mu sync.Mutex
	by map[uint32]int
}

// NewInterceptor implements interceptor.Factory.
func (l *leaving) NewInterceptor(string) (interceptor.Interceptor, error) { return l, nil }

// BindLocalStream implements interceptor.Interceptor.
func (l *leaving) BindLocalStream(_ *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		l.mu.Lock()
		l.by[h.SSRC]++
		l.mu.Unlock()
		return next.Write(h, payload, a)
	})
}

func (l *leaving) count(layer *lksdk.LocalTrack) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.by[uint32(layer.SSRC())]
}

// film is a black picture ten times a second.
type film struct {
	lksdk.BaseSampleProvider
	enc     *codec.VideoEncoder
	picture *media.I420
}

// NextSample implements lksdk.SampleProvider.
func (f *film) NextSample(context.Context) (sample.Sample, error) {
	unit, _, err := f.enc.Encode(f.picture, true)
	return sample.Sample{Data: unit, Duration: 100 * time.Millisecond}, err
}

// obedient publishes a camera in three layers as browsers do, and sends of them what the server
// says that somebody takes: that is LiveKit's SDK.
func obedient(t *testing.T, s *local.Server) (layers []*lksdk.LocalTrack, out *leaving) {
	t.Helper()
	token, err := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity("ada").SetValidFor(time.Hour).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "r"}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	out = &leaving{by: map[uint32]int{}}
	room, err := lksdk.ConnectToRoomWithToken(s.URL, token, nil, lksdk.WithAutoSubscribe(false), lksdk.WithDisableRegionDiscovery(),
		lksdk.WithInterceptors([]interceptor.Factory{out}), lksdk.WithIncludeDefaultInterceptors(true))
	if err != nil {
		t.Fatal(err)
	}
	var encoders []*codec.VideoEncoder
	t.Cleanup(func() {
		for _, l := range layers {
			_ = l.Close()
		}
		room.Disconnect()
		for _, e := range encoders {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	for i, quality := range []livekit.VideoQuality{livekit.VideoQuality_LOW, livekit.VideoQuality_MEDIUM, livekit.VideoQuality_HIGH} {
		width, height := 160<<i, 120<<i
		layer, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000},
			lksdk.WithSimulcast("camera", &livekit.VideoLayer{Quality: quality, Width: uint32(width), Height: uint32(height)}))
		if err != nil {
			t.Fatal(err)
		}
		enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{Codec: codec.VP8, Width: width, Height: height})
		if err != nil {
			t.Fatal(err)
		}
		encoders, layers = append(encoders, enc), append(layers, layer)
		picture := media.FromImage(image.NewRGBA(image.Rect(0, 0, width, height)))
		layer.OnBind(func() { _ = layer.StartWrite(&film{enc: enc, picture: picture}, nil) })
	}
	if _, err := room.LocalParticipant.PublishSimulcastTrack(layers, &lksdk.TrackPublicationOptions{
		Name: "camera", Source: livekit.TrackSource_CAMERA, VideoWidth: 640, VideoHeight: 480,
	}); err != nil {
		t.Fatal(err)
	}
	return layers, out
}

// TestLayersThatNobodyTakesAreNotSent: a publisher that does as the server tells it sends the
// layers up to the one that is of use, none while nobody looks, and the larger ones again when they
// are wanted.
func TestLayersThatNobodyTakesAreNotSent(t *testing.T) {
	t.Parallel()
	s := serverWith(t, local.Config{More: []string{"video: {dynacast_pause_delay: 200ms}"}})
	agent := join(t, config(s, "agent", true))
	layers, out := obedient(t, s)
	p := next[lk.TrackPublished](t, agent).Publication
	for _, step := range []struct {
		side, sent int // pixels that are of use, layers that are sent for it
	}{{0, 0}, {1, 1}, {640, 3}, {300, 2}, {1, 1}, {0, 0}} {
		if err := p.Subscribe(step.side > 0); err != nil {
			t.Fatal(err)
		}
		if step.side > 0 {
			p.PreferSize(step.side, step.side)
		}
		var moved []int
		settle(t, func() bool {
			before := counts(layers, out)
			time.Sleep(time.Second) // ten pictures
			moved = moved[:0]
			for i, n := range counts(layers, out) {
				if n > before[i] {
					moved = append(moved, i)
				}
			}
			return len(moved) == step.sent && (step.sent == 0 || moved[step.sent-1] == step.sent-1)
		})
		t.Logf("for %d pixels: layers %v", step.side, moved)
	}
}

func counts(layers []*lksdk.LocalTrack, out *leaving) (all []int) {
	for _, l := range layers {
		all = append(all, out.count(l))
	}
	return all
}
