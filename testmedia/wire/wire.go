package wire

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media/codec"
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
)

// Over is what an ear hears of a sound, with so much of the room's silence before and behind it. pcm
// is mono and stays as it is; what is returned is the caller's, mono, a little longer than what went
// in. The same sound always comes out the same. Errors: those of the codec.
func Over(pcm []float32, before, behind time.Duration) (heard []float32, err error) {
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: bitrate, FEC: true, ExpectedLossPercent: loss})
	if err != nil {
		return nil, err
	}
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: OutRate})
	if err != nil {
		return nil, errors.Join(err, enc.Close())
	}
	defer func() { err = errors.Join(err, enc.Close(), rx.Close()) }()
	take := func(f rtpin.Frame) { heard = append(heard, f.PCM...) }
	sound := room(pcm, before, behind)
	now := time.Unix(0, 0) // any time: only its steps count
	var packet [codec.MaxOpusPacket]byte
	for n := 0; n*frameLen < len(sound); n++ {
		size, err := enc.Encode(sound[n*frameLen:][:frameLen], packet[:])
		if err != nil {
			return nil, err
		}
		now = now.Add(frameTime)
		p := &rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(n), Timestamp: uint32(n * frameLen)}, Payload: packet[:size]} // both wrap
		if err := rx.Push(p, now); err != nil {
			return nil, err
		}
		rx.Pop(now, take)
	}
	rx.Pop(now.Add(frameTime), take)
	return heard, nil
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
