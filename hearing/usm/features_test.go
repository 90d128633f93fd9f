package usm_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
)

// model is the folder of a small model in the contract of Gemma 3n's export.
const model = "../../cognition/generate/testdata/gemma3n"

// clip is a triangle wave with noise, silent for a quarter of the time: the formula of
// testdata/make.py and of the model's golden.mjs.
func clip(seed, length int) []float32 {
	pcm, period := make([]float32, length), 40+24*seed
	for i := range pcm {
		if i%4000 >= 3000 {
			continue
		}
		noise := float64((i*7919+seed*104729)%2001-1000) / 16000
		pcm[i] = float32(noise + (math.Abs(float64(i%period)-float64(period)/2)-float64(period)/4)/float64(period))
	}
	return pcm
}

// config is the model's preprocessor_config.json with some fields changed.
func config(tb testing.TB, change map[string]any) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(model, "preprocessor_config.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		tb.Fatal(err)
	}
	for name, value := range change {
		if fields[name] = value; value == nil {
			delete(fields, name)
		}
	}
	if data, err = json.Marshal(fields); err != nil {
		tb.Fatal(err)
	}
	return data
}

// extractor reads a changed configuration.
func extractor(tb testing.TB, change map[string]any) *usm.Extractor {
	tb.Helper()
	cfg, err := usm.ParseConfig(config(tb, change))
	if err != nil {
		tb.Fatal(err)
	}
	return usm.NewExtractor(cfg)
}

// floats reads a compressed file of float32.
func floats(t *testing.T, name string) []float32 {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

// tolerance is how far a value may be from the publisher's, whose transform is computed in float32:
// it shows where a bin is nearly silent.
const tolerance = 1e-4

// TestEqualsPublisher compares every value and the number of frames with the publisher's extractor.
func TestEqualsPublisher(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name   string         `json:"name"`
		Seed   int            `json:"seed"`
		Length int            `json:"length"`
		Change map[string]any `json:"change"`
		Frames int            `json:"frames"`
		Heard  int            `json:"heard"`
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 8 {
		t.Fatalf("%d cases (%v)", len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			f, err := extractor(t, c.Change).Features(clip(c.Seed, c.Length))
			if err != nil {
				t.Fatal(err)
			}
			want, heard := floats(t, c.Name+".f32.gz"), 0
			for _, h := range f.Heard {
				if h {
					heard++
				}
			}
			if f.Frames != c.Frames || heard != c.Heard || f.Bins != 128 || len(f.Values) != len(want) || len(f.Heard) != f.Frames {
				t.Fatalf("%d frames of %d bins, %d heard, %d values; the publisher has %d, %d, %d", f.Frames, f.Bins, heard, len(f.Values), c.Frames, c.Heard, len(want))
			}
			worst, floor := 0.0, 0
			for i, v := range f.Values {
				worst = max(worst, math.Abs(float64(v-want[i])))
				if want[i] < -11.5 {
					floor++
				}
			}
			t.Logf("worst difference %.2g, %d values at the floor", worst, floor)
			if worst > tolerance {
				t.Errorf("values differ by up to %g", worst)
			}
		})
	}
}

func TestClipsThatDoNotFit(t *testing.T) {
	e := extractor(t, nil)
	for name, pcm := range map[string][]float32{
		"empty": nil, "too short": make([]float32, 512), "too long": make([]float32, 30*hearing.SampleRate+1),
		"not finite": append(make([]float32, 1000), float32(math.NaN())),
	} {
		if _, err := e.Features(pcm); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err := e.Features(make([]float32, 30*hearing.SampleRate)); err != nil || f.Frames != 2997 {
		t.Errorf("30 s: %v, %v", f, err)
	}
}

func TestConfigNamesTheField(t *testing.T) {
	for _, c := range []struct {
		field string
		value any
	}{
		{"feature_extractor_type", "WhisperFeatureExtractor"},
		{"feature_extractor_type", nil},
		{"sampling_rate", 8000},
		{"feature_size", nil},
		{"feature_size", 0},
		{"frame_length", nil},
		{"frame_length", 1},
		{"hop_length", 0},
		{"fft_length", 256},
		{"fft_length", 1025},
		{"min_frequency", nil},
		{"max_frequency", 100.0},
		{"max_frequency", 9000.0},
		{"preemphasis", 1.5},
		{"preemphasis_htk_flavor", nil},
		{"mel_floor", 0.0},
		{"dither", 0.1},
		{"per_bin_mean", []float64{1, 2}},
		{"per_bin_stddev", []float64{1}},
	} {
		_, err := usm.ParseConfig(config(t, map[string]any{c.field: c.value}))
		var ce *usm.ConfigError
		if !errors.As(err, &ce) || !errors.Is(err, usm.ErrConfig) || ce.Field != c.field {
			t.Errorf("%s = %v: %v", c.field, c.value, err)
		}
	}
	zero := make([]float64, 128)
	if _, err := usm.ParseConfig(config(t, map[string]any{"per_bin_stddev": zero})); !errors.Is(err, usm.ErrConfig) {
		t.Errorf("a deviation of zero: %v", err)
	}
	for _, text := range []string{"", "[]", `{"feature_size":"x"}`, "{"} {
		if _, err := usm.ParseConfig([]byte(text)); !errors.Is(err, usm.ErrConfig) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzConfig reads arbitrary files; those that are accepted must be usable.
func FuzzConfig(f *testing.F) {
	f.Add(string(config(f, nil)))
	f.Add(string(config(f, map[string]any{"frame_length": 2, "fft_length": 2, "hop_length": 16384, "feature_size": 1})))
	pcm := clip(1, 700)
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := usm.ParseConfig([]byte(text))
		if err != nil {
			if !errors.Is(err, usm.ErrConfig) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		got, err := usm.NewExtractor(cfg).Features(pcm)
		if err != nil {
			if !errors.Is(err, hearing.ErrAudio) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if got.Frames < 1 || len(got.Values) != got.Frames*cfg.Bins {
			t.Fatalf("%d frames, %d values, %+v", got.Frames, len(got.Values), cfg)
		}
	})
}

func BenchmarkFeatures(b *testing.B) {
	e, pcm := extractor(b, nil), clip(1, 5*hearing.SampleRate)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Features(pcm); err != nil {
			b.Fatal(err)
		}
	}
}
