package hearing

// voicing adds the windows of speech up.
type voicing struct {
	windows int
	sum     float64 // of their probabilities
}

func (v *voicing) add(p float32) { v.join(voicing{1, float64(p)}) }

func (v *voicing) join(other voicing) {
	v.windows += other.windows
	v.sum += other.sum
}

// mean returns the mean probability, 0 without windows.
func (v *voicing) mean() float32 {
	return float32(v.sum / float64(max(1, v.windows)))
}
