package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
)

// Rates in hertz: of what goes in, and of what comes out.
const (
	InRate  = 48000
	OutRate = 16000
)

// What a microphone of package participant sends.
const (
	frameTime = 20 * time.Millisecond
	frameLen  = InRate / 50
	bitrate   = 32000
	loss      = 5    // percent that the coder expects
	noise     = 1e-4 // amplitude of the silence between words: a real microphone is never digitally silent
	opusType  = 111  // RTP payload types, as browsers number them
	redType   = 63
	copies    = 2 // of packets before it that a redundant packet carries
)

// Network is what lies between the microphone and the ear. The zero value is a good one.
type Network struct {
	impair.Conditions
	Seed uint64
	// Redundant packets carry copies of the two before them (RFC 2198).
	Redundant bool
}

// Over is what an ear hears of a sound, with so much of the room's silence before and behind it.
// pcm is mono and stays as it is; what is returned is the caller's, mono, a little longer than what
// went in. The same sound always comes out the same. Errors: those of the codec.
func Over(pcm []float32, before, behind time.Duration) ([]float32, error) {
	heard, _, err := Across(pcm, before, behind, Network{})
	return heard, err
}

// Across is Over with a network in between, and says what the receiver counted.
func Across(pcm []float32, before, behind time.Duration, net Network) (heard []float32, stats rtpin.AudioStats, err error) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: bitrate, FEC: true, ExpectedLossPercent: loss})
	if err != nil {
		return nil, stats, err
	}
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: OutRate})
	if err != nil {
		return nil, stats, errors.Join(err, enc.Close())
	}
	defer func() { err = errors.Join(err, enc.Close(), rx.Close()) }()
	if net.Redundant {
		rx.SetRED(redType)
	}
	c := crossing{
		net: impair.NewPath(net.Conditions, net.Seed), rx: rx, redundant: net.Redundant,
		pack: media.Redundancy{Depth: copies, PayloadType: opusType},
		take: func(f rtpin.Frame) { heard = append(heard, f.PCM...) },
	}
	sound := room(pcm, before, behind)
	now := time.Unix(0, 0) // any time: only its steps count
	var packet [codec.MaxOpusPacket]byte
	for n := 0; n*frameLen < len(sound); n++ {
		size, err := enc.Encode(sound[n*frameLen:][:frameLen], packet[:])
		if err != nil {
			return nil, stats, err
		}
		now = now.Add(frameTime)
		c.send(uint32(n), packet[:size], now) // it wraps
		if err := c.arrive(now); err != nil {
			return nil, stats, err
		}
	}
	err = c.end(now)
	return heard, rx.Stats(), err
}

// crossing are packets on their way.
type crossing struct {
	net       *impair.Path
	rx        *rtpin.AudioReceiver
	redundant bool
	pack      media.Redundancy
	take      func(rtpin.Frame)
	held      []arrival // by time
}

type arrival struct {
	at     time.Time
	packet *rtp.Packet
}

// send puts packet n on its way.
func (c *crossing) send(n uint32, packet []byte, now time.Time) {
	p := &rtp.Packet{
		Header: rtp.Header{PayloadType: opusType, SequenceNumber: uint16(n), Timestamp: n * frameLen}, Payload: bytes.Clone(packet), // wraps
	}
	if c.redundant {
		p.PayloadType, p.Payload = redType, bytes.Clone(c.pack.Pack(p.Timestamp, packet))
	}
	for _, at := range c.net.Pass(len(p.Payload), now) {
		c.held = append(c.held, arrival{at, p})
	}
	slices.SortStableFunc(c.held, func(a, b arrival) int { return a.at.Compare(b.at) })
}

// arrive receives what has arrived by now, in the order in which it did.
func (c *crossing) arrive(now time.Time) error {
	for len(c.held) > 0 && !c.held[0].at.After(now) {
		next := c.held[0]
		c.held = c.held[1:]
		if err := c.rx.Push(next.packet, next.at); err != nil {
			return err
		}
		c.rx.Pop(next.at, c.take)
	}
	c.rx.Pop(now, c.take)
	return nil
}

// end receives what is still on its way, and gives up what is not.
func (c *crossing) end(now time.Time) error {
	for len(c.held) > 0 {
		now = now.Add(frameTime)
		if err := c.arrive(now); err != nil {
			return err
		}
	}
	c.rx.Pop(now.Add(frameTime), c.take)
	return nil
}

// room is a sound within the silence of a room, in whole frames.
func room(pcm []float32, before, behind time.Duration) []float32 {
	first := samples(before)
	length := first + len(pcm) + samples(behind)
	out := make([]float32, (length+frameLen-1)/frameLen*frameLen)
	hiss := rand.New(rand.NewPCG(1, 2)) // noise of a microphone
	for i := range out {
		out[i] = (hiss.Float32()*2 - 1) * noise
	}
	for i, v := range pcm {
		out[first+i] += v
	}
	return out
}

func samples(d time.Duration) int { return int(d * InRate / time.Second) }
