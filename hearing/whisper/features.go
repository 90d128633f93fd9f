package whisper

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/logmel"
	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// Features computes the log-mel spectrogram that the encoder takes. It is read-only after
// ParseFeatures and safe for concurrent use.
type Features struct {
	Mels      int // rows
	FFT, Hop  int // samples
	MaxFrames int // longest input

	mel *logmel.Spectrogram
}

// ParseFeatures reads preprocessor_config.json. The filters are computed, also where the file lists
// them. The error is ErrConfig.
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
	return &Features{
		Mels: file.FeatureSize, FFT: file.NFFT, Hop: file.HopLength,
		MaxFrames: file.ChunkLength * file.SamplingRate / file.HopLength,
		mel:       logmel.New(file.FeatureSize, file.NFFT, file.HopLength, file.SamplingRate),
	}, nil
}

// ReadFeatures reads the feature extractor of a model folder: preprocessor_config.json, or what
// processor_config.json holds of it, as newer versions of the transformers library save it. Where
// both are there they must agree. Errors: ErrConfig, or those of processorfile.Read.
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

// Compute returns the spectrogram [Mels][frames] of pcm followed by silence up to frames·Hop
// samples; frames must be enough for pcm. The values are log10 of the mel power, cut 8 below the
// largest, as (x+4)/4.
func (f *Features) Compute(pcm []float32, frames int) []float32 { return f.mel.Compute(pcm, frames) }

// Filters returns the mel filters as [Mels][FFT/2+1] weights.
func (f *Features) Filters() [][]float64 { return f.mel.Filters() }
