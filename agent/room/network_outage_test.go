package room_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

// BenchmarkOutage takes the figures of a server that is away for 5 s in the middle of a sentence:
// how long after it is there again the persona is, and what became of its words.
func BenchmarkOutage(t *testing.B) {
	folder := os.Getenv(networkFolder)
	if folder == "" {
		t.Fatal("scripts/bench-network says where the figures go")
	}
	const answer = "One and two and three and four and five and six and seven and eight and nine and ten and eleven and twelve."
	server, _, _, w := counting(t, answer)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	w.wait(t, "the loss of the connection", func(e room.Event) bool { r, ok := e.(room.ReadyChanged); return ok && !r.Ready && r.Err != nil })
	lost := len(w.all())
	time.Sleep(5 * time.Second)
	startAgain(t, server)
	there := time.Now()
	until(t, "the persona is back", func() bool {
		return slices.ContainsFunc(w.all()[lost:], func(e room.Event) bool { r, ok := e.(room.ReadyChanged); return ok && r.Ready })
	})
	back := time.Since(there)
	trace, words := w.turn(t), "said"
	if trace.Err != nil || trace.Answer != answer {
		words = fmt.Sprintf("reported as lost: %v", trace.Err)
	}
	result := struct {
		Bench  string  `json:"bench"`
		AwayMS float64 `json:"away_ms"`
		BackMS float64 `json:"back_ms"`
		Words  string  `json:"words"`
	}{"outage", 5000, float64(back.Milliseconds()), words}
	if back > 3*time.Second {
		t.Errorf("back after %v", back)
	}
	save(t, folder, "outage", result, fmt.Sprintf("a server that is away for 5 s in the middle of a sentence\n%-44s %8.0f\n%-44s %8s\n",
		"server there → persona back, ms (≤ 3000)", result.BackMS, "the words of the outage were", words))
}
