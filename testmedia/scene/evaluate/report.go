package evaluate

import (
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// Rate is the share of canonical questions answered right, 0 where none was asked.
func (r Row) Rate() float64 { return share(r.Right, r.Asked) }

// Goal is the rate from which on this kind counts as reliable.
func (r Row) Goal() float64 {
	if r.Question == scene.AskNumber || r.Group == "describe number" {
		return 0.90
	}
	return 0.95
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Markdown writes the report as a table.
func (r *Report) Markdown() string {
	var b strings.Builder
	b.WriteString("| question | asked | right | worded freely | no picture | other picture | reaches its goal |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | --- |\n")
	for _, row := range r.Rows {
		reached := "yes"
		if row.Rate() < row.Goal() {
			reached = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %.3f | %.3f | %s |\n", row.Group, row.Asked, row.Rate(),
			share(row.VariedRight, row.Varied), share(row.BlindRight, row.Asked), share(row.SwappedRight, row.Asked), reached)
	}
	return b.String()
}
