package usm_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// loadEncoder loads the small model's audio encoder, closed with the test.
func loadEncoder(t *testing.T) *ort.Session {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	session, err := rt.Load(t.Context(), ort.Source{Path: filepath.Join(model, "onnx", "audio_encoder.onnx")}, ort.Options{})
	t.Cleanup(func() {
		if session != nil {
			err = session.Close()
		}
		if err = errors.Join(err, rt.Close()); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// TestEncoderEqualsReference encodes the clips of the model's golden conversations: the tokens must
// be those of transformers.js.
func TestEncoderEqualsReference(t *testing.T) {
	encoder, err := usm.NewEncoder(loadEncoder(t), extractor(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(model, "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var talks []struct {
		Messages []struct {
			Clips []struct {
				Seed   int `json:"seed"`
				Length int `json:"length"`
			} `json:"clips"`
		} `json:"messages"`
		Frames int       `json:"frames"`
		Clips  []float32 `json:"clips"`
	}
	if err := json.Unmarshal(data, &talks); err != nil {
		t.Fatal(err)
	}
	count := 0
	for i, talk := range talks {
		for _, m := range talk.Messages {
			for _, c := range m.Clips {
				count++
				got, err := encoder.Encode(t.Context(), clip(c.Seed, c.Length))
				if err != nil {
					t.Fatal(err)
				}
				if got.Frames != talk.Frames || got.Heard != talk.Frames || got.Tokens*got.Hidden != len(talk.Clips) {
					t.Fatalf("talk %d: %d frames, %d × %d; the reference has %d frames, %d values", i, got.Frames, got.Tokens, got.Hidden, talk.Frames, len(talk.Clips))
				}
				worst := 0.0
				for k, v := range got.Data {
					worst = max(worst, math.Abs(float64(v-talk.Clips[k])))
				}
				if t.Logf("talk %d: worst difference %.2g", i, worst); worst > 1e-4 {
					t.Errorf("talk %d: tokens differ by up to %g", i, worst)
				}
			}
		}
	}
	if count < 4 {
		t.Errorf("only %d clips", count)
	}
	if _, err := encoder.Encode(t.Context(), nil); !errors.Is(err, hearing.ErrAudio) {
		t.Errorf("no sound: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := encoder.Encode(ended, clip(1, 2000)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// TestSmallEncoderReadsEverything guards the model that the other tests lean on: one bin shifted in
// all frames, one frame left out, or two frames exchanged give other tokens, by far more than the
// tolerance.
func TestSmallEncoderReadsEverything(t *testing.T) {
	session := loadEncoder(t)
	f, err := extractor(t, nil).Features(clip(3, 2900)) // without the silent part, whose frames are alike
	if err != nil {
		t.Fatal(err)
	}
	run := func(values []float32, mask []bool) []float32 {
		in, err := ort.Float32([]int64{1, int64(f.Frames), int64(f.Bins)}, values)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := ort.Bool([]int64{1, int64(f.Frames)}, mask)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]ort.Tensor, 1)
		if err := session.Run(t.Context(), []ort.Tensor{in, heard}, out); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := errors.Join(in.Close(), heard.Close(), out[0].Close()); err != nil {
				t.Error(err)
			}
		}()
		return slices.Clone(out[0].Float32s())
	}
	want := run(f.Values, f.Heard)
	differ := func(what string, at int, values []float32, mask []bool) {
		worst := 0.0
		for k, v := range run(values, mask) {
			worst = max(worst, math.Abs(float64(v-want[k])))
		}
		if worst < 10*tolerance {
			t.Errorf("%s %d changes tokens by %g only", what, at, worst)
		}
	}
	for bin := range f.Bins {
		values := slices.Clone(f.Values)
		for t := range f.Frames {
			values[t*f.Bins+bin] += 0.1
		}
		differ("bin", bin, values, f.Heard)
	}
	for frame := range f.Frames - 1 {
		mask, values := slices.Clone(f.Heard), slices.Clone(f.Values)
		mask[frame] = false
		differ("mask of frame", frame, values, mask)
		copy(values[frame*f.Bins:(frame+1)*f.Bins], f.Values[(frame+1)*f.Bins:])
		copy(values[(frame+1)*f.Bins:(frame+2)*f.Bins], f.Values[frame*f.Bins:])
		differ("order of frame", frame, values, f.Heard)
	}
}

// face is a session by its tensors only; it answers with what it is given.
type face struct {
	in, out []ort.TensorInfo
	shape   []int64
	data    []float32
}

func (f face) Inputs() []ort.TensorInfo  { return f.in }
func (f face) Outputs() []ort.TensorInfo { return f.out }

func (f face) Run(_ context.Context, _, outputs []ort.Tensor) (err error) {
	outputs[0], err = ort.Float32(f.shape, f.data)
	return err
}

func TestEncodersThatDoNotFit(t *testing.T) {
	loadEncoder(t) // tensors need a runtime
	good := face{
		in: []ort.TensorInfo{
			{Name: "input_features", Type: ort.TypeFloat32, Shape: []int64{1, -1, 128}}, {Name: "input_features_mask", Type: ort.TypeBool, Shape: []int64{1, -1}},
		},
		out:   []ort.TensorInfo{{Name: "audio_features", Type: ort.TypeFloat32, Shape: []int64{1, -1, 2}}},
		shape: []int64{1, 2, 2}, data: []float32{1, 2, 3, 4},
	}
	for name, damage := range map[string]func(*face){
		"no mask":       func(f *face) { f.in = f.in[:1] },
		"other input":   func(f *face) { f.in[0].Name = "input_ids" },
		"other mask":    func(f *face) { f.in[1].Type = ort.TypeInt64 },
		"other bins":    func(f *face) { f.in[0].Shape = []int64{1, -1, 80} },
		"other rank":    func(f *face) { f.in[0].Shape = []int64{1, 128} },
		"no output":     func(f *face) { f.out[0].Name = "logits" },
		"other output":  func(f *face) { f.out[0].Type = ort.TypeInt64 },
		"other answer":  func(f *face) { f.shape, f.data = []int64{2, 2}, f.data[:4] },
		"two clips":     func(f *face) { f.shape = []int64{2, 1, 2} },
		"not a number":  func(f *face) { f.data[3] = float32(math.NaN()) },
		"infinite, too": func(f *face) { f.data[0] = float32(math.Inf(1)) },
	} {
		f := face{in: slices.Clone(good.in), out: slices.Clone(good.out), shape: good.shape, data: slices.Clone(good.data)}
		damage(&f)
		e, err := usm.NewEncoder(f, extractor(t, nil))
		if err == nil {
			_, err = e.Encode(t.Context(), clip(1, 2000))
		}
		if !errors.Is(err, hearing.ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, err := usm.NewEncoder(good, extractor(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := e.Encode(t.Context(), clip(1, 2000)); err != nil || c.Tokens != 2 || c.Hidden != 2 || !slices.Equal(c.Data, good.data) {
		t.Errorf("%+v, %v", c, err)
	}
}
