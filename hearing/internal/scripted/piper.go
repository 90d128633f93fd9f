package scripted

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Piper is a Piper voice as a scripted speaker.
type Piper struct {
	session *ort.Session
	rate    int
	scales  []float32
	ids     map[string][]int64
}

// OpenPiper loads a voice from its ONNX file and the JSON file beside it. It is closed with the
// test, before rt.
func OpenPiper(tb testing.TB, rt *ort.Runtime, path string) *Piper {
	tb.Helper()
	data, err := os.ReadFile(path + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	var config struct {
		Audio struct {
			Rate int `json:"sample_rate"`
		}
		Inference struct {
			Noise  float32 `json:"noise_scale"`
			Length float32 `json:"length_scale"`
			NoiseW float32 `json:"noise_w"`
		}
		IDs map[string][]int64 `json:"phoneme_id_map"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		tb.Fatal(err)
	}
	session, err := rt.Load(tb.Context(), ort.Source{Path: path}, ort.Options{Threads: 2})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = session.Close() })
	return &Piper{
		session: session, rate: config.Audio.Rate, ids: config.IDs,
		scales: []float32{config.Inference.Noise, config.Inference.Length, config.Inference.NoiseW},
	}
}

// Speak says one sentence.
func (p *Piper) Speak(tb testing.TB, text string) []float32 {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "espeak-ng", "-q", "--ipa", "-v", "en-us", text).Output()
	if err != nil {
		tb.Fatalf("espeak-ng: %v", err)
	}
	tokens := append(append([]int64{}, p.ids["^"]...), p.ids["_"]...)
	sentence := strings.Join(strings.Fields(string(out)), " ") + text[len(text)-1:]
	for _, r := range norm.NFD.String(sentence) {
		if ids, ok := p.ids[string(r)]; ok {
			tokens = append(append(tokens, ids...), p.ids["_"]...)
		}
	}
	pcm, err := p.run(tb, append(tokens, p.ids["$"]...))
	if err != nil {
		tb.Fatal(err)
	}
	return Trim(To16k(tb, pcm, p.rate))
}

// run makes samples of phoneme ids.
func (p *Piper) run(tb testing.TB, tokens []int64) ([]float32, error) {
	tb.Helper()
	inputs := make([]ort.Tensor, len(p.session.Inputs()))
	for i, in := range p.session.Inputs() {
		var err error
		switch in.Name {
		case "input":
			inputs[i], err = ort.Int64([]int64{1, int64(len(tokens))}, tokens)
		case "input_lengths":
			inputs[i], err = ort.Int64([]int64{1}, []int64{int64(len(tokens))})
		case "scales":
			inputs[i], err = ort.Float32([]int64{3}, p.scales)
		default:
			err = fmt.Errorf("voice takes %q", in.Name)
		}
		if err != nil {
			return nil, err
		}
		defer func() { _ = inputs[i].Close() }()
	}
	outputs := make([]ort.Tensor, len(p.session.Outputs()))
	if err := p.session.Run(tb.Context(), inputs, outputs); err != nil {
		return nil, err
	}
	defer func() { _ = outputs[0].Close() }()
	return append([]float32(nil), outputs[0].Float32s()...), nil
}
