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
	switch {
	case r.Question == scene.AskReal:
		return 0.98
	case r.Question == scene.AskNumber || r.Group == "describe number":
		return 0.90
	}
	return 0.95
}

// Refused is how many questions about drawn pictures were answered as if the picture was a real
// one, and how many there were.
func (r *Report) Refused() (refused, asked int) {
	for _, row := range r.Rows {
		switch row.Question {
		case scene.AskReal, scene.AskNoImage, scene.AskChat:
		default:
			refused, asked = refused+row.Refused, asked+row.Asked+row.Varied
		}
	}
	return refused, asked
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
	refused, asked := r.Refused()
	fmt.Fprintf(&b, "\nOf %d questions about drawn pictures %d were answered as if the picture were a real one (%.3f).\n", asked, refused,
		share(refused, asked))
	return b.String()
}
