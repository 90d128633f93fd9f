package playout

import "time"

// run is the player's goroutine: it sleeps while nothing is queued and keeps a schedule of one
// packet every 20 ms otherwise.
func (p *Player) run() {
	defer close(p.ended)
	pace := pacer{player: p, start: time.Now(), gain: 1}
	timer := time.NewTimer(FrameLength)
	defer timer.Stop()
	for {
		if !p.ready() {
			select {
			case <-p.data:
				continue
			case <-p.done:
				return
			}
		}
		now := time.Now()
		if now.Sub(pace.next) > lateLimit {
			pace.next = now
		}
		if wait := pace.next.Sub(now); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-p.done:
				return
			}
		}
		pace.sendFrame()
		pace.next = pace.next.Add(FrameLength)
	}
}

// ready tells whether a packet is due: a whole frame is there, or the rest of a finished utterance,
// or a gap in one that is being heard, which silence fills.
func (p *Player) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.paused:
		return p.fade
	case p.length >= FrameSamples:
		return true
	case p.open:
		return p.begun
	default:
		if p.begun = false; p.length == 0 {
			p.kept = 0
		}
		return p.length > 0
	}
}

// pacer is the state of the player's goroutine.
type pacer struct {
	player *Player
	start  time.Time
	next   time.Time // when the next packet is due
	gain   float32   // gain at the end of the last packet
	frame  [FrameSamples]float32
	packet [packetLimit]byte
}

// sendFrame takes up to one frame from the queue, encodes and sends it.
func (s *pacer) sendFrame() {
	p := s.player
	marks, target, taken := s.take()
	s.applyGain(target)
	n, err := p.enc.Encode(s.frame[:], s.packet[:])
	if err == nil {
		err = p.out.WriteOpus(s.packet[:n], s.timestamp(), FrameLength)
	}
	p.mu.Lock()
	if err != nil {
		p.stats.Errors++
		if p.err == nil {
			p.err = err
		}
	} else {
		p.stats.Packets++
		if taken > 0 {
			p.sounded = time.Now()
		}
	}
	p.mu.Unlock()
	for _, m := range marks {
		m.call(s.next)
	}
	p.mu.Lock()
	p.sending = false
	empty := p.length == 0
	p.mu.Unlock()
	poke(p.space)
	if empty {
		poke(p.idle)
	}
}

// take fills the frame from the queue and returns the marks that it passed, the gain that is
// wanted, and how many samples it took.
func (s *pacer) take() (marks []pendingMark, gain float32, taken int) {
	p := s.player
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sending = true
	if p.paused { // Flush may have come in between: then a frame of silence does no harm
		s.fadeOut()
		return nil, 0, 0
	}
	n := min(p.length, FrameSamples)
	s.peek(n)
	p.head = (p.head + n) % len(p.queue)
	p.length -= n
	p.kept += n
	p.sent += int64(n)
	if n < FrameSamples && p.open {
		p.stats.Underruns++
	}
	p.begun = p.open
	passed := 0
	for passed < len(p.marks) && p.marks[passed].at < p.sent {
		passed++
	}
	if passed > 0 {
		marks = append(marks, p.marks[:passed]...)
		p.marks = append(p.marks[:0], p.marks[passed:]...)
	}
	return marks, p.gain, n
}

func (s *pacer) applyGain(target float32) {
	for i := range s.frame {
		g := target
		if i < rampSamples {
			g = s.gain + (target-s.gain)*float32(i)/rampSamples
		}
		s.frame[i] *= g
	}
	s.gain = target
}

// timestamp is the RTP time of the packet that is due: it runs on through pauses, as the receiver's
// clock does. It starts above zero, because the SDK takes zero for "not set".
func (s *pacer) timestamp() uint32 {
	const base = 1 << 16
	return base + uint32(s.next.Sub(s.start)*SampleRate/time.Second) // RTP time wraps by definition
}
