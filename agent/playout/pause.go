package playout

const (
	stepSamples = SampleRate / 100 // 10 ms, of which the loudness is looked at
	gapSteps    = 3                // so many of them in a row are a gap between two words
	gapRatio    = 0.01             // of power below the loudest: -20 dB
)

// Pause has what is being said pause where it is, within a packet, and loses nothing of it. Write
// goes on until the queue is full. Without an utterance under way nothing happens.
func (p *Player) Pause() {
	p.mu.Lock()
	if !p.paused && (p.length > 0 || p.begun) {
		p.paused, p.fade = true, p.kept > 0
	}
	p.mu.Unlock()
	poke(p.data)
}

// Resume goes on after Pause: with the word that was being said, where a gap before it is found
// within MaxRewound, else with the very sample. A mark that was called is not called again.
func (p *Player) Resume() {
	p.mu.Lock()
	if p.paused {
		n := p.wordBegan()
		p.head = (p.head + len(p.queue) - n) % len(p.queue)
		p.length += n
		p.kept -= n
		p.sent -= int64(n)
		p.stats.Rewound += uint64(n) // it is not negative
	}
	p.paused, p.fade = false, false
	p.mu.Unlock()
	poke(p.data)
}

// wordBegan is how many samples back the word began that a pause has cut; 0 where no gap is found.
// The caller holds mu.
func (p *Player) wordBegan() int {
	steps := min(p.kept, keptSamples) / stepSamples
	power := make([]float64, steps) // the latest first
	loudest := 0.0
	for i := range power {
		for j := range stepSamples {
			x := float64(p.queue[(p.head+2*len(p.queue)-(i+1)*stepSamples+j)%len(p.queue)])
			power[i] += x * x
		}
		loudest = max(loudest, power[i])
	}
	quiet := 0
	for i, x := range power {
		if x > loudest*gapRatio {
			quiet = 0
			continue
		}
		if quiet++; quiet == gapSteps {
			return (i + 2 - gapSteps) * stepSamples // its last step is heard once more
		}
	}
	return 0
}

// peek copies samples from the head of the queue into the frame, silence behind them; the caller
// holds mu.
func (s *pacer) peek(n int) {
	p := s.player
	first := copy(s.frame[:n], p.queue[p.head:])
	copy(s.frame[first:n], p.queue)
	clear(s.frame[n:])
}

// fadeOut fills the frame with the beginning of what is not said any more: applyGain lets it fade.
// What it takes stays in the queue. The caller holds mu.
func (s *pacer) fadeOut() {
	p := s.player
	p.fade = false
	s.peek(min(p.length, rampSamples))
}
