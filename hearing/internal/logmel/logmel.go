package logmel

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Spectrogram computes log-mel spectrograms of one shape. It is read-only after New and safe for
// concurrent use.
type Spectrogram struct {
	Mels     int // rows
	FFT, Hop int // samples

	window []float64
	bands  []band
}

// band is one mel filter: the weights of the bins from first on.
type band struct {
	first   int
	weights []float64
}

// New returns the spectrogram of mels rows, with transforms of fft samples every hop samples; rate
// is in hertz. All are positive, and fft is even: the caller has checked.
func New(mels, fft, hop, rate int) *Spectrogram {
	f := &Spectrogram{Mels: mels, FFT: fft, Hop: hop, window: make([]float64, fft)}
	for i := range f.window {
		f.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(fft)) // periodic Hann
	}
	f.bands = slaneyBands(mels, fft, rate)
	return f
}

// slaneyBands returns triangular filters with equal area on the Slaney mel scale: linear below 1
// kHz, logarithmic above.
func slaneyBands(mels, fft, rate int) []band {
	const (
		linear = 200.0 / 3           // hertz a mel below the break
		corner = 1000.0              // hertz
		knee   = corner / linear     // mels
		step   = 0.06875177742094912 // ln(6.4)/27, per mel above the break
	)
	toMel := func(hz float64) float64 {
		if hz < corner {
			return hz / linear
		}
		return knee + math.Log(hz/corner)/step
	}
	toHz := func(mel float64) float64 {
		if mel < knee {
			return mel * linear
		}
		return corner * math.Exp((mel-knee)*step)
	}
	top := toMel(float64(rate) / 2)
	edge := func(i int) float64 { return toHz(top * float64(i) / float64(mels+1)) }
	bands := make([]band, mels)
	for m := range bands {
		low, mid, high := edge(m), edge(m+1), edge(m+2)
		for bin := 0; bin <= fft/2; bin++ {
			hz := float64(bin) * float64(rate) / float64(fft)
			weight := min((hz-low)/(mid-low), (high-hz)/(high-mid)) * 2 / (high - low)
			if weight <= 0 {
				continue
			}
			if bands[m].weights == nil {
				bands[m].first = bin
			}
			bands[m].weights = append(bands[m].weights, weight)
		}
	}
	return bands
}

// Compute returns the spectrogram [Mels][frames] of pcm followed by silence up to frames·Hop
// samples; frames must be enough for pcm. The values are log10 of the mel power, cut 8 below the
// largest, as (x+4)/4.
func (f *Spectrogram) Compute(pcm []float32, frames int) []float32 {
	out := make([]float32, f.Mels*frames)
	fft := fourier.NewFFT(f.FFT)
	frame := make([]float64, f.FFT)
	bins := make([]complex128, f.FFT/2+1)
	power := make([]float64, f.FFT/2+1)
	const floor = -10 // log10 of the smallest power that counts
	largest := float32(floor)
	for t := range frames {
		if !f.cut(frame, pcm, t, frames) {
			for m := range f.Mels {
				out[m*frames+t] = floor
			}
			continue
		}
		fft.Coefficients(bins, frame)
		for i, c := range bins {
			power[i] = real(c)*real(c) + imag(c)*imag(c)
		}
		for m, b := range f.bands {
			var sum float64
			for i, w := range b.weights {
				sum += w * power[b.first+i]
			}
			value := float32(math.Log10(max(sum, 1e-10)))
			out[m*frames+t] = value
			largest = max(largest, value)
		}
	}
	for i, x := range out {
		out[i] = (max(x, largest-8) + 4) / 4
	}
	return out
}

// cut windows the samples around the centre of frame t; the signal is mirrored at both ends. It
// reports whether there are any but zeros.
func (f *Spectrogram) cut(frame []float64, pcm []float32, t, frames int) bool {
	start := t*f.Hop - f.FFT/2
	if start >= len(pcm) && start+f.FFT <= frames*f.Hop {
		return false
	}
	heard := false
	for i, w := range f.window {
		at := start + i
		if at < 0 {
			at = -at
		}
		if last := frames*f.Hop - 1; at > last {
			at = 2*last - at
		}
		frame[i] = 0
		if at >= 0 && at < len(pcm) && pcm[at] != 0 {
			frame[i] = float64(pcm[at]) * w
			heard = true
		}
	}
	return heard
}

// Filters returns the mel filters as [Mels][FFT/2+1] weights.
func (f *Spectrogram) Filters() [][]float64 {
	all := make([][]float64, f.Mels)
	for m, b := range f.bands {
		all[m] = make([]float64, f.FFT/2+1)
		copy(all[m][b.first:], b.weights)
	}
	return all
}
