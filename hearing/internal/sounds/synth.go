package sounds

import (
	"math"
	"math/rand/v2"
)

// Rate of all samples, in hertz.
const Rate = 16000

// random is the source of everything in one sound.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0x5eed))} }

// between draws evenly from [low, high).
func (r random) between(low, high float64) float64 { return low + (high-low)*r.Float64() }

// wait draws the time to the next event of which rate happen in a second, in seconds.
func (r random) wait(rate float64) float64 { return r.ExpFloat64() / rate }

// samples returns how many samples s seconds have.
func samples(s float64) int { return int(s * Rate) }

// mix adds what fits of src, times gain, to dst from position at.
func mix(dst []float32, at int, src []float32, gain float64) {
	for i, x := range src {
		if j := at + i; j >= 0 && j < len(dst) {
			dst[j] += float32(float64(x) * gain)
		}
	}
}

// filter is a second-order section.
type filter struct {
	b0, b1, b2, a1, a2 float64
	x1, x2, y1, y2     float64
}

// bandpass passes frequencies around centre, in hertz; the higher q, the narrower.
func bandpass(centre, q float64) *filter {
	w := 2 * math.Pi * min(centre, Rate*0.48) / Rate
	alpha := math.Sin(w) / (2 * q)
	return &filter{b0: alpha / (1 + alpha), b2: -alpha / (1 + alpha), a1: -2 * math.Cos(w) / (1 + alpha), a2: (1 - alpha) / (1 + alpha)}
}

// lowpass passes what lies below a frequency, in hertz.
func lowpass(cut float64) *filter {
	w := 2 * math.Pi * min(cut, Rate*0.48) / Rate
	alpha := math.Sin(w) / math.Sqrt2
	k := 1 - math.Cos(w)
	return &filter{b0: k / 2 / (1 + alpha), b1: k / (1 + alpha), b2: k / 2 / (1 + alpha), a1: -2 * math.Cos(w) / (1 + alpha), a2: (1 - alpha) / (1 + alpha)}
}

func (f *filter) next(x float64) float64 {
	y := f.b0*x + f.b1*f.x1 + f.b2*f.x2 - f.a1*f.y1 - f.a2*f.y2
	f.x2, f.x1, f.y2, f.y1 = f.x1, x, f.y1, y
	return y
}

// run filters pcm in place and returns it.
func (f *filter) run(pcm []float32) []float32 {
	for i, x := range pcm {
		pcm[i] = float32(f.next(float64(x)))
	}
	return pcm
}

// white returns n samples of noise with a root mean square of 1.
func (r random) white(n int) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(r.NormFloat64())
	}
	return pcm
}

// burst is noise that dies away: decay is the time to a third, in seconds.
func (r random) burst(seconds, decay float64, through *filter) []float32 {
	pcm := r.white(samples(seconds))
	for i := range pcm {
		pcm[i] *= float32(math.Exp(-float64(i) / Rate / decay))
	}
	return through.run(pcm)
}

// struck is what something hard sounds like when it is hit: a few decaying tones.
func (r random) struck(seconds float64, tones ...float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for k, tone := range tones {
		decay := seconds / 5 / (1 + 0.5*float64(k))
		phase := r.between(0, 2*math.Pi)
		for i := range pcm {
			t := float64(i) / Rate
			pcm[i] += float32(math.Sin(2*math.Pi*tone*t+phase) * math.Exp(-t/decay) / float64(k+1))
		}
	}
	return pcm
}

// vowel is one of the first three formants' sets, in hertz.
type vowel [3]float64

var vowels = [...]vowel{{800, 1200, 2500}, {500, 900, 2400}, {350, 700, 2400}, {550, 1800, 2500}, {300, 2200, 3000}, {650, 1100, 2450}} // constant

// voice is a glottal pulse train through formants. pitch and loud say how high, in hertz, and how
// strong it is at a part of its length, from 0 to 1; breath is the share of noise.
func (r random) voice(seconds float64, shape vowel, breath float64, pitch, loud func(at float64) float64) []float32 {
	n := samples(seconds)
	pcm := make([]float32, n)
	formants := [3]*filter{bandpass(shape[0], 8), bandpass(shape[1], 10), bandpass(shape[2], 12)}
	phase, drift := r.Float64(), 0.0
	for i := range n {
		at := float64(i) / float64(n)
		drift = 0.999*drift + 0.0006*r.NormFloat64()
		phase += pitch(at) * (1 + drift) / Rate
		source := 0.0
		if phase >= 1 {
			phase--
			source = 6
		}
		source += breath * r.NormFloat64()
		y := formants[0].next(source) + 0.6*formants[1].next(source) + 0.35*formants[2].next(source)
		pcm[i] = float32(y * loud(at))
	}
	return pcm
}

// arch rises and falls once.
func arch(at float64) float64 { return math.Sin(math.Pi * min(1, max(0, at))) }

// room adds the echo of a room: seconds until it is 60 dB lower.
func (r random) room(pcm []float32, seconds, share float64) []float32 {
	out := make([]float32, len(pcm))
	copy(out, pcm)
	for range 60 { // early reflections and a sparse tail: enough to smear syllables
		delay := r.between(0.008, seconds)
		gain := share * math.Pow(10, -3*delay/seconds) / 3
		if r.IntN(2) == 0 {
			gain = -gain
		}
		mix(out, samples(delay), pcm, gain)
	}
	return out
}

// Level scales pcm to a root mean square in dBFS and limits it to [-1, 1]. Silence stays silence.
func Level(pcm []float32, dbfs float64) []float32 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return pcm
	}
	gain := float32(math.Pow(10, dbfs/20) / math.Sqrt(sum/float64(len(pcm))))
	for i, x := range pcm {
		pcm[i] = min(1, max(-1, x*gain))
	}
	return pcm
}
