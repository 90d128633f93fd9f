package codec

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/asticode/go-astiav"

	"github.com/sensory-agent/sensory-agent/media"
)

// DecoderConfig configures a VideoDecoder. The zero value is usable.
type DecoderConfig struct {
	// Threads is the number of threads for one picture; 0 means 1. More threads never add delay.
	Threads int
	// MaxPixels is the largest width×height accepted, at most media.MaxPixels, which 0 means as
	// well. More is refused before memory is taken.
	MaxPixels int
	// Reject, if set, is asked about the size of each decoded picture; true drops it and keeps the
	// one before.
	Reject func(width, height int) bool
	// Handles, if set, counts the open decoder.
	Handles *Handles
}

// macroblockEdge is how many pixels more FFmpeg may take than the limit says: H.264 codes whole
// blocks of 16×16, and the part beyond the picture is cut off afterwards.
const macroblockEdge = 16 * 2 * media.MaxDimension

// VideoDecoder decodes one video track and holds the newest picture, so that decoding can run at
// the speed of the track while pictures are copied only when somebody looks. Safe from any
// goroutine; Decode calls are to come in order.
type VideoDecoder struct {
	codec VideoCodec
	cfg   DecoderConfig

	mu      sync.Mutex
	ctx     *astiav.CodecContext
	packet  *astiav.Packet
	work    *astiav.Frame
	latest  *astiav.Frame
	have    bool
	waiting bool
	scratch []byte
	convert []byte
}

// NewVideoDecoder opens a decoder; Close frees it. Errors: ErrUnknownCodec, ErrCodecMissing,
// ErrConfig.
func NewVideoDecoder(codec VideoCodec, cfg DecoderConfig) (*VideoDecoder, error) {
	if _, err := ParseVideoCodec(string(codec)); err != nil {
		return nil, err
	}
	if cfg.Threads < 0 || cfg.Threads > 64 || cfg.MaxPixels < 0 ||
		cfg.MaxPixels > media.MaxPixels {
		return nil, fmt.Errorf("%d threads, %d pixels: %w", cfg.Threads, cfg.MaxPixels, ErrConfig)
	}
	cfg.Threads = max(cfg.Threads, 1)
	if cfg.MaxPixels == 0 {
		cfg.MaxPixels = media.MaxPixels
	}
	quietFFmpeg()
	d := &VideoDecoder{codec: codec, cfg: cfg, waiting: true}
	ctx, err := d.open()
	if err != nil {
		return nil, err
	}
	d.ctx = ctx
	d.packet, d.work, d.latest = astiav.AllocPacket(), astiav.AllocFrame(), astiav.AllocFrame()
	cfg.Handles.add(1)
	return d, nil
}

func (d *VideoDecoder) open() (*astiav.CodecContext, error) {
	codec := astiav.FindDecoderByName(d.codec.decoderName())
	if codec == nil {
		return nil, fmt.Errorf("decoder %s: %w", d.codec.decoderName(), ErrCodecMissing)
	}
	ctx := astiav.AllocCodecContext(codec)
	ctx.SetThreadCount(d.cfg.Threads)
	ctx.SetThreadType(astiav.ThreadTypeSlice)
	ctx.SetFlags(astiav.NewCodecContextFlags(astiav.CodecContextFlagLowDelay))
	options := []option{
		{"max_pixels", strconv.Itoa(d.cfg.MaxPixels + macroblockEdge)},
		{"err_detect", "+explode"},
	}
	if err := openContext(ctx, codec, options); err != nil {
		ctx.Free()
		return nil, err
	}
	return ctx, nil
}

// Decode takes one access unit: a VP8 or VP9 frame, an H.264 access unit in Annex B form, or an AV1
// temporal unit with size fields. It reports whether a new picture is held. The access unit stays
// with the caller.
//
// Errors: ErrNeedKeyframe (skipped), ErrCorrupt (dropped, waiting for a keyframe), a *TooLargeError
// (the same), ErrRejected, ErrClosed.
func (d *VideoDecoder) Decode(accessUnit []byte, mediaTime time.Duration) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx == nil {
		return false, ErrClosed
	}
	if len(accessUnit) == 0 {
		d.waiting = true
		return false, fmt.Errorf("empty access unit: %w", ErrCorrupt)
	}
	if d.waiting && !IsKeyframe(d.codec, accessUnit) {
		return false, ErrNeedKeyframe
	}
	got, err := d.decode(accessUnit, mediaTime)
	if errors.Is(err, ErrCorrupt) {
		err = d.explain(accessUnit, err)
	}
	d.waiting = errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTooLarge)
	return got, err
}

// explain tells whether FFmpeg refused an access unit for its size: its own error does not say so.
func (d *VideoDecoder) explain(accessUnit []byte, refused error) error {
	if w, h, ok := announcedSize(d.codec, accessUnit); ok && w > 0 && h > 0 {
		if err := d.checkSize(w, h); err != nil {
			return err
		}
	}
	return refused
}

