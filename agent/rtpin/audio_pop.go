package rtpin

import (
	"time"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

const (
	// silenceAfter is how long nothing may come before silence is made up: twice the time packets
	// wait for each other, so that a hiccup of the network is not heard as a pause.
	silenceAfter = opusClock * 120 / 1000
	// silenceAfterDTX is the same when the sender has said that nothing is to be heard: then it is
	// certain.
	silenceAfterDTX = opusClock * 40 / 1000
	// maxConcealed is how many packets in a row are concealed before silence follows: by then the
	// decoder has faded out, and a longer continuation would be invention.
	maxConcealed = 5
	// maxSkew is how far a timestamp may lie before the position reached and still belong to this
	// run of the sender.
	maxSkew = 10 * opusClock
)

// Pop decodes everything whose turn has come and calls emit for each frame, in order. Missing
// packets are restored from the packet after them where it carries a copy, else concealed; a pause
// of the sender becomes silence. emit must not call back into the receiver.
func (r *AudioReceiver) Pop(now time.Time, emit func(Frame)) {
	r.pace.refill(now)
	for {
		p, status := r.jitter.Pop(now)
		switch status {
		case media.Ready:
			r.packet(p, emit)
		case media.Lost:
			r.lost++
		case media.Empty:
			r.pause(now, emit)
			return
		}
	}
}

// packet decodes p after filling the gap before it.
func (r *AudioReceiver) packet(p media.Packet, emit func(Frame)) {
	if len(p.Payload) == 0 {
		return // padding only
	}
	length := int64(codec.OpusDuration(p.Payload, opusClock))
	if length == 0 {
		r.corrupt()
		return
	}
	start := r.locate(p)
	r.fill(p, start-r.position, emit)
	n, err := r.dec.Decode(p.Payload, r.pcm)
	if err != nil {
		r.corrupt()
		return
	}
	dtx := codec.OpusIsDTX(p.Payload)
	if dtx {
		r.stats.DTX++
	}
	r.emit(r.pcm[:n], p.Arrived, false, emit)
	r.lost, r.silent, r.length = 0, 0, length
	r.last = anchor{ticks: start + length, arrived: p.Arrived, dtx: dtx}
}

// corrupt counts a packet that cannot be decoded; from here on it is a missing one.
func (r *AudioReceiver) corrupt() {
	r.stats.Corrupt++
	r.lost++
}

// locate returns the position of p in the track. A sender that started over, or that jumped back,
// goes on at the position that the wall clock suggests.
func (r *AudioReceiver) locate(p media.Packet) int64 {
	ticks := r.clock.Ticks(p.Timestamp)
	restarts := r.jitter.Stats().Restarts
	if !r.started {
		r.started, r.restarts, r.position = true, restarts, ticks
		r.last = anchor{ticks: ticks, arrived: p.Arrived}
		return ticks
	}
	if restarts != r.restarts || ticks < r.position-maxSkew {
		r.restarts, r.lost = restarts, 0
		at := max(r.position, r.last.ticks-r.length+toTicks(p.Arrived.Sub(r.last.arrived)))
		r.clock.Reset(p.Timestamp, toDuration(at))
		return r.clock.Ticks(p.Timestamp)
	}
	return ticks
}

// fill makes up gap ticks of sound before p: silence where the sender paused, then what was lost.
func (r *AudioReceiver) fill(p media.Packet, gap int64, emit func(Frame)) {
	if gap <= 0 {
		return // in order, or already filled with silence
	}
	missing := min(r.lost, gap/r.length)
	concealed := min(missing, maxConcealed)
	r.silence(gap-concealed*r.length, emit)
	at := p.Arrived.Add(-toDuration(gap))
	for i := range concealed {
		dst := r.pcm[:r.length*int64(r.cfg.Rate)/opusClock]
		fromNext := i == concealed-1 && codec.OpusHasFEC(p.Payload)
		var err error
		if fromNext {
			_, err = r.dec.DecodeFEC(p.Payload, dst)
		} else {
			_, err = r.dec.Conceal(dst)
		}
		switch {
		case err != nil:
			clear(dst)
		case fromNext:
			r.stats.Recovered++
		default:
			r.stats.Concealed++
		}
		r.emit(dst, at.Add(toDuration(i*r.length)), !fromNext, emit)
	}
}

// pause goes on with silence while the sender sends nothing.
func (r *AudioReceiver) pause(now time.Time, emit func(Frame)) {
	if !r.started || r.jitter.Len() > 0 {
		return
	}
	patience := int64(silenceAfter)
	if r.last.dtx {
		patience = silenceAfterDTX
	}
	reached := r.last.ticks + toTicks(now.Sub(r.last.arrived)) - patience
	for r.position+frameTicks <= reached && r.silent < toTicks(r.cfg.MaxSilence) {
		r.silence(frameTicks, emit)
	}
}

// silence emits n ticks of silence, less what MaxSilence no longer allows: that is skipped.
func (r *AudioReceiver) silence(n int64, emit func(Frame)) {
	end := r.position + n
	allowed := min(n, toTicks(r.cfg.MaxSilence)-r.silent)
	for allowed > 0 {
		step := min(allowed, frameTicks)
		samples := step * int64(r.cfg.Rate) / opusClock
		at := r.last.arrived.Add(toDuration(r.length + r.position - r.last.ticks))
		if !r.emit(r.zeros[:samples], at, false, emit) {
			break
		}
		r.stats.Silence++
		r.silent += step
		allowed -= step
	}
	r.position = end
}

// emit hands pcm out in pieces of at most 20 ms, and reports whether all of it went out. What comes
// faster than time passes is left out and counted.
func (r *AudioReceiver) emit(pcm []float32, captured time.Time, concealed bool, emit func(Frame)) bool {
	all := true
	for len(pcm) > 0 {
		n := min(len(pcm), len(r.zeros))
		ticks := int64(n) * opusClock / int64(r.cfg.Rate)
		if r.pace.take(ticks) {
			emit(Frame{PCM: pcm[:n], MediaTime: toDuration(r.position), Captured: captured, Concealed: concealed})
		} else {
			r.stats.Excess++
			all = false
		}
		r.position += ticks
		captured = captured.Add(toDuration(ticks))
		pcm = pcm[n:]
	}
	return all
}
