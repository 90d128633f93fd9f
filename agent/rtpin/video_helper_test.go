package rtpin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/codec/codectest"
)

const mtu = 250

// camera encodes pictures and packs them into RTP packets.
type camera struct {
	tb        testing.TB
	codec     codec.VideoCodec
	enc       *codec.VideoEncoder
	payloader rtp.Payloader
	handles   *codec.Handles
	seq       uint16
	ts        uint32
	shown     int
	w, h      int
}

func newCamera(tb testing.TB, c codec.VideoCodec, w, h int, handles *codec.Handles) *camera {
	tb.Helper()
	cam := &camera{tb: tb, codec: c, handles: handles, seq: 65530, ts: 0xfffff000}
	switch c {
	case codec.VP8:
		cam.payloader = &codecs.VP8Payloader{EnablePictureID: true}
	case codec.H264:
		cam.payloader = &codecs.H264Payloader{}
	case codec.VP9:
		cam.payloader = &codecs.VP9Payloader{}
	case codec.AV1:
		cam.payloader = &codecs.AV1Payloader{}
	}
	cam.resize(w, h)
	tb.Cleanup(cam.close)
	return cam
}

func (c *camera) close() {
	if c.enc == nil {
		return
	}
	if err := c.enc.Close(); err != nil {
		c.tb.Error(err)
	}
	c.enc = nil
}

// resize goes on with pictures of another size.
func (c *camera) resize(w, h int) {
	c.tb.Helper()
	c.close()
	enc, err := codec.NewVideoEncoder(codec.VideoEncoderConfig{
		Codec: c.codec, Width: w, Height: h, FPS: 15, Bitrate: 2_000_000, Handles: c.handles,
	})
	if err != nil {
		c.tb.Fatal(err)
	}
	c.enc, c.w, c.h = enc, w, h
}

// shot returns the packets of the next picture, and the picture.
func (c *camera) shot(key bool) ([]*rtp.Packet, *media.I420) {
	c.tb.Helper()
	f := codectest.Picture(c.w, c.h, 2*c.shown)
	au, _, err := c.enc.Encode(f, key)
	if err != nil || len(au) == 0 {
		c.tb.Fatalf("%d bytes, %v", len(au), err)
	}
	c.shown++
	return c.pack(au), f
}

// pack splits an access unit into packets.
func (c *camera) pack(au []byte) []*rtp.Packet {
	payloads := c.payloader.Payload(mtu, au)
	packets := make([]*rtp.Packet, len(payloads))
	for i, payload := range payloads {
		packets[i] = packet(c.seq, c.ts, i == len(payloads)-1, payload)
		c.seq++
	}
	c.ts += 6000
	return packets
}

type screen struct {
	*rtpin.VideoReceiver
	tb   testing.TB
	pool *media.I420Pool
	now  time.Time
}

func newScreen(tb testing.TB, c codec.VideoCodec) (*screen, *codec.Handles) {
	tb.Helper()
	handles := &codec.Handles{}
	r, err := rtpin.NewVideoReceiver(rtpin.VideoConfig{Codec: c, Handles: handles})
	if err != nil {
		tb.Fatal(err)
	}
	s := &screen{VideoReceiver: r, tb: tb, pool: media.NewI420Pool(2), now: epoch}
	tb.Cleanup(func() {
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			tb.Error(err)
		}
		if n := s.pool.Outstanding(); n != 0 {
			tb.Errorf("%d pictures not released", n)
		}
		if n := handles.Open(); n != 0 {
			tb.Errorf("%d native contexts left open", n)
		}
	})
	return s, handles
}

// push takes packets a millisecond apart and reports whether a new picture came.
func (s *screen) push(packets ...*rtp.Packet) bool {
	s.tb.Helper()
	fresh := false
	for _, p := range packets {
		s.now = s.now.Add(time.Millisecond)
		got, err := s.Push(p, s.now)
		if err != nil {
			s.tb.Fatal(err)
		}
		fresh = fresh || got
	}
	return fresh
}

// shows checks that the newest picture is want.
func (s *screen) shows(want *media.I420) {
	s.tb.Helper()
	f, err := s.Picture(s.pool)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer f.Release()
	if f.Width != want.Width || f.Height != want.Height {
		s.tb.Fatalf("%d×%d, want %d×%d", f.Width, f.Height, want.Width, want.Height)
	}
	y, u, v := codectest.PSNR(want.Y, f.Y), codectest.PSNR(want.U, f.U), codectest.PSNR(want.V, f.V)
	if y < 28 || u < 28 || v < 28 {
		s.tb.Errorf("the picture comes out with %.1f, %.1f, %.1f dB", y, u, v)
	}
}
