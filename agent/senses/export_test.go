package senses

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Lab is who holds the leases of tests.
var Lab = engine.Holder{Room: "lab", Persona: "iris"} // read only

// Chain is the video path of an eye without packets: tests feed it frames.
type Chain struct {
	*Gaze
	models *engine.Models
}

// NewChain makes the path of one track on models.
func NewChain(models *engine.Models, track string) *Chain {
	s := New(context.Background(), Deps{
		Broker: models.Machine().Broker(), Room: Lab.Room, Log: slog.New(slog.DiscardHandler),
		Sink: func(context.Context, Percept) bool { return true },
	})
	eyes := models.Eyes()
	g := newGaze(s.newEye(Track{SID: track, Who: track}), &encoder{eyes: eyes, name: eyes.Name()})
	g.eye.add(g)
	return &Chain{g, models}
}

// Pool is where the path's frames come from.
func (c *Chain) Pool() *media.I420Pool { return c.eye.pool }

// Textures is how many textures are out.
func (c *Chain) Textures() int { return c.models.Eyes().Outstanding() }

// Governed runs a frame through the whole chain; revoke is called while the frame waits for its
// texture. The frame is given away.
func (c *Chain) Governed(ctx context.Context, frame *media.I420, revoke func(*compute.Broker, *compute.Lease)) error {
	next, err := c.eye.admit(frame, vision.ReasonInterval)
	if err != nil {
		return err
	}
	revoke(c.chain.broker, next.lease)
	err = c.look(ctx, next)
	next.done()
	return err
}

// Computed sets what is called when a result is there and not handed over yet: a texture with its
// frame's lease as from, features with their texture's, a sight with its own.
func (c *Chain) Computed(call func(b *compute.Broker, from, lease *compute.Lease)) {
	c.chain.made = func(from, lease *compute.Lease) { call(c.chain.broker, from, lease) }
}

// Shown reports whether a reply made now would look at a picture, and the artifact that it would be
// made of.
func (c *Chain) Shown() (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.current(); s != nil {
		return s.Lease.Artifact(), true
	}
	return "", false
}

// Reply takes the lease of an answer that looks at what is shown.
func (c *Chain) Reply(ctx context.Context) (*compute.Lease, error) {
	c.mu.Lock()
	seen := c.sight
	c.mu.Unlock()
	return c.models.Lease(ctx, 1, Lab, engine.Look(time.Now(), seen), nil)
}

// TakeBack revokes the lease of what is shown.
func (c *Chain) TakeBack() { c.chain.broker.Revoke(c.sight.Lease, "test") }

// Bare does the same work without leases. The frame is given away.
func (c *Chain) Bare(ctx context.Context, frame *media.I420) error {
	defer frame.Release()
	texture, err := c.models.Eyes().Texture(frame)
	if err != nil {
		return err
	}
	defer texture.Release()
	_, err = c.models.Eyes().Features(ctx, texture)
	return err
}

// Leases goes through the leases of a frame without its work; the picture stays the caller's.
func (c *Chain) Leases(ctx context.Context, frame *media.I420) error {
	var lease *compute.Lease
	for _, d := range []compute.Demand{
		{Artifact: "webrtc.frame_decoded/b/1", Class: compute.Media, Cost: compute.Cost{Units: unitsFrame, Bytes: int64(len(frame.Y))}, Revocation: compute.Hard},
		{Artifact: "vision.texture/b/1", Class: compute.Render, Cost: compute.Cost{Units: unitsTexture}, Revocation: compute.Hard},
		{Artifact: "vision.features/b/1", Class: compute.Embedding, Cost: compute.Cost{Units: unitsFeatures}, TTL: sightKept},
	} {
		d.Silicon = compute.SiliconCPU
		var err error
		if lease, err = c.chain.step(ctx, lease, nil, d, func(ctx context.Context, _ *compute.Lease) error { return ctx.Err() }); err != nil {
			return err
		}
	}
	defer lease.Release()
	return c.chain.newest.Accept(lease)
}

// Close lets the newest sight go.
func (c *Chain) Close() {
	if c.sight != nil {
		c.sight.Lease.Release()
	}
	c.eye.stop()
}

// Computed is that of a chain, of a gaze that has not been given a frame.
func (g *Gaze) Computed(call func(lease *compute.Lease)) {
	g.chain.made = func(_, lease *compute.Lease) { call(lease) }
}

// SetStale has frames sampled from now on grow stale after d.
func (s *Senses) SetStale(d time.Duration) { s.stale = d }

