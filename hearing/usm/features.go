package usm

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

// Clips are padded to a multiple of this many samples, and may not be longer than MaxClip: the
// defaults of the publisher's extractor, which no file repeats. The tokens of a prompt are those of
// MaxClip.
const (
	multiple = 128
	MaxClip  = 30 * time.Second
)

// Features are what an audio encoder takes of a clip.
type Features struct {
	Frames, Bins int
	Values       []float32 // [Frames, Bins], natural logarithms
	Heard        []bool    // [Frames], false where a frame begins behind the clip: never, as long as a hop is longer than the padding
}

// Extractor computes features. It is read-only and safe for concurrent use.
type Extractor struct {
	cfg    Config
	window []float32
	bands  []band
}

// band is one mel filter: the weights of the bins from first on.
type band struct {
	first   int
	weights []float64
}

// NewExtractor prepares window and filters of a configuration that ParseConfig read.
func NewExtractor(cfg Config) *Extractor {
	e := &Extractor{cfg: cfg, window: make([]float32, cfg.Window)}
	for i := range e.window {
		e.window[i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(cfg.Window))) // periodic Hann
	}
	e.bands = bands(cfg)
	return e
}

// bands returns triangular filters whose corners are equally far from each other on the mel scale
// of HTK: 2595 log10(1 + f/700).
func bands(cfg Config) []band {
	mel := func(hz float64) float64 { return 2595 * math.Log10(1+hz/700) }
	low, high := mel(cfg.Low), mel(cfg.High)
	corner := func(i int) float64 {
		return 700 * (math.Pow(10, (low+(high-low)*float64(i)/float64(cfg.Bins+1))/2595) - 1)
	}
	all := make([]band, cfg.Bins)
	for m := range all {
		left, top, right := corner(m), corner(m+1), corner(m+2)
		for bin := 0; bin <= cfg.Transform/2; bin++ {
			hz := float64(bin) * hearing.SampleRate / float64(cfg.Transform)
			weight := min((hz-left)/(top-left), (right-hz)/(right-top))
			if weight <= 0 {
				continue
			}
			if all[m].weights == nil {
				all[m].first = bin
			}
			all[m].weights = append(all[m].weights, weight)
		}
	}
	return all
}

// Features computes the features of a clip. hearing.ErrAudio reports one that is empty, not finite,
// too short for a frame or longer than MaxClip.
func (e *Extractor) Features(pcm []float32) (*Features, error) {
	const longest = int(MaxClip * hearing.SampleRate / time.Second)
	if err := seq2seq.CheckClip(pcm, 0); err != nil {
		return nil, err
	}
	if len(pcm) > longest {
		return nil, fmt.Errorf("%w: %d samples, the model hears %d", hearing.ErrAudio, len(pcm), longest)
	}
	padded := (len(pcm) + multiple - 1) / multiple * multiple
	if padded <= e.cfg.Window {
		return nil, fmt.Errorf("%w: %d samples are less than one frame", hearing.ErrAudio, len(pcm))
	}
	frames := (padded-e.cfg.Window-1)/e.cfg.Hop + 1 // of one sample more than the window
	f := &Features{Frames: frames, Bins: e.cfg.Bins, Values: make([]float32, frames*e.cfg.Bins), Heard: make([]bool, frames)}
	w := worker{
		Extractor: e, samples: make([]float32, padded), frame: make([]float64, e.cfg.Transform), size: make([]float64, e.cfg.Transform/2+1),
		fft: fourier.NewFFT(e.cfg.Transform), bins: make([]complex128, e.cfg.Transform/2+1),
	}
	scale := float32(e.cfg.Scale)
	for i := range w.samples {
		x := e.cfg.Padding
		if i < len(pcm) {
			x = pcm[i]
		}
		w.samples[i] = x * scale
	}
	for t := range frames {
		f.Heard[t] = t*e.cfg.Hop < len(pcm)
		w.cut(t * e.cfg.Hop)
		w.write(f.Values[t*e.cfg.Bins : (t+1)*e.cfg.Bins])
	}
	return f, nil
}

// worker is the scratch memory of one clip.
type worker struct {
	*Extractor
	samples []float32
	frame   []float64 // a window, then zeros
	fft     *fourier.FFT
	bins    []complex128
	size    []float64 // of each bin
}

// cut windows the samples from start on, each less a part of the one before, in float32 as the
// publisher does.
func (w *worker) cut(start int) {
	p, at := float32(w.cfg.Preemphasis), w.samples[start:]
	for i, weight := range w.window {
		var x float32
		switch {
		case p == 0:
			x = at[i]
		case !w.cfg.HTK:
			x = at[i+1] - p*at[i]
		case i == 0:
			x = at[0] * float32(1-w.cfg.Preemphasis)
		default:
			x = at[i] - p*at[i-1]
		}
		w.frame[i] = float64(x * weight)
	}
}

// write computes the features of the frame.
func (w *worker) write(out []float32) {
	w.fft.Coefficients(w.bins, w.frame)
	for i, c := range w.bins {
		w.size[i] = math.Hypot(real(c), imag(c))
	}
	for m, b := range w.bands {
		var sum float64
		for i, weight := range b.weights {
			sum += weight * w.size[b.first+i]
		}
		value := math.Log(max(sum, w.cfg.Floor))
		if w.cfg.Mean != nil {
			value -= w.cfg.Mean[m]
		}
		if w.cfg.Std != nil {
			value /= w.cfg.Std[m]
		}
		out[m] = float32(value)
	}
}
