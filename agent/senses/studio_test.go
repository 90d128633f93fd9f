package senses_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

const patience = time.Minute // for what must happen on the slowest machine

// camera is a track of VP8 whose pictures a test sends one by one.
type camera struct {
	t       *testing.T
	enc     *codec.VideoEncoder
	packer  codecs.VP8Payloader
	seq     uint16
	shown   int
	packets chan []*rtp.Packet
	over    chan struct{}
}

func newCamera(t *testing.T) *camera {
	t.Helper()
	enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{Codec: codec.VP8, Width: 64, Height: 48, FPS: 15, Bitrate: 2_000_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := enc.Close(); err != nil {
			t.Error(err)
		}
	})
	return &camera{t: t, enc: enc, packets: make(chan []*rtp.Packet), over: make(chan struct{})}
}

// Packets implements senses.Stream.
func (c *camera) Packets(ctx context.Context, packet func(*rtp.Packet, time.Time), tick func(time.Time)) error {
	for {
		select {
		case some := <-c.packets:
			for _, p := range some {
				packet(p, time.Now())
			}
			tick(time.Now())
		case <-c.over:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func (c *camera) Codec() string       { return "video/VP8" }
func (c *camera) RequestKeyframe()    {}
func (c *camera) PreferSize(int, int) {}
func (c *camera) Orientation() uint8  { return 0 }
func (c *camera) track() senses.Track {
	return senses.Track{Who: "ada", SID: "cam", Source: "camera", Codec: c.Codec()}
}
func (c *camera) send(some []*rtp.Packet) { c.packets <- some }

// shot sends another picture, and returns when it has been decoded and, if it was to be, sampled.
func (c *camera) shot() {
	c.t.Helper()
	c.shown++
	au, _, err := c.enc.Encode(codectest.Picture(64, 48, 2*c.shown), true)
	if err != nil || len(au) == 0 {
		c.t.Fatalf("%d bytes, %v", len(au), err)
	}
	var some []*rtp.Packet
	payloads := c.packer.Payload(1200, au)
	for i, payload := range payloads {
		some = append(some, &rtp.Packet{Header: rtp.Header{
			Version: 2, SequenceNumber: c.seq, Timestamp: uint32(c.shown) * 6000, Marker: i == len(payloads)-1,
		}, Payload: payload})
		c.seq++
	}
	c.send(some)
	c.send(nil)
}

// studio is a place with one camera in it.
type studio struct {
	*senses.Senses
	t       *testing.T
	machine *engine.Machine
	models  *engine.Models
	cam     *camera
	eye     *senses.Eye
	told    chan senses.Percept
	// speaking tells that somebody speaks.
	speaking atomic.Bool
	before   map[compute.Class]uint64 // leases granted before
}

// newStudio opens the eye of a camera that looks through some eyes. At the end of the test nothing
// may be left of it.
func newStudio(t *testing.T, through func(models *engine.Models) []*engine.Eyes) *studio {
	t.Helper()
	s := &studio{t: t, cam: newCamera(t), told: make(chan senses.Percept, 256)}
	s.machine, s.models = shared.Open(t)
	life, end := context.WithCancel(context.Background())
	s.Senses = senses.New(life, senses.Deps{
		Ears: s.models, Broker: s.machine.Broker(), Room: "studio", Speaking: s.speaking.Load, Log: slog.New(slog.DiscardHandler),
		Sink: func(_ context.Context, p senses.Percept) bool { s.told <- p; return true },
	})
	s.SetStale(time.Hour) // however slow the machine is
	s.before = s.granted()
	for _, eyes := range through(s.models) {
		s.Look(eyes)
	}
	eye, err := s.See(s.cam.track(), s.cam)
	if err != nil {
		t.Fatal(err)
	}
	s.eye = eye
	t.Cleanup(func() {
		end()
		s.Wait()
		if held := s.machine.Compute().Leases; len(held) != 0 || s.eye.Pictures() != 0 || s.models.Eyes().Outstanding() != 0 {
			t.Errorf("%d pictures and %d textures are out, leases %+v", s.eye.Pictures(), s.models.Eyes().Outstanding(), held)
		}
	})
	return s
}

// granted counts the leases that were granted so far, by class.
func (s *studio) granted() map[compute.Class]uint64 {
	out := map[compute.Class]uint64{}
	for _, p := range s.machine.Compute().Pools {
		for _, c := range p.Classes {
			out[c.Class] += c.Granted
		}
	}
	return out
}

// made are the leases of a class that were granted in this test.
func (s *studio) made(class compute.Class) uint64 { return s.granted()[class] - s.before[class] }

// saw returns the next n percepts, which must be sights, by encoder and number.
func (s *studio) saw(n int) map[string]uint64 {
	s.t.Helper()
	out := map[string]uint64{}
	for range n {
		select {
		case p := <-s.told:
			saw, ok := p.(senses.Saw)
			if !ok {
				s.t.Fatalf("told %+v", p)
			}
			out[saw.Encoder] = saw.Number
		case <-time.After(patience):
			s.t.Fatalf("only %v were seen", out)
		}
	}
	return out
}

// ended returns what is told until the track has ended, but for sights.
func (s *studio) ended() senses.Ended {
	s.t.Helper()
	for {
		select {
		case p := <-s.told:
			switch p := p.(type) {
			case senses.Ended:
				return p
			case senses.Failed:
				s.t.Errorf("failed: %v", p.Err)
			}
		case <-time.After(patience):
			s.t.Fatal("the track does not end")
		}
	}
}

// holding are the leases whose artifacts begin so.
func (s *studio) holding(prefix string) (names []string) {
	for _, l := range s.machine.Compute().Leases {
		if strings.HasPrefix(l.Artifact, prefix) {
			names = append(names, l.Artifact+" of "+l.Holder)
		}
	}
	return names
}

// remote are models behind a server that is sent pictures of a size.
func remote(t *testing.T, id string, side int) *engine.Models {
	t.Helper()
	machine, _ := shared.Open(t)
	server := fixture.NewScripted(t)
	cfg, free, err := fixture.Config(func(c *engine.Config) {
		c.Resolution.Base.ID, c.Remote = id, fixture.Behind(server.URL)
		c.Remote.Picture.LongestSide = side
	})
	if err != nil {
		t.Fatal(err)
	}
	defer free()
	models, err := machine.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := models.Close(); err != nil {
			t.Error(err)
		}
	})
	return models
}

// open tells whether a channel is still open.
func open(c <-chan struct{}) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

// wait waits for a channel to be closed.
func wait(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatal(what)
	}
}
