package race

import (
	"fmt"
	"strings"
)

// Table shows a report in Markdown.
func (r *Report) Table() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\n", r.Host)
	if len(r.Loads) > 0 {
		fmt.Fprintf(&s, "\nIn each room a person speaks for 2 s in every 8 s; %.0f s each. Times in ms.\n\n", r.Seconds)
		row(&s, "rooms", "worker", "cores", "a room", "PSS MB", "idle PSS", "processes", "first packet p50", "p95", "joined", "join p50", "p95", "asked", "lost", "early", "wrong", "ready")
		rule(&s, 17)
		for _, l := range r.Loads {
			row(&s, l.Rooms, l.Contender, f("%.3f", l.Cores), f("%.4f", l.Cores/float64(l.Rooms)), f("%.0f", l.PSSMB), f("%.0f", l.IdlePSSMB), l.Processes,
				f("%.0f", l.Latency.P50), f("%.0f", l.Latency.P95), f("%d of %d", l.Joined, l.Rooms), f("%.0f", l.Join.P50), f("%.0f", l.Join.P95),
				l.Asked, l.Asked-l.Answered-l.Early, l.Early, l.Wrong, f("%.0f", l.ReadyMS))
		}
	}
	if len(r.Dispatches) > 0 {
		s.WriteString("\nFrom the call that dispatches to an agent that is seen to listen, one at a time:\n\n")
		row(&s, "worker", "n", "p50 ms", "p95 ms", "above the server's p50", "lost")
		rule(&s, 6)
		timing := func(name string, t *Timing, above string) {
			if t != nil {
				row(&s, name, t.N, f("%.0f", t.MS.P50), f("%.0f", t.MS.P95), above, t.Lost)
			}
		}
		timing("the server's part: a job at a worker that does nothing", r.Floor, "–")
		for _, d := range r.Dispatches {
			timing(d.Contender, &d.Timing, f("%.0f", d.MS.P50-r.floorP50()))
		}
		timing("ours, direct join: no dispatch", r.Direct, "–")
	}
	if len(r.Lates) > 0 {
		s.WriteString("\nA dispatch before its worker: from the worker's 200 on GET / to an agent that is seen to listen:\n\n")
		row(&s, "worker", "n", "p50 ms", "max ms", "lost", "served by")
		rule(&s, 6)
		for _, l := range r.Lates {
			by := "itself"
			if l.Beside {
				by = "sensory-agent reconcile beside it"
			}
			row(&s, l.Contender, l.N, f("%.0f", l.MS.P50), f("%.0f", l.MS.Max), l.Lost, by)
		}
	}
	return s.String()
}

// floorP50 is the server's part, 0 where it was not measured.
func (r *Report) floorP50() float64 {
	if r.Floor == nil {
		return 0
	}
	return r.Floor.MS.P50
}

func f(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func row(s *strings.Builder, cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(s, "| %v ", c)
	}
	s.WriteString("|\n")
}

func rule(s *strings.Builder, n int) { s.WriteString(strings.Repeat("|---", n) + "|\n") }
