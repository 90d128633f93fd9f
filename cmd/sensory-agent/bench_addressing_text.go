package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// addressingText is the result as tables.
func addressingText(r *addressingResult, wrong bool) string {
	var b strings.Builder
	for i, set := range r.Sets {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s: %d lines\n", printable.Text(set.Set), set.Lines)
		table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "  way\trecall\t\tfalse responses\t\twhat")
		for _, w := range set.Ways {
			_, _ = fmt.Fprintf(table, "  %s\t%.3f\t%d of %d\t%.3f\t%d of %d\t%s\n", w.Way, w.Recall, w.Right, w.Addressed, w.FalseResponses, w.False, w.Others,
				printable.Text(w.What))
		}
		_ = table.Flush() // into memory
		_, _ = fmt.Fprintln(table, "  rule\tright")
		for _, t := range set.Rules {
			_, _ = fmt.Fprintf(table, "  %s\t%d of %d\n", t.Rule, t.Right, t.Lines)
		}
		_ = table.Flush()
		if wrong {
			wrongText(&b, &set)
		}
	}
	return b.String()
}

func wrongText(b *strings.Builder, set *addressingSet) {
	who := "rules"
	if set.answers {
		who = "answers"
	}
	fmt.Fprintf(b, "  wrong by the %s: %d\n", who, len(set.Wrong))
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, m := range set.Wrong {
		_, _ = fmt.Fprintf(table, "  line %d\tmeant %s\tgot %s\t%s\n", m.Line, strings.Join(m.Meant, " "), strings.Join(m.Got, " "), printable.Text(m.Text))
	}
	_ = table.Flush() // into memory
}
