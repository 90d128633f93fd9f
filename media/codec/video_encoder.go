package codec

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/asticode/go-astiav"

	"github.com/sensory-agent/sensory-agent/media"
)

// VideoEncoderConfig configures a VideoEncoder.
type VideoEncoderConfig struct {
	// Codec is one of the closed set.
	Codec VideoCodec
	// Width and Height of every picture, in pixels. H264 takes even sizes only.
	Width, Height int
	// FPS is the number of pictures a second; 0 means 15.
	FPS int
	// Bitrate in bits a second; 0 means a tenth of a bit a pixel, at least 200 kbit/s.
	Bitrate int
	// Threads is the number of encoding threads; 0 means 1.
	Threads int
	// Handles, if set, counts the open encoder (two contexts).
	Handles *Handles
}

// VideoEncoder encodes a live picture: each picture gives its access unit at once, without pictures
// that refer to later ones; keyframes come first and on demand only. Safe from any goroutine.
//
// FFmpeg takes pictures as frames of its own; the raw video decoder turns packed planes into them.
type VideoEncoder struct {
	cfg VideoEncoderConfig

	mu      sync.Mutex
	raw     *astiav.CodecContext
	enc     *astiav.CodecContext
	packet  *astiav.Packet
	frame   *astiav.Frame
	pts     int64
	scratch []byte
	packed  []byte
}

func (c *VideoEncoderConfig) validate() error {
	if _, err := ParseVideoCodec(string(c.Codec)); err != nil {
		return err
	}
	if err := media.CheckSize(c.Width, c.Height); err != nil {
		return fmt.Errorf("%d×%d: %w: %w", c.Width, c.Height, ErrConfig, err)
	}
	if c.Codec == H264 && (c.Width%2 != 0 || c.Height%2 != 0) {
		return fmt.Errorf("h264 with the odd size %d×%d: %w", c.Width, c.Height, ErrConfig)
	}
	if c.FPS == 0 {
		c.FPS = 15
	}
	if c.Bitrate == 0 {
		c.Bitrate = max(c.Width*c.Height*c.FPS/10, 200_000)
	}
	c.Threads = max(c.Threads, 1)
	if c.FPS < 1 || c.FPS > 240 || c.Bitrate < 10_000 || c.Bitrate > 200_000_000 {
		return fmt.Errorf("%d pictures a second at %d bit/s: %w", c.FPS, c.Bitrate, ErrConfig)
	}
	return nil
}

// NewVideoEncoder opens an encoder; Close frees it. Errors: ErrUnknownCodec, ErrCodecMissing,
// ErrConfig.
func NewVideoEncoder(cfg VideoEncoderConfig) (*VideoEncoder, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	quietFFmpeg()
	raw, err := openVideo(astiav.FindDecoderByName("rawvideo"), "rawvideo", cfg, nil)
	if err != nil {
		return nil, err
	}
	name := cfg.Codec.encoderName()
	enc, err := openVideo(astiav.FindEncoderByName(name), name, cfg, encoderOptions(cfg))
	if err != nil {
		raw.Free()
		return nil, err
	}
	cfg.Handles.add(2)
	return &VideoEncoder{
		cfg: cfg, raw: raw, enc: enc,
		packet: astiav.AllocPacket(), frame: astiav.AllocFrame(),
	}, nil
}

func openVideo(codec *astiav.Codec, name string, cfg VideoEncoderConfig, opts []option) (*astiav.CodecContext, error) {
	if codec == nil {
		return nil, fmt.Errorf("%s: %w", name, ErrCodecMissing)
	}
	ctx := astiav.AllocCodecContext(codec)
	ctx.SetWidth(cfg.Width)
	ctx.SetHeight(cfg.Height)
	ctx.SetPixelFormat(astiav.PixelFormatYuv420P)
	ctx.SetTimeBase(astiav.NewRational(1, cfg.FPS))
	ctx.SetFramerate(astiav.NewRational(cfg.FPS, 1))
	ctx.SetThreadCount(cfg.Threads)
	if err := openContext(ctx, codec, opts); err != nil {
		ctx.Free()
		return nil, err
	}
	return ctx, nil
}

