package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/internal/printable"
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

// ledger is the part of a snapshot that is printed; names stay text.
type ledger struct {
	Pools []struct {
		Silicon   string  `json:"silicon"`
		Provider  string  `json:"provider"`
		Slots     int64   `json:"slots"`
		Units     int64   `json:"units"`
		Bytes     int64   `json:"bytes"`
		UsedSlots int64   `json:"used_slots"`
		UsedUnits int64   `json:"used_units"`
		UsedBytes int64   `json:"used_bytes"`
		Level     float64 `json:"level"`
		Tier      string  `json:"tier"`
		Held      int     `json:"held"`
		Waiting   int     `json:"waiting"`
		Classes   []struct {
			Class     string            `json:"class"`
			Held      int               `json:"held"`
			Waiting   int               `json:"waiting"`
			Granted   uint64            `json:"granted"`
			Completed uint64            `json:"completed"`
			Expired   uint64            `json:"expired"`
			Revoked   uint64            `json:"revoked"`
			Abandoned uint64            `json:"abandoned"`
			Refused   map[string]uint64 `json:"refused"`
		} `json:"classes"`
	} `json:"pools"`
	Stations []struct {
		Name      string `json:"name"`
		Slots     int64  `json:"slots"`
		UsedSlots int64  `json:"used_slots"`
		Waiting   int    `json:"waiting"`
	} `json:"stations"`
	Leases []struct {
		Token     uint64 `json:"token"`
		Artifact  string `json:"artifact"`
		Class     string `json:"class"`
		Holder    string `json:"holder"`
		HeldFor   int64  `json:"held_for_ns"`
		ExpiresIn int64  `json:"expires_in_ns"`
		Published bool   `json:"published"`
	} `json:"leases"`
	Waiting []struct {
		Artifact string `json:"artifact"`
		Class    string `json:"class"`
		Holder   string `json:"holder"`
		Waiting  int64  `json:"waiting_ns"`
	} `json:"waiting"`
}

func leasesText(body []byte) (string, error) {
	var l ledger
	if err := json.Unmarshal(body, &l); err != nil {
		return "", fmt.Errorf("the answer is no ledger: %w", err)
	}
	var s strings.Builder
	for _, p := range l.Pools {
		name := p.Silicon
		if p.Provider != "" {
			name += "/" + printable.Text(p.Provider)
		}
		fmt.Fprintf(&s, "%-12s %d/%d slots  %d/%d units  %s  %.0f %% %s, %d held, %d waiting\n",
			name, p.UsedSlots, p.Slots, p.UsedUnits, p.Units, bytesText(p.UsedBytes, p.Bytes), 100*p.Level, p.Tier, p.Held, p.Waiting)
		for _, c := range p.Classes {
			fmt.Fprintf(&s, "  %-18s held %d, waiting %d, granted %d, completed %d, revoked %d, expired %d, abandoned %d%s\n",
				c.Class, c.Held, c.Waiting, c.Granted, c.Completed, c.Revoked, c.Expired, c.Abandoned, refusedText(c.Refused))
		}
	}
	for _, st := range l.Stations {
		fmt.Fprintf(&s, "station %-36s %d of %d slots, %d waiting\n", printable.Text(st.Name), st.UsedSlots, st.Slots, st.Waiting)
	}
	for _, h := range l.Leases {
		state := "at work"
		if h.Published {
			state = "published"
		}
		fmt.Fprintf(&s, "lease %-6d %-18s %-44s %s for %s, expires in %s (%s)\n", h.Token, h.Class, printable.Text(h.Artifact), state,
			round(h.HeldFor), round(h.ExpiresIn), printable.Text(h.Holder))
	}
	for _, q := range l.Waiting {
		fmt.Fprintf(&s, "waits        %-18s %-44s %s (%s)\n", q.Class, printable.Text(q.Artifact), round(q.Waiting), printable.Text(q.Holder))
	}
	return s.String(), nil
}

func refusedText(refused map[string]uint64) string {
	if len(refused) == 0 {
		return ""
	}
	names := make([]string, 0, len(refused))
	for name := range refused {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, refused[name])
	}
	return ", refused: " + strings.Join(names, ", ")
}

func round(ns int64) time.Duration { return time.Duration(ns).Round(time.Millisecond) }
