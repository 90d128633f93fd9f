package tts_test

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
)

// levels returns the RMS of consecutive 20 ms frames.
func levels(pcm []float32, rate int) []float64 {
	frame := rate / 50
	var out []float64
	for len(pcm) >= frame {
		sum := 0.0
		for _, v := range pcm[:frame] {
			sum += float64(v) * float64(v)
		}
		out = append(out, math.Sqrt(sum/float64(frame)))
		pcm = pcm[frame:]
	}
	return out
}

// bands returns the share of energy below 80 Hz, from 80 to 1000 Hz, from 1 to 4 kHz and above.
func bands(pcm []float32, rate int) [4]float64 {
	const size = 2048
	fft := fourier.NewFFT(size)
	var energy [4]float64
	total := 0.0
	for at := 0; at+size <= len(pcm); at += size {
		block := make([]float64, size)
		for i := range block {
			block[i] = float64(pcm[at+i]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/size))
		}
		for i, c := range fft.Coefficients(nil, block) {
			hz := float64(i) * float64(rate) / size
			e := math.Pow(cmplx.Abs(c), 2)
			total += e
			switch {
			case hz < 80:
				energy[0] += e
			case hz < 1000:
				energy[1] += e
			case hz < 4000:
				energy[2] += e
			default:
				energy[3] += e
			}
		}
	}
	for i := range energy {
		energy[i] /= total
	}
	return energy
}