// Pictures are how many pictures of the track are out.
func (y *Eye) Pictures() int { return y.pool.Outstanding() }

// Sampled is how many frames were sampled, after the end of the track.
func (y *Eye) Sampled() uint64 { return y.frames }

// Summary is what is told at the end of the track.
func (y *Eye) Summary() string { return y.summary() }

// PacketEar is the way of an ear's packets to its listener, without a listener.
type PacketEar struct{ ear Ear }

// NewPacketEar makes a receiver at 16 kHz.
func NewPacketEar() (*PacketEar, error) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{})
	if err != nil {
		return nil, err
	}
	return &PacketEar{Ear{log: slog.New(slog.DiscardHandler), rx: rx}}, nil
}

// Packet takes a packet of a track that names mime as its codec.
func (p *PacketEar) Packet(packet *rtp.Packet, mime string, now time.Time) {
	p.ear.packet(packet, mime, now)
}

// Pop passes on what is ready.
func (p *PacketEar) Pop(now time.Time, hear func(rtpin.Frame)) { p.ear.rx.Pop(now, hear) }

// Stats are those of the receiver.
func (p *PacketEar) Stats() rtpin.AudioStats { return p.ear.rx.Stats() }

// Close frees the receiver.
func (p *PacketEar) Close() error { return p.ear.rx.Close() }

// PacketEye is the way of an eye's packets, without models.
type PacketEye struct {
	eye  Eye
	told []Percept
}

// NewPacketEye makes a receiver whose wish for another layer goes to prefer.
func NewPacketEye(t *testing.T, c codec.VideoCodec, prefer func(width, height int)) *PacketEye {
	t.Helper()
	rx, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rx.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &PacketEye{}
	p.eye = Eye{
		track: Track{Who: "ada"}, log: slog.New(slog.DiscardHandler), tell: func(told Percept) { p.told = append(p.told, told) },
		senses: New(t.Context(), Deps{}), rx: rx, prefer: prefer,
	}
	return p
}

// Packet takes a packet and returns what the eye told of it.
func (p *PacketEye) Packet(packet *rtp.Packet, now time.Time) (told []Percept) {
	p.eye.decoded(p.eye.rx.Push(packet, now))
	told, p.told = p.told, nil
	return told
}

// NeedKeyframe asks the receiver.
func (p *PacketEye) NeedKeyframe(now time.Time) bool { return p.eye.rx.NeedKeyframe(now) }

// deaf panics.
type deaf struct{}

func (deaf) Probability([]float32) (float32, error) { panic("deaf") }

func (deaf) Reset() {}

// PanicInDetector judges a window with a detector that panics.
func PanicInDetector() error {
	_, err := fencedDetector{deaf{}}.Probability(nil)
	return err
}

// Paces are what is known of how people pause.
type Paces struct{ paces }

// NewPaces knows nobody.
func NewPaces() *Paces { return &Paces{} }

// Of and Keep read and write; Len is how many are known.
func (p *Paces) Of(who string) hearing.Pace      { return p.of(who) }
func (p *Paces) Keep(who string, x hearing.Pace) { p.keep(who, x) }
func (p *Paces) Len() int                        { return len(p.all) }

// Past is what a gaze keeps.
type Past struct{ past }

// NewPast keeps nothing yet.
func NewPast(series engine.Series) *Past { return &Past{past{series: series}} }

// Add takes the newest sight, and Before are the earlier ones that an answer is made from beside
// it.
func (p *Past) Add(s *engine.Sight, scene uint64) (gone []*engine.Sight) { return p.add(s, scene) }
func (p *Past) Before() []*engine.Sight                                  { return p.before() }

// Kept is how many sights are kept, PastDropped how many had to make room.
func (p *Past) Kept() int              { return len(p.kept) }
func (p *Past) PastDropped() uint64    { return p.dropped }
func (p *Past) Clear() []*engine.Sight { return p.clear() }

// Crowded is what is dropped where memory is full.
func (p *Past) Crowded() []*engine.Sight { return p.crowded() }

// Missing is what a gaze tells whose adapters fail, picture by picture.
func Missing(pictures ...[]*engine.AdapterError) (told []Percept) {
	y := &Eye{tell: func(p Percept) { told = append(told, p) }, log: slog.New(slog.DiscardHandler)}
	g := &Gaze{eye: y, encoder: &encoder{name: "reader"}}
	for _, failures := range pictures {
		g.missing(failures)
	}
	return told
}
