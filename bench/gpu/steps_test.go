package gpu_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/engine"
	"github.com/sensory-agent/sensory-agent/bench/gpu"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

func TestSmokeVerdict(t *testing.T) {
	t.Parallel()
	const good = `{"smoke":"sensory","passed":true,"reason":"r","profile":"standard","model":"calibration-qualifying","transcript":"a red circle","first_audio_ms":812.5}`
	v, err := gpu.SmokeVerdict("smoke", []byte("... a persona joins\n"+good+"\n"))
	if err != nil || v.Status != gpu.Pass || !strings.Contains(v.Why, "a red circle") || v.Figures["first_audio_ms"] != 812.5 {
		t.Errorf("%+v, %v", v, err)
	}
	for says, out := range map[string]string{
		"vision_blind: fewer facts": `{"smoke":"sensory","passed":false,"bucket":"vision_blind","reason":"fewer facts"}`,
		"needs a GPU":               `{"smoke":"sensory","passed":false,"bucket":"no_qualified_model","blockers":["calibration: needs a GPU"]}`,
		`the model "another"`:       strings.Replace(good, "calibration-qualifying", "another", 1),
	} {
		if v, err := gpu.SmokeVerdict("smoke", []byte(out)); err != nil || v.Status != gpu.Fail || !strings.Contains(v.Why, says) {
			t.Errorf("%s: %+v, %v", says, v, err)
		}
	}
	for _, out := range []string{"", "error: no", `{"smoke":"timing","passed":true}`, good + "\npanic: "} {
		if v, err := gpu.SmokeVerdict("smoke", []byte(out)); !errors.Is(err, gpu.ErrAnswer) {
			t.Errorf("%q: %+v, %v", out, v, err)
		}
	}
}

func TestSameTokens(t *testing.T) {
	t.Parallel()
	want := gpu.Said("red", 1, 2, 3)
	if v := gpu.SameTokens("red", want, gpu.Said("red", 1, 2, 3)); v.Status != gpu.Pass || v.Figures["tokens"] != 3 || v.Figures["right"] != 1 {
		t.Errorf("%+v", v)
	}
	for says, v := range map[string]gpu.Verdict{
		"part after 2 of 3 tokens": gpu.SameTokens("red", want, gpu.Said("rot", 1, 2, 4)),
		"part after 3 of 3":        gpu.SameTokens("red", want, gpu.Said("red.", 1, 2, 3, 4)),
		"part after 0 of 3":        gpu.SameTokens("red", want, gpu.Said("")),
		"only 0 of 1":              gpu.SameTokens("blue", want, want),
		"says nothing":             gpu.SameTokens("red", gpu.Said(""), gpu.Said("")),
	} {
		if v.Status != gpu.Fail || !strings.Contains(v.Why, says) {
			t.Errorf("%s: %+v", says, v)
		}
	}
}

func TestLevelsOff(t *testing.T) {
	t.Parallel()
	level := float32(1 / (255 * .5))
	std := [3]float64{.5, .5, .5}
	if off, worst, err := gpu.LevelsOff([]float32{0, .5, -1}, []float32{0, .5 + level, -1}, std); off != 1 || worst < .99 || worst > 1.01 || err != nil {
		t.Errorf("%d off, by %g, %v", off, worst, err)
	}
	for _, got := range [][]float32{nil, {1}, {0, float32(math.NaN())}} {
		if _, _, err := gpu.LevelsOff([]float32{0, 1}, got, std); !errors.Is(err, gpu.ErrAnswer) {
			t.Errorf("%v: %v", got, err)
		}
	}
	if _, _, err := gpu.LevelsOff(nil, nil, std); err == nil {
		t.Error("nothing is like nothing")
	}
}

func report() *engine.Report {
	return &engine.Report{
		Provider: "cuda", DeviceBytes: 3 << 20, Cases: []engine.Case{{Name: "picture", Prompt: make([]int, 80), IDs: []int{1, 2}, FirstToken: 10, Rate: 100}},
		Pictures: &engine.Eyes{Side: 128, Texture: 1, Encode: 4, PerSec: 200},
		Eager:    map[string]engine.Eager{"picture": {FirstToken: 30, Rate: 50}, "eyes": {PerSec: 125}},
	}
}

func TestSpeedVerdicts(t *testing.T) {
	t.Parallel()
	v := gpu.SpeedOf("speed", report())
	if v.Status != gpu.Pass || v.Figures["picture_tokens_per_second"] != 100 || v.Figures["pictures_per_second"] != 200 || !strings.Contains(v.Why, "first token 10.0 ms") {
		t.Errorf("%+v", v)
	}
	none, stuck, blind := &engine.Report{}, report(), report()
	stuck.Cases[0].Rate, blind.Pictures.PerSec = 0, 0
	for _, r := range []*engine.Report{none, stuck, blind} {
		if v := gpu.SpeedOf("speed", r); v.Status != gpu.Fail {
			t.Errorf("%+v", v)
		}
	}
}