func (d *VideoDecoder) checkSize(w, h int) error {
	if media.CheckSizeLimit(w, h, d.cfg.MaxPixels) != nil {
		return &TooLargeError{Width: w, Height: h, MaxPixels: d.cfg.MaxPixels}
	}
	return nil
}

// checkPicture refuses what FFmpeg let through: the edge beyond the limit, and pictures that take
// more than twice the memory of 8-bit 4:2:0 at the limit, with full chroma or more bits.
func (d *VideoDecoder) checkPicture(f *astiav.Frame) error {
	limit := d.cfg.MaxPixels
	if layout, ok := layoutOf(f.PixelFormat()); ok {
		limit = min(limit, 2*limit*halfBytes420/layout.halfBytes())
	}
	if w, h := f.Width(), f.Height(); media.CheckSizeLimit(w, h, limit) != nil {
		return &TooLargeError{Width: w, Height: h, MaxPixels: limit}
	}
	return nil
}

// reopen frees every picture that the decoder keeps for reference, and starts over.
func (d *VideoDecoder) reopen() error {
	ctx, err := d.open()
	if err != nil {
		return err
	}
	d.ctx.Free()
	d.ctx = ctx
	return nil
}

func (d *VideoDecoder) decode(accessUnit []byte, mediaTime time.Duration) (bool, error) {
	var err error
	if d.scratch, err = fillPacket(d.packet, accessUnit, d.scratch); err != nil {
		return false, err
	}
	defer d.packet.Unref()
	d.packet.SetPts(int64(mediaTime))
	if err := d.ctx.SendPacket(d.packet); err != nil {
		return false, fmt.Errorf("%w: %s: %w", ErrCorrupt, d.codec, err)
	}
	return d.receive()
}

// receive takes every picture that is finished and keeps the last acceptable one.
func (d *VideoDecoder) receive() (bool, error) {
	var got, rejected bool
	for {
		err := d.ctx.ReceiveFrame(d.work)
		switch {
		case errors.Is(err, astiav.ErrEagain) || errors.Is(err, astiav.ErrEof):
			if rejected && !got {
				return false, ErrRejected
			}
			return got, nil
		case err != nil:
			return got, fmt.Errorf("%w: %s: %w", ErrCorrupt, d.codec, err)
		}
		if err := d.checkPicture(d.work); err != nil {
			d.work.Unref()
			return got, errors.Join(err, d.reopen())
		}
		if d.cfg.Reject != nil && d.cfg.Reject(d.work.Width(), d.work.Height()) {
			d.work.Unref()
			rejected = true
			continue
		}
		d.latest.Unref()
		d.latest.MoveRef(d.work)
		d.have, got = true, true
	}
}

// NeedKeyframe reports whether the decoder skips everything up to the next keyframe.
func (d *VideoDecoder) NeedKeyframe() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waiting
}

// Size returns the size of the picture held, 0×0 when there is none.
func (d *VideoDecoder) Size() (width, height int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.have {
		return 0, 0
	}
	return d.latest.Width(), d.latest.Height()
}

// CopyTo copies the picture held into one from pool, converted to 8-bit 4:2:0 where the track uses
// another format. The caller releases it. Errors: ErrNoPicture, ErrPixelFormat, ErrClosed,
// media.ErrPoolExhausted.
func (d *VideoDecoder) CopyTo(pool *media.I420Pool) (*media.I420, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.ctx == nil:
		return nil, ErrClosed
	case !d.have:
		return nil, ErrNoPicture
	}
	dst, err := pool.Get(d.latest.Width(), d.latest.Height())
	if err != nil {
		return nil, err
	}
	if d.convert, err = copyFrame(dst, d.latest, d.convert); err != nil {
		dst.Release()
		return nil, err
	}
	dst.MediaTime = time.Duration(d.latest.Pts())
	dst.Matrix = media.BT601
	if d.ctx.ColorSpace() == astiav.ColorSpaceBt709 {
		dst.Matrix = media.BT709
	}
	return dst, nil
}

// RequireKeyframe makes the decoder skip everything up to the next keyframe: the caller knows that
// something is missing. The picture held stays.
func (d *VideoDecoder) RequireKeyframe() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = true
}

// Flush forgets the stream and the picture held; decoding starts over with a keyframe. Errors:
// ErrClosed, or that the decoder cannot be opened again.
func (d *VideoDecoder) Flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx == nil {
		return ErrClosed
	}
	if err := d.reopen(); err != nil {
		return err
	}
	d.latest.Unref()
	d.have, d.waiting = false, true
	return nil
}

// Close frees the decoder. Closing twice does nothing.
func (d *VideoDecoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx == nil {
		return nil
	}
	d.ctx.Free()
	d.packet.Free()
	d.work.Free()
	d.latest.Free()
	d.ctx, d.have = nil, false
	d.scratch, d.convert = nil, nil
	d.cfg.Handles.add(-1)
	return nil
}
