package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDoctorNamesWhatIsMissing where no model is installed: exit 1, each with what to run, in text
// and in JSON alike.
func TestDoctorNamesWhatIsMissing(t *testing.T) {
	cleanEnv(t)
	by := diagnosed(t)
	for _, id := range []string{"runtime-cpu", "silero-vad", "whisper-base.en"} {
		c := by["model "+id]
		if c.Status != checkMissing || c.Fix != "sensory-agent models pull "+id || !strings.Contains(c.Detail, os.Getenv("SENSORY_AGENT_MODELS")) {
			t.Errorf("%+v", c)
		}
	}
	if c := by["model calibration"]; c.Status != checkOK || c.Detail != "inside this program" {
		t.Errorf("%+v", c)
	}
	if c := by["onnx runtime"]; c.Status != checkMissing || c.Fix == "" {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"program", "configuration", "processor", "decoder vp8", "decoder av1", "loopback"} {
		if by[name].Status != checkOK {
			t.Errorf("%s: %+v", name, by[name])
		}
	}
	for name, says := range map[string]string{
		"listener": opsAddress, "listener token": "this machine only", "console": "built in", "traces": "nothing is traced", "livekit": "no server is named",
		"systemd unit": "", "store": "nothing is kept", "livekit-server": "", "espeak-ng": "", "flite": "", "npm": "", "python3": "",
	} {
		if c := by[name]; c.Name == "" || c.Status == checkMissing && says != "" || !strings.Contains(c.Detail, says) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	code, text, errs := runProgram(t, "doctor")
	missing := 0
	for _, c := range by {
		if !strings.Contains(text, c.Name) {
			t.Errorf("the text does not name %s", c.Name)
		}
		if c.Status == checkMissing {
			missing++
		}
	}
	if code != exitFailed || errs != "" || missing < 6 || strings.Count(text, "→ sensory-agent models pull ") < 6 ||
		!strings.HasSuffix(text, " missing: the arrows say what to run\n") {
		t.Errorf("code %d, %s\n%s", code, errs, text)
	}
}

// diagnosed are the lines of the doctor, by name, where something is missing.
func diagnosed(t *testing.T, args ...string) map[string]check {
	t.Helper()
	code, out, errs := runProgram(t, append([]string{"doctor", "--json"}, args...)...)
	var checks []check
	if err := json.Unmarshal([]byte(out), &checks); code != exitFailed || errs != "" || err != nil {
		t.Fatalf("code %d, %v, %s", code, err, errs)
	}
	by := map[string]check{}
	for _, c := range checks {
		if by[c.Name].Name != "" || c.Detail == "" || !slices.Contains([]string{checkOK, checkMissing, checkNote}, c.Status) {
			t.Errorf("%+v", c)
		}
		by[c.Name] = c
	}
	return by
}

func TestDoctorLooksWhereItIsTold(t *testing.T) {
	cleanEnv(t)
	dir := filepath.Join(t.TempDir(), "elsewhere")
	if _, out, _ := runProgram(t, "doctor", "--models-dir", dir); !strings.Contains(out, "absent in "+dir) {
		t.Errorf("%s", out)
	}
	bad := configFile(t, "jion: {voice: x}\n")
	code, out, _ := runProgram(t, "doctor", "--config", bad)
	if code != exitFailed || !strings.Contains(out, "missing  configuration") || !strings.Contains(out, "jion") {
		t.Errorf("a configuration file that is wrong: code %d\n%s", code, out)
	}
	t.Setenv("SENSORY_AGENT_CATALOG", bad)
	if code, out, _ := runProgram(t, "doctor"); code != exitFailed || !strings.Contains(out, "missing  models") {
		t.Errorf("a catalog that is wrong: code %d\n%s", code, out)
	}
}

func TestPortsAreTried(t *testing.T) {
	if c := checkPorts(); c.Status != checkOK || !strings.HasPrefix(c.Detail, "a port can be opened (127.0.0.1:") {
		t.Errorf("%+v", c)
	}
}

// TestProgramsAreLookedFor by name, with what to install where they are needed.
func TestProgramsAreLookedFor(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, absent := range []string{checkMissing, checkNote} {
		c := checkProgram(t.Context(), "espeak-ng", "phonemes", absent, "--version")
		if c.Status != absent || c.Fix != "apt-get install espeak-ng" || !strings.Contains(c.Detail, "needed for phonemes") {
			t.Errorf("%+v", c)
		}
	}
	path := filepath.Join(t.TempDir(), "tool")
	script := "#!/bin/sh\necho 'tool 1.2'\necho \"$LIVEKIT_API_SECRET\"\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { // a program
		t.Fatal(err)
	}
	t.Setenv("LIVEKIT_API_SECRET", "hunter2")
	t.Setenv("PATH", filepath.Dir(path))
	c := checkProgram(t.Context(), "tool", "tests", checkMissing)
	if c.Status != checkOK || c.Detail != path+" (tool 1.2)" || c.Fix != "" {
		t.Errorf("%+v", c)
	}
}
