package loop_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/crowd"
	"github.com/sensory-agent/sensory-agent/crowd/loop"
)

// TestLoopResult has each stage in the order in which it was seen first.
func TestLoopResult(t *testing.T) {
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	trace := func(scale int) reply.Trace {
		at := func(ms int) time.Time { return begin.Add(time.Duration(ms*scale) * time.Millisecond) }
		return reply.Trace{
			SpeechEnd: begin, EndOfTurn: at(100), Begin: at(100), Features: at(110), FirstToken: at(150), FirstClause: at(170),
			FirstPCM: at(190), FirstPacket: at(200), Done: at(900),
		}
	}
	r := loop.Result{Bench: "loop", Host: "a machine", Voice: "joe", Measured: loop.Measured{Turns: 3, Right: 2}}
	r.Add([]reply.Trace{trace(1), trace(2), trace(3)})
	if r.Latency != (crowd.Spread{P50: 400, P95: 600, Max: 600}) || r.Stages["first token"] != (crowd.Spread{P50: 80, P95: 120, Max: 120}) || len(r.Stages) != 6 || r.StageList[0] != "end of turn" {
		t.Errorf("%+v", r)
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a machine\nvoice joe, 3 turns, 2 answers right", "end of speech → first packet       p50     400   p95     600   max     600 ms\n",
		"  first token                      p50      80", "neither a model nor silence",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not said:\n%s", want, text.String())
		}
	}
	data, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(data), `"latency":{"p50":400,"p95":600,"max":600}`) || strings.Contains(string(data), "StageList") {
		t.Errorf("%s, %v", data, err)
	}
	if strings.Contains(text.String(), "speculating") {
		t.Errorf("nobody did:\n%s", text.String())
	}
	ahead, dropped := trace(1), trace(2)
	ahead.Ahead, ahead.FirstPCM = 60*time.Millisecond, begin.Add(95*time.Millisecond)
	dropped.Discarded = []reply.Discard{{Why: "differs"}, {Why: "resumed"}, {Why: "differs"}}
	r.Speculated = &loop.Speculated{Measured: loop.Measured{Turns: 2, Right: 1}}
	r.Speculated.Add([]reply.Trace{ahead, dropped})
	text.Reset()
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"speculating: 2 turns, 1 answers right, 1 thought of ahead, 2 for nothing (differs), 1 for nothing (resumed)\nend of speech",
		"question certain → first packet    p50     200   p95     200   max     200 ms\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not said:\n%s", want, text.String())
		}
	}
	var none loop.Result
	if none.Add(nil); none.Latency != (crowd.Spread{}) || none.StageList != nil {
		t.Errorf("%+v", none)
	}
}
