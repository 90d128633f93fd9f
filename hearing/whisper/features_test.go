package whisper_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

const preprocessor = `{"feature_size":80,"hop_length":160,"n_fft":400,"chunk_length":30,"sampling_rate":16000}`

func features(tb testing.TB) *whisper.Features {
	tb.Helper()
	f, err := whisper.ParseFeatures([]byte(preprocessor))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TestFiltersEqualThePublishedOnes compares the computed filters with those that the model file
// holds.
func TestFiltersEqualThePublishedOnes(t *testing.T) {
	data, err := os.ReadFile(testmodels.Path(t, "whisper-base.en", "preprocessor_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Filters [][]float64 `json:"mel_filters"`
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Filters) != 80 {
		t.Fatalf("%d filters, %v", len(file.Filters), err)
	}
	for m, got := range features(t).Filters() {
		for bin, want := range file.Filters[m] {
			if math.Abs(got[bin]-want) > 1e-6 {
				t.Fatalf("filter %d, bin %d: %v, want %v", m, bin, got[bin], want)
			}
		}
	}
}

// TestComputeEqualsTheDefinition compares with a transform written out term by term.
func TestComputeEqualsTheDefinition(t *testing.T) {
	f := features(t)
	const frames = 12
	pcm := scripted.Noise(90*time.Millisecond, 0.1, 5)
	got := f.Compute(pcm, frames)
	want := make([]float64, f.Mels*frames)
	signal := append(append([]float32(nil), pcm...), make([]float32, frames*f.Hop-len(pcm))...)
	at := func(i int) float64 { // mirrored at both ends
		if i < 0 {
			i = -i
		}
		if last := len(signal) - 1; i > last {
			i = 2*last - i
		}
		return float64(signal[i])
	}
	largest := math.Inf(-1)
	filters := f.Filters()
	for frame := range frames {
		power := make([]float64, f.FFT/2+1)
		for bin := range power {
			var re, im float64
			for i := range f.FFT {
				x := at(frame*f.Hop-f.FFT/2+i) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(f.FFT)))
				angle := 2 * math.Pi * float64(bin) * float64(i) / float64(f.FFT)
				re += x * math.Cos(angle)
				im -= x * math.Sin(angle)
			}
			power[bin] = re*re + im*im
		}
		for m, filter := range filters {
			var sum float64
			for bin, w := range filter {
				sum += w * power[bin]
			}
			want[m*frames+frame] = math.Log10(math.Max(sum, 1e-10))
			largest = math.Max(largest, want[m*frames+frame])
		}
	}
	for i, x := range want {
		if x = (math.Max(x, largest-8) + 4) / 4; math.Abs(x-float64(got[i])) > 1e-4 {
			t.Fatalf("mel %d, frame %d: %v, want %v", i/frames, i%frames, got[i], x)
		}
	}
}

func TestParseFeaturesRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":     "",
		"empty":       "{}",
		"other rate":  `{"feature_size":80,"hop_length":160,"n_fft":400,"chunk_length":30,"sampling_rate":8000}`,
		"no bands":    `{"feature_size":0,"hop_length":160,"n_fft":400,"chunk_length":30,"sampling_rate":16000}`,
		"odd window":  `{"feature_size":80,"hop_length":160,"n_fft":401,"chunk_length":30,"sampling_rate":16000}`,
		"no hop":      `{"feature_size":80,"hop_length":0,"n_fft":400,"chunk_length":30,"sampling_rate":16000}`,
		"endless":     `{"feature_size":80,"hop_length":160,"n_fft":400,"chunk_length":30000,"sampling_rate":16000}`,
		"huge window": `{"feature_size":80,"hop_length":160,"n_fft":400000,"chunk_length":30,"sampling_rate":16000}`,
	} {
		if f, err := whisper.ParseFeatures([]byte(data)); !errors.Is(err, whisper.ErrConfig) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	f := features(b)
	pcm := scripted.Noise(3*time.Second, 0.1, 5)
	b.ReportAllocs()
	for b.Loop() {
		f.Compute(pcm, 350)
	}
	b.ReportMetric(float64(len(pcm))/hearing.SampleRate, "audio-s")
}
