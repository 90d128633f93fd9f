package rtpin

import (
	"fmt"
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

// AudioConfig configures an AudioReceiver. The zero value is usable.
type AudioConfig struct {
	// Rate of the PCM in Hz: 8000, 12000, 16000, 24000 or 48000; 0 means 16000.
	Rate int
	// MaxDelay is how long a packet waits for missing ones before it; 0 means 60 ms.
	MaxDelay time.Duration
	// MaxSilence is how much silence is made up while a sender sends nothing; 0 means 4 s: longer
	// than any end of turn takes, so that a listener always hears a sentence end even when the
	// microphone is switched off after it.
	MaxSilence time.Duration
}

func (c *AudioConfig) validate() {
	if c.Rate == 0 {
		c.Rate = 16000
	}
	if c.MaxDelay <= 0 {
		c.MaxDelay = 60 * time.Millisecond
	}
	if c.MaxSilence <= 0 {
		c.MaxSilence = 4 * time.Second
	}
}

// Frame is a piece of decoded audio, 20 ms long unless the sender's packets are shorter.
type Frame struct {
	// PCM is mono at the configured rate, valid during the call.
	PCM []float32
	// MediaTime is the position of the first sample in the track; frames follow each other without
	// overlap.
	MediaTime time.Duration
	// Captured is when the sound reached this host: the closest known time to when it was made.
	Captured time.Time
	// Concealed is true for sound that the decoder made up in place of a lost packet.
	Concealed bool
}

// AudioStats counts what happened to a track since its receiver was made.
type AudioStats struct {
	// Packets counts RTP packets pushed.
	Packets uint64
	// Lost counts packets that never came in time; Recovered those of them restored from the next
	// packet (FEC); Concealed those replaced by a continuation of the sound.
	Lost, Recovered, Concealed uint64
	// Redundant counts packets that were missing and came as a redundant copy (RED); they are not
	// Lost.
	Redundant uint64
	// Late and Duplicates count packets dropped because their turn was over or their number was
	// already there.
	Late, Duplicates uint64
	// Corrupt counts packets that could not be decoded.
	Corrupt uint64
	// DTX counts packets that say "nothing to hear"; Silence counts the 20 ms frames of silence
	// made up while the sender sent nothing.
	DTX, Silence uint64
	// Excess counts frames left out because the sender claimed more sound than time had passed.
	Excess uint64
	// Restarts counts how often the sender started over with new numbers.
	Restarts uint64
	// Jitter is the interarrival jitter of RFC 3550.
	Jitter time.Duration
}

// AudioReceiver decodes one Opus track. Not safe for concurrent use: the goroutine that owns the
// track calls everything. In steady state it allocates nothing.
type AudioReceiver struct {
	cfg    AudioConfig
	jitter *media.Jitter
	dec    *codec.OpusDecoder
	clock  *media.Clock
	pcm    []float32
	zeros  []float32
	red    uint8 // payload type of redundant audio, 0 where there is none
	blocks []redBlock

	started  bool
	restarts uint64
	position int64 // ticks from the start of the track to the next frame
	lost     int64 // packets given up since the last one decoded
	length   int64 // ticks of the last packet
	silent   int64 // ticks of silence made up since the last packet
	last     anchor
	pace     pace

	stats AudioStats
}

// anchor ties the last packet to the wall clock.
type anchor struct {
	ticks   int64     // where it ended
	arrived time.Time // when it came, which counts as when its first sample was made
	dtx     bool
}

// NewAudioReceiver returns a receiver for one track. Error: codec.ErrConfig.
func NewAudioReceiver(cfg AudioConfig) (*AudioReceiver, error) {
	cfg.validate()
	dec, err := codec.NewOpusDecoder(cfg.Rate)
	if err != nil {
		return nil, err
	}
	return &AudioReceiver{
		cfg: cfg,
		jitter: media.NewJitter(media.JitterConfig{
			ClockRate: opusClock, MaxDelay: cfg.MaxDelay, Capacity: 128,
		}),
		dec:    dec,
		clock:  media.NewClock(opusClock),
		pcm:    make([]float32, cfg.Rate*codec.MaxOpusFrame/1000),
		zeros:  make([]float32, cfg.Rate/50),
		blocks: make([]redBlock, 0, maxREDBlocks+1),
		length: frameTicks,
	}, nil
}

// SetRED names the payload type of redundant audio (audio/red, RFC 2198): the newest packet with
// copies of those before it. Packets of other types are plain Opus; a sender may change between the
// two. 0, as at first, says that there is no redundant audio.
func (r *AudioReceiver) SetRED(payloadType uint8) { r.red = payloadType }

// Push takes a packet; its payload is copied. An error (ErrRED) means that the packet was dropped
// and counted.
func (r *AudioReceiver) Push(p *rtp.Packet, arrived time.Time) error {
	r.stats.Packets++
	packet := media.Packet{
		Seq: p.SequenceNumber, Timestamp: p.Timestamp, Marker: p.Marker, Payload: p.Payload, Arrived: arrived,
	}
	if r.red == 0 || p.PayloadType != r.red || len(p.Payload) == 0 {
		r.jitter.Push(packet)
		return nil
	}
	blocks, err := parseRED(p.Payload, r.blocks)
	if err != nil {
		r.stats.Corrupt++
		return fmt.Errorf("packet %d: %w", p.SequenceNumber, err)
	}
	r.pushBlocks(packet, blocks)
	return nil
}

// pushBlocks takes the primary block, and each redundant one whose packet is missing.
func (r *AudioReceiver) pushBlocks(packet media.Packet, blocks []redBlock) {
	primary := blocks[len(blocks)-1]
	seq, younger := packet.Seq, uint32(0)
	for _, b := range slices.Backward(blocks[:len(blocks)-1]) {
		seq -= stepsBefore(b, younger)
		younger = b.offset
		if len(b.data) == 0 || b.payloadType != primary.payloadType || !r.started || !r.jitter.Wants(seq) {
			continue
		}
		older := packet
		older.Seq, older.Timestamp, older.Payload, older.Marker = seq, packet.Timestamp-b.offset, b.data, false
		if r.jitter.Push(older) == media.Accepted {
			r.stats.Redundant++
		}
	}
	packet.Payload = primary.data
	r.jitter.Push(packet)
}

// stepsBefore is how many packets a block was sent before the one whose offset is younger: one, but
// where who packed them had lost some in between, as a server may. Then the time between them is
// longer than the block.
func stepsBefore(b redBlock, younger uint32) uint16 {
	length := uint32(codec.OpusDuration(b.data, opusClock))
	if length == 0 || b.offset <= younger {
		return 1
	}
	return uint16(max((b.offset-younger)/length, 1)) // an offset has 14 bits
}

// Deadline returns when Pop should be called next although no packet came: to give up a missing
// packet, or to go on with silence. Calling Pop every 20 ms does as well.
func (r *AudioReceiver) Deadline(now time.Time) time.Time {
	if due, ok := r.jitter.Deadline(); ok {
		return due
	}
	return now.Add(20 * time.Millisecond)
}

// Stats returns the counters.
func (r *AudioReceiver) Stats() AudioStats {
	s, j := r.stats, r.jitter.Stats()
	s.Lost, s.Late, s.Duplicates = j.Lost, j.Late, j.Duplicates
	s.Restarts, s.Jitter = j.Restarts, j.Jitter
	return s
}

// Close frees the decoder. Closing twice does nothing.
func (r *AudioReceiver) Close() error { return r.dec.Close() }
