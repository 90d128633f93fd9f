package loop

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/crowd"
)

// Result is what was measured. Times are in milliseconds.
type Result struct {
	Bench  string  `json:"bench"`
	Host   string  `json:"host"`
	Voice  string  `json:"voice"`
	LoadMS float64 `json:"load_ms"`
	JoinMS float64 `json:"join_ms"`
	Measured
	// Speculated are the same questions, of a persona that thinks before they are certain; nil
	// where none were asked of it.
	Speculated *Speculated `json:"speculated,omitempty"`
}

// Measured are the figures of some turns.
type Measured struct {
	// Turns were asked, of which Right were answered with what the picture shows.
	Turns int `json:"turns"`
	Right int `json:"right"`
	// Latency is from the end of speech to the first packet, Certain from the moment at which the
	// question was certain: its turn had ended and its transcript was there. Overhead is what of
	// Latency is neither a model nor the wait for the end of turn, Stages the bare times on the
	// critical path.
	Latency   crowd.Spread            `json:"latency"`
	Certain   crowd.Spread            `json:"certain"`
	Overhead  crowd.Spread            `json:"overhead"`
	Stages    map[string]crowd.Spread `json:"stages"`
	StageList []string                `json:"-"` // the stages in their order
}

// Speculated are the figures of turns whose answers could be thought of ahead.
type Speculated struct {
	Measured
	// Ahead is how many answers were, Discarded why others were thought of for nothing, and how
	// often.
	Ahead     int            `json:"ahead"`
	Discarded map[string]int `json:"discarded,omitempty"`
}

// Add adds turns up.
func (m *Measured) Add(traces []reply.Trace) {
	var latency, certain, overhead []float64
	stages := map[string][]float64{}
	for _, t := range traces {
		latency, certain, overhead = append(latency, ms(t.Latency())), append(certain, ms(t.Answering())), append(overhead, ms(t.Overhead()))
		for _, s := range t.Waterfall() {
			if stages[s.Name] == nil {
				m.StageList = append(m.StageList, s.Name)
			}
			stages[s.Name] = append(stages[s.Name], ms(s.Took))
		}
	}
	m.Latency, m.Certain, m.Overhead = crowd.SpreadOf(latency), crowd.SpreadOf(certain), crowd.SpreadOf(overhead)
	m.Stages = map[string]crowd.Spread{}
	for name, values := range stages {
		m.Stages[name] = crowd.SpreadOf(values)
	}
}

// Add adds turns up.
func (s *Speculated) Add(traces []reply.Trace) {
	s.Measured.Add(traces)
	for _, t := range traces {
		if t.Ahead > 0 {
			s.Ahead++
		}
		for _, d := range t.Discarded {
			if s.Discarded == nil {
				s.Discarded = map[string]int{}
			}
			s.Discarded[d.Why]++
		}
	}
}

// Print writes the result for people.
func (r *Result) Print(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\nvoice %s, %d turns, %d answers right, models loaded in %.0f ms, joined in %.0f ms\n",
		r.Host, r.Voice, r.Turns, r.Right, r.LoadMS, r.JoinMS)
	r.rows(&s)
	if x := r.Speculated; x != nil {
		fmt.Fprintf(&s, "speculating: %d turns, %d answers right, %d thought of ahead", x.Turns, x.Right, x.Ahead)
		for _, why := range slices.Sorted(maps.Keys(x.Discarded)) {
			fmt.Fprintf(&s, ", %d for nothing (%s)", x.Discarded[why], why)
		}
		s.WriteString("\n")
		x.rows(&s)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

func (m *Measured) rows(s *strings.Builder) {
	row := func(name string, v crowd.Spread) {
		fmt.Fprintf(s, "%-34s p50 %7.0f   p95 %7.0f   max %7.0f ms\n", name, v.P50, v.P95, v.Max)
	}
	row("end of speech → first packet", m.Latency)
	for _, name := range m.StageList {
		row("  "+name, m.Stages[name])
	}
	row("question certain → first packet", m.Certain)
	row("neither a model nor silence", m.Overhead)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
