package smoke_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/smoke"
)

// build compiles the program once for the tests, as an operator would get it.
func build(t *testing.T) string {
	t.Helper()
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model.onnx")
	testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	testmodels.Path(t, "smollm2-135m-instruct", "onnx/decoder_model_merged.onnx")
	testmodels.Path(t, "pp-ocr-v6-tiny", "PP-OCRv6_rec_tiny.onnx")
	testmodels.Path(t, "efficientnet-lite2", "classifier.onnx")
	binary := filepath.Join(t.TempDir(), "sensory-agent")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../cmd/sensory-agent").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	server, err := filepath.Abs("../bin/livekit-server")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SENSORY_AGENT_LIVEKIT_SERVER", server)
	return binary
}

// run runs the smoke, with the profile embedded unless args name another one, and returns its
// record, exit code and output.
func run(t *testing.T, binary string, env []string, args ...string) (smoke.Record, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"smoke", "sensory", "--profile", "embedded"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if ctx.Err() != nil {
		t.Fatalf("the smoke did not end: %s", out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var record smoke.Record
	if jerr := json.Unmarshal([]byte(lines[len(lines)-1]), &record); jerr != nil {
		t.Fatalf("the last line is no record (%v, %v): %s", jerr, err, out)
	}
	return record, cmd.ProcessState.ExitCode()
}

// TestSensorySmoke reaches every bucket. Where the answer counts the seeds are given: which seeds
// the calibration model answers is for its card to say, and a share of them it does not.
func TestSensorySmoke(t *testing.T) {
	binary := build(t)
	for _, c := range []struct {
		name string
		args []string
		env  []string
		want smoke.Bucket
		code int
		kind string
	}{
		{name: "passes", args: []string{"--seed", "2000000000011"}, want: smoke.Passed},
		{name: "passes again", args: []string{"--seed", "2000000000012"}, want: smoke.Passed},
		{name: "not drawn", args: []string{"--kind", "real", "--seed", "2000000000014"}, want: smoke.Passed, kind: "real"},
		{name: "two pictures", args: []string{"--kind", "change", "--seed", "2000000000011"}, want: smoke.Passed, kind: "change"},
		{name: "a sign", args: []string{"--profile", "assisted", "--seed", "2000000000000"}, want: smoke.Passed, kind: "sign"},
		{name: "a photograph", args: []string{"--profile", "assisted", "--seed", "2000000000002", "--complete", "2m"}, want: smoke.Passed, kind: "photograph"},
		{name: "video withheld", args: []string{"--withhold", "video", "--seed", "2000000000012"}, want: smoke.VisionBlind, code: 1},
		{name: "nothing said", args: []string{"--withhold", "speech", "--complete", "5s", "--seed", "2000000000012"}, want: smoke.NoAudioPublished, code: 1},
		{name: "data not allowed", args: []string{"--withhold", "data", "--complete", "20s", "--seed", "2000000000012"}, want: smoke.NoTranscription, code: 1},
		{name: "impossible budget", args: []string{"--first-audio", "1ms", "--seed", "2000000000011"}, want: smoke.BudgetExceeded, code: 1},
		{name: "unknown voice", args: []string{"--voice", "kokoro:nobody"}, want: smoke.PersonaFailedToJoin, code: 1},
		{name: "no models", args: []string{"--models-dir", "testdata/empty"}, want: smoke.NoQualifiedModel, code: 1},
		{
			name: "no server", env: []string{"SENSORY_AGENT_LIVEKIT_SERVER=/nonexistent"},
			want: smoke.HarnessError, code: 3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			record, code := run(t, binary, c.env, c.args...)
			if record.Bucket != c.want || code != c.code || record.Passed != (c.want == smoke.Passed) {
				t.Fatalf("bucket %q, exit %d, want %q, %d: %s\n%+v", record.Bucket, code, c.want, c.code, record.Reason, record)
			}
			if record.Reason == "" || record.Seed == 0 {
				t.Errorf("record without reason or seed: %+v", record)
			}
			if c.kind != "" && record.Kind != c.kind {
				t.Errorf("shown is a picture of kind %q", record.Kind)
			}
			if c.want == smoke.Passed && (record.Control == nil || len(record.Control.Facts) > 1 || record.FirstAudioMS <= 0) {
				t.Errorf("passed without a control or a time: %+v", record)
			}
			if c.want == smoke.NoQualifiedModel && len(record.Blockers) == 0 {
				t.Error("no blocker is named")
			}
		})
	}
}
