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
	for _, args := range []string{
		"--n -1", "--n 1001", "--n 1,4 --cpu-profile x", "--seconds 0", "--fps 0", "--url ws://127.0.0.1:1",
		"--personas 0", "--personas 101", "--personas 2 --n 2", "--personas 1,5 --alloc-profile x", "--second-voice nobody", "--second-voice espeak --n 2",
		"--second-voice espeak --canned", "--second-voice espeak --personas 2",
	} {
		code, _, stderr := runProgram(t, append([]string{"bench", "sessions"}, strings.Fields(args)...)...)
		if code != exitUsage || stderr == "" {
			t.Errorf("%s: exit %d, %q", args, code, stderr)
		}
	}
}

// TestSessionsMeasureARoom runs the benchmark as people do, with nobody speaking: what is answered
// in which time says little on a busy machine. Cores of three processes and memory are measured,
// and the humans have ended.
func TestSessionsMeasureARoom(t *testing.T) {
	r := sessions(t, "--canned", "--silent", "--n", "1")
	if !r.Canned || !r.Silent || r.Seconds < 2 || stages(r) != "process library models rooms measured" {
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

// TestSessionsMeasureAPanel: two personas in one room that nobody calls.
func TestSessionsMeasureAPanel(t *testing.T) {
	r := sessions(t, "--canned", "--silent", "--personas", "2")
	p := r.Panel
	if p == nil || p.Personas != 2 || p.Replies != 0 || p.Alone < 0 || p.ToOne != nil {
		t.Fatalf("%+v", p)
	}
	if diff := r.Cores["service"] - p.Alone - p.Human; diff > 1e-9 || diff < -1e-9 {
		t.Errorf("%v cores are %v alone and %v for the human", r.Cores["service"], p.Alone, p.Human)
	}
}

// TestSessionsMeasureASecondVoice: both personas greet the human, each with its own voice.
func TestSessionsMeasureASecondVoice(t *testing.T) {
	r := sessions(t, "--second-voice", "espeak")
	v := r.SecondVoice
	if v == nil || v.Voice != "espeak" || stages(r) != "process library models rooms first voice second measured" {
		t.Fatalf("%+v, %s", v, stages(r))
	}
	if sum := v.VoiceMB + v.RestMB - v.TotalMB; sum > 1e-9 || sum < -1e-9 {
		t.Errorf("%v and %v MB are %v", v.VoiceMB, v.RestMB, v.TotalMB)
	}
	if v.TotalMB > 60 {
		t.Errorf("a persona whose voice is a process of its own adds %.1f MB: something was loaded twice", v.TotalMB)
	}
}

// sessions runs the benchmark for 2 s and returns what it printed.
func sessions(t *testing.T, args ...string) (r crowd.Record) {
	t.Helper()
	testmodels.Runtime(t)
	for id, file := range map[string]string{"silero-vad": "silero_vad.onnx", "moonshine-tiny": "encoder_model.ort", "whisper-base.en": "encoder_model.onnx", "piper-en_US-joe-medium": "en_US-joe-medium.onnx"} {
		testmodels.Path(t, id, file)
	}
	if _, err := livekit.FindBinary(); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, nil, append([]string{"bench", "sessions", "--seconds", "2", "--json"}, args...)...)
	for p.lines.Scan() {
		if err := json.Unmarshal(p.lines.Bytes(), &r); err != nil {
			t.Errorf("%v: %s", err, p.lines.Text())
		}
	}
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("exit %d: %s", code, p.stderr.String())
	}
	return r
}

// stages are those at which memory was looked at.
func stages(r crowd.Record) string {
	var out []string
	for _, m := range r.Memory {
		out = append(out, m.Stage)
	}
	return strings.Join(out, " ")
}
