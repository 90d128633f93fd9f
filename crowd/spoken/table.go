package spoken

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Table is a result as text; with wrong, every line that was decided otherwise than it is labelled.
// clean makes a text of strangers printable.
func (r *Result) Table(wrong bool, clean func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Host)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "set\tvoice\trecall\t\ttyped\tfalse responses\t\tnot heard\tin pieces")
	row := func(s *Scored, voice string) {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%.3f\t%d of %d\t%.3f\t%.3f\t%d of %d\t%d\t%d\n",
			clean(s.Set), clean(voice), s.Recall, s.Right, s.Addressed, s.Typed, s.FalseResponses, s.False, s.Others, s.Silent, s.Pieces)
	}
	for _, name := range r.names() {
		for i := range r.Sets {
			if s := &r.Sets[i]; s.Set == name {
				row(s, s.Voice)
			}
		}
		all := r.All(name)
		row(&all, "all")
	}
	_, _ = fmt.Fprintf(table, "goal\t\t≥ %.2f\t\t\t≤ %.2f\n", GoalRecall, GoalFalse)
	_ = table.Flush() // into memory
	if wrong {
		for i := range r.Sets {
			r.Sets[i].wrong(&b, clean)
		}
	}
	return b.String()
}

func (s *Scored) wrong(b *strings.Builder, clean func(string) string) {
	fmt.Fprintf(b, "%s, %s: %d wrong\n", clean(s.Set), clean(s.Voice), len(s.Wrong))
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, m := range s.Wrong {
		_, _ = fmt.Fprintf(table, "  line %d\tmeant %s\tgot %s\t%s\theard %s\n", m.Line, strings.Join(m.Meant, " "), strings.Join(m.Got, " "),
			clean(m.Said), clean(strings.Join(m.Heard, " | ")))
	}
	_ = table.Flush() // into memory
}
