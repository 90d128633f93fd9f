package loop

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/crowd"
)

// Result is what was measured. Times are in milliseconds.
type Result struct {
	Bench string `json:"bench"`
	Host  string `json:"host"`
	Voice string `json:"voice"`
	// Turns were asked, of which Right were answered with what the picture shows.
	Turns  int     `json:"turns"`
	Right  int     `json:"right"`
	LoadMS float64 `json:"load_ms"`
	JoinMS float64 `json:"join_ms"`
	// Latency is from the end of speech to the first packet, Overhead what of it is neither a model nor
	// the wait for the end of turn, Stages the bare times on the critical path.
	Latency   crowd.Spread            `json:"latency"`
	Overhead  crowd.Spread            `json:"overhead"`
	Stages    map[string]crowd.Spread `json:"stages"`
	StageList []string                `json:"-"` // the stages in their order
}

// Add adds turns up.
func (r *Result) Add(traces []reply.Trace) {
	var latency, overhead []float64
	stages := map[string][]float64{}
	for _, t := range traces {
		latency, overhead = append(latency, ms(t.Latency())), append(overhead, ms(t.Overhead()))
		for _, s := range t.Waterfall() {
			if stages[s.Name] == nil {
				r.StageList = append(r.StageList, s.Name)
			}
			stages[s.Name] = append(stages[s.Name], ms(s.Took))
		}
	}
	r.Latency, r.Overhead, r.Stages = crowd.SpreadOf(latency), crowd.SpreadOf(overhead), map[string]crowd.Spread{}
	for name, values := range stages {
		r.Stages[name] = crowd.SpreadOf(values)
	}
}

// Print writes the result for people.
func (r *Result) Print(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\nvoice %s, %d turns, %d answers right, models loaded in %.0f ms, joined in %.0f ms\n",
		r.Host, r.Voice, r.Turns, r.Right, r.LoadMS, r.JoinMS)
	row := func(name string, v crowd.Spread) {
		fmt.Fprintf(&s, "%-34s p50 %7.0f   p95 %7.0f   max %7.0f ms\n", name, v.P50, v.P95, v.Max)
	}
	row("end of speech → first packet", r.Latency)
	for _, name := range r.StageList {
		row("  "+name, r.Stages[name])
	}
	row("neither a model nor silence", r.Overhead)
	_, err := io.WriteString(w, s.String())
	return err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
