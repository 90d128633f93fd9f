package participant

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// CameraConfig describes a video track. The zero value is a 15 fps VP8 camera.
type CameraConfig struct {
	Codec codec.VideoCodec
	// FPS is the frame rate; 0 means 15.
	FPS int
	// Bitrate in bits a second; 0 means 1 Mbit/s.
	Bitrate int
	// Screen publishes as a screen share.
	Screen bool
}

// Camera sends one picture after another as live video until Close. Show may be called from any
// goroutine.
type Camera struct {
	cfg   CameraConfig
	track *lk.VideoTrack
	show  *media.Latest[*media.I420]
	done  chan struct{}
	ended chan struct{}
	once  sync.Once
	err   error
}

// OpenCamera publishes a video track that shows img. The picture's size is the track's size until
// Show brings another.
func (p *Participant) OpenCamera(ctx context.Context, cfg CameraConfig, img image.Image) (*Camera, error) {
	if cfg.Codec == "" {
		cfg.Codec = codec.VP8
	}
	if cfg.FPS == 0 {
		cfg.FPS = 15
	}
	if cfg.Bitrate == 0 {
		cfg.Bitrate = 1_000_000
	}
	frame := media.FromImage(img)
	source := lk.Camera
	if cfg.Screen {
		source = lk.ScreenShare
	}
	enc, err := newEncoder(cfg, frame)
	if err != nil {
		return nil, err
	}
	track, err := p.room.PublishVideo(lk.VideoOptions{
		Name: "camera", Mime: cfg.Codec.MimeType(), Width: frame.Width, Height: frame.Height, Source: source,
	})
	if err == nil {
		err = waitBound(ctx, track.Ready)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("camera: %w", err), enc.Close())
	}
	c := &Camera{cfg: cfg, track: track, show: media.NewLatest[*media.I420](), done: make(chan struct{}), ended: make(chan struct{})}
	go c.run(enc, frame)
	p.mu.Lock()
	p.cams = append(p.cams, c)
	p.mu.Unlock()
	return c, nil
}

func newEncoder(cfg CameraConfig, frame *media.I420) (*codec.VideoEncoder, error) {
	return codec.NewVideoEncoder(codec.VideoEncoderConfig{
		Codec: cfg.Codec, Width: frame.Width, Height: frame.Height, FPS: cfg.FPS, Bitrate: cfg.Bitrate,
	})
}

// Show replaces the picture, whatever its size.
func (c *Camera) Show(img image.Image) { c.show.Put(media.FromImage(img)) }

// SID returns the server's id of the track.
func (c *Camera) SID() string { return c.track.SID() }

// Close takes the track back and ends the camera. It is idempotent.
func (c *Camera) Close() error {
	c.once.Do(func() {
		close(c.done)
		<-c.ended
		c.err = errors.Join(c.err, c.track.Unpublish())
	})
	return c.err
}

func (c *Camera) run(enc *codec.VideoEncoder, frame *media.I420) {
	defer close(c.ended)
	defer func() { c.err = errors.Join(c.err, enc.Close()) }()
	interval := time.Second / time.Duration(c.cfg.FPS)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	begin, force := time.Now(), true
	for n := int64(0); ; n = max(n+1, int64(time.Since(begin)/interval)) { // frames that a busy machine misses are left out
		unit, key, err := enc.Encode(frame, force)
		if err == nil && len(unit) > 0 {
			stamp := uint32(1<<16 + time.Duration(n)*interval*90_000/time.Second) // RTP time wraps
			err = c.track.WriteFrame(unit, stamp, interval)
		}
		if err != nil {
			c.err = err
			return
		}
		force = force && !key
		select {
		case <-c.done:
			return
		case <-tick.C:
		}
		select {
		case <-c.track.KeyframeWanted():
			force = true
		default:
		}
		next, ok := c.show.Take()
		if !ok {
			continue
		}
		if next.Width != frame.Width || next.Height != frame.Height {
			other, err := newEncoder(c.cfg, next)
			if err != nil {
				c.err = err
				return
			}
			c.err = enc.Close()
			enc = other
		}
		frame, force = next, true
	}
}
