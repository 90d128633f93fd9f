package media

import "math"

// SilenceDBFS is the level reported for digital silence: the floor of 16 bit audio with a little
// room below.
const SilenceDBFS = -120.0

// RMS returns the root mean square of the samples, 0 for none.
func RMS(pcm []float32) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum float64
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

// DBFS returns the level of the samples in decibels relative to full scale (a full scale square
// wave is 0 dBFS, a full scale sine −3), never below SilenceDBFS.
func DBFS(pcm []float32) float64 {
	rms := RMS(pcm)
	if rms <= 0 {
		return SilenceDBFS
	}
	return max(20*math.Log10(rms), SilenceDBFS)
}

// Peak returns the largest absolute sample. NaN counts as the largest value of all and is returned
// as such.
func Peak(pcm []float32) float32 {
	var peak float32
	for _, s := range pcm {
		if s != s {
			return s
		}
		peak = max(peak, s, -s)
	}
	return peak
}

// ToInt16 converts one sample to 16 bit PCM: rounded, clipped; NaN becomes 0.
func ToInt16(s float32) int16 {
	switch {
	case s != s:
		return 0
	case s >= 1:
		return math.MaxInt16
	case s <= -1:
		return math.MinInt16
	}
	return int16(min(math.RoundToEven(float64(s)*32768), math.MaxInt16))
}
