package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// planText is a plan as a table. Names are a stranger's.
func planText(p *turn.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "turn %s, by rule %s; ", p.Turn, p.Rule)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if len(p.Replies) == 0 {
		b.WriteString("nobody replies\n")
	} else {
		fmt.Fprintf(&b, "first reply %s its time, all %s theirs\n", verdictText(p.First), verdictText(p.All))
		_, _ = fmt.Fprintln(table, "order\tpersona\tlane\twave\tin time\tstarts\tends\ttokens in + out\tmade from")
	}
	for i := range p.Replies {
		r := &p.Replies[i]
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%d + %d\t%s\n", r.Order, printable.Text(r.Persona), laneText(r.Lane), r.Wave, r.Verdict,
			momentText(r.Start), momentText(r.Finish), r.InputTokens, r.OutputTokens, materialText(r))
	}
	_ = table.Flush() // into memory
	for _, q := range p.Silences {
		_, _ = fmt.Fprintf(table, "silent\t%s\t%s\t%s\n", printable.Text(q.Seat), q.Why, q.Why.Meaning())
	}
	_ = table.Flush()
	fmt.Fprintf(&b, "fingerprint %s\n", p.Fingerprint)
	return b.String()
}

func verdictText(v turn.Verdict) string {
	if v == turn.Unknown {
		return "may miss"
	}
	return string(v)
}

func laneText(lane string) string {
	if lane == "" {
		return "here"
	}
	return printable.Text(lane)
}

// momentText is a time in seconds; ? where it is not known.
func momentText(ms *int64) string {
	if ms == nil {
		return "?"
	}
	return fmt.Sprintf("%.2f s", float64(*ms)/1000)
}

// materialText says what a reply is made from besides the question.
func materialText(r *turn.PlannedReply) string {
	var parts []string
	if r.ContextKey != "" {
		parts = append(parts, "context "+printable.Text(r.ContextKey))
	}
	for _, k := range r.SourceKeys {
		parts = append(parts, printable.Text(k))
	}
	for _, id := range r.Dropped {
		parts = append(parts, "not "+printable.Text(id)+": no room")
	}
	if len(parts) == 0 {
		return "the question alone"
	}
	return strings.Join(parts, ", ")
}

// deviationsText lists where a result leaves its plan.
func deviationsText(found []turn.Deviation) string {
	if len(found) == 0 {
		return "as planned\n"
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range found {
		who, detail := printable.Text(d.Persona), ""
		if who == "" {
			who = "-"
		}
		switch planned, was := printable.Text(d.Planned), printable.Text(d.Was); {
		case planned != "" && was != "":
			detail = fmt.Sprintf(" (planned %s, was %s)", planned, was)
		case planned != "":
			detail = fmt.Sprintf(" (planned %s)", planned)
		case was != "":
			detail = fmt.Sprintf(" (was %s)", was)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s%s\n", d.Kind, who, d.Kind.Meaning(), detail)
	}
	_ = table.Flush() // into memory
	return b.String()
}
