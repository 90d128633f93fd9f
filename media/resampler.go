package media

import (
	"fmt"
	"math"
)

const (
	// resamplerTaps is the length of the filter at the lower of the two rates, in samples: with
	// this window 64 taps give a transition of 0.08 times that rate.
	resamplerTaps = 64
	// resamplerBeta shapes the Kaiser window for 80 dB of stop-band attenuation (Kaiser's formula,
	// 0.1102·(80−8.7)).
	resamplerBeta = 7.857
	// resamplerCutoff is the −6 dB point relative to the lower rate: half a transition below its
	// Nyquist frequency, so that nothing aliases.
	resamplerCutoff = 0.461
	// resamplerTable is the largest number of coefficients kept; above it the ratio of the rates is
	// too uneven.
	resamplerTable = 1 << 20
)

// Resampler changes the rate of a stream of samples with a polyphase windowed-sinc filter. The
// passband is flat up to 0.42 of the lower rate, everything above half the lower rate is at least
// 75 dB down. Output sample 0 lies at the time of input sample 0; the filter looks ahead 32 samples
// at the lower rate (2 ms at 16 kHz). The result does not depend on how the input is cut. Not safe
// for concurrent use.
type Resampler struct {
	up, down int
	taps     int
	table    []float32 // up phases of taps coefficients

	buf   []float32 // input not yet behind the filter
	pos   int       // index in buf of the first tap for the next output
	phase int
	in    int64 // samples taken since the last Flush
	out   int64 // samples given since the last Flush
}

// NewResampler returns a resampler between two rates in Hz. Error: ErrSampleRate for rates outside
// 1000…768000 Hz or with a ratio that would need an unreasonable filter.
func NewResampler(inRate, outRate int) (*Resampler, error) {
	if inRate < 1000 || inRate > 768000 || outRate < 1000 || outRate > 768000 {
		return nil, fmt.Errorf("%d Hz to %d Hz: %w", inRate, outRate, ErrSampleRate)
	}
	g := gcd(inRate, outRate)
	r := &Resampler{up: outRate / g, down: inRate / g}
	r.taps = resamplerTaps
	if r.down > r.up {
		r.taps = 2 * ((resamplerTaps/2*r.down + r.up - 1) / r.up)
	}
	if r.up*r.taps > resamplerTable {
		return nil, fmt.Errorf("%d Hz to %d Hz, ratio %d/%d: %w", inRate, outRate, r.up, r.down, ErrSampleRate)
	}
	if r.up != r.down {
		r.design()
	}
	r.reset()
	return r, nil
}

// design fills the table. Phase p holds the filter sampled at distances (k − taps/2 + 1) − p/up
// input samples.
func (r *Resampler) design() {
	r.table = make([]float32, r.up*r.taps)
	scale := min(1, float64(r.up)/float64(r.down))
	half := float64(r.taps) / 2
	norm := bessel0(resamplerBeta)
	for p := range r.up {
		row := r.table[p*r.taps : (p+1)*r.taps]
		var sum float64
		coefficients := make([]float64, r.taps)
		for k := range coefficients {
			x := float64(k) - half + 1 - float64(p)/float64(r.up)
			w := bessel0(resamplerBeta*math.Sqrt(max(0, 1-x*x/(half*half)))) / norm
			coefficients[k] = sinc(2*resamplerCutoff*scale*x) * w
			sum += coefficients[k]
		}
		for k, c := range coefficients {
			row[k] = float32(c / sum)
		}
	}
}

// reset puts the filter before the first sample: taps/2 − 1 zeros lie ahead of it.
func (r *Resampler) reset() {
	r.buf = append(r.buf[:0], make([]float32, r.taps/2-1)...)
	r.pos, r.phase, r.in, r.out = 0, 0, 0, 0
}

// Process appends to dst what src, following all earlier input, allows to compute, and returns it.
// src stays with the caller. Nothing is allocated when dst has room for OutputLen(len(src)) more
// samples.
func (r *Resampler) Process(dst, src []float32) []float32 {
	r.in += int64(len(src))
	if r.up == r.down {
		r.out += int64(len(src))
		return append(dst, src...)
	}
	r.buf = append(r.buf, src...)
	return r.run(dst, math.MaxInt64)
}

// Flush appends the rest, as if silence followed, and starts over. Over one stream exactly
// ceil(n·out/in) samples come out for n samples in.
func (r *Resampler) Flush(dst []float32) []float32 {
	if r.up == r.down {
		r.reset()
		return dst
	}
	want := (r.in*int64(r.up) + int64(r.down) - 1) / int64(r.down)
	for range r.taps {
		r.buf = append(r.buf, 0)
	}
	dst = r.run(dst, want-r.out)
	r.reset()
	return dst
}

// OutputLen returns an upper bound for the samples that Process appends for n samples of input.
func (r *Resampler) OutputLen(n int) int {
	return (n*r.up+r.down-1)/r.down + 1
}

func (r *Resampler) run(dst []float32, limit int64) []float32 {
	for limit > 0 && r.pos+r.taps <= len(r.buf) {
		window := r.buf[r.pos : r.pos+r.taps]
		dst = append(dst, dot(window, r.table[r.phase*r.taps:(r.phase+1)*r.taps]))
		r.out++
		limit--
		r.phase += r.down
		r.pos += r.phase / r.up
		r.phase %= r.up
	}
	keep := min(r.pos, len(r.buf))
	n := copy(r.buf, r.buf[keep:])
	r.buf = r.buf[:n]
	r.pos -= keep
	return dst
}

// dot multiplies two slices of the same, even length. Four sums let the processor overlap the
// additions.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+3 < len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel0 is the modified Bessel function of the first kind and order zero, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
