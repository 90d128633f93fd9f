package rtpin

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

const (
	// videoClock is the RTP clock of all video payload formats.
	videoClock = 90000
	// maxVideoSkew is how far the timestamps may run from the wall clock between two access units:
	// a sender that paused its clock, or began a new one without saying so, is further away.
	maxVideoSkew = 10 * time.Second
)

// VideoConfig configures a VideoReceiver.
type VideoConfig struct {
	// Codec is the codec of the track.
	Codec codec.VideoCodec
	// Threads and MaxPixels go to the decoder, see codec.DecoderConfig.
	Threads, MaxPixels int
	// MaxDelay is how long a packet waits for missing ones before it; 0 means 200 ms, room for a
	// retransmission over a slow path: a keyframe in its place would cost more.
	MaxDelay time.Duration
	// KeyframeInterval is the shortest time between two requests for a keyframe; 0 means 500 ms.
	KeyframeInterval time.Duration
	// Handles, if set, counts the open decoder.
	Handles *codec.Handles
	// Orientation is the id of the header extension urn:3gpp:video-orientation, as it was
	// negotiated; 0 where it was not. With it pictures are turned until they stand upright: phones
	// send them as their sensor lies.
	Orientation uint8
}

// VideoStats counts what happened to a track since its receiver was made.
type VideoStats struct {
	// Packets counts RTP packets pushed, Lost those that never came in time, Late and Duplicates
	// those dropped because their turn was over or their number was already there.
	Packets, Lost, Late, Duplicates uint64
	// Units counts complete access units, Broken those that lost a packet.
	Units, Broken uint64
	// Decoded counts pictures, Keyframes the access units among them at which decoding could start.
	Decoded, Keyframes uint64
	// Corrupt counts access units that the depacketizer or the decoder refused.
	Corrupt uint64
	// Skipped counts access units passed over while waiting for a keyframe.
	Skipped uint64
	// TooLarge counts keyframes above MaxPixels.
	TooLarge uint64
	// Blank counts the tiny pictures that a server sends when a track ends or is muted.
	Blank uint64
	// Requests counts how often NeedKeyframe said yes.
	Requests uint64
	// Resizes counts changes of the picture size.
	Resizes uint64
	// Width and Height are those of the newest picture, upright.
	Width, Height int
	// Jitter is the interarrival jitter of RFC 3550.
	Jitter time.Duration
}

// VideoReceiver decodes one video track as it comes in and holds the newest picture. Push and Poll
// belong to the goroutine that owns the track; everything else is safe from any goroutine.
type VideoReceiver struct {
	cfg VideoConfig

	mu       sync.Mutex
	jitter   *media.Jitter
	units    *assembler
	dec      *codec.VideoDecoder
	clock    *media.Clock
	limiter  keyframeLimiter
	large    oversize
	at       time.Duration // media time of the last access unit
	seen     time.Time     // its arrival
	restarts uint64
	captured time.Time
	fresh    bool
	err      error
	closed   bool
	stats    VideoStats
	turn     media.Orientation // of pictures from now on
	shown    media.Orientation // of the newest picture
	lying    *media.I420Pool   // the newest picture as it came, while it is turned
}

// NewVideoReceiver returns a receiver for one track; Close frees its decoder. Errors: those of
// codec.NewVideoDecoder.
func NewVideoReceiver(cfg VideoConfig) (*VideoReceiver, error) {
	if cfg.MaxDelay <= 0 {
		cfg.MaxDelay = 200 * time.Millisecond
	}
	if cfg.KeyframeInterval <= 0 {
		cfg.KeyframeInterval = 500 * time.Millisecond
	}
	units, err := newAssembler(cfg.Codec)
	if err != nil {
		return nil, err
	}
	dec, err := codec.NewVideoDecoder(cfg.Codec, codec.DecoderConfig{
		Threads: cfg.Threads, MaxPixels: cfg.MaxPixels, Handles: cfg.Handles, Reject: isBlank(cfg.Codec),
	})
	if err != nil {
		return nil, err
	}
	return &VideoReceiver{
		cfg: cfg, units: units, dec: dec,
		jitter: media.NewJitter(media.JitterConfig{
			ClockRate: videoClock, MaxDelay: cfg.MaxDelay, Capacity: 1024,
		}),
		clock:   media.NewClock(videoClock),
		limiter: keyframeLimiter{interval: cfg.KeyframeInterval},
		lying:   media.NewI420Pool(1),
	}, nil
}

// isBlank recognises the pictures a LiveKit server makes up when a track ends: 8×8 in VP8, 2×2 in
// H264.
func isBlank(c codec.VideoCodec) func(width, height int) bool {
	switch c {
	case codec.VP8:
		return func(w, h int) bool { return w == 8 && h == 8 }
	case codec.H264:
		return func(w, h int) bool { return w == 2 && h == 2 }
	default:
		return nil
	}
}

