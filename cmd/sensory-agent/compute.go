package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/compute"
)

func newAdmitCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "admit < request.json",
		Short: "Plan which jobs of a request may run, without running anything",
		Long: "Reads one admission request as JSON from standard input and prints what becomes of each job. The planner is a pure function: the\n" +
			"same request always gives the same plan. Examples are in compute/testdata/examples.",
		Example: "  sensory-agent admit < compute/testdata/examples/frame-missing.json\n  sensory-agent admit --json < request.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request, err := compute.ReadRequest(cmd.InOrStdin())
			if err != nil {
				return usageError{err}
			}
			outcome, err := compute.Plan(request)
			if err != nil {
				return usageError{err}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), outcome)
			}
			return printText(cmd.OutOrStdout(), "%s", outcomeText(outcome))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

func outcomeText(o compute.Outcome) string {
	var s strings.Builder
	for _, d := range o.Decisions {
		fmt.Fprintf(&s, "%-20s %-18s %s\n", d.ID, d.Bucket, decisionText(d))
	}
	for _, p := range o.Pools {
		fmt.Fprintf(&s, "%-20s %d of %d slots, %d of %d units, %s\n", p.Pool, p.UsedSlots, p.Slots, p.UsedUnits, p.Units, bytesText(p.UsedBytes, p.Bytes))
	}
	for _, st := range o.Stations {
		fmt.Fprintf(&s, "%-20s %d of %d slots\n", st.Name, st.UsedSlots, st.Slots)
	}
	return s.String()
}

func decisionText(d compute.Decision) string {
	switch {
	case len(d.Missing) > 0:
		return "waits for " + strings.Join(d.Missing, ", ")
	case d.Shortage != nil:
		return d.Shortage.String()
	case len(d.Members) > 0:
		return "with " + strings.Join(d.Members, ", ")
	case d.By != "":
		return "behind " + d.By
	case d.BlockedBy != "":
		return "of " + d.BlockedBy
	case d.Rank > 0:
		return fmt.Sprintf("rank %d", d.Rank)
	}
	return ""
}

func bytesText(used, limit int64) string {
	if limit == 0 {
		return "bytes not bounded"
	}
	return fmt.Sprintf("%.1f of %.1f MB", float64(used)/1e6, float64(limit)/1e6)
}
