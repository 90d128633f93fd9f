package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// errReplay says that a conversation went another way than the file has it.
var errReplay = errors.New("the conversation goes another way")

func newReplayCommand() *cobra.Command {
	var rewrite, asJSON bool
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Step a recorded conversation, without room or model, and compare what is decided",
		Long: `Reads a conversation as serve --record writes it, one event a line with its effects below, steps the room's table through the events and
compares. Exit 0: every effect is as it was. Exit 1: something is decided in another way; each difference is printed. - reads standard input.`,
		Example: "  sensory-agent replay cognition/turn/testdata/three_seats.txt\n  sensory-agent replay --rewrite lobby.txt > now.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if rewrite && asJSON {
				return usageError{errors.New("--rewrite and --json: leave one of them out")}
			}
			in := cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err // it names the file
				}
				defer func() { _ = f.Close() }()
				in = f
			}
			if rewrite {
				return script.Rewrite(cmd.OutOrStdout(), in)
			}
			result, err := script.Replay(in)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return printReplay(cmd.OutOrStdout(), args[0], result, asJSON)
		},
	}
	cmd.Flags().BoolVar(&rewrite, "rewrite", false, "print the conversation as it is decided now")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of text")
	return cmd
}

// difference is one event after which something else is decided.
type difference struct {
	Line  int      `json:"line"`
	Event string   `json:"event"`
	Want  []string `json:"want"`
	Got   []string `json:"got"`
}

func printReplay(w io.Writer, name string, r script.Result, asJSON bool) error {
	diffs := make([]difference, len(r.Diffs))
	for i, d := range r.Diffs {
		diffs[i] = difference{d.Line, d.Event, d.Want, d.Got}
	}
	if asJSON {
		if err := json.NewEncoder(w).Encode(map[string]any{"file": name, "events": r.Events, "effects": r.Effects, "differences": diffs}); err != nil {
			return err // of standard output
		}
	} else {
		var b strings.Builder
		for _, d := range diffs {
			fmt.Fprintf(&b, "line %d: %s\n", d.Line, printable.Text(d.Event))
			for _, l := range onlyIn(d.Want, d.Got) {
				fmt.Fprintf(&b, "  - %s\n", printable.Text(l))
			}
			for _, l := range onlyIn(d.Got, d.Want) {
				fmt.Fprintf(&b, "  + %s\n", printable.Text(l))
			}
		}
		fmt.Fprintf(&b, "%d events, %d effects, %d differences\n", r.Events, r.Effects, len(diffs))
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err // of standard output
		}
	}
	if len(diffs) > 0 {
		return fmt.Errorf("%s: %w after %d of %d events (- as recorded, + as decided now)", name, errReplay, len(diffs), r.Events)
	}
	return nil
}

// onlyIn returns the lines of a that b has not, each as often as it is there more often. Lines that
// only changed their order are in both: then all of a is returned.
func onlyIn(a, b []string) []string {
	left := map[string]int{}
	for _, l := range b {
		left[l]++
	}
	var out []string
	for _, l := range a {
		if left[l]--; left[l] < 0 {
			out = append(out, l)
		}
	}
	if len(out) == 0 && len(a) == len(b) {
		return a
	}
	return out
}