// Push takes a packet and decodes what it completes; fresh reports that a newer picture is held.
// The payload is copied. An error (codec.ErrCorrupt, ErrPayload, ErrTooLarge, ErrClosed) tells what
// was dropped and counted; the receiver goes on with the next keyframe. A *codec.TooLargeError
// comes once for each size.
func (r *VideoReceiver) Push(p *rtp.Packet, arrived time.Time) (fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, ErrClosed
	}
	r.stats.Packets++
	packet := media.Packet{
		Seq: p.SequenceNumber, Timestamp: p.Timestamp, Marker: p.Marker, Payload: p.Payload, Arrived: arrived,
	}
	if id := r.cfg.Orientation; id != 0 {
		packet.Orientation, packet.Oriented = media.ParseOrientation(p.GetExtension(id))
	}
	r.jitter.Push(packet)
	return r.drain(arrived)
}

// Poll gives up packets whose time is over although nothing new came. Calling it every 100 ms
// suffices.
func (r *VideoReceiver) Poll(now time.Time) (fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, ErrClosed
	}
	return r.drain(now)
}

func (r *VideoReceiver) drain(now time.Time) (bool, error) {
	r.fresh, r.err = false, nil
	for {
		p, status := r.jitter.Pop(now)
		if status == media.Empty {
			return r.fresh, r.err
		}
		if status == media.Lost {
			continue // the assembler sees the gap in the numbers
		}
		if err := r.units.add(p, (*videoSink)(r)); err != nil && r.err == nil {
			r.err = fmt.Errorf("%s packet %d: %w", r.cfg.Codec, p.Seq, err)
		}
	}
}

// videoSink is the VideoReceiver as its assembler sees it, with mu held.
type videoSink VideoReceiver

func (s *videoSink) gap() {
	s.dec.RequireKeyframe()
	s.large.gap()
}

func (s *videoSink) accessUnit(u *accessUnit) {
	s.stats.Units++
	if u.oriented { // one without is as the one before: senders say it where it changes, and with keyframes
		s.turn = u.orientation
	}
	at := s.mediaTime(u)
	start, key, decoded := 0, codec.IsKeyframe(s.cfg.Codec, u.data), false
	for _, end := range u.parts {
		got, err := s.decode(u.data[start:end], at)
		if err != nil {
			return
		}
		decoded = decoded || got
		start = end
	}
	if !decoded {
		return
	}
	s.large.fits()
	s.captured, s.fresh = u.arrived, true
	s.stats.Decoded++
	if key {
		s.stats.Keyframes++
	}
	s.shown = s.turn
	w, h := s.shown.Size(s.dec.Size())
	if s.stats.Width != 0 && (w != s.stats.Width || h != s.stats.Height) {
		s.stats.Resizes++
	}
	s.stats.Width, s.stats.Height = w, h
}

// mediaTime returns the position of u in the track. A sender that started over, or whose timestamps
// jumped, goes on where the wall clock is.
func (s *videoSink) mediaTime(u *accessUnit) time.Duration {
	at := s.clock.Time(u.timestamp)
	if !s.seen.IsZero() {
		expected, restarts := s.at+u.arrived.Sub(s.seen), s.jitter.Stats().Restarts
		if restarts != s.restarts || (at-expected).Abs() > maxVideoSkew {
			s.restarts, at = restarts, expected
			s.clock.Reset(u.timestamp, at)
		}
	}
	s.at, s.seen = at, u.arrived
	return at
}

// decode takes one part of an access unit and counts what became of it.
func (s *videoSink) decode(part []byte, at time.Duration) (bool, error) {
	got, err := s.dec.Decode(part, at)
	var large *codec.TooLargeError
	switch {
	case err == nil:
		return got, nil
	case errors.Is(err, codec.ErrNeedKeyframe):
		s.stats.Skipped++
	case errors.Is(err, codec.ErrRejected):
		s.stats.Blank++
	case errors.As(err, &large):
		s.stats.TooLarge++
		if s.large.refused(large.Width, large.Height) && s.err == nil {
			s.err = err
		}
	default:
		s.stats.Corrupt++
		if s.err == nil {
			s.err = err
		}
	}
	return false, err
}

// NeedKeyframe reports whether the caller should now ask the sender for a keyframe (a picture loss
// indication). It says yes at once when decoding cannot go on, but at most once in
// KeyframeInterval. While the sender's pictures are too large the next one would be too: then it
// says yes only after a loss, which may have been the keyframe of a smaller picture, and at most
// once in 10 s.
func (r *VideoReceiver) NeedKeyframe(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	need := !r.closed && r.stats.Packets > 0 && r.dec.NeedKeyframe() && r.large.mayAsk()
	if !r.limiter.ask(now, need, r.large.pause()) {
		return false
	}
	r.stats.Requests++
	return true
}

// Stats returns the counters.
func (r *VideoReceiver) Stats() VideoStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, j := r.stats, r.jitter.Stats()
	s.Lost, s.Late, s.Duplicates, s.Jitter = j.Lost, j.Late, j.Duplicates, j.Jitter
	s.Broken = r.units.broken
	s.Corrupt += r.units.corrupt
	return s
}

// Close frees the decoder. Closing twice does nothing.
func (r *VideoReceiver) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return r.dec.Close()
}
