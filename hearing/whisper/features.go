package whisper

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// Features computes the log-mel spectrogram that the encoder takes. It is read-only after ParseFeatures and safe for concurrent use.
type Features struct {
	Mels      int // rows
	FFT, Hop  int // samples
	MaxFrames int // longest input

	window []float64
	bands  []band
}

// band is one mel filter: the weights of the bins from first on.
type band struct {
	first   int
	weights []float64
}

// ParseFeatures reads preprocessor_config.json. The filters are computed, also where the file lists them. The error is ErrConfig.
func ParseFeatures(data []byte) (*Features, error) {
	var file struct {
		FeatureSize  int `json:"feature_size"`
		HopLength    int `json:"hop_length"`
		NFFT         int `json:"n_fft"`
		ChunkLength  int `json:"chunk_length"`
		SamplingRate int `json:"sampling_rate"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%w: preprocessor: %w", ErrConfig, err)
	}
	switch {
	case file.SamplingRate != hearing.SampleRate:
		return nil, fmt.Errorf("%w: preprocessor: sampling_rate %d", ErrConfig, file.SamplingRate)
	case file.FeatureSize < 1 || file.FeatureSize > 512 || file.NFFT < 16 || file.NFFT > 1<<14 || file.NFFT%2 != 0:
		return nil, fmt.Errorf("%w: preprocessor: feature_size %d, n_fft %d", ErrConfig, file.FeatureSize, file.NFFT)
	case file.HopLength < 1 || file.HopLength > file.NFFT || file.ChunkLength < 1 || file.ChunkLength > 600:
		return nil, fmt.Errorf("%w: preprocessor: hop_length %d, chunk_length %d", ErrConfig, file.HopLength, file.ChunkLength)
	}
	f := &Features{
		Mels: file.FeatureSize, FFT: file.NFFT, Hop: file.HopLength,
		MaxFrames: file.ChunkLength * file.SamplingRate / file.HopLength,
		window:    make([]float64, file.NFFT),
	}
	for i := range f.window {
		f.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(f.FFT)) // periodic Hann
	}
	f.bands = slaneyBands(f.Mels, f.FFT, file.SamplingRate)
	return f, nil
}

// ReadFeatures reads the feature extractor of a model folder: preprocessor_config.json, or what processor_config.json holds of it, as newer
// versions of the transformers library save it. Where both are there they must agree. Errors: ErrConfig, or those of processorfile.Read.
func ReadFeatures(folder fs.FS) (*Features, error) {
	f, err := processorfile.Read(folder, processorfile.FeatureExtractor, func(s processorfile.Section) (*Features, error) {
		f, err := ParseFeatures(s.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.File, err)
		}
		return f, nil
	})
	if err != nil {
		return nil, fmt.Errorf("whisper: %w", err)
	}
	return f, nil
}

// slaneyBands returns triangular filters with equal area on the Slaney mel scale: linear below 1 kHz, logarithmic above.
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

// Compute returns the spectrogram [Mels][frames] of pcm followed by silence up to frames·Hop samples; frames must be enough
// for pcm. The values are log10 of the mel power, cut 8 below the largest, as (x+4)/4.
func (f *Features) Compute(pcm []float32, frames int) []float32 {
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

// cut windows the samples around the centre of frame t; the signal is mirrored at both ends. It reports whether there are any but zeros.
func (f *Features) cut(frame []float64, pcm []float32, t, frames int) bool {
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
func (f *Features) Filters() [][]float64 {
	all := make([][]float64, f.Mels)
	for m, b := range f.bands {
		all[m] = make([]float64, f.FFT/2+1)
		copy(all[m][b.first:], b.weights)
	}
	return all
}
