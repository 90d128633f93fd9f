package usm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// processor is the feature_extractor_type that this package implements.
const processor = "Gemma3nAudioFeatureExtractor"

// Config is the part of preprocessor_config.json that decides what features look like. Every number
// comes from the file.
type Config struct {
	Bins      int // feature_size: mel filters
	Window    int // frame_length, in samples
	Hop       int // hop_length, in samples
	Transform int // fft_length, in samples: a window and zeros behind it

	Low, High   float64   // min_frequency and max_frequency of the filters, in hertz
	Preemphasis float64   // how much of a sample is taken off the next one
	HTK         bool      // preemphasis_htk_flavor: the first sample of a window has none before it, and loses as much of itself
	Floor       float64   // mel_floor: the smallest value whose logarithm is taken
	Scale       float64   // input_scale_factor
	Padding     float32   // padding_value
	Mean, Std   []float64 // per_bin_mean and per_bin_stddev, nil where the file has none
}

// configFile mirrors the file. Pointers tell a missing field from a zero.
type configFile struct {
	Type         *string   `json:"feature_extractor_type"`
	SamplingRate *int      `json:"sampling_rate"`
	Bins         *int      `json:"feature_size"`
	Window       *int      `json:"frame_length"`
	Hop          *int      `json:"hop_length"`
	Transform    *int      `json:"fft_length"`
	Low          *float64  `json:"min_frequency"`
	High         *float64  `json:"max_frequency"`
	Preemphasis  *float64  `json:"preemphasis"`
	HTK          *bool     `json:"preemphasis_htk_flavor"`
	Floor        *float64  `json:"mel_floor"`
	Scale        *float64  `json:"input_scale_factor"`
	Dither       *float64  `json:"dither"`
	Padding      *float64  `json:"padding_value"`
	Mean         []float64 `json:"per_bin_mean"`
	Std          []float64 `json:"per_bin_stddev"`
}

// Bounds of what a file may ask for, far beyond what published ones do.
const (
	maxBins      = 1024
	maxTransform = 1 << 14 // samples
)

// ParseConfig reads the text of a preprocessor_config.json; fields of other processors in the same
// file are ignored. A missing or unusable field gives a [*ConfigError].
func ParseConfig(data []byte) (Config, error) {
	var f configFile
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, &ConfigError{Problem: err.Error()}
	}
	switch {
	case f.Type == nil:
		return Config{}, &ConfigError{Field: "feature_extractor_type", Problem: "missing"}
	case *f.Type != processor:
		return Config{}, &ConfigError{Field: "feature_extractor_type", Problem: fmt.Sprintf("%q is not %s", *f.Type, processor)}
	case f.Dither != nil && *f.Dither != 0:
		return Config{}, &ConfigError{Field: "dither", Problem: fmt.Sprintf("%g: noise is not added", *f.Dither)}
	}
	c := Config{Scale: 1, Mean: f.Mean, Std: f.Std}
	if err := f.sizes(&c); err != nil {
		return Config{}, err
	}
	if err := f.numbers(&c); err != nil {
		return Config{}, err
	}
	return c, f.perBin(&c)
}

// ReadConfig reads the feature extractor of a model folder: preprocessor_config.json, or what
// processor_config.json holds of it, as newer versions of the transformers library save it. Where
// both are there they must agree. Errors: [*ConfigError], or those of processorfile.Read.
func ReadConfig(folder fs.FS) (Config, error) {
	return processorfile.Read(folder, processorfile.FeatureExtractor, func(s processorfile.Section) (Config, error) {
		c, err := ParseConfig(s.Data)
		var typed *ConfigError
		if errors.As(err, &typed) {
			typed.File, typed.Field = s.File, strings.TrimSuffix(s.Prefix+typed.Field, ".")
		}
		return c, err
	})
}

// sizes reads the whole numbers.
func (f *configFile) sizes(c *Config) error {
	var rate int
	for _, n := range []struct {
		field     string
		value     *int
		low, high int
		into      *int
	}{
		{"sampling_rate", f.SamplingRate, hearing.SampleRate, hearing.SampleRate, &rate},
		{"feature_size", f.Bins, 1, maxBins, &c.Bins},
		{"frame_length", f.Window, 2, maxTransform, &c.Window},
		{"hop_length", f.Hop, 1, maxTransform, &c.Hop},
		{"fft_length", f.Transform, 2, maxTransform, &c.Transform},
	} {
		switch {
		case n.value == nil:
			return &ConfigError{Field: n.field, Problem: "missing"}
		case *n.value < n.low || *n.value > n.high:
			return &ConfigError{Field: n.field, Problem: fmt.Sprintf("%d is outside %d to %d", *n.value, n.low, n.high)}
		}
		*n.into = *n.value
	}
	if c.Transform < c.Window || c.Transform%2 != 0 {
		return &ConfigError{Field: "fft_length", Problem: fmt.Sprintf("%d is odd, or less than frame_length %d", c.Transform, c.Window)}
	}
	return nil
}

// numbers reads the others.
func (f *configFile) numbers(c *Config) error {
	if f.HTK == nil {
		return &ConfigError{Field: "preemphasis_htk_flavor", Problem: "missing"}
	}
	c.HTK = *f.HTK
	const nyquist = hearing.SampleRate / 2
	for _, n := range []struct {
		field     string
		value     *float64
		low, high float64
		into      *float64
	}{
		{"min_frequency", f.Low, 0, nyquist, &c.Low},
		{"max_frequency", f.High, 0, nyquist, &c.High},
		{"preemphasis", f.Preemphasis, 0, 1, &c.Preemphasis},
		{"mel_floor", f.Floor, math.SmallestNonzeroFloat32, 1, &c.Floor},
	} {
		switch {
		case n.value == nil:
			return &ConfigError{Field: n.field, Problem: "missing"}
		case *n.value < n.low || *n.value > n.high:
			return &ConfigError{Field: n.field, Problem: fmt.Sprintf("%g is outside %g to %g", *n.value, n.low, n.high)}
		}
		*n.into = *n.value
	}
	if c.High <= c.Low {
		return &ConfigError{Field: "max_frequency", Problem: fmt.Sprintf("%g is not above min_frequency %g", c.High, c.Low)}
	}
	if f.Scale != nil {
		c.Scale = *f.Scale
	}
	if f.Padding != nil {
		c.Padding = float32(*f.Padding)
	}
	return nil
}

// perBin checks the values by bin.
func (f *configFile) perBin(c *Config) error {
	for field, list := range map[string][]float64{"per_bin_mean": c.Mean, "per_bin_stddev": c.Std} {
		if list != nil && len(list) != c.Bins {
			return &ConfigError{Field: field, Problem: fmt.Sprintf("%d values for %d bins", len(list), c.Bins)}
		}
	}
	for i, std := range c.Std {
		if std <= 0 {
			return &ConfigError{Field: fmt.Sprintf("per_bin_stddev[%d]", i), Problem: fmt.Sprintf("%g is not a positive deviation", std)}
		}
	}
	return nil
}
