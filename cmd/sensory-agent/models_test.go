package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// runModels runs "models ARGS" with its own models folder and catalog, and returns both outputs.
func runModels(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := newRootCommand(&rootFlags{})
	var out, errs bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(append([]string{"models"}, args...))
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

// modelsFixture serves one small model "tiny" and returns its bytes.
func modelsFixture(t *testing.T) []byte {
	t.Helper()
	data := bytes.Repeat([]byte("weights "), 4000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	t.Cleanup(srv.Close)
	sum := sha256.Sum256(data)
	path := filepath.Join(t.TempDir(), "models.yaml")
	text := fmt.Sprintf(`models:
  - {id: tiny, name: Tiny, kind: model, family: idefics3, capabilities: [chat, vision], context: 8192, licence: MIT, licence_note: read me, memory_mb: 1, rank: 99,
     files: [{path: a.onnx, size: %d, sha256: %s, sources: [{url: "%s/a.onnx"}]}]}
  - {id: gone, name: Gone, kind: component, licence: MIT, files: [{path: a.onnx, size: 1, sha256: %s, sources: [{url: "%s/a.onnx"}]}]}
sets: {mine: [tiny, calibration]}
profiles:
  - {id: eyes, native: [chat, vision], residency: any, providers: local-only}
  - {id: gpu-eyes, native: [chat, vision], context_min: 4096, residency: gpu-or-unified, providers: local-only}
`, len(data), hex.EncodeToString(sum[:]), srv.URL, hex.EncodeToString(sum[:]), srv.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SENSORY_AGENT_CATALOG", path)
	t.Setenv("SENSORY_AGENT_MODELS", filepath.Join(t.TempDir(), "models"))
	return data
}

func TestModelsPullListVerifyRemove(t *testing.T) {
	data := modelsFixture(t)
	out, progress, err := runModels(t, "pull", "--set", "mine")
	if err != nil || !strings.Contains(out, "fetched 1 of 1 files, 32.0 kB (licence MIT: read me)") || !strings.Contains(out, "inside this program") {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(progress, "tiny/a.onnx: trying url ") || !strings.Contains(progress, "tiny/a.onnx: 32.0 kB in ") {
		t.Fatalf("progress:\n%s", progress)
	}
	out, progress, err = runModels(t, "pull", "tiny", "--json")
	var results []models.Result
	if err != nil || json.Unmarshal([]byte(out), &results) != nil || results[0].Kept != 1 || results[0].Fetched != 0 || progress != "" {
		t.Fatalf("%v\n%s\n%s", err, out, progress)
	}
	out, _, err = runModels(t, "list", "--installed", "--json")
	var rows []modelsListRow
	if err != nil || json.Unmarshal([]byte(out), &rows) != nil || len(rows) != 2 || rows[1].ID != "tiny" || rows[1].State != "installed" || rows[0].State != "embedded" {
		t.Fatalf("%v\n%s", err, out)
	}
	path := filepath.Join(rows[1].Path, "a.onnx")
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("bytes at %s differ: %v", path, err)
	}
	if out, _, err = runModels(t, "verify"); err != nil || !strings.Contains(out, "ok     tiny/a.onnx") || !strings.Contains(out, "calibration/config.json") {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(path, bytes.ToUpper(data), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err = runModels(t, "verify", "tiny", "--json")
	if verdictCode(err) != 1 || !errors.Is(err, models.ErrDigest) || !strings.Contains(out, `"ok": false`) {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, _, err = runModels(t, "remove", "tiny"); err != nil || !strings.Contains(out, "freed 3") {
		t.Fatalf("%v\n%s", err, out)
	}
	local := filepath.Join(t.TempDir(), "my.onnx")
	if err := os.WriteFile(local, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, err = runModels(t, "import", "tiny", local); err != nil || !strings.Contains(out, "fetched 1 of 1") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestModelsListText(t *testing.T) {
	modelsFixture(t)
	out, _, err := runModels(t, "list")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"smolvlm-256m-instruct (unverified)", "* smolvlm-256m-instruct is unverified: ", "embedded  ", "set mine: tiny, calibration",
		"fine-tuned from Piper's lessac voice", "models folder: ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("list lacks %q:\n%s", want, out)
		}
	}
}

func TestModelsExitCodes(t *testing.T) {
	modelsFixture(t)
	bad := filepath.Join(t.TempDir(), "host.json")
	if err := os.WriteFile(bad, []byte(`{"cores": "two"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
	}{
		{"list", 0},
		{"list extra", 2},
		{"bogus", 2},
		{"pull", 2},
		{"pull --nonsense tiny", 2},
		{"pull nobody", 2},
		{"pull gone", 1},
		{"pull tiny --offline", 1},
		{"remove", 2},
		{"remove nobody", 2},
		{"import tiny", 2},
		{"import tiny /nowhere/at/all", 1},
		{"verify nobody", 2},
		{"verify tiny", 1},
		{"resolve --profile nobody", 2},
		{"resolve --host " + bad, 2},
		{"resolve --profile gpu-eyes --host /nowhere.json", 2},
	} {
		if _, _, err := runModels(t, strings.Fields(c.args)...); verdictCode(err) != c.code {
			t.Errorf("models %s: exit %d (%v), want %d", c.args, verdictCode(err), err, c.code)
		}
	}
}

func TestModelsPullErrorSaysHowToContinue(t *testing.T) {
	modelsFixture(t)
	_, _, err := runModels(t, "pull", "gone")
	if !errors.Is(err, models.ErrSize) || !strings.Contains(err.Error(), "1. url http://") || !strings.Contains(err.Error(), "to continue run: sensory-agent models pull gone") {
		t.Fatalf("got %v", err)
	}
}

const modelsGPUHost = `{"os":"linux","arch":"amd64","cores":8,"memory_bytes":64000000000,"memory_free":60000000000,
"gpus":[{"index":0,"name":"a card","provider":"cuda","memory_bytes":24000000000,"memory_free":23000000000}]}`

func TestModelsResolve(t *testing.T) {
	modelsFixture(t)
	host := filepath.Join(t.TempDir(), "host.json")
	if err := os.WriteFile(host, []byte(modelsGPUHost), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := runModels(t, "resolve", "--profile", "gpu-eyes", "--host", host, "--assume-installed", "--json")
	var res model.Resolution
	if err != nil || json.Unmarshal([]byte(out), &res) != nil || res.Base.ID != "tiny" || res.Silicon != model.SiliconGPU || res.Library.ID != "runtime-cuda" {
		t.Fatalf("%v\n%s", err, out)
	}
	out, _, err = runModels(t, "resolve", "--profile", "gpu-eyes", "--host", host, "--json")
	var refused modelsRefused
	if verdictCode(err) != 1 || json.Unmarshal([]byte(out), &refused) != nil || refused.Error != "not_installed" ||
		refused.Refusal.Command != "sensory-agent models pull tiny runtime-cuda whisper-base.en piper-en_US-joe-medium silero-vad moonshine-tiny" {
		t.Fatalf("%v\n%s", err, out)
	}
	out, _, err = runModels(t, "resolve", "--profile", "eyes", "--host", host, "--explain", "--assume-installed")
	if err != nil || !strings.Contains(out, "smollm2-135m-instruct: vision") || !strings.Contains(out, "it runs on gpu (a card) with onnxruntime/cuda") {
		t.Fatalf("%v\n%s", err, out)
	}
	out, _, err = runModels(t, "resolve", "--print-host")
	var facts model.Host
	if err != nil || json.Unmarshal([]byte(out), &facts) != nil || facts.Cores == 0 || facts.MemoryBytes == 0 || len(facts.Families) == 0 {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestModelsResolveStandardWithoutGPU(t *testing.T) {
	modelsFixture(t)
	host := filepath.Join(t.TempDir(), "host.json")
	if err := os.WriteFile(host, []byte(`{"os":"linux","arch":"amd64","cpu":"two slow cores","cores":2,"memory_bytes":16000000000,"memory_free":12000000000,"gpus":[],"gpu_problem":"no driver"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := runModels(t, "resolve", "--profile", "standard", "--host", host)
	if !errors.Is(err, model.ErrResidency) || verdictCode(err) != 1 {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"no usable GPU: no driver", "candidate smolvlm-256m-instruct would run on cpu (two slow cores)", "calibration: a context window of 4096 tokens", "runtime-cuda"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message lacks %q:\n%v", want, err)
		}
	}
}
