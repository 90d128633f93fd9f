package engine_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/bench/engine"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

const calibration = "../../models/calibration/weights"

// run runs the program and returns its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, failed strings.Builder
	code = engine.Main(t.Context(), args, &out, &failed)
	return code, out.String(), failed.String()
}

// TestMeasureOnAProcessor measures the calibration model, frame to answer.
func TestMeasureOnAProcessor(t *testing.T) {
	code, out, failed := run(t, "measure", "--dir", calibration, "--provider", "cpu", "--runtime", testmodels.Runtime(t), "--rounds", "2",
		"--cases", "text,picture,eyes", "--tokens", "8", "--threads", "1", "--spin=false", "--json")
	if code != 0 {
		t.Fatalf("code %d: %s", code, failed)
	}
	var r engine.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Cases) != 2 || r.Cases[1].ImageRows != 64 || len(r.Cases[1].Prompt) <= 64 || len(r.Cases[1].IDs) == 0 {
		t.Errorf("cases %+v", r.Cases)
	}
	for _, c := range r.Cases {
		if c.FirstToken <= 0 || c.Rate <= 0 {
			t.Errorf("%s: first token %g ms, %g tokens/s", c.Name, c.FirstToken, c.Rate)
		}
	}
	if r.Pictures == nil || r.Pictures.Side != 128 || r.Pictures.PerSec <= 0 || r.Pictures.FirstToken <= 0 || r.HostBytes == 0 || r.DeviceBytes != 0 {
		t.Errorf("pictures %+v, %d bytes of host, %d of device", r.Pictures, r.HostBytes, r.DeviceBytes)
	}
}

// TestNoDeviceIsAnError asks for CUDA with a library that has none: the provider is opened before
// the model, whose folder does not exist.
func TestNoDeviceIsAnError(t *testing.T) {
	code, out, failed := run(t, "measure", "--dir", filepath.Join(t.TempDir(), "none"), "--runtime", testmodels.Runtime(t))
	if code != 1 || out != "" || !strings.Contains(failed, "cuda: execution provider unavailable") {
		t.Errorf("code %d, wrote %q, said %q", code, out, failed)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"dance"}, {"measure"}, {"measure", "--dir", "x", "--rounds", "0"}, {"measure", "--no-such"}, {"measure", "--dir", "x", "more"}, {"measure", "--dir", "x", "--provider", "tpu"}, {"write"}} {
		if code, _, failed := run(t, args...); code != 2 || !strings.Contains(failed, "usage") {
			t.Errorf("%q: code %d, said %q", args, code, failed)
		}
	}
}

// TestPythonThatFails names the program's own words, and what was measured here is told all the
// same.
func TestPythonThatFails(t *testing.T) {
	code, out, failed := run(t, "measure", "--dir", calibration, "--provider", "cpu", "--runtime", testmodels.Runtime(t), "--rounds", "1",
		"--cases", "text", "--python", "/bin/false", "--json")
	if code != 1 || !strings.Contains(failed, "pytorch") {
		t.Errorf("code %d, said %q", code, failed)
	}
	var r engine.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Cases) != 1 || r.Cases[0].FirstToken <= 0 || len(r.Eager) != 0 {
		t.Errorf("%v: told %q", err, out)
	}
}

// TestLinksNeitherOpenCVNorFFmpeg lists what the program is built from.
func TestLinksNeitherOpenCVNorFFmpeg(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/sensory-agent/sensory-agent/cmd/engine-bench").Output()
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
