package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func TestSessionsRefuseWhatCannotBeMeasured(t *testing.T) {
	for _, args := range []string{"--n -1", "--n 1001", "--n 1,4 --cpu-profile x", "--seconds 0", "--fps 0", "--url ws://127.0.0.1:1"} {
		code, _, stderr := runProgram(t, append([]string{"bench", "sessions"}, strings.Fields(args)...)...)
		if code != exitUsage || stderr == "" {
			t.Errorf("%s: exit %d, %q", args, code, stderr)
		}
	}
}

// TestSessionsMeasureARoom runs the benchmark as people do, with nobody speaking: what is answered in which time says little on a busy
// machine. Cores of three processes and memory are measured, and the humans have ended.
func TestSessionsMeasureARoom(t *testing.T) {
	testmodels.Runtime(t)
	for id, file := range map[string]string{"silero-vad": "silero_vad.onnx", "moonshine-tiny": "encoder_model.ort", "whisper-base.en": "encoder_model.onnx", "piper-en_US-joe-medium": "en_US-joe-medium.onnx"} {
		testmodels.Path(t, id, file)
	}
	if _, err := livekit.FindBinary(); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, nil, "bench", "sessions", "--canned", "--silent", "--n", "1", "--seconds", "2", "--json")
	var r crowd.Record
	for p.lines.Scan() {
		if err := json.Unmarshal(p.lines.Bytes(), &r); err != nil {
			t.Errorf("%v: %s", err, p.lines.Text())
		}
	}
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("exit %d: %s", code, p.stderr.String())
	}
	var stages []string
	for _, m := range r.Memory {
		stages = append(stages, m.Stage)
	}
	if !r.Canned || !r.Silent || r.Seconds < 2 || strings.Join(stages, " ") != "process library models rooms measured" {
		t.Errorf("%+v", r)
	}
	for _, who := range []string{"service", "humans", "server"} {
		if cores := r.Cores[who]; cores <= 0 || cores > 64 {
			t.Errorf("%s uses %v cores", who, cores)
		}
	}
	if r.Goroutines < 10 || r.Asked != 0 {
		t.Errorf("%d goroutines, %d questions", r.Goroutines, r.Asked)
	}
}
