package gpu_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"

	"github.com/sensory-agent/sensory-agent/bench/gpu"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestMain is the program as well: steps run in processes of their own.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "step" || os.Args[1] == "run") {
		os.Exit(gpu.Main(context.Background(), os.Args[0], os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const weights = "../../models/calibration/weights"

// call runs the program.
func call(t *testing.T, self string, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = gpu.Main(t.Context(), self, args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// rehearse takes one step on the processor.
func rehearse(t *testing.T, step string, more ...string) (code int, all map[string]gpu.Verdict) {
	t.Helper()
	args := append([]string{"run", "--rehearse", "--json", "--scratch", t.TempDir(), "--only", step, "--python", "/nowhere/python"}, more...)
	code, out, said := call(t, os.Args[0], args...)
	verdicts, err := gpu.ReadVerdicts(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v; code %d, said %q", err, code, said)
	}
	all = map[string]gpu.Verdict{}
	for _, v := range verdicts {
		if !strings.HasPrefix(v.Name, "rehearsal/") {
			t.Errorf("a rehearsal gives the verdict %s", v)
		}
		all[strings.TrimPrefix(v.Name, "rehearsal/")] = v
	}
	return code, all
}

// TestRehearsal takes every step but a persona's whole life, on the processor. None of it is a
// success of a card.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	runtime := filepath.Dir(testmodels.Runtime(t))
	for step, want := range map[string]map[string]gpu.Status{
		"provider":    {"provider": gpu.Pass},
		"calibration": {"tokens-calibration": gpu.Pass},
		"texture":     {"texture-square": gpu.Pass, "texture-tiles": gpu.Pass},
		"memory":      {"memory-card": gpu.Pass, "memory-limit": gpu.Skipped},
		"smolvlm":     {"tokens-smolvlm": gpu.Pass},
		"speed":       {"speed-calibration": gpu.Pass, "speed-smolvlm": gpu.Pass, "speed-smolvlm-fp16": gpu.Pass, "pytorch": gpu.Skipped},
		"smoke":       {"smoke-standard": gpu.Skipped},
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			code, all := rehearse(t, step, "--runtime", runtime, "--model", weights)
			passed := false
			for name, status := range want {
				if v := all[name]; v.Status != status {
					t.Errorf("%s", v)
				}
				passed = passed || status == gpu.Pass
				holds(t, all[name])
			}
			if len(all) != len(want) || passed && code != 3 || !passed && code != 1 {
				t.Errorf("code %d, %d verdicts", code, len(all))
			}
		})
	}
}

// holds compares what a verdict has counted with what its step is about: SmolVLM's shape is asked
// without a picture, about one in one square, and about one in four and the whole.
func holds(t *testing.T, v gpu.Verdict) {
	t.Helper()
	counted := map[string]map[string]float64{
		"rehearsal/tokens-calibration": {"answers": 9, "squares": 9},
		"rehearsal/tokens-smolvlm":     {"answers": 3, "squares": 6, "tokens": 48},
	}
	for name, want := range counted[v.Name] {
		if got := v.Figures[name]; got != want {
			t.Errorf("%s: %g %s, want %g", v.Name, got, name, want)
		}
	}
	if !strings.HasPrefix(v.Name, "rehearsal/speed-") {
		return
	}
	for _, name := range []string{
		"text_first_token_ms", "text_tokens_per_second", "picture_first_token_ms", "picture_tokens_per_second", "texture_ms", "encode_ms", "pictures_per_second",
	} {
		if !(v.Figures[name] > 0) {
			t.Errorf("%s: %s is %g", v.Name, name, v.Figures[name])
		}
	}
}

// TestAStepThatDies is a verdict on everything that it is about, and the others are taken all the
// same.
func TestAStepThatDies(t *testing.T) {
	t.Parallel()
	code, out, said := call(t, "/bin/false", "run", "--rehearse", "--runtime", "x", "--model", "y", "--scratch", t.TempDir(), "--python", "/nowhere/python")
	_, verdicts := gpu.Steps()
	if code != 1 || strings.Count(out, "fail    rehearsal/") != len(verdicts) || !strings.Contains(out, "exit status 1") || !strings.Contains(out, "nothing of this ran on a card") {
		t.Errorf("code %d, wrote %s, said %q", code, out, said)
	}
	for line := range strings.Lines(out) {
		if v, err := gpu.ParseLine(strings.TrimSpace(line)); err == nil && v.Status != gpu.Fail {
			t.Errorf("%s", line)
		}
	}
	code, out, _ = call(t, "/bin/true", "run", "--rehearse", "--runtime", "x", "--model", "y", "--scratch", t.TempDir(), "--only", "texture")
	if code != 1 || strings.Count(out, "said nothing") != 2 {
		t.Errorf("a step that says nothing: code %d, %s", code, out)
	}
}

// TestPackedAndRun packs the engine in small parts, and runs it from them, in a process that knows
// nothing else.
func TestPackedAndRun(t *testing.T) {
	t.Parallel()
	library := testmodels.Runtime(t)
	models, dir := t.TempDir(), t.TempDir()
	in := filepath.Join(models, "runtime-cuda") // the processor's library stands in for it: the packing looks at no file
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(library, filepath.Join(in, filepath.Base(library))); err != nil {
		t.Fatal(err)
	}
	const most = 8_000_000
	self := filepath.Join(t.TempDir(), "gpu-check") // the test's own program is larger than a part
	if err := os.WriteFile(self, []byte("#!/bin/sh\nexec "+os.Args[0]+" \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	code, out, said := call(t, self, "pack", dir, "--model", weights, "--models", models, "--engine-only", "--part", "8000000")
	if code != 0 || !strings.Contains(out, "gpu-check run") {
		t.Fatalf("code %d, wrote %q, said %q", code, out, said)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > most {
			t.Errorf("%s: %v, %v", f.Name(), info, err)
		}
	}
	code, all := rehearse(t, "provider", dir)
	if code != 3 || all["provider"].Status != gpu.Pass {
		t.Errorf("code %d, %v", code, all)
	}
	if err := os.Remove(filepath.Join(dir, "engine.tar.gz.02")); err != nil {
		t.Fatal(err)
	}
	code, out, said = call(t, self, "run", dir, "--rehearse", "--scratch", t.TempDir())
	if code != 1 || out != "" || !strings.Contains(said, "engine.tar.gz.02") || !strings.Contains(said, "missing") {
		t.Errorf("without a part: code %d, wrote %q, said %q", code, out, said)
	}
}

// TestNoCard: without a card that is the only verdict, and the program ends with 3 before it looks
// at anything else.
func TestNoCard(t *testing.T) {
	t.Setenv("CUDA_VISIBLE_DEVICES", "-1")
	code, out, said := call(t, os.Args[0], "run", "--runtime", "/nowhere", "--model", "/nowhere")
	if code != 3 || !strings.HasPrefix(out, "skipped gpu (0.0 s): hidden by CUDA_VISIBLE_DEVICES") || strings.Count(out, "\n") != 1 || said != "" {
		t.Errorf("code %d, wrote %q, said %q", code, out, said)
	}
	code, out, _ = call(t, os.Args[0], "run", "/nowhere", "--json")
	var v gpu.Verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 3 || v.Status != gpu.Skipped || v.Name != "gpu" {
		t.Errorf("code %d, wrote %q, %v", code, out, err)
	}
	if code, out, _ := call(t, os.Args[0], "look"); code != 3 || !strings.Contains(out, "nothing was run") {
		t.Errorf("look: code %d, wrote %q", code, out)
	}
	if names, why := gpu.Cards(nvml.New(nvml.WithLibraryPath("/nowhere/libnvidia-ml.so.1"))); len(names) != 0 || why == "" {
		t.Errorf("%q, %q", names, why)
	}
}

// TestACardIsChosenByCUDAsNumber: of those that are shown, and the smoke's program sees no other.
func TestACardIsChosenByCUDAsNumber(t *testing.T) {
	t.Setenv("CUDA_DEVICE_ORDER", "")
	t.Setenv("CUDA_VISIBLE_DEVICES", "2,0")
	lib := &mock.Interface{
		InitFunc:                   func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:               func() nvml.Return { return nvml.SUCCESS },
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "580.1", nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 3, nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) {
			return &mock.Device{
				GetNameFunc: func() (string, nvml.Return) { return fmt.Sprintf("card %d", i), nvml.SUCCESS },
				GetUUIDFunc: func() (string, nvml.Return) { return fmt.Sprintf("GPU-%d", i), nvml.SUCCESS },
				GetMemoryInfoFunc: func() (nvml.Memory, nvml.Return) {
					return nvml.Memory{Total: 8 << 30, Free: 8 << 30}, nvml.SUCCESS
				},
				GetCudaComputeCapabilityFunc: func() (int, int, nvml.Return) { return 9, 0, nvml.SUCCESS },
			}, nvml.SUCCESS
		},
	}
	for device, want := range map[int]string{0: "2", 1: "0"} {
		card, environment, told, err := gpu.CardOf(lib, device)
		if err != nil || len(told) != 0 || card != "card "+want+", 8192 MB, driver 580.1" || !slices.Contains(environment, "CUDA_VISIBLE_DEVICES=GPU-"+want) {
			t.Errorf("--device %d: %q, %q, %v, %v", device, card, environment, told, err)
		}
	}
	if _, _, told, err := gpu.CardOf(lib, 2); err != nil || len(told) != 1 || told[0].Status != gpu.Skipped || !strings.Contains(told[0].Why, "no card 2, only 2") {
		t.Errorf("a card that is hidden: %v, %v", told, err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil,
		{"dance"},
		{"run"},
		{"run", "--rehearse", "a", "b"},
		{"run", "a", "--only", "dance"},
		{"run", "a", "--within", "0s"},
		{"run", "--no-such"},
		{"pack"},
		{"pack", "a"},
		{"pack", "a", "--model", "b", "--models", "c"},
		{"pack", "a", "--model", "b", "--models", "c", "--engine-only", "--part", "0"},
		{"step"},
		{"step", "dance", "{}"},
		{"step", "provider", "["},
	} {
		if code, _, said := call(t, os.Args[0], args...); code != 2 || !strings.Contains(said, "usage") {
			t.Errorf("%q: code %d, said %q", args, code, said)
		}
	}
	if code, out, _ := call(t, os.Args[0], "run", "-h"); code != 0 || !strings.Contains(out, "-rehearse") {
		t.Errorf("help: code %d, wrote %q", code, out)
	}
}

// TestLinksNeitherOpenCVNorFFmpeg lists what the program is built from: it has to start on a bare
// machine.
func TestLinksNeitherOpenCVNorFFmpeg(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/sensory-agent/sensory-agent/cmd/gpu-check").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "cognition/generate") {
		t.Fatalf("the list is not the program's: %.200s", out)
	}
	for _, word := range []string{"gocv", "astiav", "hraban/opus", "livekit", "pion/", "sqlite"} {
		if strings.Contains(string(out), word) {
			t.Errorf("the program links %s", word)
		}
	}
}