// encoderOptions are the settings for live video at a constant rate with little work.
func encoderOptions(cfg VideoEncoderConfig) []option {
	rate := strconv.Itoa(cfg.Bitrate)
	opts := []option{
		{"b", rate},
		{"maxrate", rate},
		{"bufsize", strconv.Itoa(cfg.Bitrate)},
		{"g", "100000"},
		{"bf", "0"},
	}
	switch cfg.Codec {
	case VP8:
		return append(opts, option{"minrate", rate}, option{"deadline", "realtime"}, option{"cpu-used", "8"},
			option{"lag-in-frames", "0"}, option{"auto-alt-ref", "0"}, option{"qmin", "2"}, option{"qmax", "56"})
	case VP9:
		return append(opts, option{"minrate", rate}, option{"deadline", "realtime"}, option{"cpu-used", "8"},
			option{"lag-in-frames", "0"}, option{"auto-alt-ref", "0"}, option{"qmin", "2"}, option{"qmax", "56"},
			option{"aq-mode", "0"})
	case AV1:
		return append(opts, option{"minrate", rate}, option{"usage", "realtime"}, option{"cpu-used", "8"},
			option{"lag-in-frames", "0"}, option{"qmin", "2"}, option{"qmax", "56"})
	default:
		return append(opts, option{"preset", "superfast"}, option{"tune", "zerolatency"}, option{"profile", "baseline"},
			option{"forced-idr", "1"}, option{"sc_threshold", "0"}, option{"rc-lookahead", "0"})
	}
}

// Encode encodes one picture of the configured size; forceKey makes it a keyframe. The access unit
// belongs to the caller: VP8, VP9: one frame; H264: Annex B with parameter sets at every keyframe,
// constrained baseline; AV1: OBUs with size fields, without temporal delimiters. A nil access unit
// without error means that the rate control dropped the picture. Errors: ErrFrameSize, ErrClosed,
// or what FFmpeg reports.
func (e *VideoEncoder) Encode(picture *media.I420, forceKey bool) (accessUnit []byte, key bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc == nil {
		return nil, false, ErrClosed
	}
	if picture.Width != e.cfg.Width || picture.Height != e.cfg.Height {
		return nil, false, fmt.Errorf("%d×%d into an encoder for %d×%d: %w",
			picture.Width, picture.Height, e.cfg.Width, e.cfg.Height, ErrFrameSize)
	}
	if err := e.load(picture); err != nil {
		return nil, false, err
	}
	defer e.frame.Unref()
	e.frame.SetPts(e.pts)
	e.pts++
	e.frame.SetPictureType(astiav.PictureTypeNone)
	if forceKey {
		e.frame.SetPictureType(astiav.PictureTypeI)
	}
	if err := e.enc.SendFrame(e.frame); err != nil {
		return nil, false, fmt.Errorf("encode %s: %w", e.cfg.Codec, err)
	}
	return e.receive()
}

// load makes e.frame a frame with the planes of picture.
func (e *VideoEncoder) load(picture *media.I420) error {
	packed := picture.Packed(e.packed)
	if picture.StrideY != picture.Width {
		e.packed = packed // a copy; otherwise these are the planes of the caller
	}
	var err error
	if e.scratch, err = fillPacket(e.packet, packed, e.scratch); err != nil {
		return err
	}
	defer e.packet.Unref()
	if err := e.raw.SendPacket(e.packet); err != nil {
		return fmt.Errorf("load picture: %w", err)
	}
	if err := e.raw.ReceiveFrame(e.frame); err != nil {
		return fmt.Errorf("load picture: %w", err)
	}
	return nil
}

func (e *VideoEncoder) receive() (accessUnit []byte, key bool, err error) {
	for {
		err := e.enc.ReceivePacket(e.packet)
		if errors.Is(err, astiav.ErrEagain) {
			return accessUnit, key, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("encode %s: %w", e.cfg.Codec, err)
		}
		data := e.packet.Data()
		if e.cfg.Codec == AV1 {
			data = stripTemporalDelimiters(data)
		}
		accessUnit = append(accessUnit, data...)
		key = key || e.packet.Flags().Has(astiav.PacketFlagKey)
		e.packet.Unref()
	}
}

// Close frees the encoder. Closing twice does nothing.
func (e *VideoEncoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc == nil {
		return nil
	}
	e.enc.Free()
	e.raw.Free()
	e.packet.Free()
	e.frame.Free()
	e.enc, e.raw = nil, nil
	e.scratch, e.packed = nil, nil
	e.cfg.Handles.add(-2)
	return nil
}