// TestPyTorchComparesWhatItHas: the calibration model's encoder is of no kind that is measured in
// PyTorch, so that only the shapes of SmolVLM are compared by their eyes too.
func TestPyTorchComparesWhatItHas(t *testing.T) {
	t.Parallel()
	calibration := report()
	delete(calibration.Eager, "eyes")
	all := func() map[string]*engine.Report {
		return map[string]*engine.Report{"calibration": calibration, "smolvlm": report(), "smolvlm-fp16": report()}
	}
	v := gpu.PyTorch(all(), nil)
	if v.Status != gpu.Pass || v.Figures["smolvlm picture first token"] != 3 || v.Figures["smolvlm picture tokens/s"] != 2 || v.Figures["smolvlm eyes pictures/s"] != 2 {
		t.Errorf("%+v", v)
	}
	if _, ok := v.Figures["calibration eyes pictures/s"]; ok || v.Figures["calibration picture tokens/s"] != 2 {
		t.Errorf("%+v", v)
	}
	blind := all()
	delete(blind["smolvlm"].Eager, "eyes")
	if v := gpu.PyTorch(blind, nil); v.Status != gpu.Fail || !strings.HasSuffix(v.Why, "not compared: smolvlm eyes pictures/s") {
		t.Errorf("a model without its eyes: %+v", v)
	}
	torn := all()
	delete(torn, "smolvlm-fp16")
	if v := gpu.PyTorch(torn, engine.ErrEager); v.Status != gpu.Fail || !strings.Contains(v.Why, "smolvlm-fp16 eyes") || strings.Contains(v.Why, "calibration") ||
		!strings.Contains(v.Why, engine.ErrEager.Error()) {
		t.Errorf("a part of it: %+v", v)
	}
	if v := gpu.PyTorch(all(), engine.ErrEager); v.Status != gpu.Fail {
		t.Errorf("PyTorch failed: %+v", v)
	}
	if v := gpu.PyTorch(nil, nil); v.Status != gpu.Fail {
		t.Errorf("nothing was measured: %+v", v)
	}
}

// TestPyTorchThatFails fails alone: what was measured here stands.
func TestPyTorchThatFails(t *testing.T) {
	t.Parallel()
	all := map[string]gpu.Verdict{}
	err := gpu.SpeedOfCalibration(t.Context(), filepath.Dir(testmodels.Runtime(t)), weights, "/bin/false", func(v gpu.Verdict) { all[v.Name] = v })
	if err != nil || len(all) != 2 || all["speed-calibration"].Status != gpu.Pass || all["speed-calibration"].Figures["encode_ms"] <= 0 {
		t.Errorf("%v: %+v", err, all)
	}
	if v := all["pytorch"]; v.Status != gpu.Fail || !strings.Contains(v.Why, "exit status 1") {
		t.Errorf("%+v", v)
	}
}

// TestAProgramThatFailsAfterItsRecord has not passed.
func TestAProgramThatFailsAfterItsRecord(t *testing.T) {
	t.Parallel()
	died, v := errors.New("exit status 2"), gpu.Verdict{Name: "smoke-standard", Status: gpu.Pass, Why: "fine"}
	if got := gpu.SmokeEnded(v, nil, ""); got.Status != gpu.Pass || got.Why != "fine" {
		t.Errorf("%+v", got)
	}
	if got := gpu.SmokeEnded(v, died, "goroutine leak"); got.Status != gpu.Fail || got.Name != v.Name || !strings.Contains(got.Why, "exit status 2: goroutine leak") {
		t.Errorf("%+v", got)
	}
	v.Status = gpu.Fail
	if got := gpu.SmokeEnded(v, died, ""); got.Why != "fine" {
		t.Errorf("%+v", got)
	}
}

func TestParseLibraries(t *testing.T) {
	t.Parallel()
	const text = "\tlinux-vdso.so.1 (0x00007f)\n\tlibopus.so.0 => /lib/x/libopus.so.0 (0x00007f)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x00007f)\n" +
		"\tlibstdc++.so.6 => /lib/x/libstdc++.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n"
	items, err := gpu.ParseLibraries(text)
	if err != nil || len(items) != 1 {
		t.Fatalf("%v, %v", items, err)
	}
	if _, err := gpu.ParseLibraries(text + "\tlibgone.so.1 => not found\n"); !errors.Is(err, gpu.ErrMissing) || !strings.Contains(err.Error(), "libgone.so.1") {
		t.Errorf("a library that is not there: %v", err)
	}
}

// TestDeviceLibraries: only folders with libraries of the versions that the provider is built for
// are taken.
func TestDeviceLibraries(t *testing.T) {
	t.Parallel()
	folder := func(names ...string) string {
		dir := t.TempDir()
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	right, old, none := folder("libcudart.so.13", "readme"), folder("libcudart.so.12", "libcublas.so.12"), folder()
	got := gpu.DeviceLibraries(none, right, old, right)
	if !slices.Contains(got, right) || slices.Contains(got, old) || slices.Contains(got, none) || got[0] != right {
		t.Errorf("%q", got)
	}
}

func TestAPythonWithoutTorch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, says := range map[string]string{
		filepath.Join(dir, "gone"):                               "no torch",
		program("fails", "echo broken >&2; exit 4"):              "broken",
		program("talks", "echo hello"):                           "no torch",
		program("bare", `echo '{"torch":"","why":"no module"}'`): "no module",
		program("blind", `echo '{"torch":"2.0","card":false}'`):  "sees no card",
	} {
		if _, why := gpu.AskPython(t.Context(), path); !strings.Contains(why, says) {
			t.Errorf("%s: %q", path, why)
		}
	}
	if torch, why := gpu.AskPython(t.Context(), program("whole", `echo '{"torch":"2.15","card":true}'`)); torch != "2.15" || why != "" {
		t.Errorf("%q, %q", torch, why)
	}
}
