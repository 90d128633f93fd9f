package smartturn_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/smartturn"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// reference is what the publisher's code (pipecat-ai 1.14.0, with NumPy 2.2.6 and ONNX Runtime
// 1.23.2) makes of a hum.
type reference struct {
	Seconds     float64
	Seed        uint64
	Mean        float64
	Probability float64
	Points      [][3]float64 // band, frame, value
}

// hum is a drawn sound like a voice: eight harmonics that rise and fall, above noise.
func hum(seconds float64, seed uint64) []float32 {
	pcm := scripted.Noise(time.Duration(seconds*float64(time.Second)), 0.01, seed)
	phase := 0.0
	for i := range pcm {
		t := float64(i) / hearing.SampleRate
		phase += 2 * math.Pi * (110 + 40*math.Sin(2*math.Pi*0.7*t)) / hearing.SampleRate
		level := 0.1 * (0.5 + 0.5*math.Sin(2*math.Pi*3*t))
		x := float64(pcm[i])
		for k := 1.0; k <= 8; k++ {
			x += level * math.Sin(k*phase) / k
		}
		pcm[i] = float32(x)
	}
	return pcm
}

func TestEqualsThePublishersCode(t *testing.T) {
	m := installed.SmartTurn(t, installed.Runtime(t))
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []reference
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) != 3 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, want := range cases {
		pcm := hum(want.Seconds, want.Seed)
		got, err := m.Features(pcm)
		if err != nil || len(got) != 80*800 {
			t.Fatalf("%d features, %v", len(got), err)
		}
		var sum float64
		for _, x := range got {
			sum += float64(x)
		}
		if mean := sum / float64(len(got)); math.Abs(mean-want.Mean) > 1e-3 {
			t.Errorf("%v s: mean %v, want %v", want.Seconds, mean, want.Mean)
		}
		for _, p := range want.Points {
			if x := float64(got[int(p[0])*800+int(p[1])]); math.Abs(x-p[2]) > 2e-3 {
				t.Errorf("%v s: band %v, frame %v: %v, want %v", want.Seconds, p[0], p[1], x, p[2])
			}
		}
		probability, err := m.EndOfTurn(t.Context(), pcm)
		if err != nil || math.Abs(float64(probability)-want.Probability) > 0.02 {
			t.Errorf("%v s: probability %v, want %v; %v", want.Seconds, probability, want.Probability, err)
		}
	}
}

// TestASentenceIsOverAndItsBeginningIsNot. The sentences are such as the model understands: of most
// that a synthesizer says it cannot tell.
func TestASentenceIsOverAndItsBeginningIsNot(t *testing.T) {
	m := installed.SmartTurn(t, installed.Runtime(t))
	tail := scripted.Noise(200*time.Millisecond, 0.0005, 1)
	ask := func(text string) float32 {
		p, err := m.EndOfTurn(t.Context(), scripted.Join(scripted.Flite(t, "slt", text, 1), tail))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := ask("She told me that the meeting was moved to the second floor."); p < 0.9 {
		t.Errorf("at the end: %v", p)
	}
	if p := ask("My name is Peter, and I am calling about,"); p > 0.2 {
		t.Errorf("in the middle: %v", p)
	}
}

// TestOfALongClipTheEndCounts compares a clip with the same behind something else.
func TestOfALongClipTheEndCounts(t *testing.T) {
	m := installed.SmartTurn(t, installed.Runtime(t))
	end := hum(8, 4)
	short, err := m.Features(end)
	if err != nil {
		t.Fatal(err)
	}
	long, err := m.Features(scripted.Join(scripted.Noise(3*time.Second, 0.3, 9), end))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range short {
		if long[i] != x {
			t.Fatalf("feature %d: %v behind something else, %v alone", i, long[i], x)
		}
	}
}

func TestRefusals(t *testing.T) {
	rt := installed.Runtime(t)
	m := installed.SmartTurn(t, rt)
	for name, pcm := range map[string][]float32{
		"nothing": nil, "no number": {0, float32(math.NaN())}, "infinite": {float32(math.Inf(-1)), 0},
	} {
		if p, err := m.EndOfTurn(t.Context(), pcm); !errors.Is(err, hearing.ErrAudio) || p != 0 {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.EndOfTurn(ctx, hum(1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	other := testmodels.Path(t, "silero-vad", "silero_vad.onnx")
	if _, err := smartturn.Open(t.Context(), rt, other, ort.Options{}); !errors.Is(err, hearing.ErrModel) {
		t.Errorf("another model: %v", err)
	}
	if _, err := smartturn.Open(t.Context(), rt, "testdata/none.onnx", ort.Options{}); err == nil {
		t.Error("opened a file that is not there")
	}
}

func TestSilenceIsHeard(t *testing.T) {
	m := installed.SmartTurn(t, installed.Runtime(t))
	if p, err := m.EndOfTurn(t.Context(), scripted.Silence(time.Second)); err != nil || !(p >= 0 && p <= 1) {
		t.Errorf("%v, %v", p, err)
	}
}

func BenchmarkEndOfTurn(b *testing.B) {
	m := installed.SmartTurn(b, installed.Runtime(b))
	pcm := hum(3, 1)
	b.Run("features", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Features(pcm); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.EndOfTurn(b.Context(), pcm); err != nil {
				b.Fatal(err)
			}
		}
	})
}
