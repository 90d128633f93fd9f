package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/crowd/floor"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// TestBenchFloor holds a real conversation of three turns. What goes wrong in time says little on a
// busy machine; that two personas are never heard at once holds on any, but for what is late on its
// way.
func TestBenchFloor(t *testing.T) {
	testmodels.Runtime(t)
	testmodels.Path(t, "whisper-base.en", "encoder_model_int8.onnx")
	testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	if _, err := livekit.FindBinary(); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, nil, "bench", "floor", "--turns", "3", "--personas", "3", "--json")
	var r floor.Result
	for p.lines.Scan() {
		if err := json.Unmarshal(p.lines.Bytes(), &r); err != nil {
			t.Errorf("%v: %s", err, p.lines.Text())
		}
	}
	if code := p.wait(); code != 0 && code != exitFailed {
		t.Fatalf("code %d: %s", code, p.stderr.String())
	}
	if r.Turns != 3 || r.Personas != 3 || r.Kinds[floor.Open] != 2 || r.Kinds[floor.Interrupted] != 1 || r.Spans < 3 || r.OverlapMS > 100 {
		t.Errorf("%+v\n%s", r, p.stderr.String())
	}
	for _, c := range []struct{ args, says string }{{"--turns 0", "0 turns"}, {"--personas 1", "2 to 10"}, {"--personas 11", "2 to 10"}} {
		if code, _, errs := runProgram(t, append([]string{"bench", "floor"}, strings.Fields(c.args)...)...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: code %d, %s", c.args, code, errs)
		}
	}
}
